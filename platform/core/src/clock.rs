//! The one source of time and of time-ordered ids.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, SubsecRound, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// Tells the time and makes ids. Production uses [`SystemClock`], tests a [`ManualClock`].
pub trait Clock: Send + Sync + Debug {
    /// The present instant, UTC.
    fn now(&self) -> DateTime<Utc>;

    /// A new UUIDv7: sortable by this clock's time, unguessable in its last 74 bits.
    fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
    }
}

/// A clock handed from hand to hand.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock, in microseconds: what the databases keep, so that a time reads the same before it was stored and after.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The machine's clock, ready to be shared.
    #[must_use]
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one home of the system's time")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<DateTime<Utc>>,
}

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self { now: Mutex::new(start) })
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_in_microseconds() {
        let clock = SystemClock::shared();
        assert!((0..100).all(|_| clock.now().timestamp_subsec_nanos().is_multiple_of(1_000)));
    }

    #[test]
    fn ids_sort_by_the_clock_that_made_them() {
        let clock = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let earlier = clock.new_id();
        clock.advance(Duration::milliseconds(5));
        let later = clock.new_id();
        assert!(earlier < later);
        assert_eq!(earlier.get_version_num(), 7);
    }
}
