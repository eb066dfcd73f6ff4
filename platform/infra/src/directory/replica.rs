//! Every record of the directory, in memory: what serves while the view can't be read.
//!
//! It is filled from the view (or, until that has answered, from a snapshot) and never evicts: as many records as there are tenants. A record that is known
//! to be older than an announcement does not serve, however long the view is away: the announcement is kept beside it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};
use nexus_core::{TenantId, TenantState};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::DirectoryRecord;

/// What a look at the view's outline says of a tenant: enough to know whether its record has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) tenant: TenantId,
    pub(super) epoch: i64,
    pub(super) server_host: String,
    pub(super) server_port: u16,
}

/// One record, and the lowest epoch that is believed of this tenant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kept {
    record: Arc<DirectoryRecord>,
    floor: i64,
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&*self.record)?;
        pair.serialize_element(&self.floor)?;
        pair.end()
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (record, floor) = <(DirectoryRecord, i64)>::deserialize(deserializer)?;
        Ok(Self { record: Arc::new(record), floor })
    }
}

/// The whole directory as it was at one time, to be kept on disk. The secrets in it are sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DirectorySnapshot {
    /// When the view was read last.
    pub read_at: DateTime<Utc>,
    pub(super) records: Vec<Kept>,
}

impl DirectorySnapshot {
    /// How many tenants it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

#[derive(Default)]
struct Inner {
    kept: HashMap<TenantId, Kept>,
    read_at: Option<DateTime<Utc>>,
    /// Filled from a snapshot, and not yet from the view.
    from_snapshot: bool,
}

#[derive(Default)]
pub(super) struct Replica {
    inner: RwLock<Inner>,
    changes: AtomicU64,
}

impl Replica {
    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record that may serve, if there is one.
    pub(super) fn find(&self, tenant: TenantId) -> Option<Arc<DirectoryRecord>> {
        self.read().kept.get(&tenant).filter(|kept| kept.record.epoch >= kept.floor).map(|kept| kept.record.clone())
    }

    /// The lowest epoch that is believed of a tenant that is known.
    pub(super) fn floor(&self, tenant: TenantId) -> Option<i64> {
        self.read().kept.get(&tenant).map(|kept| kept.floor)
    }

    /// An announcement: an older record does not serve any more. False when the view knows more than this copy.
    pub(super) fn announce(&self, tenant: TenantId, epoch: i64) -> bool {
        let mut inner = self.write();
        match inner.kept.get_mut(&tenant) {
            Some(kept) if kept.floor < epoch => {
                kept.floor = epoch;
                self.changed();
                false
            }
            Some(kept) => kept.record.epoch >= kept.floor,
            None => false,
        }
    }

    /// What the view said, in a read that began when the floor was `before`. Comes back as it is shared: equal records are one.
    pub(super) fn put(&self, record: DirectoryRecord, before: Option<i64>) -> Arc<DirectoryRecord> {
        let mut inner = self.write();
        let tenant = record.tenant_id;
        let Some(kept) = inner.kept.get_mut(&tenant) else {
            let record = Arc::new(record);
            inner.kept.insert(tenant, Kept { floor: record.epoch, record: record.clone() });
            self.changed();
            return record;
        };
        // Somebody else has read or heard something meanwhile, perhaps newer.
        let raced = before != Some(kept.floor);
        if raced && record.epoch < kept.record.epoch {
            return kept.record.clone();
        }
        let floor = if raced { kept.floor.max(record.epoch) } else { record.epoch };
        if kept.floor != floor || *kept.record != record {
            kept.floor = floor;
            if *kept.record != record {
                kept.record = Arc::new(record);
            }
            self.changed();
        }
        kept.record.clone()
    }

    /// The view said that there is no such tenant.
    pub(super) fn remove(&self, tenant: TenantId) {
        if self.write().kept.remove(&tenant).is_some() {
            self.changed();
        }
    }

    /// The tenants that are known.
    pub(super) fn tenants(&self) -> HashSet<TenantId> {
        self.read().kept.keys().copied().collect()
    }

    /// Which of the view's tenants are not known as it tells them.
    pub(super) fn outdated(&self, heads: &[Head]) -> Vec<TenantId> {
        let inner = self.read();
        let is_current = |head: &Head| {
            inner.kept.get(&head.tenant).is_some_and(|Kept { record, floor }| {
                (record.epoch, *floor) == (head.epoch, head.epoch)
                    && (record.server_host.as_str(), record.server_port) == (head.server_host.as_str(), head.server_port)
            })
        };
        heads.iter().filter(|head| !is_current(head)).map(|head| head.tenant).collect()
    }

    /// The whole view was read. `before`: who was known when that began; of those, who is not in it is gone.
    pub(super) fn complete(&self, before: &HashSet<TenantId>, heads: &[Head], at: DateTime<Utc>) {
        let present: HashSet<TenantId> = heads.iter().map(|head| head.tenant).collect();
        let mut inner = self.write();
        let known = inner.kept.len();
        // What came without a usable record is newer all the same.
        for head in heads {
            if let Some(kept) = inner.kept.get_mut(&head.tenant).filter(|kept| kept.floor < head.epoch) {
                kept.floor = head.epoch;
                self.changed();
            }
        }
        inner.kept.retain(|tenant, _| present.contains(tenant) || !before.contains(tenant));
        if inner.kept.len() != known {
            self.changed();
        }
        inner.kept.shrink_to_fit();
        inner.read_at = Some(at);
        inner.from_snapshot = false;
    }

    /// Fills what nothing is known of from a snapshot. Nothing that the view has said is replaced.
    pub(super) fn restore(&self, snapshot: DirectorySnapshot) {
        let mut inner = self.write();
        if inner.read_at.is_some() {
            return;
        }
        for kept in snapshot.records {
            inner.kept.entry(kept.record.tenant_id).or_insert(kept);
        }
        inner.read_at = Some(snapshot.read_at);
        inner.from_snapshot = true;
    }

    /// Everything, once the whole view was read or a snapshot of it.
    pub(super) fn snapshot(&self) -> Option<DirectorySnapshot> {
        let inner = self.read();
        let read_at = inner.read_at?;
        Some(DirectorySnapshot { read_at, records: inner.kept.values().cloned().collect() })
    }

    /// The tenants in use, read-only ones included, once they are known.
    pub(super) fn active(&self) -> Option<Vec<TenantId>> {
        let inner = self.read();
        inner.read_at?;
        let in_use = inner.kept.values().filter(|kept| matches!(kept.record.state, TenantState::Active | TenantState::ReadOnly));
        let mut active: Vec<TenantId> = in_use.map(|kept| kept.record.tenant_id).collect();
        active.sort_unstable();
        Some(active)
    }

    /// When the view was read last, and whether that was before this process began.
    pub(super) fn read_at(&self) -> (Option<DateTime<Utc>>, bool) {
        let inner = self.read();
        (inner.read_at, inner.from_snapshot)
    }

    /// How many tenants are known.
    pub(super) fn len(&self) -> usize {
        self.read().kept.len()
    }

    /// Raised by every change.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
#[path = "replica_tests.rs"]
mod tests;
