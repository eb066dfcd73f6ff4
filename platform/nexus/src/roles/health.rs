//! What `/readyz` and `/api/v1/health` ask: each dependency, within the time that nexus-web gives it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use nexus_infra::Db;
use nexus_infra::object_store::{ObjectStore, ObjectStoreError};
use nexus_infra::redis::Redis;
use nexus_web::health::HealthCheck;

const PING: Duration = Duration::from_secs(2);
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
        self.db.ping(PING).await.map_err(|error| error.to_string())?;
        self.answered.store(true, Ordering::Relaxed);
        Ok(())
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
