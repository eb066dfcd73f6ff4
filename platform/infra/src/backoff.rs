//! Exponential back-off with jitter, in whole milliseconds: the one home of it.

use std::time::Duration;

use rand::Rng;

/// Delays that double from `base` up to `cap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
}

impl Backoff {
    /// Delays from `base` to `cap`.
    #[must_use]
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self { base, cap }
    }

    /// The greatest delay after the `attempt`-th failure (from 1).
    #[must_use]
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.checked_mul(1 << doublings).map_or(self.cap, |delay| delay.min(self.cap))
    }

    /// A random delay up to the ceiling: competitors that failed together do not meet again.
    #[must_use]
    pub fn jittered(&self, attempt: u32) -> Duration {
        let ceiling = u64::try_from(self.ceiling(attempt).as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(rand::rng().random_range(0..=ceiling))
    }

    /// A delay between half the ceiling and the ceiling: spread, but never at once.
    #[must_use]
    pub fn spread(&self, attempt: u32) -> Duration {
        let half = Self { base: self.base / 2, cap: self.cap / 2 };
        half.ceiling(attempt) + half.jittered(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(10), Duration::from_millis(400));

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let ceilings: Vec<_> = [1, 2, 3, 6, 7, 40, u32::MAX].iter().map(|attempt| BACKOFF.ceiling(*attempt).as_millis()).collect();
        assert_eq!(ceilings, [10, 20, 40, 320, 400, 400, 400]);
    }

    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn delays_stay_below_the_ceiling(attempt in 0_u32..200) {
                prop_assert!(BACKOFF.jittered(attempt) <= BACKOFF.ceiling(attempt));
                let spread = BACKOFF.spread(attempt);
                prop_assert!(spread >= BACKOFF.ceiling(attempt) / 2 && spread <= BACKOFF.ceiling(attempt));
            }
        }
    }
}
