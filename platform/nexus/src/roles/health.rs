//! What `/readyz` and `/api/v1/health` ask: each dependency, within the time that nexus-web gives it.

use std::time::Duration;

use async_trait::async_trait;
use nexus_infra::Db;
use nexus_infra::object_store::ObjectStore;
use nexus_infra::redis::Redis;
use nexus_web::health::HealthCheck;

const PING: Duration = Duration::from_secs(2);
/// No bucket has this name: the question is whether the store answers.
const NO_BUCKET: &str = "nexus-health-check";

/// A database answers.
pub struct DatabaseCheck {
    name: &'static str,
    db: Db,
    required: bool,
}

impl DatabaseCheck {
    /// A check of this database.
    pub fn new(name: &'static str, db: Db, required: bool) -> Self {
        Self { name, db, required }
    }
}

#[async_trait]
impl HealthCheck for DatabaseCheck {
    fn name(&self) -> &'static str {
        self.name
    }

    fn required(&self) -> bool {
        self.required
    }

    async fn check(&self) -> Result<(), String> {
        self.db.ping(PING).await.map_err(|error| error.to_string())
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
        self.0.bucket_exists(NO_BUCKET).await.map(drop).map_err(|error| error.to_string())
    }
}
