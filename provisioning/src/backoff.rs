//! How long a failed step waits for its next try.

use std::time::Duration;

/// Doubling from a quarter of a second, at most `cap`, with up to a quarter of random delay on top so that sagas which
/// failed together don't come back together.
pub(crate) fn delay(failures: u32, cap: Duration) -> Duration {
    let base = Duration::from_millis(250).saturating_mul(1_u32 << failures.saturating_sub(1).min(16)).min(cap);
    base + Duration::from_millis(rand::random_range(0..=u64::try_from(base.as_millis() / 4).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_and_stop_at_the_cap() {
        let cap = Duration::from_secs(10);
        for (failures, least) in [(1, 250), (2, 500), (3, 1000), (50, 10_000)] {
            let delay = delay(failures, cap).as_millis();
            assert!((least..=least + least / 4).contains(&delay), "{failures}: {delay}");
        }
    }
}
