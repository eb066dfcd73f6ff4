//! Buckets in this process's memory: bounded, so that inventing addresses can't exhaust it.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use super::{Decision, Policy, gcra};

/// Number of independently locked parts.
const SHARDS: usize = 16;
/// Greatest number of buckets of one part.
const PER_SHARD: usize = 4096;

/// Theoretical arrival times in µs, by policy and caller.
#[derive(Default)]
pub(super) struct LocalBuckets {
    hasher: RandomState,
    shards: [Mutex<HashMap<(&'static str, String), i64>>; SHARDS],
}

impl LocalBuckets {
    pub(super) fn charge(&self, policy: Policy, who: &str, cost: i64, now: i64) -> Decision {
        let key = (policy.name, who.to_owned());
        let shard = usize::try_from(self.hasher.hash_one(&key) % SHARDS as u64).unwrap_or(0);
        let mut buckets = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let (decision, tat) = gcra::charge(policy, buckets.get(&key).copied(), cost, now);
        if let Some(tat) = tat {
            make_room(&mut buckets, &key, now);
            buckets.insert(key, tat);
        }
        decision
    }

    /// Moves the bucket's theoretical arrival time up to what others know of it.
    pub(super) fn raise(&self, policy: Policy, who: &str, tat: i64, now: i64) {
        let key = (policy.name, who.to_owned());
        let shard = usize::try_from(self.hasher.hash_one(&key) % SHARDS as u64).unwrap_or(0);
        let mut buckets = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.get(&key).is_none_or(|known| *known < tat) {
            make_room(&mut buckets, &key, now);
            buckets.insert(key, tat);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }
}

/// Drops full buckets (they say nothing) and, when that is not enough, the one closest to being full.
fn make_room(buckets: &mut HashMap<(&'static str, String), i64>, key: &(&'static str, String), now: i64) {
    if buckets.len() < PER_SHARD || buckets.contains_key(key) {
        return;
    }
    buckets.retain(|_, tat| *tat > now);
    if buckets.len() >= PER_SHARD
        && let Some(oldest) = buckets.iter().min_by_key(|(_, tat)| **tat).map(|(key, _)| key.clone())
    {
        buckets.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const POLICY: Policy = Policy { name: "test", limit: 10, window: Duration::from_secs(10) };
    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_burst_is_allowed_then_an_even_rate() {
        let buckets = LocalBuckets::default();
        for left in (0..10).rev() {
            let decision = buckets.charge(POLICY, "a", 1, 0);
            assert!(decision.allowed);
            assert_eq!(decision.remaining, left);
        }
        let refused = buckets.charge(POLICY, "a", 1, 0);
        assert!(!refused.allowed);
        assert_eq!((refused.remaining, refused.retry_after), (0, Duration::from_secs(1)));
        assert!(buckets.charge(POLICY, "b", 1, 0).allowed, "another caller has an allowance of their own");
        assert!(buckets.charge(POLICY, "a", 1, SECOND).allowed);
        assert!(!buckets.charge(POLICY, "a", 1, SECOND).allowed);
        assert_eq!(buckets.charge(POLICY, "a", 1, 20 * SECOND).remaining, 9);
    }

    #[test]
    fn a_look_costs_nothing_and_sees_an_empty_bucket() {
        let buckets = LocalBuckets::default();
        for _ in 0..100 {
            assert!(buckets.charge(POLICY, "a", 0, 0).allowed);
        }
        for _ in 0..10 {
            assert!(buckets.charge(POLICY, "a", 1, 0).allowed);
        }
        let look = buckets.charge(POLICY, "a", 0, 0);
        assert!(!look.allowed && look.retry_after >= Duration::from_secs(1));
        assert!(buckets.charge(POLICY, "a", 0, SECOND).allowed);
    }

    #[test]
    fn memory_is_bounded_whatever_callers_invent() {
        let buckets = LocalBuckets::default();
        for caller in 0..(SHARDS * PER_SHARD + 5_000) {
            buckets.charge(POLICY, &caller.to_string(), 1, 0);
        }
        assert!(buckets.len() <= SHARDS * PER_SHARD);
    }
}
