//! Slowing down guessers: tries to log in are counted per address and per network, and too many answer 429 before a password is looked at.
//!
//! - A try is counted *before* the check ([`Throttle::reserve`]) and given back when it turns out to be none of a guesser's: of any number of tries at once, no
//!   more than the limit reach the password check. Whoever drops a [`Reservation`] unsettled leaves it counted: a cancelled request is a failure.
//! - Counters live in Redis, shared by all processes, and in memory as well, so that a dead Redis weakens the limit to "per process" and never lifts it.
//! - Keys carry keyed digests of addresses, never addresses.
//! - The limit on one address from one network is tight. Beyond the wide one on an address from everywhere nobody is shut out, or strangers could lock anybody
//!   out: tries are then admitted slowly, and networks from which this account was lately logged in to are not slowed at all. A refused try counts nowhere.
//! - IPv6 networks are counted by /64 and, since who has one mostly has thousands, by /48.

mod attempt;
mod familiar;
mod local;
mod shared;

use std::time::Duration;

use nexus_core::network::NETWORKS_OF_A_SITE;
use nexus_core::{ErrorCode, Problem, SharedClock};
use nexus_infra::redis::Redis;
use thiserror::Error;

pub use attempt::{Attempt, MailKind};

use crate::sessions::Client;
use attempt::Rule;
use familiar::Familiar;
use local::LocalCounters;

/// Registrations, sign-ups and mails are counted over this.
const HOUR: Duration = Duration::from_secs(3600);
/// When to come back if only tries under way stand in the way.
const UNDER_WAY: Duration = Duration::from_secs(1);

/// Too many failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many attempts; retry in {} s", .retry_after.as_secs())]
pub struct Throttled {
    /// When it is worth trying again.
    pub retry_after: Duration,
}

impl From<Throttled> for Problem {
    fn from(error: Throttled) -> Self {
        Self::new(ErrorCode::RATE_LIMITED, "Too many attempts. Wait before you try again.").retry_after(error.retry_after)
    }
}

/// What is counted against a network by the hour, whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// An account without an organization.
    Registration,
    /// Another link to verify an address.
    VerificationMail,
    /// A link to set a new password.
    ResetMail,
}

/// How many of each one network has in an hour.
#[derive(Debug, Clone, Copy)]
pub struct HourlyLimits {
    /// [`Charge::Registration`].
    pub registrations: u64,
    /// [`Charge::VerificationMail`].
    pub verification_mails: u64,
    /// [`Charge::ResetMail`].
    pub reset_mails: u64,
}

/// The counters.
#[derive(Debug)]
pub struct Throttle {
    redis: Redis,
    clock: SharedClock,
    local: LocalCounters,
    hourly: Option<HourlyLimits>,
}

impl Throttle {
    /// Counters in this Redis. Without `hourly` nothing is charged by the hour.
    pub fn new(redis: Redis, clock: SharedClock, hourly: Option<HourlyLimits>) -> Self {
        Self { redis, clock, local: LocalCounters::default(), hourly }
    }

    /// Counts a try, if it may go on.
    ///
    /// # Errors
    /// [`Throttled`]; then nothing was counted.
    pub async fn reserve(&self, attempt: Attempt) -> Result<Reservation<'_>, Throttled> {
        let Attempt { rules, everywhere } = attempt;
        let refused = |throttled| {
            metrics::counter!("nexus_attempts_throttled_total").increment(1);
            throttled
        };
        let Some(everywhere) = everywhere else { return self.count(rules, None).await.map_err(refused) };
        let with = |more: &[Rule]| rules.iter().chain(more).cloned().collect();
        let familiar = everywhere.familiar.as_ref();
        let throttled = match self.count(with(&everywhere.bounds), familiar).await {
            Ok(reservation) => return Ok(reservation),
            Err(throttled) => throttled,
        };
        if self.local.is_used_up(&rules, self.clock.now()) {
            return Err(refused(throttled));
        }
        let is_known = match familiar {
            Some(familiar) => familiar.is_known(&self.redis, self.clock.now()).await,
            None => false,
        };
        let slow = if is_known { rules } else { with(&everywhere.slow) };
        self.count(slow, familiar).await.map_err(refused)
    }

    async fn count(&self, rules: Vec<Rule>, familiar: Option<&Familiar>) -> Result<Reservation<'_>, Throttled> {
        let refused = |wait: Duration| Throttled { retry_after: if self.local.any_held(&rules) { UNDER_WAY.min(wait) } else { wait } };
        self.local.reserve(&rules, self.clock.now()).map_err(refused)?;
        let reservation = Reservation { throttle: self, rules: rules.clone(), familiar: familiar.cloned(), is_settled: false };
        match shared::reserve(&self.redis, &rules).await {
            Ok(()) => Ok(reservation),
            Err(wait) => {
                reservation.withdraw_here();
                Err(refused(wait))
            }
        }
    }

    /// Counts a registration, or a mail asked for, against the client's network.
    ///
    /// # Errors
    /// [`Throttled`] when the network has used up its hour.
    pub async fn charge(&self, what: Charge, client: &Client) -> Result<(), Throttled> {
        let Some(hourly) = self.hourly else { return Ok(()) };
        let (what, limit) = match what {
            Charge::Registration => ("register", hourly.registrations),
            Charge::VerificationMail => ("verification-mail", hourly.verification_mails),
            Charge::ResetMail => ("reset-mail", hourly.reset_mails),
        };
        let rule = |network: &str, limit| Rule { key: format!("{what}:{network}"), limit, window: HOUR };
        let site = client.site().map(|site| rule(site, limit.saturating_mul(u64::from(NETWORKS_OF_A_SITE))));
        let rules = std::iter::once(rule(client.network(), limit)).chain(site).collect();
        self.reserve(Attempt { rules, everywhere: None }).await.map(drop)
    }
}

/// A try that is counted and under way.
#[derive(Debug)]
#[must_use = "dropped unsettled it counts as a failure"]
pub struct Reservation<'t> {
    throttle: &'t Throttle,
    rules: Vec<Rule>,
    familiar: Option<Familiar>,
    is_settled: bool,
}

impl<'t> Reservation<'t> {
    /// The try was a right one: it counts no more, the failures on this address from this network are forgotten, and the account knows the network.
    pub async fn succeeded(mut self) {
        let familiar = self.familiar.take();
        let (throttle, rules) = self.withdraw_here();
        let [first, rest @ ..] = rules.as_slice() else { return };
        throttle.local.forget(&first.key);
        shared::forget(&throttle.redis, &first.key).await;
        shared::give_back(&throttle.redis, rest).await;
        if let Some(familiar) = familiar {
            familiar.remember(&throttle.redis, throttle.clock.now()).await;
        }
    }

    /// The try never reached the check: it counts no more.
    pub async fn withdrawn(self) {
        let (throttle, rules) = self.withdraw_here();
        shared::give_back(&throttle.redis, &rules).await;
    }

    fn withdraw_here(mut self) -> (&'t Throttle, Vec<Rule>) {
        self.is_settled = true;
        self.throttle.local.give_back(&self.rules);
        (self.throttle, std::mem::take(&mut self.rules))
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.throttle.local.settle(&self.rules);
        }
    }
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
