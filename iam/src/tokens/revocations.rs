//! Sessions that were ended before their access tokens expired.
//!
//! Three ways in, so that no single failure lets an ended session live on: the process that ends it tells its own set, Redis tells the others within a second
//! (channel [`REVOCATION_CHANNEL`]), and the view `revocations` is polled, so that an ended session is refused within 15 s when Redis is away. With both gone
//! tokens are good until their `exp`; what was known stays refused, after a restart too ([`Revocations::known`] goes into the runtime's snapshot).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use nexus_core::SharedClock;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Redis channel that carries a [`Revocation`] as JSON.
pub const REVOCATION_CHANNEL: &str = "nexus:revocations";
/// How often the view is read: with the time that a read may take, an ended session is refused within 15 s.
const POLL_EVERY: Duration = Duration::from_secs(10);
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
    changes: AtomicU64,
    missed: Notify,
    /// Held by whoever polls.
    upkeep: Mutex<()>,
    /// The source could not be read the last time.
    failing: AtomicBool,
    clock: SharedClock,
}

impl Revocations {
    /// An empty set.
    pub fn new(clock: SharedClock) -> Self {
        Self {
            ended: RwLock::default(),
            changes: AtomicU64::new(0),
            missed: Notify::new(),
            upkeep: Mutex::default(),
            failing: AtomicBool::new(false),
            clock,
        }
    }

    /// Whether the session was ended.
    pub fn contains(&self, session: Uuid) -> bool {
        self.ended.read().unwrap_or_else(PoisonError::into_inner).contains_key(&session)
    }

    /// Adds ended sessions and forgets old ones.
    pub fn add(&self, revocations: impl IntoIterator<Item = Revocation>) {
        let horizon = self.clock.now() - KEEP;
        let mut ended = self.ended.write().unwrap_or_else(PoisonError::into_inner);
        for Revocation { family_id, revoked_at } in revocations.into_iter().filter(|revocation| revocation.revoked_at > horizon) {
            if ended.insert(family_id, revoked_at).is_none() {
                self.changes.fetch_add(1, Ordering::AcqRel);
            }
        }
        ended.retain(|_, revoked_at| *revoked_at > horizon);
    }

    /// All that are refused.
    pub fn known(&self) -> Vec<Revocation> {
        let ended = self.ended.read().unwrap_or_else(PoisonError::into_inner);
        ended.iter().map(|(&family_id, &revoked_at)| Revocation { family_id, revoked_at }).collect()
    }

    /// Raised by every session that is refused from now on.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Messages may have been missed: whoever polls reads the source now.
    pub fn missed(&self) {
        self.missed.notify_one();
    }

    /// Reads the source again and again until `shutdown`. Of several who call it for one set, one does the work, and another takes over when that one ends.
    pub async fn poll(&self, source: &dyn RevocationSource, shutdown: CancellationToken) {
        let Some(_turn) = shutdown.run_until_cancelled(self.upkeep.lock()).await else { return };
        let mut tick = tokio::time::interval(POLL_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut due = async || {
            tokio::select! {
                _ = tick.tick() => {}
                () = self.missed.notified() => {}
            }
        };
        while shutdown.run_until_cancelled(due()).await.is_some() {
            self.refresh(source).await;
        }
    }

    /// Reads the source once: at start-up, and when the channel may have missed something.
    pub async fn refresh(&self, source: &dyn RevocationSource) {
        match source.revocations().await {
            Ok(found) => {
                self.add(found);
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("ended sessions are read again");
                }
            }
            // Once is enough: an outage may last for hours.
            Err(error) if !self.failing.swap(true, Ordering::Relaxed) => {
                tracing::warn!(%error, "ended sessions can't be read; those known stay refused");
            }
            Err(error) => tracing::debug!(%error, "ended sessions can't be read"),
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
        assert!(set.known().is_empty());
    }

    #[test]
    fn what_is_known_is_handed_on_and_told_only_when_it_is_new() {
        let clock = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let (set, next) = (Revocations::new(clock.clone()), Revocations::new(clock.clone()));
        let ended = Revocation { family_id: Uuid::from_u128(1), revoked_at: clock.now() };
        set.add([ended]);
        let changes = set.changes();
        set.add([ended]);
        assert_eq!((set.changes(), set.known()), (changes, vec![ended]));
        next.add(set.known());
        assert!(next.contains(ended.family_id));
        let changes = next.changes();
        next.add([Revocation { family_id: Uuid::from_u128(2), revoked_at: clock.now() - KEEP }]);
        assert_eq!(next.changes(), changes, "too old to matter");
    }
}
