//! Rate limits by GCRA: an even rate with a burst of one window's allowance, one number per caller.
//!
//! Counted in Redis by a script, so that every process of an installation counts together: strangers before they are let through, verified callers
//! afterwards, many charges at once (`settled`). When Redis is dead the process counts alone in bounded memory: limits then hold per process, and no
//! request waits for Redis longer than its time-out.

mod gcra;
mod local;
mod redis;
mod settled;

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpMessage, HttpRequest};
use futures::future::BoxFuture;
use nexus_core::network::NETWORKS_OF_A_SITE;
use nexus_core::{ErrorCode, Problem, SharedClock};

use crate::error::ApiError;
use crate::options::RateOptions;

use local::LocalBuckets;
use settled::Settled;

/// An allowance: `limit` requests per window, evenly refilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Name in the headers and in the keys.
    pub name: &'static str,
    /// Requests per window; also the greatest burst.
    pub limit: u32,
    /// Length of the window.
    pub window: Duration,
}

/// What became of one request under a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The policy.
    pub policy: Policy,
    /// Whether the request may go on.
    pub allowed: bool,
    /// Requests left right now.
    pub remaining: u32,
    /// When to try again, if refused.
    pub retry_after: Duration,
    /// When the whole allowance is back.
    pub reset_after: Duration,
}

impl Decision {
    pub(crate) fn into_result(self) -> Result<(), Problem> {
        if self.allowed {
            return Ok(());
        }
        let seconds = whole_seconds(self.retry_after).max(1);
        Err(Problem::new(
            ErrorCode::RATE_LIMITED,
            format!("At most {} requests per {} seconds; try again in {seconds} s.", self.policy.limit, self.policy.window.as_secs()),
        )
        .with_details(serde_json::json!({ "policy": self.policy.name, "limit": self.policy.limit, "window_seconds": self.policy.window.as_secs() }))
        .retry_after(Duration::from_secs(seconds)))
    }

    /// Values of `RateLimit-Policy` and `RateLimit`.
    pub(crate) fn headers(&self) -> (String, String) {
        let Policy { name, limit, window } = self.policy;
        let again = if self.allowed { self.reset_after } else { self.retry_after };
        (format!("\"{name}\";q={limit};w={}", window.as_secs()), format!("\"{name}\";r={};t={}", self.remaining, whole_seconds(again)))
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// The store that all processes count in. Implemented for Redis; tests use doubles. Either answers nothing when the store is dead.
pub trait SharedCounter: Send + Sync {
    /// Charges a bucket with interval (µs), burst and cost; answers whether it is allowed, what remains, when to try again and when all is back (µs).
    fn charge<'a>(&'a self, key: &'a str, args: [i64; 3]) -> BoxFuture<'a, Option<Vec<i64>>>;

    /// Counts what was let through already, of many callers at once; answers of each when its whole allowance is back (µs).
    fn settle<'a>(&'a self, callers: &'a [LetThrough]) -> BoxFuture<'a, Option<Vec<i64>>>;
}

/// What a process let a caller have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetThrough {
    /// The caller's bucket.
    pub key: String,
    /// Time between two requests at an even rate (µs).
    pub interval: i64,
    /// How many requests.
    pub cost: i64,
}

/// Refreshes of one session in a minute, unless a verified caller may have less. An access token lives for minutes.
const REFRESHES_PER_MINUTE: u32 = 30;

/// The limits of one server.
pub struct RateLimiter {
    options: RateOptions,
    shared: Option<Arc<dyn SharedCounter>>,
    principals: Settled,
    local: LocalBuckets,
    unverified: LocalBuckets,
    clock: SharedClock,
}

impl RateLimiter {
    /// Limits counted in `shared`, or in this process alone without one.
    #[must_use]
    pub fn new(options: RateOptions, shared: Option<Box<dyn SharedCounter>>, clock: SharedClock) -> Self {
        let shared: Option<Arc<dyn SharedCounter>> = shared.map(Arc::from);
        let principals = Settled::new(shared.clone(), clock.clone());
        Self { options, shared, principals, local: LocalBuckets::default(), unverified: LocalBuckets::default(), clock }
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.options.enabled
    }

    /// Charges a verified caller and leaves the decision for the response's headers.
    pub(crate) fn charge_principal(&self, req: &HttpRequest, principal: &str) -> Result<(), ApiError> {
        self.charge_verified(req, per_minute("principal", self.options.principal_per_minute), principal)
    }

    /// The same for a session that is refreshed: few refreshes are worth their transaction in the control database.
    pub(crate) fn charge_session(&self, req: &HttpRequest, session: &str) -> Result<(), ApiError> {
        self.charge_verified(req, per_minute("session", self.options.principal_per_minute.min(REFRESHES_PER_MINUTE)), session)
    }

    fn charge_verified(&self, req: &HttpRequest, policy: Policy, who: &str) -> Result<(), ApiError> {
        if !self.options.enabled {
            return Ok(());
        }
        let decision = self.principals.charge(policy, who);
        req.extensions_mut().insert(decision.clone());
        Ok(decision.into_result()?)
    }

    pub(crate) async fn charge_anonymous(&self, address: &str) -> Decision {
        self.charge(per_minute("address", self.options.anonymous_per_minute), address).await
    }

    /// Charges who founds an organization: its address, and then what that one shares with other addresses of its owner.
    pub(crate) async fn charge_signup(&self, address: &str, site: &str) -> Decision {
        let policy = |limit| Policy { name: "signup", limit, window: Duration::from_secs(3600) };
        let decision = self.charge(policy(self.options.signup_per_hour), address).await;
        if !decision.allowed {
            return decision;
        }
        let of_site = self.charge(policy(self.options.signup_per_hour.saturating_mul(NETWORKS_OF_A_SITE)), site).await;
        if of_site.allowed { decision } else { of_site }
    }

    /// Charges an address for a request whose credential turned out to be none. Counted per process: it costs no way to the
    /// store, and whoever tries credentials meets every process's limit soon enough.
    pub(crate) fn charge_unverified(&self, address: &str) -> Decision {
        self.unverified.charge(per_minute("address", self.options.anonymous_per_minute), address, 1, self.now())
    }

    /// Charges one request to `who` under `policy`.
    pub async fn charge(&self, policy: Policy, who: &str) -> Decision {
        if let Some(shared) = &self.shared {
            let key = key_of(policy, who);
            let args = [gcra::interval(policy), i64::from(policy.limit), 1];
            if let Some(decision) = shared.charge(&key, args).await.and_then(|answer| gcra::decision(policy, &answer)) {
                return decision;
            }
        }
        self.local.charge(policy, who, 1, self.now())
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_micros()
    }
}

impl std::fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimiter").field("options", &self.options).finish_non_exhaustive()
    }
}

fn key_of(policy: Policy, who: &str) -> String {
    format!("nexus:rate:{}:{who}", policy.name)
}

fn per_minute(name: &'static str, limit: u32) -> Policy {
    Policy { name, limit, window: Duration::from_secs(60) }
}
