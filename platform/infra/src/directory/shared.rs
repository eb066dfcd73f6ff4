//! The cache in Redis: records that nobody else can have written, and nobody can have moved.

use std::time::Duration;

use nexus_core::TenantId;
use serde::{Deserialize, Serialize};

use super::{DirectoryError, DirectoryRecord};
use crate::redis::Redis;
use crate::secrets::{Sealer, TenantKeyring};

/// How long a record lies in Redis.
pub(super) const TTL: Duration = Duration::from_secs(15);

pub(super) struct SharedCache {
    redis: Redis,
    keyring: TenantKeyring,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    /// Id and epoch are inside, too, and must be those of the record.
    tenant_id: TenantId,
    epoch: i64,
    record: DirectoryRecord,
}

impl SharedCache {
    pub(super) fn new(redis: Redis, keyring: TenantKeyring) -> Self {
        Self { redis, keyring }
    }

    /// What lies there, if it can be believed. A dead Redis is an empty one.
    pub(super) async fn get(&self, tenant: TenantId) -> Result<Option<DirectoryRecord>, DirectoryError> {
        let Ok(Some(sealed)) = self.redis.get(&redis_key(tenant)).await else { return Ok(None) };
        let record = open(&sealer(&self.keyring, tenant)?, tenant, &sealed);
        if record.is_none() {
            tracing::warn!(tenant = %tenant, "a directory record in Redis was refused");
        }
        Ok(record)
    }

    pub(super) async fn put(&self, tenant: TenantId, record: &DirectoryRecord) -> Result<(), DirectoryError> {
        let sealed = seal(&sealer(&self.keyring, tenant)?, tenant, record)?;
        if let Err(error) = self.redis.set(&redis_key(tenant), &sealed, TTL).await {
            tracing::debug!(%error, "a directory record was not put into Redis");
        }
        Ok(())
    }
}

fn redis_key(tenant: TenantId) -> String {
    format!("nexus:directory:id:{tenant}")
}

/// One per tenant: records are sealed without end, and nonces of one key are not.
pub(super) fn sealer(keyring: &TenantKeyring, tenant: TenantId) -> Result<Sealer, DirectoryError> {
    Ok(keyring.sealer(&format!("directory/id:{tenant}"))?)
}

pub(super) fn seal(sealer: &Sealer, tenant: TenantId, record: &DirectoryRecord) -> Result<Vec<u8>, DirectoryError> {
    let content = Sealed { tenant_id: record.tenant_id, epoch: record.epoch, record: record.clone() };
    let malformed = |error: serde_json::Error| DirectoryError::Malformed { tenant: record.tenant_id, reason: error.to_string() };
    let content = serde_json::to_vec(&content).map_err(malformed)?;
    Ok(sealer.seal(tenant.to_string().as_bytes(), &content)?)
}

/// `None` for anything that was not sealed here for this very tenant.
pub(super) fn open(sealer: &Sealer, tenant: TenantId, sealed: &[u8]) -> Option<DirectoryRecord> {
    let content = sealer.open(tenant.to_string().as_bytes(), sealed).ok()?;
    let Sealed { tenant_id, epoch, record } = serde_json::from_slice(&content).ok()?;
    let itself = tenant_id == record.tenant_id && epoch == record.epoch;
    (itself && tenant_id == tenant).then_some(record)
}
