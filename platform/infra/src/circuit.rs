//! A rest after a failure: whoever calls meanwhile fails at once, then one caller tries.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Closed (calls pass) until a failure; then open for `rest`; then one call in each `rest` passes until one succeeds.
#[derive(Debug)]
pub(crate) struct Circuit {
    start: Instant,
    rest: Duration,
    /// Milliseconds since `start` until which calls are refused; 0 is closed.
    until: AtomicU64,
}

impl Circuit {
    pub(crate) fn new(rest: Duration) -> Self {
        // A second in the past, so that "now" is never the 0 that means closed.
        let now = Instant::now();
        Self { start: now.checked_sub(Duration::from_secs(1)).unwrap_or(now), rest, until: AtomicU64::new(0) }
    }

    /// Whether a call may pass now. Of those that come after the rest, one does.
    pub(crate) fn admits(&self) -> bool {
        let until = self.until.load(Ordering::Acquire);
        if until == 0 {
            return true;
        }
        let now = self.now();
        now >= until && self.until.compare_exchange(until, self.after_rest(now), Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Notes a failure. True when it is the first one: the moment to log it.
    pub(crate) fn failed(&self) -> bool {
        self.until.swap(self.after_rest(self.now()), Ordering::AcqRel) == 0
    }

    /// Notes a success. True when it ends a series of failures.
    pub(crate) fn succeeded(&self) -> bool {
        self.until.load(Ordering::Relaxed) != 0 && self.until.swap(0, Ordering::AcqRel) != 0
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn after_rest(&self, now: u64) -> u64 {
        now.saturating_add(u64::try_from(self.rest.as_millis()).unwrap_or(u64::MAX)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_during_the_rest_and_passes_one_call_after_it() {
        let circuit = Circuit::new(Duration::from_secs(60));
        assert!(circuit.admits());
        assert!(circuit.failed());
        assert!(!circuit.failed(), "known already");
        assert!(!circuit.admits());
        circuit.until.store(1, Ordering::Release);
        assert!(circuit.admits(), "the rest is over");
        assert!(!circuit.admits(), "one caller tries, the others wait for its outcome");
        assert!(circuit.succeeded());
        assert!(!circuit.succeeded());
        assert!(circuit.admits());
    }
}
