//! Of many measured times, the one below which a share lies.

use std::time::Duration;

/// The time below which so many thousandths of the samples lie; zero where there are none. The samples are put in order.
pub fn percentile(samples: &mut [Duration], thousandths: usize) -> Duration {
    samples.sort_unstable();
    let index = (samples.len() * thousandths).div_ceil(1000).clamp(1, samples.len().max(1)) - 1;
    samples.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_sample_below_which_the_share_lies() {
        let mut hundred: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut hundred, 990), Duration::from_millis(99));
        assert_eq!(percentile(&mut hundred, 500), Duration::from_millis(50));
        assert_eq!(percentile(&mut [Duration::from_millis(7)], 990), Duration::from_millis(7));
        assert_eq!(percentile(&mut [], 990), Duration::ZERO);
    }
}
