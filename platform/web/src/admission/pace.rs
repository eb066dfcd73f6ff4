//! How fast refusals are answered.
//!
//! A refusal costs little, and a client that comes back at once, whatever `Retry-After` said, makes many of it: enough of them and refusing is all that the
//! process does. So refusals have a rate of their own. Up to it they are answered at once; those beyond it wait for their turn, at most [`LONGEST`], without a
//! place and without anything but their connection. Clients that ask one thing at a time are slowed down with it, to what the process can afford to tell them.
//! They are no more than there are connections (`http.max_connections`).

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// No refusal waits longer for its turn.
const LONGEST: Duration = Duration::from_secs(1);
/// What may be saved up: a second's refusals at once.
const SAVED: u64 = 1_000_000;

/// The turns of refusals.
pub(super) struct Pace {
    /// Microseconds from one to the next.
    step: u64,
    /// When the next is due, in microseconds.
    due: AtomicU64,
    waiting: AtomicUsize,
    started: Instant,
}

impl Pace {
    /// So many a second.
    pub(super) fn new(per_second: u32) -> Self {
        let step = 1_000_000 / u64::from(per_second.clamp(1, 1_000_000));
        Self { step, due: AtomicU64::new(0), waiting: AtomicUsize::new(0), started: Instant::now() }
    }

    /// Waits for the turn of one refusal.
    pub(super) async fn turn(&self) {
        let now = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX).saturating_add(SAVED);
        let wait = self.reserve(now);
        if !wait.is_zero() {
            let _waiting = Waiting::of(self);
            tokio::time::sleep(wait).await;
        }
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How long a refusal waits that is made `now`.
    fn reserve(&self, now: u64) -> Duration {
        let after = |due: u64| due.max(now.saturating_sub(SAVED)).saturating_add(self.step);
        let wait = |due: u64| Duration::from_micros(after(due).saturating_sub(now));
        // Who would wait for too long takes nobody's turn.
        match self.due.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |due| (wait(due) <= LONGEST).then(|| after(due))) {
            Ok(due) => wait(due),
            Err(_) => LONGEST,
        }
    }
}

struct Waiting<'a>(&'a Pace);

impl<'a> Waiting<'a> {
    fn of(pace: &'a Pace) -> Self {
        pace.waiting.fetch_add(1, Ordering::Relaxed);
        Self(pace)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 5_000_000;

    #[test]
    fn a_seconds_worth_is_answered_at_once_the_next_in_turn_and_nobody_waits_for_long() {
        let pace = Pace::new(100);
        for number in 0..100 {
            assert_eq!(pace.reserve(NOW), Duration::ZERO, "{number}");
        }
        for number in 1..=100 {
            assert_eq!(pace.reserve(NOW), Duration::from_millis(10 * number));
        }
        assert_eq!((pace.reserve(NOW), pace.reserve(NOW)), (LONGEST, LONGEST));
        assert_eq!(pace.reserve(NOW + 500_000), Duration::from_millis(510), "those beyond took no turn");
        assert_eq!(pace.reserve(NOW + 60_000_000), Duration::ZERO, "and it is over once they are gone");
    }

    #[test]
    fn a_steady_rate_is_never_slowed() {
        let pace = Pace::new(100);
        for number in 0..1_000 {
            assert_eq!(pace.reserve(NOW + number * 10_000), Duration::ZERO, "{number}");
        }
    }
}
