//! The pool of pools: tenant → Postgres pool, opened on first use, under one connection budget for the process.
//!
//! # Invariants
//! 1. **Never above the budget.** A pool may open at most `tenant_max_connections` connections, and exists only while it holds that
//!    many permits of the budget's semaphore. The permits return to the budget after `close` has seen the last connection go, never
//!    before. So the sum of open connections is at most the sum of permits given out, under any interleaving.
//! 2. **One opening.** However many callers ask at once, a tenant's pool is opened by one task; a caller that gives up does not
//!    disturb it, and its failure answers every waiting caller (and those of the following second).
//! 3. **No pool is closed under a caller.** A caller holds a [`Lease`]; only a pool without leases is closed.
//! 4. **Fair.** Tenants wait for the budget first come, first served; callers of one tenant wait in its own pool's queue. When every
//!    pool is in use and others wait, the pool that has been open longest is *retired*: its callers finish, later ones queue up
//!    behind those who wait; if they don't finish soon, the next pool is retired as well. Every wait ends after `acquire_timeout` with [`LeaseError::Timeout`], a 503.
//! 5. **Requests have their half.** Background work keeps its leases for as long as it takes; so it may hold at most half of the pools, and
//!    pools in which it goes on are not retired for others. (A budget of one pool is shared.)
//! 6. **A new identity reopens.** When the directory record names another server, database, role or secret under a newer epoch, the
//!    old pool is retired and a new one opened.
//!
//! Deliberately not here: statement time-outs (they are settings of the tenant's role) and the directory.

mod open;
mod pools;

#[cfg(test)]
mod silent_tests;
#[cfg(test)]
mod tests;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use nexus_config::Settings;
use nexus_core::TenantId;
use nexus_infra::directory::DirectoryRecord;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::secrets::{SecretsError, TenantKeyring};
use nexus_infra::{Db, DbError};
use tokio_util::sync::CancellationToken;

use open::{DbOpener, ServersTls, Target};
use pools::Pools;
pub use pools::{Limits, PoolOpener, RegistryStats};

/// Why no connection could be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LeaseError {
    /// The budget stayed used up, or the opening took too long.
    #[error("no connection to the tenant's database within the time allowed")]
    Timeout,
    /// The server refused or could not be reached.
    #[error("the tenant's database can't be opened: {0}")]
    Open(Arc<DbError>),
    /// The record's secret could not be opened.
    #[error("the tenant's secret can't be opened")]
    Secret(#[from] SecretsError),
    /// The process is stopping.
    #[error("the runtime is shutting down")]
    ShuttingDown,
}

impl From<LeaseError> for DbError {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Open(cause) if matches!(*cause, Self::PoolTimeout) => Self::PoolTimeout,
            error => Self::Unavailable(Box::new(error)),
        }
    }
}

/// The tenants' pools of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registry {
    pools: Pools<DbOpener>,
}

/// A hold on a tenant's pool: while it lives, the pool stays open. Cheap to clone; give it back by dropping it.
#[derive(Debug, Clone)]
pub struct Lease {
    inner: pools::Lease<DbOpener>,
}

/// The tenant's database.
impl Deref for Lease {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.inner.pool()
    }
}

impl Registry {
    /// An empty registry. Call it inside a Tokio runtime, on which pools are then opened and closed.
    ///
    /// # Panics
    /// Outside a Tokio runtime (start-up).
    #[must_use]
    pub fn new(settings: &Settings, keyring: Arc<TenantKeyring>, dirty: Arc<DirtyTenants>) -> Self {
        let runtime = &settings.runtime;
        let limits = Limits {
            budget: runtime.connection_budget,
            per_tenant: runtime.tenant_max_connections,
            idle_timeout: Duration::from_secs(runtime.idle_timeout_s),
            acquire_timeout: Duration::from_millis(runtime.acquire_timeout_ms),
            residency: Duration::from_secs(1),
        };
        Self { pools: Pools::new(DbOpener::new(keyring, dirty, ServersTls::of(settings), &limits), limits, tokio::runtime::Handle::current()) }
    }

    /// A lease of the tenant's pool, opening it if need be.
    ///
    /// # Errors
    /// [`LeaseError`] within about `acquire_timeout`.
    pub async fn lease(&self, record: &DirectoryRecord) -> Result<Lease, LeaseError> {
        let inner = self.pools.lease(record.tenant_id, record.epoch, Target::of(record)).await?;
        Ok(Lease { inner })
    }

    /// A lease for work in the background, which may keep it for minutes: it also takes part of the background's share.
    ///
    /// # Errors
    /// [`LeaseError`] within about `acquire_timeout`.
    pub async fn lease_for_background(&self, record: &DirectoryRecord) -> Result<Lease, LeaseError> {
        let inner = self.pools.lease_for_background(record.tenant_id, record.epoch, Target::of(record)).await?;
        Ok(Lease { inner })
    }

    /// How many tenants' pools background work may hold at once.
    #[must_use]
    pub fn background_share(&self) -> usize {
        self.pools.background_share()
    }

    /// Retires the tenant's pool, if it is open: for a tenant that was suspended, moved or deleted.
    pub fn forget(&self, tenant: TenantId) {
        self.pools.forget(tenant);
    }

    /// Closes pools that nobody has used for `idle_timeout`, until `shutdown`.
    pub async fn run_sweeper(&self, shutdown: CancellationToken) {
        self.pools.run_sweeper(shutdown).await;
    }

    /// Lets nobody in any more and closes every pool, waiting at most `patience` for those in use.
    pub async fn shut_down(&self, patience: Duration) {
        self.pools.shut_down(patience).await;
    }

    /// How many pools and permits are in use now.
    #[must_use]
    pub fn stats(&self) -> RegistryStats {
        self.pools.stats()
    }
}
