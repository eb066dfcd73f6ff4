//! Sessions that were ended before their access tokens expired.
//!
//! Three ways in, so that no single failure lets an ended session live on: the process that ends it tells its own set, Redis tells the others within a second
//! (channel [`REVOCATION_CHANNEL`]), and the view `revocations` is polled every 15 s, which is the bound when Redis is away. With both gone tokens are good
//! until their `exp`.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use nexus_core::SharedClock;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Redis channel that carries a [`Revocation`] as JSON.
pub const REVOCATION_CHANNEL: &str = "nexus:revocations";
/// How often the view is read.
const POLL_EVERY: Duration = Duration::from_secs(15);
/// A revocation is forgotten after this: every access token it concerns has expired by then (an access token lives for an hour at most).
const KEEP: chrono::TimeDelta = chrono::TimeDelta::hours(2);

/// One ended session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// The session (`sid`, id of the token family).
    pub family_id: Uuid,
    /// When it was ended.
    pub revoked_at: DateTime<Utc>,
}

/// Where ended sessions are read from: the view `revocations`, or a snapshot of it.
#[async_trait]
pub trait RevocationSource: Send + Sync {
    /// Every session ended within the last two hours.
    ///
    /// # Errors
    /// Any; the set keeps what it has.
    async fn revocations(&self) -> Result<Vec<Revocation>, Box<dyn std::error::Error + Send + Sync>>;
}

/// The set that verifiers look into. Bounded by the two hours for which an entry is kept.
#[derive(Debug)]
pub struct Revocations {
    ended: RwLock<HashMap<Uuid, DateTime<Utc>>>,
    clock: SharedClock,
}

impl Revocations {
    /// An empty set.
    pub fn new(clock: SharedClock) -> Self {
        Self { ended: RwLock::new(HashMap::new()), clock }
    }

    /// Whether the session was ended.
    pub fn contains(&self, session: Uuid) -> bool {
        self.ended.read().unwrap_or_else(PoisonError::into_inner).contains_key(&session)
    }

    /// Adds ended sessions and forgets old ones.
    pub fn add(&self, revocations: impl IntoIterator<Item = Revocation>) {
        let horizon = self.clock.now() - KEEP;
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        ended.extend(revocations.into_iter().map(|revocation| (revocation.family_id, revocation.revoked_at)));
        ended.retain(|_, revoked_at| *revoked_at > horizon);
    }

    /// Reads the source every 15 s until `shutdown`.
    pub async fn poll(&self, source: &dyn RevocationSource, shutdown: CancellationToken) {
        let mut tick = tokio::time::interval(POLL_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
            self.refresh(source).await;
        }
    }

    /// Reads the source once: at start-up, and when the channel may have missed something.
    pub async fn refresh(&self, source: &dyn RevocationSource) {
        match source.revocations().await {
            Ok(found) => self.add(found),
            Err(error) => tracing::warn!(%error, "ended sessions can't be read; those known stay refused"),
        }
    }

    /// Takes in one message of the channel. Malformed messages are dropped: the poll repairs what they meant.
    pub fn receive(&self, message: &str) {
        match serde_json::from_str::<Revocation>(message) {
            Ok(revocation) => self.add([revocation]),
            Err(error) => tracing::warn!(%error, "malformed message on the revocation channel"),
        }
    }
}

#[cfg(test)]
mod tests {
    use nexus_core::{Clock, ManualClock};

    use super::*;

    #[test]
    fn an_ended_session_is_refused_for_two_hours() {
        let clock = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let set = Revocations::new(clock.clone());
        let (ended, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        set.receive(&serde_json::to_string(&Revocation { family_id: ended, revoked_at: clock.now() }).unwrap());
        set.receive("not json");
        assert!(set.contains(ended));
        assert!(!set.contains(other));
        clock.advance(chrono::TimeDelta::hours(3));
        set.add([]);
        assert!(!set.contains(ended), "forgotten once every token of it has expired");
    }
}
