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
/// Nobody waits longer for what the process does without: who asks for readiness has little patience, and the answer is yes.
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

/// The object store answers. Most requests do without it; organizations are not made, and files not moved.
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
        match tokio::time::timeout(SPARE, self.0.bucket_exists(NO_BUCKET)).await {
            // Names are everybody's on a public store: a stranger's bucket is an answer, too.
            Ok(Ok(_) | Err(ObjectStoreError::Denied)) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use nexus_config::Settings;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::Instant;

    use super::*;

    async fn store_that(answers: Option<&'static [u8]>) -> ObjectStoreCheck {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut settings = Settings::development().s3;
        settings.endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
        // As in a tenant runtime whose tenants have keys of their own.
        (settings.access_key, settings.secret_key) = (String::new(), String::new().into());
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                if let Some(answer) = answers {
                    assert!(stream.read(&mut [0; 4_096]).await.unwrap() > 0);
                    stream.write_all(answer).await.unwrap();
                }
                silent.push(stream);
            }
        });
        ObjectStoreCheck::new(ObjectStore::admin(&settings))
    }

    #[tokio::test]
    async fn a_store_that_refuses_answers_and_one_that_is_silent_fails_before_a_probe_loses_patience() {
        let refusing = store_that(Some(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")).await;
        assert!(!refusing.required());
        refusing.check().await.unwrap();
        let silent = store_that(None).await;
        let since = Instant::now();
        assert!(silent.check().await.is_err());
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    }
}
