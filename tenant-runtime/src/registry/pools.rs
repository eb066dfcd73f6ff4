//! The budget logic, apart from Postgres: see the invariants of the parent module.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use nexus_core::TenantId;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::LeaseError;

/// After a failed opening, callers get the same answer for this long: a dead server is not stormed.
const FAILURE_MEMORY: Duration = Duration::from_secs(1);
/// How often a tenant waiting for the budget looks for a pool to give way.
const LOOK_FOR_ROOM: Duration = Duration::from_millis(50);

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
    /// A pool in use is not retired before it has been open for this long.
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
    cut_off: bool,
}

struct Shared<O: PoolOpener> {
    opener: O,
    limits: Limits,
    permits: u32,
    budget: Arc<Semaphore>,
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
}

impl<O: PoolOpener> Clone for Lease<O> {
    fn clone(&self) -> Self {
        Self { hold: Arc::clone(&self.hold), pool: self.pool.clone() }
    }
}

impl<O: PoolOpener> fmt::Debug for Lease<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("tenant", &self.hold.tenant).field("generation", &self.hold.generation).finish()
    }
}

impl<O: PoolOpener> Lease<O> {
    /// The pool, whatever happens to the process.
    pub fn raw(&self) -> &O::Pool {
        &self.pool
    }

    /// The pool; none when the process stops and its patience with those inside is over.
    pub fn pool(&self) -> Option<&O::Pool> {
        (!self.hold.pools.lock().cut_off).then_some(&self.pool)
    }
}

impl<O: PoolOpener> Pools<O> {
    /// An empty registry that opens and closes on `handle`.
    pub fn new(opener: O, limits: Limits, handle: Handle) -> Self {
        // A pool larger than the whole budget could never open.
        let permits = limits.per_tenant.clamp(1, limits.budget.max(1));
        let budget = Arc::new(Semaphore::new(limits.budget.max(1) as usize));
        let state = State {
            serving: HashMap::new(),
            retired: HashMap::new(),
            closing: 0,
            waiting: 0,
            next_generation: 0,
            failures: HashMap::new(),
            stopped: false,
            cut_off: false,
        };
        Self(Arc::new(Shared { opener, limits, permits, budget, state: Mutex::new(state), closed: Notify::new(), handle }))
    }

    fn lock(&self) -> MutexGuard<'_, State<O>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lease of `tenant`'s pool at `target`, opening it if need be.
    pub async fn lease(&self, tenant: TenantId, epoch: i64, target: O::Target) -> Result<Lease<O>, LeaseError> {
        let deadline = Instant::now() + self.0.limits.acquire_timeout;
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
                Some(Ok(pool)) => return Ok(Lease { hold: Arc::new(hold), pool }),
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
        let entry =
            Entry { generation, target: target.clone(), epoch, opened: opened.clone(), open: None, leases: 1, opened_at: now, last_used: now };
        state.serving.insert(tenant, entry);
        drop(state);
        let pools = self.clone();
        self.0.handle.spawn(async move { pools.open(tenant, generation, target, sender).await });
        Ok((Hold { pools: self.clone(), tenant, generation }, opened))
    }

    /// The one opening of a generation: permits first, then the connection.
    async fn open(&self, tenant: TenantId, generation: u64, target: O::Target, sender: watch::Sender<Opened<O::Pool>>) {
        let started = Instant::now();
        let outcome = match self.reserve(started + self.0.limits.acquire_timeout).await {
            Err(error) => Err(error),
            Ok(permit) => self.0.opener.open(target.clone()).await.map(|pool| (pool, permit)),
        };
        metrics::histogram!("tenant_pool_open_seconds").record(started.elapsed());
        metrics::counter!("tenant_pool_opens_total", "outcome" => if outcome.is_ok() { "opened" } else { "failed" }).increment(1);
        let mut state = self.lock();
        let announced = match outcome {
            Ok((pool, permit)) => {
                let now = Instant::now();
                if let Some(entry) = state.entry(tenant, generation) {
                    entry.open = Some((pool.clone(), permit));
                    entry.opened_at = now;
                    entry.last_used = now;
                    state.failures.remove(&tenant);
                    Ok(pool)
                } else {
                    // Shut down meanwhile: nobody will ever see this pool.
                    self.close_later(&mut state, pool, permit);
                    Err(LeaseError::ShuttingDown)
                }
            }
            Err(error) => {
                if state.serving.get(&tenant).is_some_and(|entry| entry.generation == generation) {
                    state.serving.remove(&tenant);
                }
                state.retired.remove(&generation);
                if !matches!(error, LeaseError::Timeout | LeaseError::ShuttingDown) {
                    tracing::warn!(%tenant, %error, "a tenant's database can't be opened");
                    state.failures.insert(tenant, (target, error.clone(), Instant::now()));
                }
                Err(error)
            }
        };
        // Whoever waited may have given up, or the generation may have been retired while it was opening.
        self.settle(&mut state, tenant, generation);
        self.make_room(&mut state);
        self.report(&state);
        drop(state);
        sender.send_replace(Some(announced));
    }

