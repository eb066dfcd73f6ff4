//! The budget logic, apart from Postgres: see the invariants of the parent module.
//!
//! - here: what a pool's life is made of, and the lease;
//! - `opening`: permits first, then the connection;
//! - `background`: how much of the budget work in the background may hold;
//! - `leaving`: which pool gives way, and its end.

mod background;
mod leaving;
mod opening;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use nexus_core::TenantId;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::LeaseError;
use background::{Background, Part};

/// After a failed opening, callers get the same answer for this long: a dead server is not stormed.
const FAILURE_MEMORY: Duration = Duration::from_secs(1);

/// Opens and closes pools of one kind; tests bring a fake one.
pub trait PoolOpener: Send + Sync + 'static {
    /// Where to connect; two equal targets are served by one pool.
    type Target: Clone + PartialEq + Send + Sync + 'static;
    /// A pool, cheap to clone.
    type Pool: Clone + Send + Sync + 'static;

    /// Opens a pool and proves that it reaches its target.
    fn open(&self, target: Self::Target) -> BoxFuture<'static, Result<Self::Pool, LeaseError>>;

    /// Closes a pool; ready when its last connection is gone.
    fn close(&self, pool: Self::Pool) -> BoxFuture<'static, ()>;
}

/// The bounds of a registry.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections of the whole process.
    pub budget: u32,
    /// Connections of one tenant's pool.
    pub per_tenant: u32,
    /// A pool unused for this long is closed.
    pub idle_timeout: Duration,
    /// A caller waits at most this long.
    pub acquire_timeout: Duration,
    /// A pool in use is not retired before it has been open for this long; one still in use this long after it was is no room to come.
    pub residency: Duration,
}

/// A registry in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistryStats {
    /// Pools that serve or are being opened.
    pub pools: usize,
    /// Pools on their way out.
    pub leaving: usize,
    /// Tenants waiting for the budget.
    pub waiting: usize,
    /// Permits of the budget given out: an upper bound of the open connections.
    pub reserved: usize,
}

type Opened<P> = Option<Result<P, LeaseError>>;
type Opening<O> = watch::Receiver<Opened<<O as PoolOpener>::Pool>>;

/// One pool's life: opening → open → (retired →) closed.
struct Entry<O: PoolOpener> {
    generation: u64,
    target: O::Target,
    epoch: i64,
    opened: Opening<O>,
    /// The pool and its permits, once open.
    open: Option<(O::Pool, OwnedSemaphorePermit)>,
    leases: usize,
    opened_at: Instant,
    last_used: Instant,
    retired_at: Option<Instant>,
}

struct State<O: PoolOpener> {
    serving: HashMap<TenantId, Entry<O>>,
    /// Retired, still leased; by generation.
    retired: HashMap<u64, Entry<O>>,
    /// Being closed: out of both maps, permits not yet returned.
    closing: usize,
    waiting: usize,
    next_generation: u64,
    failures: HashMap<TenantId, (O::Target, LeaseError, Instant)>,
    stopped: bool,
}

struct Shared<O: PoolOpener> {
    opener: O,
    limits: Limits,
    permits: u32,
    budget: Arc<Semaphore>,
    background: Background,
    state: Mutex<State<O>>,
    /// Rung when a pool has been closed.
    closed: Notify,
    handle: Handle,
}

/// The pools of a process; see the parent module.
pub struct Pools<O: PoolOpener>(Arc<Shared<O>>);

impl<O: PoolOpener> Clone for Pools<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<O: PoolOpener> fmt::Debug for Pools<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pools").field("stats", &self.stats()).finish()
    }
}

/// A counted hold on one generation of a tenant's pool.
struct Hold<O: PoolOpener> {
    pools: Pools<O>,
    tenant: TenantId,
    generation: u64,
}

impl<O: PoolOpener> Drop for Hold<O> {
    fn drop(&mut self) {
        self.pools.release(self.tenant, self.generation);
    }
}

/// A hold on an open pool.
pub struct Lease<O: PoolOpener> {
    hold: Arc<Hold<O>>,
    pool: O::Pool,
    /// Goes after the hold.
    part: Option<Part>,
}

impl<O: PoolOpener> Clone for Lease<O> {
    fn clone(&self) -> Self {
        Self { hold: Arc::clone(&self.hold), pool: self.pool.clone(), part: self.part.clone() }
    }
}

impl<O: PoolOpener> fmt::Debug for Lease<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("tenant", &self.hold.tenant).field("generation", &self.hold.generation).finish()
    }
}

impl<O: PoolOpener> Lease<O> {
    /// The pool.
    pub fn pool(&self) -> &O::Pool {
        &self.pool
    }
}

impl<O: PoolOpener> Pools<O> {
    /// An empty registry that opens and closes on `handle`.
    pub fn new(opener: O, limits: Limits, handle: Handle) -> Self {
        // A pool larger than the whole budget could never open.
        let permits = limits.per_tenant.clamp(1, limits.budget.max(1));
        let budget = Arc::new(Semaphore::new(limits.budget.max(1) as usize));
        let background = Background::of(limits.budget.max(1) / permits);
        let state = State {
            serving: HashMap::new(),
            retired: HashMap::new(),
            closing: 0,
            waiting: 0,
            next_generation: 0,
            failures: HashMap::new(),
            stopped: false,
        };
        Self(Arc::new(Shared { opener, limits, permits, budget, background, state: Mutex::new(state), closed: Notify::new(), handle }))
    }

