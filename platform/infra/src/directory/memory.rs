//! The cache in memory: single-flight, stale while there is an error, and unknown keys apart from known ones.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;

use super::announced::Announced;
use super::lookup::LookupKey;
use super::{DirectoryError, DirectoryRecord, count};

/// A record serves for this long before it is read again.
const FRESH: Duration = Duration::from_secs(15);
/// When it can't be read again, it serves on; the next try comes after this.
const RETRY: Duration = Duration::from_secs(2);
/// A record that can't be read again serves for this long at most.
const STALE: Duration = Duration::from_secs(3_600);
/// A key without a tenant is not asked for again for this long.
const ABSENT: Duration = Duration::from_secs(5);
const RECORDS: u64 = 100_000;
const ABSENTEES: u64 = 20_000;

#[derive(Clone)]
struct Fresh {
    record: Arc<DirectoryRecord>,
    serves_for: Duration,
}

struct ServesFor;

impl Expiry<LookupKey, Fresh> for ServesFor {
    fn expire_after_create(&self, _: &LookupKey, fresh: &Fresh, _: Instant) -> Option<Duration> {
        Some(fresh.serves_for)
    }

    fn expire_after_update(&self, _: &LookupKey, fresh: &Fresh, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(fresh.serves_for)
    }
}

enum Miss {
    Absent,
    Failed(DirectoryError),
}

pub(super) struct Memory {
    fresh: moka::future::Cache<LookupKey, Fresh>,
    last_known: moka::sync::Cache<LookupKey, Arc<DirectoryRecord>>,
    absent: moka::sync::Cache<LookupKey, ()>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("records", &self.last_known.entry_count()).finish_non_exhaustive()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            fresh: moka::future::Cache::builder().max_capacity(RECORDS).expire_after(ServesFor).support_invalidation_closures().build(),
            last_known: moka::sync::Cache::builder().max_capacity(RECORDS).time_to_live(STALE).build(),
            absent: moka::sync::Cache::builder().max_capacity(ABSENTEES).time_to_live(ABSENT).build(),
        }
    }
}

impl Memory {
    /// The record of `key`, by `load` if it is not known or not believed any more. Of several callers one loads.
    pub(super) async fn find<F, L>(&self, key: &LookupKey, announced: &Announced, load: F) -> Result<Option<Arc<DirectoryRecord>>, DirectoryError>
    where
        F: Fn() -> L,
        L: Future<Output = Result<Option<DirectoryRecord>, DirectoryError>>,
    {
        if self.absent.contains_key(key) {
            count("absent");
            return Ok(None);
        }
        if let Some(fresh) = self.fresh.get(key).await {
            if is_believed(&fresh.record, announced) {
                count("memory");
                return Ok(Some(fresh.record));
            }
            self.fresh.invalidate(key).await;
        }
        match self.fresh.try_get_with_by_ref(key, self.reload(key, announced, load())).await {
            Ok(fresh) if is_believed(&fresh.record, announced) => Ok(Some(fresh.record)),
            // Announced while it was being read, perhaps by a caller before this one: once more, and then the answer stands.
            Ok(_) => {
                self.fresh.invalidate(key).await;
                self.outcome(key, self.fresh.try_get_with_by_ref(key, self.reload(key, announced, load())).await)
            }
            outcome => self.outcome(key, outcome),
        }
    }

    async fn reload(
        &self,
        key: &LookupKey,
        announced: &Announced,
        load: impl Future<Output = Result<Option<DirectoryRecord>, DirectoryError>>,
    ) -> Result<Fresh, Miss> {
        match load.await {
            Ok(Some(record)) => {
                let record = Arc::new(record);
                self.last_known.insert(key.clone(), record.clone());
                Ok(Fresh { record, serves_for: FRESH })
            }
            Ok(None) => Err(Miss::Absent),
            Err(error) => match self.last_known.get(key).filter(|record| is_believed(record, announced)) {
                Some(record) => {
                    count("stale");
                    Ok(Fresh { record, serves_for: RETRY })
                }
                None => Err(Miss::Failed(error)),
            },
        }
    }

    fn outcome(&self, key: &LookupKey, outcome: Result<Fresh, Arc<Miss>>) -> Result<Option<Arc<DirectoryRecord>>, DirectoryError> {
        match outcome {
            Ok(fresh) => Ok(Some(fresh.record)),
            Err(miss) => match &*miss {
                Miss::Absent => {
                    self.last_known.invalidate(key);
                    self.absent.insert(key.clone(), ());
                    Ok(None)
                }
                Miss::Failed(error) => Err(error.clone()),
            },
        }
    }

    /// Forgets which keys have no tenant.
    pub(super) fn forget_absent(&self) {
        self.absent.invalidate_all();
    }

    /// Has every record read again before it serves, because announcements may have been missed.
    pub(super) fn outdate(&self) {
        self.fresh.invalidate_all();
        self.absent.invalidate_all();
    }
}

fn is_believed(record: &DirectoryRecord, announced: &Announced) -> bool {
    record.epoch >= announced.floor(record.tenant_id)
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
