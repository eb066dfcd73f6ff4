//! A measured number, what it is compared with, and whether that is enough.

use crate::statistics::Spread;

/// What a figure must keep to: its ratio to the baseline where there is one, else its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// Not less.
    AtLeast(f64),
    /// Not more.
    AtMost(f64),
    /// It is told beside others, and bound by nothing.
    Nothing,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Figure {
    /// `scenario.what`.
    pub name: String,
    /// The median; of what may never be exceeded the greatest.
    pub value: f64,
    /// Of the value and of the baseline.
    pub unit: &'static str,
    /// The other side's median.
    pub baseline: Option<f64>,
    /// Median of the rounds' ratios of value to baseline.
    pub ratio: Option<f64>,
    /// What it must keep to.
    pub bound: Bound,
    /// Whether it does.
    pub ok: bool,
    /// Of the ratio where there is one, else of the value: least and greatest of the rounds.
    pub spread: Spread,
    /// How many measurements there were.
    pub count: usize,
}

impl Figure {
    /// One number a round, compared with nothing but its bound.
    pub fn of(name: &str, unit: &'static str, samples: &[f64], bound: Bound) -> Self {
        Self::judged_by(Spread::of(samples).median, name, unit, samples, bound)
    }

    /// The same of what must never be more than its bound: the greatest is told and judged, not the median.
    pub fn greatest_of(name: &str, unit: &'static str, samples: &[f64], bound: Bound) -> Self {
        Self::judged_by(Spread::of(samples).greatest, name, unit, samples, bound)
    }

    fn judged_by(value: f64, name: &str, unit: &'static str, samples: &[f64], bound: Bound) -> Self {
        let (spread, count) = (Spread::of(samples), samples.len());
        Self { name: name.to_owned(), value, unit, baseline: None, ratio: None, bound, ok: keeps(value, bound), spread, count }
    }

    /// One number a round of each of two sides: the bound holds for the ratio within a round.
    pub fn beside(name: &str, unit: &'static str, samples: &[f64], baseline: &[f64], bound: Bound) -> Self {
        let ratios = crate::statistics::ratios(samples, baseline);
        let spread = Spread::of(&ratios);
        Self {
            name: name.to_owned(),
            value: Spread::of(samples).median,
            unit,
            baseline: Some(Spread::of(baseline).median),
            ratio: Some(spread.median),
            bound,
            ok: keeps(spread.median, bound),
            spread,
            count: ratios.len(),
        }
    }
}

/// What was not measured (no number) keeps to nothing.
fn keeps(value: f64, bound: Bound) -> bool {
    match bound {
        Bound::AtLeast(least) => value >= least,
        Bound::AtMost(most) => value <= most,
        Bound::Nothing => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_looks_at_the_ratio_within_each_round() {
        // The machine was twice as fast in the second round: the ratio does not care.
        let figure = Figure::beside("list", "/s", &[80.0, 160.0, 82.0], &[100.0, 200.0, 100.0], Bound::AtLeast(0.8));
        assert_eq!((figure.ratio, figure.ok), (Some(0.8), true));
        assert_eq!((figure.value, figure.baseline), (82.0, Some(100.0)));
        assert!(!Figure::beside("list", "/s", &[79.0], &[100.0], Bound::AtLeast(0.8)).ok);
        assert!(!Figure::of("ready", "ms", &[1_001.0], Bound::AtMost(1_000.0)).ok);
        assert!(!Figure::of("ready", "ms", &[], Bound::AtMost(1_000.0)).ok, "nothing was measured");
    }

    #[test]
    fn what_may_never_be_exceeded_is_judged_by_its_greatest() {
        let samples = [60.0, 60.0, 61.0];
        let bound = Bound::AtMost(60.0);
        let (median, greatest) = (Figure::of("open", "", &samples, bound), Figure::greatest_of("open", "", &samples, bound));
        assert_eq!((median.value, median.ok), (60.0, true));
        assert_eq!((greatest.value, greatest.ok, greatest.count), (61.0, false, 3));
    }
}
