//! The bench's arithmetic: the one place that reckons with floats.
#![expect(clippy::float_arithmetic, reason = "measurements are statistics, not money")]

use std::time::Duration;

/// The middle of some samples, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub greatest: f64,
}

impl Spread {
    pub fn of(samples: &[f64]) -> Self {
        let sorted = sorted(samples);
        let (least, greatest) = (sorted.first().copied().unwrap_or(f64::NAN), sorted.last().copied().unwrap_or(f64::NAN));
        Self { median: median(&sorted), least, greatest }
    }
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted.get(middle) {
        None => f64::NAN,
        Some(upper) if sorted.len() % 2 == 1 => *upper,
        Some(upper) => f64::midpoint(sorted[middle - 1], *upper),
    }
}

/// Value over baseline, round by round.
pub fn ratios(samples: &[f64], baseline: &[f64]) -> Vec<f64> {
    samples.iter().zip(baseline).map(|(value, baseline)| value / baseline).collect()
}

/// So many within such a time, per second.
pub fn per_second(count: u64, within: Duration) -> f64 {
    number(count) / within.as_secs_f64()
}

/// A duration's share of each of `count`, in microseconds.
pub fn micros_each(whole: Duration, count: u64) -> f64 {
    micros(whole) / number(count)
}

pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

pub fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

pub fn megabytes(bytes: u64) -> f64 {
    number(bytes) / 1e6
}

/// What one number is more than another.
pub fn difference(more: f64, less: f64) -> f64 {
    more - less
}

/// One number over another.
pub fn share(part: f64, whole: f64) -> f64 {
    part / whole
}

/// A part of a rate, such as the load for measuring latency.
pub fn part_of(rate: f64, part: f64) -> f64 {
    rate * part
}

/// The time between two arrivals at a rate.
pub fn interval(per_second: f64) -> Duration {
    Duration::from_secs_f64(1.0 / per_second.max(0.001))
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
pub fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_between_the_two_middle_ones() {
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]), Spread { median: 2.0, least: 1.0, greatest: 3.0 });
        assert_eq!(Spread::of(&[4.0, 1.0, 2.0, 3.0]).median, 2.5);
        assert!(Spread::of(&[]).median.is_nan());
    }

    #[test]
    fn rates_and_shares() {
        assert_eq!(per_second(500, Duration::from_millis(250)), 2000.0);
        assert_eq!(micros_each(Duration::from_millis(10), 100), 100.0);
        assert_eq!(interval(1000.0), Duration::from_millis(1));
        assert_eq!(megabytes(80_000_000), 80.0);
    }
}
