//! The directory: from a tenant's id to everything a request needs to reach its tenant.
//!
//! Memory (15 s; 1 s while the tenant is being set up) → Redis (15 s, sealed) → the view `directory` of the control database → the replica: a complete copy of
//! the view, read at the start and then polled, or restored from a snapshot. One read per key at a time. While the view can't be read, the replica serves for
//! as long as that lasts, and no request waits for the view. A change of a tenant raises its epoch and is told on [`DIRECTORY_CHANNEL`]; from then on no older
//! record is believed, so that a suspension bites within a second, and within 15 s where nothing was heard.
//!
//! Invariants:
//! - A record from Redis was sealed by this platform, for exactly the id it was looked up by, and names itself with the same id and epoch inside: who
//!   writes into Redis can't point one tenant at another's database.
//! - A record from anywhere but the view with a lower epoch than was ever announced or seen is refused. What the view says is the truth.
//! - Redis is read only while announcements are heard; otherwise it may be older than what was missed.
//! - Unknown ids are remembered for 5 s, in a bounded cache of their own: they can't push out tenants.
//!
//! Deliberately not here: hosts and slugs (the token names the tenant; the runtime compares the rest with its record), opening the tenant's secrets
//! ([`crate::secrets`]), and the snapshot's file ([`crate::snapshot`]).

mod announced;
mod memory;
mod poll;
mod record;
mod replica;
#[cfg(test)]
mod samples;
mod shared;
mod view;

use std::fmt;
use std::sync::Arc;

use nexus_core::{Problem, SharedClock, TenantId};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::postgres::Db;
use crate::redis::{Incoming, Redis};
use crate::secrets::{SecretsError, TenantKeyring};
use announced::Announced;
use memory::{Found, Memory, is_being_set_up};
pub use poll::DirectoryStatus;
pub use record::DirectoryRecord;
pub use replica::DirectorySnapshot;
use replica::Replica;
use shared::SharedCache;
use view::View;

/// Redis channel on which changed tenants are announced, as the JSON of a [`DirectoryChange`].
pub const DIRECTORY_CHANNEL: &str = "nexus:directory";

/// Told after the commit that changed a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryChange {
    /// Which tenant.
    pub tenant_id: TenantId,
    /// Its new epoch.
    pub epoch: i64,
}

/// Why a tenant can't be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DirectoryError {
    /// The view can't be read, and nothing is known that may serve.
    #[error("the directory is unavailable: {0}")]
    Unavailable(String),
    /// A record does not have the expected shape.
    #[error("the directory record of tenant {tenant} is malformed: {reason}")]
    Malformed {
        /// Whose record.
        tenant: TenantId,
        /// What is wrong with it.
        reason: String,
    },
    /// A key can't be derived.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Unavailable(_) => Self::unavailable("The tenant directory").with_source(error),
            error => Self::internal(error),
        }
    }
}

/// Finds tenants. One per process, shared.
pub struct Directory {
    memory: Memory,
    announced: Arc<Announced>,
    shared: SharedCache,
    view: View,
    replica: Replica,
    redis: Redis,
    clock: SharedClock,
    /// The view knows more than the replica: poll it now.
    outdated: Notify,
    /// The replica is complete.
    loaded: watch::Sender<bool>,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("memory", &self.memory).finish_non_exhaustive()
    }
}

impl Directory {
    /// A directory over `db`, the control database as role `nexus_directory`. Run [`Directory::listen`] beside it: without it, changes bite after 15 s
    /// instead of one, and Redis is not used as a cache. Run [`Directory::poll`], too: without it, only tenants that were asked for serve while the view is away.
    #[must_use]
    pub fn new(db: Db, redis: Redis, keyring: &TenantKeyring, clock: SharedClock) -> Self {
        Self {
            memory: Memory::default(),
            announced: Arc::default(),
            shared: SharedCache::new(redis.clone(), keyring.clone()),
            view: View::new(db, clock.clone()),
            replica: Replica::default(),
            redis,
            clock,
            outdated: Notify::new(),
            loaded: watch::Sender::new(false),
        }
    }

    /// The tenant with this id. `None`: there is none.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn by_id(&self, id: TenantId) -> Result<Option<Arc<DirectoryRecord>>, DirectoryError> {
        self.memory.find(id, &self.announced, || self.load(id)).await
    }

    /// Takes note that a tenant has changed: no older record is believed from now on.
    pub fn announce(&self, change: DirectoryChange) {
        self.announced.raise(change.tenant_id, change.epoch);
        if !self.replica.announce(change.tenant_id, change.epoch) {
            self.outdated.notify_one();
        }
        // It may have been asked for before it was there.
        self.memory.forget_absent();
    }

    /// Hears announcements until `shutdown`. Run it once per process.
    pub async fn listen(&self, shutdown: CancellationToken) {
        let mut subscription = self.redis.subscribe(&[DIRECTORY_CHANNEL]);
        while let Some(Some(incoming)) = shutdown.run_until_cancelled(subscription.next()).await {
            self.receive(&incoming);
        }
        self.announced.lost();
    }

    /// Takes in what a subscription to [`DIRECTORY_CHANNEL`] hears, for a process that listens on several channels at once.
    pub fn receive(&self, incoming: &Incoming) {
        match incoming {
            Incoming::Connected => {
                self.memory.outdate();
                self.announced.connected();
                self.outdated.notify_one();
            }
            Incoming::Lost => self.announced.lost(),
            Incoming::Message { channel, payload } if channel == DIRECTORY_CHANNEL => match serde_json::from_str(payload) {
                Ok(change) => self.announce(change),
                Err(error) => tracing::warn!(%error, "malformed message on the directory channel"),
            },
            Incoming::Message { .. } => {}
        }
    }

    /// Past memory: Redis, then the view, then the replica.
    async fn load(&self, id: TenantId) -> Result<Option<Found>, DirectoryError> {
        let use_redis = self.announced.is_current();
        if use_redis
            && let Some(record) = self.shared.get(id).await?
            && record.epoch >= self.announced.floor(record.tenant_id)
        {
            count("redis");
            return Ok(Some(Found::Current(Arc::new(record))));
        }
        let before = (self.announced.floor(id), self.replica.floor(id));
        let kept = self.replica.find(id).filter(|record| record.epoch >= before.0);
        match (self.view.find(id, kept.is_some()).await, kept) {
            (Ok(Some(record)), _) => {
                count("view");
                self.announced.settle(id, record.epoch, before.0);
                let record = self.replica.put(record, before.1);
                if use_redis && !is_being_set_up(&record) && record.epoch >= self.announced.floor(id) {
                    self.shared.put(id, &record).await?;
                }
                Ok(Some(Found::Current(record)))
            }
            (Ok(None), _) => {
                count("view");
                self.replica.remove(id);
                Ok(None)
            }
            // Announced while the view was asked: it may have been suspended.
            (Err(DirectoryError::Unavailable(_)), Some(record)) if record.epoch >= self.announced.floor(id) => {
                count(if self.replica.read_at().1 { "snapshot" } else { "replica" });
                Ok(Some(Found::Stale(record)))
            }
            (Err(error), _) => Err(error),
        }
    }
}

fn count(source: &'static str) {
    metrics::counter!("nexus_directory_lookups_total", "source" => source).increment(1);
}

#[cfg(test)]
mod tests;
