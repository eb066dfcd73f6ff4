//! Slowing down guessers: tries to log in are counted per address and per network, and too many answer 429 before a password is looked at.
//!
//! - A try is counted *before* the check ([`Throttle::reserve`]) and given back when it turns out to be none of a guesser's: of any number of tries at once, no
//!   more than the limit reach the password check. Whoever drops a [`Reservation`] unsettled leaves it counted: a cancelled request is a failure.
//! - Counters live in Redis, shared by all processes, and in memory as well, so that a dead Redis weakens the limit to "per process" and never lifts it.
//! - Keys carry keyed digests of addresses, never addresses.
//! - The limit on one address from one network is tight; the one on an address from everywhere is wide, and a refused try counts on neither, so that a stranger
//!   can't easily lock somebody out.

mod local;
mod shared;

use std::time::Duration;

use nexus_core::{ErrorCode, Problem, SharedClock};
use nexus_infra::redis::Redis;
use thiserror::Error;

use crate::sessions::Client;
use local::LocalCounters;

/// Failures are forgotten after this.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Failures on one address from one network.
const PER_ADDRESS_AND_NETWORK: u64 = 10;
/// Failures on one address from everywhere.
const PER_ADDRESS: u64 = 100;
/// Failures from one network on all addresses.
const PER_NETWORK: u64 = 200;
/// Registrations, sign-ups and mails are counted over this.
const HOUR: Duration = Duration::from_secs(3600);
/// Mails to one address that one network may ask for in an hour.
const MAILS_PER_ADDRESS_AND_NETWORK: u64 = 5;
/// Mails to one address that all networks together may ask for in an hour.
const MAILS_PER_ADDRESS: u64 = 20;
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

/// At most `limit` tries on `key` within a window.
#[derive(Debug, Clone)]
struct Rule {
    key: String,
    limit: u64,
    window: Duration,
}

/// One try, as the counters see it. The first rule is the one that a success resets.
#[derive(Debug, Clone)]
pub struct Attempt {
    rules: Vec<Rule>,
}

impl Attempt {
    /// A try to log in to `realm` with an address (as a keyed digest) by a client.
    pub fn log_in(realm: &str, address_digest: &str, client: &Client) -> Self {
        let network = client.network();
        let rule = |key: String, limit| Rule { key, limit, window: WINDOW };
        Self {
            rules: vec![
                rule(format!("{realm}:{address_digest}:{network}"), PER_ADDRESS_AND_NETWORK),
                rule(format!("{realm}:{address_digest}"), PER_ADDRESS),
                rule(format!("{realm}:net:{network}"), PER_NETWORK),
            ],
        }
    }

    /// A request for a mail to an address (as a keyed digest) by a client, whether anybody has the address or not.
    pub fn mail(address_digest: &str, client: &Client) -> Self {
        let rule = |key: String, limit| Rule { key, limit, window: HOUR };
        Self {
            rules: vec![
                rule(format!("mail:{address_digest}:{}", client.network()), MAILS_PER_ADDRESS_AND_NETWORK),
                rule(format!("mail:{address_digest}"), MAILS_PER_ADDRESS),
            ],
        }
    }
}

/// What is counted against a network by the hour, whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// An account without an organization.
    Registration,
    /// Another link to verify an address.
    VerificationMail,
}

/// How many of each one network has in an hour.
#[derive(Debug, Clone, Copy)]
pub struct HourlyLimits {
    /// [`Charge::Registration`].
    pub registrations: u64,
    /// [`Charge::VerificationMail`].
    pub verification_mails: u64,
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
        let refused = |wait: Duration| {
            metrics::counter!("nexus_attempts_throttled_total").increment(1);
            Throttled { retry_after: if self.local.any_held(&attempt.rules) { UNDER_WAY.min(wait) } else { wait } }
        };
        self.local.reserve(&attempt.rules, self.clock.now()).map_err(refused)?;
        let reservation = Reservation { throttle: self, rules: attempt.rules.clone(), is_settled: false };
        match shared::reserve(&self.redis, &attempt.rules).await {
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
        };
        let rules = vec![Rule { key: format!("{what}:{}", client.network()), limit, window: HOUR }];
        self.reserve(Attempt { rules }).await.map(drop)
    }
}

/// A try that is counted and under way.
#[derive(Debug)]
#[must_use = "dropped unsettled it counts as a failure"]
pub struct Reservation<'t> {
    throttle: &'t Throttle,
    rules: Vec<Rule>,
    is_settled: bool,
}

impl<'t> Reservation<'t> {
    /// The try was a right one: it counts no more, and the failures on this address from this network are forgotten.
    pub async fn succeeded(self) {
        let (throttle, rules) = self.withdraw_here();
        let [first, rest @ ..] = rules.as_slice() else { return };
        throttle.local.forget(&first.key);
        shared::forget(&throttle.redis, &first.key).await;
        shared::give_back(&throttle.redis, rest).await;
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