    fn lock(&self) -> MutexGuard<'_, State<O>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lease of `tenant`'s pool at `target`, opening it if need be.
    pub async fn lease(&self, tenant: TenantId, epoch: i64, target: O::Target) -> Result<Lease<O>, LeaseError> {
        self.lease_until(Instant::now() + self.0.limits.acquire_timeout, tenant, epoch, target).await
    }

    /// A lease that may be kept for long: it takes a part of the background's share first.
    pub async fn lease_for_background(&self, tenant: TenantId, epoch: i64, target: O::Target) -> Result<Lease<O>, LeaseError> {
        let deadline = Instant::now() + self.0.limits.acquire_timeout;
        let part = self.0.background.enter(tenant, deadline).await?;
        let lease = self.lease_until(deadline, tenant, epoch, target).await?;
        Ok(Lease { part: Some(part), ..lease })
    }

    /// How many tenants' pools background work may hold at once.
    pub fn background_share(&self) -> usize {
        self.0.background.tenants()
    }

    async fn lease_until(&self, deadline: Instant, tenant: TenantId, epoch: i64, target: O::Target) -> Result<Lease<O>, LeaseError> {
        loop {
            let (hold, mut opened) = self.hold(tenant, epoch, target.clone())?;
            let ready = tokio::time::timeout_at(deadline, opened.wait_for(Option::is_some)).await;
            let outcome = match ready {
                Ok(Ok(outcome)) => outcome.clone(),
                // The opening task is gone without a word: the process is stopping.
                Ok(Err(_)) => return Err(LeaseError::ShuttingDown),
                Err(_) => return Err(LeaseError::Timeout),
            };
            match outcome {
                Some(Ok(pool)) => return Ok(Lease { hold: Arc::new(hold), pool, part: None }),
                // It was begun for somebody who has waited longer: there is time for another try.
                Some(Err(LeaseError::Timeout)) | None if Instant::now() < deadline => {}
                Some(Err(error)) => return Err(error),
                None => return Err(LeaseError::Timeout),
            }
        }
    }

    /// Counts a hold on the tenant's present pool, starting its opening if there is none.
    fn hold(&self, tenant: TenantId, epoch: i64, target: O::Target) -> Result<(Hold<O>, Opening<O>), LeaseError> {
        let mut state = self.lock();
        if state.stopped {
            return Err(LeaseError::ShuttingDown);
        }
        let outdated = state.serving.get(&tenant).is_some_and(|entry| entry.target != target && entry.epoch < epoch);
        if outdated {
            self.retire(&mut state, tenant, "identity");
        }
        if let Some(entry) = state.serving.get_mut(&tenant) {
            entry.leases += 1;
            let opened = entry.opened.clone();
            return Ok((Hold { pools: self.clone(), tenant, generation: entry.generation }, opened));
        }
        if let Some((failed, error, at)) = state.failures.get(&tenant) {
            if *failed == target && at.elapsed() < FAILURE_MEMORY {
                return Err(error.clone());
            }
            state.failures.remove(&tenant);
        }
        let generation = state.next_generation;
        state.next_generation += 1;
        let (sender, opened) = watch::channel(None);
        let now = Instant::now();
        let entry = Entry {
            generation,
            target: target.clone(),
            epoch,
            opened: opened.clone(),
            open: None,
            leases: 1,
            opened_at: now,
            last_used: now,
            retired_at: None,
        };
        state.serving.insert(tenant, entry);
        drop(state);
        let pools = self.clone();
        self.0.handle.spawn(async move { pools.open(tenant, generation, target, sender).await });
        Ok((Hold { pools: self.clone(), tenant, generation }, opened))
    }

    /// The registry in figures.
    pub fn stats(&self) -> RegistryStats {
        let state = self.lock();
        RegistryStats { pools: state.serving.len(), leaving: state.closing + state.retired.len(), waiting: state.waiting, reserved: self.reserved() }
    }

    fn reserved(&self) -> usize {
        (self.0.limits.budget.max(1) as usize).saturating_sub(self.0.budget.available_permits())
    }

    fn report(&self, state: &State<O>) {
        metrics::gauge!("tenant_pools_open").set(state.serving.len() as f64);
        metrics::gauge!("tenant_pool_connections_reserved").set(self.reserved() as f64);
        metrics::gauge!("tenant_pool_waiting_tenants").set(state.waiting as f64);
    }
}

impl<O: PoolOpener> State<O> {
    /// The entry of one generation, whether it serves or is retired.
    fn entry(&mut self, tenant: TenantId, generation: u64) -> Option<&mut Entry<O>> {
        match self.serving.get_mut(&tenant) {
            Some(entry) if entry.generation == generation => Some(entry),
            _ => self.retired.get_mut(&generation),
        }
    }
    /// Retired pools whose callers are likely to finish soon: whoever has not by now keeps the pool for long.
    fn soon_free(&self, residency: Duration) -> usize {
        self.retired.values().filter(|entry| entry.retired_at.is_none_or(|at| at.elapsed() < residency)).count()
    }
}
