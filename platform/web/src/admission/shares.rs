//! How many requests of each organization are under way.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nexus_core::TenantId;

/// Number of independently locked parts.
const SHARDS: usize = 16;

/// Counts by organization; one without requests takes no memory.
#[derive(Default)]
pub(super) struct Shares {
    hasher: RandomState,
    shards: [Mutex<HashMap<TenantId, usize>>; SHARDS],
}

impl Shares {
    /// Counts one more and tells how many there are now.
    pub(super) fn add(&self, tenant: TenantId) -> usize {
        let mut shard = self.shard(tenant);
        let held = shard.entry(tenant).or_default();
        *held += 1;
        *held
    }

    /// Counts one less.
    pub(super) fn remove(&self, tenant: TenantId) {
        if let Entry::Occupied(mut held) = self.shard(tenant).entry(tenant) {
            *held.get_mut() -= 1;
            if *held.get() == 0 {
                held.remove();
            }
        }
    }

    fn shard(&self, tenant: TenantId) -> MutexGuard<'_, HashMap<TenantId, usize>> {
        let shard = usize::try_from(self.hasher.hash_one(tenant) % SHARDS as u64).unwrap_or(0);
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn organizations(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }
}
