//! The directory: from a tenant's id to everything a request needs to reach its tenant.
//!
//! Memory (15 s; 1 s while the tenant is being set up) → Redis (15 s, sealed) → the view `directory` of the control database. One read per key at a time; when the view can't be read, the last
//! known record serves for up to an hour. A change of a tenant raises its epoch and is told on [`DIRECTORY_CHANNEL`]; from then on no older record is
//! believed, so that a suspension bites within a second.
//!
//! Invariants:
//! - A record from Redis was sealed by this platform, for exactly the id it was looked up by, and names itself with the same id and epoch inside: who
//!   writes into Redis can't point one tenant at another's database.
//! - A record from Redis or from memory with a lower epoch than was ever announced or seen is refused. What the view says is the truth.
//! - Redis is read only while announcements are heard; otherwise it may be older than what was missed.
//! - Unknown ids are remembered for 5 s, in a bounded cache of their own: they can't push out tenants.
//!
//! Deliberately not here: hosts and slugs (the token names the tenant; the runtime compares the rest with its record) and opening the tenant's secrets ([`crate::secrets`]).

mod announced;
mod memory;
mod record;
mod shared;
mod view;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use nexus_core::{Problem, TenantId};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::postgres::Db;
use crate::redis::{Incoming, Redis};
use crate::secrets::{SecretsError, TenantKeyring};
use announced::Announced;
use memory::{Memory, is_being_set_up};
pub use record::DirectoryRecord;
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
    redis: Redis,
    active: RwLock<Option<Vec<TenantId>>>,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("memory", &self.memory).finish_non_exhaustive()
    }
}

impl Directory {
    /// A directory over `db`, the control database as role `nexus_directory`. Run [`Directory::listen`] beside it: without it, changes bite after 15 s
    /// instead of one, and Redis is not used as a cache.
    #[must_use]
    pub fn new(db: Db, redis: Redis, keyring: &TenantKeyring) -> Self {
        Self {
            memory: Memory::default(),
            announced: Arc::default(),
            shared: SharedCache::new(redis.clone(), keyring.clone()),
            view: View::new(db),
            redis,
            active: RwLock::default(),
        }
    }

    /// The tenant with this id. `None`: there is none.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn by_id(&self, id: TenantId) -> Result<Option<Arc<DirectoryRecord>>, DirectoryError> {
        self.memory.find(id, &self.announced, || self.load(id)).await
    }

    /// The tenants whose background work should run: those in use, read-only ones included. When the view can't be read, as they were last.
    ///
    /// # Errors
    /// [`DirectoryError::Unavailable`] when the view can't be read and never could.
    pub async fn list_active(&self) -> Result<Vec<TenantId>, DirectoryError> {
        match self.view.active().await {
            Ok(found) => {
                *self.active.write().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
                Ok(found)
            }
            Err(error) => match self.active.read().unwrap_or_else(PoisonError::into_inner).clone() {
                Some(last) => {
                    tracing::debug!(%error, "the list of tenants can't be read; the last one serves");
                    Ok(last)
                }
                None => Err(error),
            },
        }
    }

    /// Takes note that a tenant has changed: no older record is believed from now on.
    pub fn announce(&self, change: DirectoryChange) {
        self.announced.raise(change.tenant_id, change.epoch);
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
            }
            Incoming::Lost => self.announced.lost(),
            Incoming::Message { channel, payload } if channel == DIRECTORY_CHANNEL => match serde_json::from_str(payload) {
                Ok(change) => self.announce(change),
                Err(error) => tracing::warn!(%error, "malformed message on the directory channel"),
            },
            Incoming::Message { .. } => {}
        }
    }

    /// Past memory: Redis, then the view.
    async fn load(&self, id: TenantId) -> Result<Option<DirectoryRecord>, DirectoryError> {
        let use_redis = self.announced.is_current();
        if use_redis
            && let Some(record) = self.shared.get(id).await?
            && record.epoch >= self.announced.floor(record.tenant_id)
        {
            count("redis");
            return Ok(Some(record));
        }
        let before = self.announced.floor(id);
        let found = self.view.find(id).await?;
        count("view");
        if let Some(record) = &found {
            self.announced.settle(record.tenant_id, record.epoch, before);
            if use_redis && !is_being_set_up(record) && record.epoch >= self.announced.floor(id) {
                self.shared.put(id, record).await?;
            }
        }
        Ok(found)
    }
}

fn count(source: &'static str) {
    metrics::counter!("nexus_directory_lookups_total", "source" => source).increment(1);
}
