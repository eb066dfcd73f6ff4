//! The pool of pools: tenant → connections to its database, opened on first use, under one connection budget for the process.
//!
//! Two kinds of holds draw on the budget. A request leases one connection for itself, for as long as it uses the database (`requests`). Background work
//! leases its tenant's pool of several connections, for as long as it takes (`work`).
//!
//! # Invariants
//! 1. **Never above the budget.** A connection is opened only with a permit of the budget in hand, and the permit returns after `close` has seen the
//!    connection go, never before. So there are never more connections than permits, under any interleaving.
//! 2. **As many as are needed.** A tenant has as many connections as its callers use at once, at most `tenant_max_connections`: so as many tenants as
//!    the budget has connections can be served without opening one.
//! 3. **No more openings than callers.** A tenant whose callers ask at once gets as many openings as there are of them, up to its bound and while the budget
//!    has permits left; a caller that gives up does not disturb one. Once one has failed, no further one is begun for a second; when none of them succeeds
//!    and nothing is open, the failure answers every waiting caller (and those of that second).
//! 4. **Nothing is closed under a caller.** What is leased is closed when it is given back.
//! 5. **Fair.** Tenants wait for the budget first come, first served; callers of one tenant wait in its own queue, where those whose thread opened what is given back may go some milliseconds ahead. No more than `tenant_max_waiting` wait for one tenant: the next is refused at once ([`LeaseError::Busy`]). Who waits for the
//!    budget gets what has rested for longest; when nothing rests, what is given back first by a tenant that has more than one, or that has had
//!    its only one for a while. All waits of a request together end after `acquire_timeout` with [`LeaseError::Timeout`], a 503.
//! 6. **Requests have their half.** Background work may hold at most half of what the budget could hold of its pools.
//! 7. **A new identity reopens.** When the directory record names another address, database, role or secret under a newer epoch, what is open is retired. The
//!    control database raises the epoch with each of them, with a server's address that of all its tenants; an older or equal epoch brings nothing back.
//!
//! Deliberately not here: statement time-outs (they are settings of the tenant's role) and the directory.

mod budget;
mod failures;
mod meters;
mod open;
mod patience;
mod requests;
mod work;

#[cfg(test)]
mod moved_tests;
#[cfg(test)]
mod silent_tests;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use nexus_config::Settings;
use nexus_infra::directory::DirectoryRecord;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::secrets::{SecretsError, TenantKeyring};
use nexus_infra::{Db, DbError};
use tokio::runtime::Handle;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

use budget::Budget;
use open::{DbOpener, ServersTls, Target};
pub(crate) use patience::Patience;
use requests::Requests;
use work::Work;

/// Opens and closes connections of one kind; tests bring a fake one.
trait PoolOpener: Send + Sync + 'static {
    /// Where to connect; equal targets are served alike.
    type Target: Clone + PartialEq + Send + Sync + 'static;
    /// A pool, cheap to clone.
    type Pool: Clone + Send + Sync + 'static;

    /// Opens a pool of at most so many connections and proves that it reaches its target.
    fn open(&self, target: Self::Target, connections: u32) -> BoxFuture<'static, Result<Self::Pool, LeaseError>>;

    /// Closes a pool; ready when its last connection is gone.
    fn close(&self, pool: Self::Pool) -> BoxFuture<'static, ()>;
}

/// The bounds of a registry.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Connections of the whole process.
    budget: u32,
    /// Connections of one tenant for requests.
    per_tenant: u32,
    /// Requests that may wait for one tenant's connections.
    waiting: usize,
    /// Connections of one tenant's pool for background work.
    background: u32,
    /// What is unused for this long is closed.
    idle_timeout: Duration,
    /// A caller waits at most this long.
    acquire_timeout: Duration,
    /// A tenant whose callers queue keeps its only connection for this long while others wait.
    residency: Duration,
}

/// A registry in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryStats {
    /// Tenants that have connections for requests, and pools for background work.
    pub pools: usize,
    /// Connections and pools on their way out.
    pub leaving: usize,
    /// Tenants, or their work, waiting for the budget.
    pub waiting: usize,
    /// Permits of the budget given out: an upper bound of the open connections.
    pub reserved: usize,
}

/// Why no connection could be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LeaseError {
    /// The budget stayed used up, or the opening took too long.
    #[error("no connection to the tenant's database within the time allowed")]
    Timeout,
    /// Too many wait for the tenant's connections already.
    #[error("too many wait for the tenant's database")]
    Busy,
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

/// Connections are opened and closed in tasks of their own, so that whatever happens in one, its permit is accounted for.
impl From<JoinError> for LeaseError {
    fn from(error: JoinError) -> Self {
        // Without a panic, its thread is gone.
        if error.is_panic() { Self::Open(Arc::new(DbError::other("a connection's opening panicked"))) } else { Self::ShuttingDown }
    }
}

impl From<LeaseError> for DbError {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Open(cause) if matches!(*cause, Self::PoolTimeout) => Self::PoolTimeout,
            LeaseError::Busy => Self::PoolTimeout,
            error => Self::Unavailable(Box::new(error)),
        }
    }
}

/// The tenants' connections of this process. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    pools: Pools<DbOpener>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("stats", &self.stats()).finish()
    }
}

/// A hold on a tenant's database; give it back by dropping it. Cheap to clone; clones share what is held.
#[derive(Debug, Clone)]
pub struct Lease {
    db: Db,
    _hold: Hold,
}

