//! Places of this process that organizations share: for what costs connections or files while it lasts.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use nexus_core::TenantId;

type Counts = HashMap<TenantId, usize>;

/// How many places of one sort each organization holds.
pub(crate) struct TenantPlaces(LazyLock<Mutex<Counts>>);

/// One place; given back when it is dropped.
pub(crate) struct TenantPlace {
    tenant: TenantId,
    places: &'static TenantPlaces,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// The organization holds as many as it may.
    OfTenant,
    /// The process has too few left.
    InProcess,
}

impl TenantPlaces {
    pub(crate) const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// A place among `most`, of which one organization may hold `most_of_tenant`.
    pub(crate) fn take(&'static self, tenant: TenantId, most_of_tenant: usize, most: usize) -> Result<TenantPlace, NoPlace> {
        let mut counts = self.lock();
        let held = counts.get(&tenant).copied().unwrap_or_default();
        if held >= most_of_tenant {
            return Err(NoPlace::OfTenant);
        }
        // Who holds places already must leave as many free: a few organizations together can't keep all others out.
        let taken = counts.values().sum::<usize>();
        if most.saturating_sub(taken) <= held {
            return Err(NoPlace::InProcess);
        }
        counts.insert(tenant, held + 1);
        Ok(TenantPlace { tenant, places: self })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for TenantPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantPlace").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Drop for TenantPlace {
    fn drop(&mut self) {
        let mut counts = self.places.lock();
        if let Some(count) = counts.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    #[test]
    fn places_are_bounded_by_tenant_and_in_all_and_come_back() {
        static PLACES: TenantPlaces = TenantPlaces::new();
        let take = |number| PLACES.take(tenant(number), 2, 3);
        let first = take(1).unwrap();
        let _second = take(1).unwrap();
        assert_eq!(take(1).err(), Some(NoPlace::OfTenant));
        let _third = take(2).unwrap();
        assert_eq!(take(2).err(), Some(NoPlace::InProcess));
        drop(first);
        take(3).unwrap();
    }

    #[test]
    fn organizations_that_take_all_they_get_leave_places_to_others() {
        static PLACES: TenantPlaces = TenantPlaces::new();
        let mut held = Vec::new();
        for greedy in 1..=4 {
            held.extend(std::iter::from_fn(|| PLACES.take(tenant(greedy), 8, 32).ok()));
        }
        held.push(PLACES.take(tenant(5), 8, 32).unwrap());
        assert!(held.len() > 24, "{} of 32", held.len());
    }
}