    /// Permits for one pool, until `deadline`; makes others give way meanwhile.
    async fn reserve(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, LeaseError> {
        if let Ok(permit) = Arc::clone(&self.0.budget).try_acquire_many_owned(self.0.permits) {
            return Ok(permit);
        }
        let _waiting = Waiting::of(self);
        let acquired = Arc::clone(&self.0.budget).acquire_many_owned(self.0.permits);
        tokio::pin!(acquired);
        loop {
            self.make_room(&mut self.lock());
            tokio::select! {
                biased;
                permit = &mut acquired => return permit.map_err(|_| LeaseError::ShuttingDown),
                () = tokio::time::sleep_until(deadline) => {
                    metrics::counter!("tenant_pool_budget_timeouts_total").increment(1);
                    return Err(LeaseError::Timeout);
                }
                () = tokio::time::sleep(LOOK_FOR_ROOM) => {}
            }
        }
    }

    fn release(&self, tenant: TenantId, generation: u64) {
        let mut state = self.lock();
        if let Some(entry) = state.entry(tenant, generation) {
            entry.leases = entry.leases.saturating_sub(1);
            entry.last_used = Instant::now();
        }
        self.settle(&mut state, tenant, generation);
        self.make_room(&mut state);
    }

    /// Closes a retired generation once it is open and nobody holds it.
    fn settle(&self, state: &mut State<O>, tenant: TenantId, generation: u64) {
        let done = state.retired.get(&generation).is_some_and(|entry| entry.leases == 0 && entry.open.is_some());
        let stopped_and_free = state.stopped
            && state.serving.get(&tenant).is_some_and(|entry| entry.generation == generation && entry.leases == 0 && entry.open.is_some());
        let entry = if done {
            state.retired.remove(&generation)
        } else if stopped_and_free {
            state.serving.remove(&tenant)
        } else {
            None
        };
        if let Some((pool, permit)) = entry.and_then(|entry| entry.open) {
            self.close_later(state, pool, permit);
        }
    }

    /// Lets as many pools go as tenants wait: those unused for longest first; when none is unused, those open for longest, whose
    /// callers may finish.
    fn make_room(&self, state: &mut State<O>) {
        while state.waiting > state.closing {
            let unused = state.serving.iter().filter(|(_, entry)| entry.leases == 0 && entry.open.is_some());
            let Some(tenant) = unused.min_by_key(|(_, entry)| entry.last_used).map(|(tenant, _)| *tenant) else { break };
            self.retire(state, tenant, "room");
        }
        while state.waiting > state.closing + state.retired.len() {
            let residency = self.0.limits.residency;
            let resident = state.serving.iter().filter(|(_, entry)| entry.open.is_some() && entry.opened_at.elapsed() >= residency);
            let Some(tenant) = resident.min_by_key(|(_, entry)| entry.opened_at).map(|(tenant, _)| *tenant) else { break };
            self.retire(state, tenant, "fairness");
        }
    }

    /// Takes the tenant's pool out of service; it closes when its last lease is gone.
    fn retire(&self, state: &mut State<O>, tenant: TenantId, reason: &'static str) {
        let Some(entry) = state.serving.remove(&tenant) else { return };
        metrics::counter!("tenant_pool_evictions_total", "reason" => reason).increment(1);
        let generation = entry.generation;
        state.retired.insert(generation, entry);
        self.settle(state, tenant, generation);
    }

    /// Closes `pool` on the registry's runtime and only then returns its permits.
    fn close_later(&self, state: &mut State<O>, pool: O::Pool, permit: OwnedSemaphorePermit) {
        state.closing += 1;
        let pools = self.clone();
        self.0.handle.spawn(async move {
            pools.0.opener.close(pool).await;
            drop(permit);
            let mut state = pools.lock();
            state.closing -= 1;
            pools.report(&state);
            drop(state);
            pools.0.closed.notify_waiters();
        });
    }

    /// Retires the tenant's pool, if it has one.
    pub fn forget(&self, tenant: TenantId) {
        let mut state = self.lock();
        state.failures.remove(&tenant);
        self.retire(&mut state, tenant, "forgotten");
    }

    /// Closes pools unused for longer than the idle time-out.
    pub fn sweep(&self) {
        let mut state = self.lock();
        let idle_timeout = self.0.limits.idle_timeout;
        let idle: Vec<TenantId> = state
            .serving
            .iter()
            .filter(|(_, entry)| entry.leases == 0 && entry.open.is_some() && entry.last_used.elapsed() >= idle_timeout)
            .map(|(tenant, _)| *tenant)
            .collect();
        for tenant in idle {
            self.retire(&mut state, tenant, "idle");
        }
        state.failures.retain(|_, (_, _, at)| at.elapsed() < FAILURE_MEMORY);
        self.report(&state);
    }

    /// Sweeps until `shutdown`.
    pub async fn run_sweeper(&self, shutdown: CancellationToken) {
        let every = (self.0.limits.idle_timeout / 4).clamp(Duration::from_millis(100), Duration::from_secs(30));
        while shutdown.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
            self.sweep();
        }
    }

    /// Refuses new leases, then closes every pool as its last lease goes, waiting at most `patience`.
    pub async fn shut_down(&self, patience: Duration) {
        {
            let mut state = self.lock();
            state.stopped = true;
            self.0.budget.close();
            let tenants: Vec<TenantId> = state.serving.keys().copied().collect();
            for tenant in tenants {
                self.retire(&mut state, tenant, "shutdown");
            }
        }
        let drained = async {
            loop {
                let closed = self.0.closed.notified();
                tokio::pin!(closed);
                closed.as_mut().enable();
                let stats = self.stats();
                if stats.pools + stats.leaving == 0 {
                    return;
                }
                closed.await;
            }
        };
        if tokio::time::timeout(patience, drained).await.is_err() {
            tracing::warn!(stats = ?self.stats(), "pools were still in use when the runtime stopped");
            self.lock().cut_off = true;
        }
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
}

/// Counts a tenant that waits for the budget, for as long as it waits.
struct Waiting<'p, O: PoolOpener>(&'p Pools<O>);

impl<'p, O: PoolOpener> Waiting<'p, O> {
    fn of(pools: &'p Pools<O>) -> Self {
        pools.lock().waiting += 1;
        Self(pools)
    }
}

impl<O: PoolOpener> Drop for Waiting<'_, O> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}
