//! Counters in this process's memory. Bounded: inventing addresses makes the oldest counters go, and costs no sweep over the others.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::attempt::Rule;

/// Counters of one generation; two are kept.
const GENERATION: usize = 50_000;

#[derive(Debug, Clone, Copy)]
struct Window {
    /// Tries of this window: those that failed and those under way.
    count: u64,
    /// Tries under way in this process.
    held: u64,
    until: DateTime<Utc>,
}

/// A full young generation becomes the old one and the old one is forgotten. What is used moves to the young.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, Window>,
    old: HashMap<String, Window>,
}

impl Generations {
    /// The counter of `key`; begins a window where there is none.
    fn window(&mut self, key: &str, window: Duration, now: DateTime<Utc>) -> &mut Window {
        if !self.young.contains_key(key) && self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        let known = self.old.remove(key);
        let fresh = Window { count: 0, held: 0, until: now + TimeDelta::from_std(window).unwrap_or(TimeDelta::zero()) };
        let entry = self.young.entry(key.to_owned()).or_insert(known.unwrap_or(fresh));
        if entry.until <= now {
            *entry = fresh;
        }
        entry
    }

    /// The counter of `key`, where there is one.
    fn known(&mut self, key: &str) -> Option<&mut Window> {
        self.young.get_mut(key).or_else(|| self.old.get_mut(key))
    }
}

/// The counters of one process.
#[derive(Debug, Default)]
pub(super) struct LocalCounters(Mutex<Generations>);

impl LocalCounters {
    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a try on every rule, or on none where one of them is used up.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn reserve(&self, rules: &[Rule], now: DateTime<Utc>) -> Result<(), Duration> {
        let mut counters = self.lock();
        for rule in rules {
            let window = counters.window(&rule.key, rule.window, now);
            if window.count >= rule.limit {
                return Err(wait(window, now));
            }
        }
        for rule in rules {
            let window = counters.window(&rule.key, rule.window, now);
            window.count += 1;
            window.held += 1;
        }
        Ok(())
    }

    /// A try has ended and stays counted.
    pub(super) fn settle(&self, rules: &[Rule]) {
        let mut counters = self.lock();
        for rule in rules {
            if let Some(window) = counters.known(&rule.key) {
                window.held = window.held.saturating_sub(1);
            }
        }
    }

    /// A try has ended and counts no more.
    pub(super) fn give_back(&self, rules: &[Rule]) {
        let mut counters = self.lock();
        for rule in rules {
            if let Some(window) = counters.known(&rule.key) {
                window.held = window.held.saturating_sub(1);
                window.count = window.count.saturating_sub(1);
            }
        }
    }

    /// Forgets the failures on a key; tries under way stay counted.
    pub(super) fn forget(&self, key: &str) {
        if let Some(window) = self.lock().known(key) {
            window.count = window.held;
        }
    }

    /// Whether one of these rules is used up.
    pub(super) fn is_used_up(&self, rules: &[Rule], now: DateTime<Utc>) -> bool {
        let mut counters = self.lock();
        rules.iter().any(|rule| counters.known(&rule.key).is_some_and(|window| window.until > now && window.count >= rule.limit))
    }

    /// Whether tries on one of these keys are under way, so that a refusal may be over in a moment.
    pub(super) fn any_held(&self, rules: &[Rule]) -> bool {
        let mut counters = self.lock();
        rules.iter().any(|rule| counters.known(&rule.key).is_some_and(|window| window.held > 0))
    }
}

fn wait(window: &Window, now: DateTime<Utc>) -> Duration {
    (window.until - now).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn rule(key: &str, limit: u64) -> Rule {
        Rule { key: key.to_owned(), limit, window: MINUTE }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn a_refused_try_counts_on_no_rule() {
        let counters = LocalCounters::default();
        let near = [rule("near", 1), rule("everywhere", 3)];
        assert_eq!(counters.reserve(&near, now()), Ok(()));
        for _ in 0..10 {
            assert_eq!(counters.reserve(&near, now()), Err(MINUTE));
        }
        let far = [rule("far", 9), rule("everywhere", 3)];
        assert_eq!((counters.reserve(&far, now()), counters.reserve(&far, now())), (Ok(()), Ok(())));
        assert!(counters.reserve(&far, now()).is_err());
        assert_eq!(counters.reserve(&near, now() + TimeDelta::seconds(60)), Ok(()), "a window ends");
    }

    #[test]
    fn what_is_given_back_is_free_again_and_what_failed_is_not() {
        let counters = LocalCounters::default();
        let rules = [rule("a", 2)];
        for _ in 0..5 {
            counters.reserve(&rules, now()).unwrap();
            counters.give_back(&rules);
        }
        for _ in 0..2 {
            counters.reserve(&rules, now()).unwrap();
            counters.settle(&rules);
        }
        assert!(counters.reserve(&rules, now()).is_err() && !counters.any_held(&rules));
        counters.forget("a");
        assert_eq!(counters.reserve(&rules, now()), Ok(()));
    }

    #[test]
    fn memory_is_bounded_whatever_callers_invent() {
        let counters = LocalCounters::default();
        let hot = [rule("hot", 10)];
        for caller in 0..3 * GENERATION {
            counters.reserve(&[rule(&caller.to_string(), 10)], now()).unwrap();
            if caller % (GENERATION / 2) == 0 {
                counters.reserve(&hot, now()).unwrap();
            }
        }
        let kept = counters.lock();
        assert!(kept.young.len() + kept.old.len() <= 2 * GENERATION);
        let hot = kept.young.get("hot").or_else(|| kept.old.get("hot")).expect("what is used stays");
        assert_eq!(hot.count, 6);
    }
}
