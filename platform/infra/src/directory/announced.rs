//! Which epochs have been announced or seen, and whether announcements are heard at all.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nexus_core::TenantId;

use super::shared::TTL;

/// Tenants whose epoch is remembered.
const TENANTS: u64 = 200_000;
/// Longer than any record lives in Redis or serves from memory.
const REMEMBERED: Duration = Duration::from_secs(2 * 3_600);

#[derive(Debug)]
pub(super) struct Announced {
    floors: moka::sync::Cache<TenantId, i64>,
    /// Since when announcements have been heard without a gap.
    since: Mutex<Option<Instant>>,
}

impl Default for Announced {
    fn default() -> Self {
        Self { floors: moka::sync::Cache::builder().max_capacity(TENANTS).time_to_live(REMEMBERED).build(), since: Mutex::default() }
    }
}

impl Announced {
    /// The lowest epoch that is believed.
    pub(super) fn floor(&self, tenant: TenantId) -> i64 {
        self.floors.get(&tenant).unwrap_or(i64::MIN)
    }

    /// Believes nothing below `epoch` any more.
    pub(super) fn raise(&self, tenant: TenantId, epoch: i64) {
        self.floors.entry(tenant).and_upsert_with(|known| known.map_or(epoch, |known| known.into_value().max(epoch)));
    }

    /// The view said `epoch`, in a read that began when the floor was `before`. It is the truth, even if more had been announced: a control database that was
    /// restored counts from lower again. But what was announced during the read may be newer than it.
    pub(super) fn settle(&self, tenant: TenantId, epoch: i64, before: i64) {
        self.floors.entry(tenant).and_upsert_with(|known| match known.map(moka::Entry::into_value) {
            Some(floor) if floor != before => floor.max(epoch),
            _ => epoch,
        });
    }

    pub(super) fn connected(&self) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub(super) fn lost(&self) {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether everything that is in Redis now was put there while announcements were heard.
    pub(super) fn is_current(&self) -> bool {
        self.since.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|since| since.elapsed() > TTL)
    }

    #[cfg(test)]
    pub(super) fn connected_for(&self, age: Duration) {
        *self.since.lock().unwrap() = Instant::now().checked_sub(age);
    }
}
