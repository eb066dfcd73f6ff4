//! Opening and closing one tenant's pool: the role and the unsealed password of the directory record, nothing else.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use nexus_infra::directory::DirectoryRecord;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::secrets::Keyring;
use nexus_infra::{ConnectSpec, Db};

use super::LeaseError;
use super::pools::{Limits, PoolOpener};

/// Where and as whom to connect: what makes two pools the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    tenant: nexus_core::TenantId,
    host: String,
    port: u16,
    database: String,
    role: String,
    secret_sealed: Vec<u8>,
}

impl Target {
    /// The target that a directory record names.
    pub(super) fn of(record: &DirectoryRecord) -> Self {
        Self {
            tenant: record.tenant_id,
            host: record.server_host.clone(),
            port: record.server_port,
            database: record.database.clone(),
            role: record.role.clone(),
            secret_sealed: record.secret_sealed.clone(),
        }
    }
}

/// Opens real pools. A commit that leaves work marks the tenant as dirty.
#[derive(Debug, Clone)]
pub struct DbOpener {
    keyring: Arc<Keyring>,
    dirty: Arc<DirtyTenants>,
    max_connections: u32,
    acquire_timeout: Duration,
    idle_timeout: Duration,
}

impl DbOpener {
    pub(super) fn new(keyring: Arc<Keyring>, dirty: Arc<DirtyTenants>, limits: &Limits) -> Self {
        Self { keyring, dirty, max_connections: limits.per_tenant, acquire_timeout: limits.acquire_timeout, idle_timeout: limits.idle_timeout }
    }
}

impl PoolOpener for DbOpener {
    type Target = Target;
    type Pool = Db;

    fn open(&self, target: Target) -> BoxFuture<'static, Result<Db, LeaseError>> {
        let opener = self.clone();
        Box::pin(async move {
            let secrets = opener.keyring.open_tenant(target.tenant, &target.secret_sealed)?;
            let spec = ConnectSpec::new(&target.host, target.port, &target.database, &target.role, &secrets.db_password)
                .max_connections(opener.max_connections)
                .acquire_timeout(opener.acquire_timeout)
                .idle_timeout(opener.idle_timeout);
            let db = Db::connect(&spec).await.map_err(|error| LeaseError::Open(Arc::new(error)))?;
            Ok(db.with_wake(opener.dirty.hook(Some(target.tenant))))
        })
    }

    /// Waits without a limit of its own, unlike `Db::close`: the budget may be reused only when the last connection is gone. Nobody
    /// holds a lease by now, and what was cut off in the middle of a statement ends by the role's statement time-out.
    fn close(&self, db: Db) -> BoxFuture<'static, ()> {
        Box::pin(async move { db.pool().close().await })
    }
}