#[derive(Debug, Clone)]
enum Hold {
    Request(#[expect(dead_code, reason = "held, not read")] Arc<requests::Lease<DbOpener>>),
    Work(#[expect(dead_code, reason = "held, not read")] Arc<work::Lease<DbOpener>>),
}

/// The tenant's database.
impl Deref for Lease {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

/// Both kinds of holds, over one budget.
struct Pools<O: PoolOpener> {
    budget: Arc<Budget>,
    requests: Requests<O>,
    work: Work<O>,
    idle_timeout: Duration,
}

impl<O: PoolOpener> Clone for Pools<O> {
    fn clone(&self) -> Self {
        Self { budget: Arc::clone(&self.budget), requests: self.requests.clone(), work: self.work.clone(), idle_timeout: self.idle_timeout }
    }
}

impl<O: PoolOpener> Pools<O> {
    fn new(opener: O, limits: Limits, handle: Handle) -> Self {
        let (opener, budget) = (Arc::new(opener), Arc::new(Budget::new(limits.budget)));
        let requests = Requests::new(Arc::clone(&opener), limits, Arc::clone(&budget), handle.clone());
        let work = Work::new(opener, &limits, Arc::clone(&budget), handle);
        budget.held_by(vec![requests.holder(), work.holder()]);
        Self { budget, requests, work, idle_timeout: limits.idle_timeout }
    }

    fn stats(&self) -> RegistryStats {
        let ((tenants, leaving), (pools, pools_leaving)) = (self.requests.stats(), self.work.stats());
        RegistryStats { pools: tenants + pools, leaving: leaving + pools_leaving, waiting: self.budget.waiting(), reserved: self.budget.reserved() }
    }

    fn sweep(&self) {
        self.requests.sweep();
        self.work.sweep();
        self.budget.report();
    }

    async fn run_sweeper(&self, shutdown: CancellationToken) {
        let every = (self.idle_timeout / 4).clamp(Duration::from_millis(100), Duration::from_secs(30));
        while shutdown.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
            self.sweep();
        }
    }

    async fn shut_down(&self, patience: Duration) {
        let pools = self.stats().pools;
        self.budget.close();
        self.requests.stop();
        self.work.stop();
        let drained = async {
            self.requests.drained().await;
            self.work.drained().await;
        };
        match tokio::time::timeout(patience, drained).await {
            Ok(()) => tracing::info!(pools, "the tenants' connections are closed"),
            Err(_) => tracing::warn!(stats = ?self.stats(), "connections were still in use when the runtime stopped"),
        }
    }
}

impl Registry {
    /// An empty registry. Call it inside a Tokio runtime, on which connections are then opened and closed.
    ///
    /// # Panics
    /// Outside a Tokio runtime (start-up).
    #[must_use]
    pub fn new(settings: &Settings, keyring: Arc<TenantKeyring>, dirty: Arc<DirtyTenants>) -> Self {
        let runtime = &settings.runtime;
        let limits = Limits {
            budget: runtime.connection_budget,
            per_tenant: runtime.tenant_max_connections,
            waiting: runtime.tenant_max_waiting,
            background: runtime.background_connections(),
            idle_timeout: Duration::from_secs(runtime.idle_timeout_s),
            acquire_timeout: Duration::from_millis(runtime.acquire_timeout_ms),
            residency: Duration::from_secs(1),
        };
        Self { pools: Pools::new(DbOpener::new(keyring, dirty, ServersTls::of(settings), &limits), limits, Handle::current()) }
    }

    /// One of the tenant's connections for this caller alone, opening it if need be.
    ///
    /// # Errors
    /// [`LeaseError`] within about `acquire_timeout`.
    pub async fn lease(&self, record: &DirectoryRecord) -> Result<Lease, LeaseError> {
        self.lease_within(record, &Patience::default()).await
    }

    /// The same for a request that may have waited already.
    pub(crate) async fn lease_within(&self, record: &DirectoryRecord, patience: &Patience) -> Result<Lease, LeaseError> {
        let lease = self.pools.requests.lease_within(record.tenant_id, record.epoch, &Target::of(record), patience).await?;
        let db = lease.pool().cloned().ok_or(LeaseError::ShuttingDown)?;
        Ok(Lease { db, _hold: Hold::Request(Arc::new(lease)) })
    }

    /// A lease of several connections for work in the background, which may keep it for minutes: it takes part of the background's share.
    ///
    /// # Errors
    /// [`LeaseError`] within about `acquire_timeout`.
    pub async fn lease_for_background(&self, record: &DirectoryRecord) -> Result<Lease, LeaseError> {
        let lease = self.pools.work.lease(record.tenant_id, record.epoch, &Target::of(record)).await?;
        Ok(Lease { db: lease.pool().clone(), _hold: Hold::Work(Arc::new(lease)) })
    }

    /// How many tenants' pools background work may hold at once.
    #[must_use]
    pub fn background_share(&self) -> usize {
        self.pools.work.share()
    }

    /// Closes what nobody has used for `idle_timeout`, until `shutdown`.
    pub async fn run_sweeper(&self, shutdown: CancellationToken) {
        self.pools.run_sweeper(shutdown).await;
    }

    /// Lets nobody in any more and closes everything, waiting at most `patience` for what is in use.
    pub async fn shut_down(&self, patience: Duration) {
        self.pools.shut_down(patience).await;
    }

    /// How much is in use now.
    #[must_use]
    pub fn stats(&self) -> RegistryStats {
        self.pools.stats()
    }
}
