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
    /// The median.
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
}

impl Figure {
    /// One number a round, compared with nothing but its bound.
    pub fn of(name: &str, unit: &'static str, samples: &[f64], bound: Bound) -> Self {
        let spread = Spread::of(samples);
        Self { name: name.to_owned(), value: spread.median, unit, baseline: None, ratio: None, bound, ok: keeps(spread.median, bound), spread }
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
}
