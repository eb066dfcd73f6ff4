//! What `/readyz` and `/api/v1/health` ask: each dependency, within the time that nexus-web gives it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use nexus_infra::Db;
use nexus_infra::directory::Directory;
use nexus_infra::object_store::{ObjectStore, ObjectStoreError};
use nexus_infra::redis::Redis;
use nexus_web::health::HealthCheck;

const PING: Duration = Duration::from_secs(2);
/// Nobody waits longer for a database that the process does without: who asks for readiness has little patience, and the answer is yes.
const SPARE: Duration = Duration::from_millis(750);
/// How long the first read of the directory may take before the process is not ready.
const FIRST_READ: Duration = Duration::from_millis(1_500);
/// Nobody here has this bucket: the question is whether the store answers.
const NO_BUCKET: &str = "nexus-health-check";

/// A database answers.
pub struct DatabaseCheck {
    name: &'static str,
    db: Db,
    need: Need,
    answered: AtomicBool,
}

/// When nobody can be served without a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Always.
    Always,
    /// Until it has answered once; what was read then serves on.
    AtFirst,
}

impl DatabaseCheck {
    /// A check of this database.
    pub fn new(name: &'static str, db: Db, need: Need) -> Self {
        Self { name, db, need, answered: AtomicBool::new(false) }
    }
}

#[async_trait]
impl HealthCheck for DatabaseCheck {
    fn name(&self) -> &'static str {
        self.name
    }

    fn required(&self) -> bool {
        self.need == Need::Always || !self.answered.load(Ordering::Relaxed)
    }

    async fn check(&self) -> Result<(), String> {
        self.db.ping(if self.required() { PING } else { SPARE }).await.map_err(|error| error.to_string())?;
        self.answered.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// The directory can find tenants, and is current. The control database is not asked: whoever polls it knows how it is.
pub struct DirectoryCheck(Arc<Directory>);

impl DirectoryCheck {
    /// A check of this directory.
    pub fn new(directory: Arc<Directory>) -> Self {
        Self(directory)
    }
}

#[async_trait]
impl HealthCheck for DirectoryCheck {
    fn name(&self) -> &'static str {
        "directory"
    }

    /// What was read once, or lay in a snapshot, serves on.
    fn required(&self) -> bool {
        !self.0.status().is_loaded()
    }

    fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.0.status().away_since
    }

    async fn check(&self) -> Result<(), String> {
        let loaded = tokio::time::timeout(FIRST_READ, self.0.loaded()).await;
        match (loaded, self.0.status().away_since) {
            (_, Some(since)) => Err(format!("the control database can't be read since {since}")),
            (Err(_), None) => Err("the control database was not read yet".to_owned()),
            (Ok(()), None) => Ok(()),
        }
    }
}

/// Redis answers. Nothing is lost without it: never required.
pub struct RedisCheck(Redis);

impl RedisCheck {
    /// A check of this Redis.
    pub fn new(redis: Redis) -> Self {
        Self(redis)
    }
}

#[async_trait]
impl HealthCheck for RedisCheck {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn required(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<(), String> {
        self.0.ping().await.map_err(|error| error.to_string())
    }
}

/// The object store answers. Most requests do without it.
pub struct ObjectStoreCheck(ObjectStore);

impl ObjectStoreCheck {
    /// A check of this store.
    pub fn new(store: ObjectStore) -> Self {
        Self(store)
    }
}

#[async_trait]
impl HealthCheck for ObjectStoreCheck {
    fn name(&self) -> &'static str {
        "object_store"
    }

    fn required(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<(), String> {
        match self.0.bucket_exists(NO_BUCKET).await {
            // Names are everybody's on a public store: a stranger's bucket is an answer, too.
            Ok(_) | Err(ObjectStoreError::Denied) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}
