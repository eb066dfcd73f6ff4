//! Slowing down guessers: failed log-ins are counted per address and per network, and too many answer 429 before a password is looked at.
//!
//! Counters live in Redis, shared by all processes, and in memory as well, so that a dead Redis weakens the limit to "per process" and never lifts it. Keys carry
//! keyed digests of addresses, never addresses. The limit on one address from one network is tight; the one on an address from everywhere is wide, so that a
//! stranger can't easily lock somebody out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::{ErrorCode, Problem, SharedClock};
use nexus_infra::redis::Redis;
use thiserror::Error;

use crate::sessions::Client;

/// Failures are forgotten after this.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Failures on one address from one network.
const PER_ADDRESS_AND_NETWORK: u64 = 10;
/// Failures on one address from everywhere.
const PER_ADDRESS: u64 = 100;
/// Failures from one network on all addresses.
const PER_NETWORK: u64 = 200;
/// Registrations and sign-ups are counted over this.
const HOUR: Duration = Duration::from_secs(3600);
/// Counters kept in memory before the stale ones are swept.
const LOCAL_CAPACITY: usize = 100_000;

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

/// One try to log in, as the counters see it.
#[derive(Debug)]
pub struct Attempt {
    rules: [(String, u64); 3],
}

impl Attempt {
    /// A try in `realm` for an address (as a keyed digest) by a client.
    pub fn new(realm: &str, address_digest: &str, client: &Client) -> Self {
        let network = client.network();
        Self {
            rules: [
                (format!("{realm}:{address_digest}:{network}"), PER_ADDRESS_AND_NETWORK),
                (format!("{realm}:{address_digest}"), PER_ADDRESS),
                (format!("{realm}:net:{network}"), PER_NETWORK),
            ],
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Window {
    count: u64,
    until: DateTime<Utc>,
}

/// The counters.
#[derive(Debug)]
pub struct Throttle {
    redis: Redis,
    clock: SharedClock,
    local: Mutex<HashMap<String, Window>>,
    charges_per_hour: Option<u64>,
}

impl Throttle {
    /// Counters in this Redis. `charges_per_hour`: registrations and sign-ups allowed per network and hour; none switches that limit off.
    pub fn new(redis: Redis, clock: SharedClock, charges_per_hour: Option<u64>) -> Self {
        Self { redis, clock, local: Mutex::new(HashMap::new()), charges_per_hour }
    }

    /// Whether a try may go on to the password check.
    ///
    /// # Errors
    /// [`Throttled`].
    pub async fn admit(&self, attempt: &Attempt) -> Result<(), Throttled> {
        for (key, limit) in &attempt.rules {
            let local = self.peek(key);
            let shared = self.redis.counter(&shared_key(key)).await.unwrap_or_default();
            let (count, wait) = worst(local, shared);
            if count >= *limit {
                metrics::counter!("nexus_logins_total", "outcome" => "throttled").increment(1);
                return Err(Throttled { retry_after: wait });
            }
        }
        Ok(())
    }

    /// Counts a failure.
    pub async fn failed(&self, attempt: &Attempt) {
        for (key, _) in &attempt.rules {
            self.add(key, WINDOW).await;
        }
    }

    /// Forgets the failures on this address from this network.
    pub async fn succeeded(&self, attempt: &Attempt) {
        let [(key, _), ..] = &attempt.rules;
        let known = self.local.lock().unwrap_or_else(PoisonError::into_inner).remove(key).is_some();
        if known && let Err(error) = self.redis.delete(&shared_key(key)).await {
            tracing::debug!(%error, "a log-in counter could not be reset");
        }
    }

    /// Counts a registration or sign-up against the client's network.
    ///
    /// # Errors
    /// [`Throttled`] when the network has used up its hour.
    pub async fn charge(&self, what: &str, client: &Client) -> Result<(), Throttled> {
        let Some(limit) = self.charges_per_hour else { return Ok(()) };
        let (count, wait) = self.add(&format!("{what}:{}", client.network()), HOUR).await;
        if count > limit { Err(Throttled { retry_after: wait }) } else { Ok(()) }
    }

    async fn add(&self, key: &str, window: Duration) -> (u64, Duration) {
        let local = self.bump(key, window);
        let shared = self.redis.count(&shared_key(key), window).await.unwrap_or_default();
        worst(local, shared)
    }

    fn bump(&self, key: &str, window: Duration) -> (u64, Duration) {
        let now = self.clock.now();
        let mut local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        if local.len() >= LOCAL_CAPACITY {
            local.retain(|_, window| window.until > now);
        }
        let fresh = Window { count: 0, until: now + TimeDelta::from_std(window).unwrap_or(TimeDelta::zero()) };
        let entry = local
            .entry(key.to_owned())
            .and_modify(|known| {
                if known.until <= now {
                    *known = fresh
                }
            })
            .or_insert(fresh);
        entry.count = entry.count.saturating_add(1);
        (entry.count, (entry.until - now).to_std().unwrap_or_default())
    }

    fn peek(&self, key: &str) -> (u64, Duration) {
        let now = self.clock.now();
        let local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        local
            .get(key)
            .filter(|window| window.until > now)
            .map_or_else(Default::default, |window| (window.count, (window.until - now).to_std().unwrap_or_default()))
    }
}

fn shared_key(key: &str) -> String {
    format!("nexus:throttle:{key}")
}

fn worst(left: (u64, Duration), right: (u64, Duration)) -> (u64, Duration) {
    if right.0 > left.0 { right } else { left }
}
