//! Allowances that are charged here and settled with the shared store afterwards: a verified caller's request does not wait for the store.
//!
//! What was charged within a round is told to the store in one go, many callers with each call, and what all processes charged comes back. So processes
//! together may let a caller have, beyond the limit, what they let through within one round.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nexus_core::SharedClock;

use super::local::LocalBuckets;
use super::{Decision, LetThrough, Policy, SharedCounter, gcra, key_of};

/// Length of a round.
const ROUND: Duration = Duration::from_millis(50);
/// Callers in one call to the store, which does nothing else meanwhile: well below a millisecond.
const AT_ONCE: usize = 128;
/// Callers in one round; further ones are counted by this process alone until the next.
const CALLERS: usize = 16_384;

/// Buckets of this process, and what the store was not told yet.
pub(super) struct Settled(Arc<Inner>);

struct Inner {
    local: LocalBuckets,
    untold: Mutex<Untold>,
    shared: Option<Arc<dyn SharedCounter>>,
    clock: SharedClock,
}

#[derive(Default)]
struct Untold {
    charges: HashMap<(Policy, String), i64>,
    is_told: bool,
}

impl Settled {
    pub(super) fn new(shared: Option<Arc<dyn SharedCounter>>, clock: SharedClock) -> Self {
        Self(Arc::new(Inner { local: LocalBuckets::default(), untold: Mutex::default(), shared, clock }))
    }

    pub(super) fn charge(&self, policy: Policy, who: &str) -> Decision {
        let decision = self.0.local.charge(policy, who, 1, self.0.now());
        if decision.allowed && self.0.shared.is_some() && self.0.note(policy, who) {
            let teller = Teller(Arc::clone(&self.0));
            tokio::spawn(async move { teller.tell().await });
        }
        decision
    }
}

impl Inner {
    fn now(&self) -> i64 {
        self.clock.now().timestamp_micros()
    }

    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a charge; answers whether somebody has to begin to tell.
    fn note(&self, policy: Policy, who: &str) -> bool {
        let mut untold = self.untold();
        let key = (policy, who.to_owned());
        if untold.charges.len() < CALLERS || untold.charges.contains_key(&key) {
            *untold.charges.entry(key).or_default() += 1;
        }
        !std::mem::replace(&mut untold.is_told, true)
    }
}

/// Tells the store, round after round, until there is nothing left to tell. There is one at a time: a slow store makes rounds longer, not more of them.
struct Teller(Arc<Inner>);

impl Drop for Teller {
    fn drop(&mut self) {
        // However it ended, the next charge begins another.
        self.0.untold().is_told = false;
    }
}

impl Teller {
    async fn tell(self) {
        loop {
            tokio::time::sleep(ROUND).await;
            let charges = std::mem::take(&mut self.0.untold().charges);
            if charges.is_empty() {
                return;
            }
            self.settle(charges).await;
        }
    }

    async fn settle(&self, charges: HashMap<(Policy, String), i64>) {
        let inner = &*self.0;
        let Some(shared) = &inner.shared else { return };
        let charges: Vec<((Policy, String), i64)> = charges.into_iter().collect();
        for part in charges.chunks(AT_ONCE) {
            let let_through: Vec<LetThrough> = part
                .iter()
                .map(|((policy, who), cost)| LetThrough { key: key_of(*policy, who), interval: gcra::interval(*policy), cost: *cost })
                .collect();
            let resets = shared.settle(&let_through).await.unwrap_or_default();
            let now = inner.now();
            for (((policy, who), _), reset) in part.iter().zip(resets) {
                inner.local.raise(*policy, who, now.saturating_add(reset), now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::BoxFuture;
    use nexus_core::{ManualClock, SharedClock};

    use super::*;

    const POLICY: Policy = Policy { name: "test", limit: 10, window: Duration::from_secs(10) };

    /// The store, with the script's arithmetic in Rust.
    struct Store {
        tats: Mutex<HashMap<String, i64>>,
        clock: SharedClock,
        answers: bool,
    }

    impl SharedCounter for Store {
        fn charge<'a>(&'a self, _: &'a str, _: [i64; 3]) -> BoxFuture<'a, Option<Vec<i64>>> {
            unreachable!("verified callers are settled")
        }

        fn settle<'a>(&'a self, callers: &'a [LetThrough]) -> BoxFuture<'a, Option<Vec<i64>>> {
            async move {
                if !self.answers {
                    return std::future::pending().await;
                }
                assert!(callers.len() <= AT_ONCE);
                let now = self.clock.now().timestamp_micros();
                let mut tats = self.tats.lock().unwrap();
                let settled = callers.iter().map(|caller| {
                    let tat = tats.entry(caller.key.clone()).or_insert(now);
                    *tat = (*tat).max(now) + caller.interval * caller.cost;
                    *tat - now
                });
                Some(settled.collect())
            }
            .boxed()
        }
    }

    fn processes(answers: bool) -> (Arc<Store>, [Settled; 2]) {
        let clock: SharedClock = ManualClock::at(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let store = Arc::new(Store { tats: Mutex::default(), clock: clock.clone(), answers });
        let process = || Settled::new(Some(Arc::<Store>::clone(&store)), clock.clone());
        let both = [process(), process()];
        (store, both)
    }

    async fn round() {
        tokio::time::sleep(ROUND * 2).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_one_process_lets_through_is_gone_for_the_others_a_round_later() {
        let (_store, [first, second]) = processes(true);
        for _ in 0..9 {
            assert!(first.charge(POLICY, "a").allowed);
        }
        round().await;
        assert!(second.charge(POLICY, "a").allowed, "the second knows nothing of the caller yet");
        round().await;
        assert!(!second.charge(POLICY, "a").allowed, "nine and one are the limit");
        assert!(second.charge(POLICY, "b").allowed);
        first.charge(POLICY, "a");
        round().await;
        assert!(!first.charge(POLICY, "a").allowed);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_store_that_does_not_answer_and_the_process_counts_on() {
        let (_store, [process, _]) = processes(false);
        for _ in 0..10 {
            assert!(process.charge(POLICY, "a").allowed);
            round().await;
        }
        assert!(!process.charge(POLICY, "a").allowed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_tells_the_sum_and_memory_is_bounded() {
        let (store, [process, _]) = processes(true);
        for caller in 0..CALLERS + 100 {
            process.charge(POLICY, &caller.to_string());
            process.charge(POLICY, &caller.to_string());
        }
        assert_eq!(process.0.untold().charges.len(), CALLERS);
        round().await;
        assert!(process.0.untold().charges.is_empty());
        let tats = store.tats.lock().unwrap();
        assert_eq!(tats.len(), CALLERS);
        let now = store.clock.now().timestamp_micros();
        assert!(tats.values().all(|tat| tat - now == 2 * gcra::interval(POLICY)));
    }
}
