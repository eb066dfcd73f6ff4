//! The cache in memory: single-flight, and unknown tenants apart from known ones.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use nexus_core::{TenantId, TenantState};

use super::announced::Announced;
use super::{DirectoryError, DirectoryRecord, count};

/// A record serves for this long before it is read again.
const FRESH: Duration = Duration::from_secs(15);
/// While a tenant is being set up: somebody waits for it, and the announcement that it is ready may not come.
const BEING_SET_UP: Duration = Duration::from_secs(1);
/// A record that could not be confirmed is looked for again after this.
const RETRY: Duration = Duration::from_secs(2);
/// A tenant that there is not is not asked for again for this long.
const ABSENT: Duration = Duration::from_secs(5);
const RECORDS: u64 = 100_000;
const ABSENTEES: u64 = 20_000;

/// What was found past memory.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// As good as read from the view.
    Current(Arc<DirectoryRecord>),
    /// The view did not answer; this is what is known.
    Stale(Arc<DirectoryRecord>),
}

#[derive(Clone)]
struct Fresh {
    record: Arc<DirectoryRecord>,
    serves_for: Duration,
}

struct ServesFor;

impl Expiry<TenantId, Fresh> for ServesFor {
    fn expire_after_create(&self, _: &TenantId, fresh: &Fresh, _: Instant) -> Option<Duration> {
        Some(fresh.serves_for)
    }

    fn expire_after_update(&self, _: &TenantId, fresh: &Fresh, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(fresh.serves_for)
    }
}

enum Miss {
    Absent,
    Failed(DirectoryError),
}

pub(super) struct Memory {
    fresh: moka::future::Cache<TenantId, Fresh>,
    absent: moka::sync::Cache<TenantId, ()>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("records", &self.fresh.entry_count()).finish_non_exhaustive()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            fresh: moka::future::Cache::builder().max_capacity(RECORDS).expire_after(ServesFor).support_invalidation_closures().build(),
            absent: moka::sync::Cache::builder().max_capacity(ABSENTEES).time_to_live(ABSENT).build(),
        }
    }
}

impl Memory {
    /// The record of `tenant`, by `load` if it is not known or not believed any more. Of several callers one loads.
    pub(super) async fn find<F, L>(&self, tenant: TenantId, announced: &Announced, load: F) -> Result<Option<Arc<DirectoryRecord>>, DirectoryError>
    where
        F: Fn() -> L,
        L: Future<Output = Result<Option<Found>, DirectoryError>>,
    {
        if self.absent.contains_key(&tenant) {
            count("absent");
            return Ok(None);
        }
        if let Some(fresh) = self.fresh.get(&tenant).await
            && is_believed(&fresh.record, announced)
        {
            count("memory");
            return Ok(Some(fresh.record));
        }
        // Rare and large: every request would carry room for it otherwise.
        Box::pin(self.read(tenant, announced, load)).await
    }

    async fn read<F, L>(&self, tenant: TenantId, announced: &Announced, load: F) -> Result<Option<Arc<DirectoryRecord>>, DirectoryError>
    where
        F: Fn() -> L,
        L: Future<Output = Result<Option<Found>, DirectoryError>>,
    {
        if self.fresh.get(&tenant).await.is_some_and(|known| !is_believed(&known.record, announced)) {
            self.fresh.invalidate(&tenant).await;
        }
        match self.fresh.try_get_with(tenant, reload(load())).await {
            Ok(fresh) if is_believed(&fresh.record, announced) => Ok(Some(fresh.record)),
            // Announced while it was being read, perhaps by a caller before this one: once more, and then the answer stands.
            Ok(_) => {
                self.fresh.invalidate(&tenant).await;
                self.outcome(tenant, self.fresh.try_get_with(tenant, reload(load())).await)
            }
            outcome => self.outcome(tenant, outcome),
        }
    }

    fn outcome(&self, tenant: TenantId, outcome: Result<Fresh, Arc<Miss>>) -> Result<Option<Arc<DirectoryRecord>>, DirectoryError> {
        match outcome {
            Ok(fresh) => Ok(Some(fresh.record)),
            Err(miss) => match &*miss {
                Miss::Absent => {
                    self.absent.insert(tenant, ());
                    Ok(None)
                }
                Miss::Failed(error) => Err(error.clone()),
            },
        }
    }

    /// Forgets which tenants there are not.
    pub(super) fn forget_absent(&self) {
        self.absent.invalidate_all();
    }

    /// Has every record read again before it serves, because announcements may have been missed.
    pub(super) fn outdate(&self) {
        self.fresh.invalidate_all();
        self.absent.invalidate_all();
    }
}

async fn reload(load: impl Future<Output = Result<Option<Found>, DirectoryError>>) -> Result<Fresh, Miss> {
    match load.await {
        Ok(Some(Found::Current(record))) => {
            let serves_for = if is_being_set_up(&record) { BEING_SET_UP } else { FRESH };
            Ok(Fresh { record, serves_for })
        }
        Ok(Some(Found::Stale(record))) => Ok(Fresh { record, serves_for: RETRY }),
        Ok(None) => Err(Miss::Absent),
        Err(error) => Err(Miss::Failed(error)),
    }
}

/// Whether the record will soon be another one.
pub(super) fn is_being_set_up(record: &DirectoryRecord) -> bool {
    matches!(record.state, TenantState::Pending | TenantState::Provisioning)
}

fn is_believed(record: &DirectoryRecord, announced: &Announced) -> bool {
    record.epoch >= announced.floor(record.tenant_id)
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
