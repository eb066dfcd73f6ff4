//! Pools for background work: one a tenant, of several connections, shared by the tenant's jobs, relays and subscribers, which keep their leases for as
//! long as they take. All the permits of a pool are reserved before it is opened.

mod share;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::FutureExt;
use nexus_core::TenantId;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::budget::{Budget, Holder};
use super::failures::Failures;
use super::meters::{self, Counted, evicted};
use super::{LeaseError, Limits, PoolOpener};
use share::{Part, Share};

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
    rests_since: Instant,
    _counted: Counted,
}

struct State<O: PoolOpener> {
    serving: HashMap<TenantId, Entry<O>>,
    /// Retired, still leased; by generation.
    retired: HashMap<u64, Entry<O>>,
    closing: usize,
    next_generation: u64,
    failures: Failures<O::Target>,
    stopped: bool,
}

struct Shared<O: PoolOpener> {
    opener: Arc<O>,
    acquire_timeout: Duration,
    idle_timeout: Duration,
    connections: u32,
    budget: Arc<Budget>,
    share: Share,
    state: Mutex<State<O>>,
    /// Rung when a pool has been closed.
    closed: Notify,
    handle: Handle,
}

/// The pools for background work.
pub(super) struct Work<O: PoolOpener>(Arc<Shared<O>>);

impl<O: PoolOpener> Clone for Work<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A counted hold on one generation of a tenant's pool.
struct Hold<O: PoolOpener> {
    work: Work<O>,
    tenant: TenantId,
    generation: u64,
}

impl<O: PoolOpener> Drop for Hold<O> {
    fn drop(&mut self) {
        self.work.give_back(self.tenant, self.generation);
    }
}

/// A hold on an open pool.
pub(super) struct Lease<O: PoolOpener> {
    hold: Hold<O>,
    pool: O::Pool,
    /// Goes after the hold.
    _part: Part,
}

impl<O: PoolOpener> fmt::Debug for Lease<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("tenant", &self.hold.tenant).field("generation", &self.hold.generation).finish()
    }
}

impl<O: PoolOpener> Lease<O> {
    pub(super) fn pool(&self) -> &O::Pool {
        &self.pool
    }
}

impl<O: PoolOpener> Work<O> {
    pub(super) fn new(opener: Arc<O>, limits: &Limits, budget: Arc<Budget>, handle: Handle) -> Self {
        // Something is left for requests, unless the budget is a single connection.
        let most = u32::try_from(budget.size()).unwrap_or(u32::MAX).saturating_sub(1).max(1);
        let connections = limits.background.clamp(1, most);
        let share = Share::of(u32::try_from(budget.size()).unwrap_or(u32::MAX) / connections);
        let state =
            State { serving: HashMap::new(), retired: HashMap::new(), closing: 0, next_generation: 0, failures: Failures::none(), stopped: false };
        Self(Arc::new(Shared {
            opener,
            acquire_timeout: limits.acquire_timeout,
            idle_timeout: limits.idle_timeout,
            connections,
            budget,
            share,
            state: Mutex::new(state),
            closed: Notify::new(),
            handle,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State<O>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many tenants' pools background work may hold at once.
    pub(super) fn share(&self) -> usize {
        self.0.share.tenants()
    }

    /// A lease of the tenant's pool, opening it if need be; it takes a part of the background's share first.
    pub(super) async fn lease(&self, tenant: TenantId, epoch: i64, target: &O::Target) -> Result<Lease<O>, LeaseError> {
        let deadline = Instant::now() + self.0.acquire_timeout;
        let part = self.0.share.enter(tenant, deadline).await?;
        loop {
            let (hold, mut opened) = self.hold(tenant, epoch, target)?;
            let ready = tokio::time::timeout_at(deadline, opened.wait_for(Option::is_some)).await;
            let outcome = match ready {
                Ok(Ok(outcome)) => outcome.clone(),
                // The opening task is gone without a word: the process is stopping.
                Ok(Err(_)) => return Err(LeaseError::ShuttingDown),
                Err(_) => return Err(LeaseError::Timeout),
            };
            match outcome {
                Some(Ok(pool)) => return Ok(Lease { hold, pool, _part: part }),
                // It was begun for somebody who has waited longer: there is time for another try.
                Some(Err(LeaseError::Timeout)) | None if Instant::now() < deadline => {}
                Some(Err(error)) => return Err(error),
                None => return Err(LeaseError::Timeout),
            }
        }
    }

    /// Counts a hold on the tenant's present pool, starting its opening if there is none.
    fn hold(&self, tenant: TenantId, epoch: i64, target: &O::Target) -> Result<(Hold<O>, Opening<O>), LeaseError> {
        let mut state = self.lock();
        if state.stopped {
            return Err(LeaseError::ShuttingDown);
        }
        match state.serving.get_mut(&tenant) {
            Some(entry) if entry.target == *target => entry.epoch = entry.epoch.max(epoch),
            Some(entry) if entry.epoch < epoch => self.retire(&mut state, tenant, "identity"),
            _ => {}
        }
        if let Some(entry) = state.serving.get_mut(&tenant) {
            entry.leases += 1;
            let opened = entry.opened.clone();
            return Ok((Hold { work: self.clone(), tenant, generation: entry.generation }, opened));
        }
        if let Some(error) = state.failures.answer(tenant, target) {
            return Err(error);
        }
        let generation = state.next_generation;
        state.next_generation += 1;
        let (sender, opened) = watch::channel(None);
        let entry = Entry {
            generation,
            target: target.clone(),
            epoch,
            opened: opened.clone(),
            open: None,
            leases: 1,
            rests_since: Instant::now(),
            _counted: Counted::of("background"),
        };
        state.serving.insert(tenant, entry);
        drop(state);
        let (work, target) = (self.clone(), target.clone());
        self.0.handle.spawn(async move { work.open(tenant, generation, target, sender).await });
        Ok((Hold { work: self.clone(), tenant, generation }, opened))
    }

    /// The one opening of a generation: permits first, then the pool.
    async fn open(&self, tenant: TenantId, generation: u64, target: O::Target, sender: watch::Sender<Opened<O::Pool>>) {
        let outcome = match self.0.budget.reserve(self.0.connections, Instant::now() + self.0.acquire_timeout).await {
            Err(error) => Err(error),
            Ok(permit) => meters::opening(self.connect(&target)).await.map(|pool| (pool, permit)),
        };
        let mut state = self.lock();
        let announced = match outcome {
            Ok((pool, permit)) => {
                let entry = match state.serving.get_mut(&tenant).filter(|entry| entry.generation == generation) {
                    Some(entry) => Some(entry),
                    None => state.retired.get_mut(&generation),
                };
                if let Some(entry) = entry {
                    entry.open = Some((pool.clone(), permit));
                    entry.rests_since = Instant::now();
                    state.failures.forget(tenant);
                    Ok(pool)
                } else {
                    // Retired meanwhile, and nobody waits: nobody will ever see this pool.
                    self.close_later(&mut state, pool, permit);
                    Err(LeaseError::ShuttingDown)
                }
            }
            Err(error) => {
                if state.serving.get(&tenant).is_some_and(|entry| entry.generation == generation) {
                    state.serving.remove(&tenant);
                }
                state.retired.remove(&generation);
                state.failures.note(tenant, target, &error);
                Err(error)
            }
        };
        self.settle(&mut state, generation);
        drop(state);
        self.0.budget.report();
        self.0.closed.notify_waiters();
        sender.send_replace(Some(announced));
    }

    async fn connect(&self, target: &O::Target) -> Result<O::Pool, LeaseError> {
        let opened = self.0.handle.spawn(self.0.opener.open(target.clone(), self.0.connections)).await;
        opened.unwrap_or_else(|error| Err(LeaseError::from(error)))
    }

    fn give_back(&self, tenant: TenantId, generation: u64) {
        let mut state = self.lock();
        let entry = match state.serving.get_mut(&tenant).filter(|entry| entry.generation == generation) {
            Some(entry) => Some(entry),
            None => state.retired.get_mut(&generation),
        };
        if let Some(entry) = entry {
            entry.leases = entry.leases.saturating_sub(1);
            entry.rests_since = Instant::now();
        }
        self.settle(&mut state, generation);
        let rests = state.serving.get(&tenant).is_some_and(|entry| entry.leases == 0 && entry.open.is_some());
        if rests && self.0.budget.is_wanted() {
            self.retire(&mut state, tenant, "fairness");
        }
    }

    /// Closes a retired generation once it is open and nobody holds it.
    fn settle(&self, state: &mut State<O>, generation: u64) {
        if state.retired.get(&generation).is_some_and(|entry| entry.leases == 0 && entry.open.is_some())
            && let Some((pool, permit)) = state.retired.remove(&generation).and_then(|entry| entry.open)
        {
            self.close_later(state, pool, permit);
        }
    }

    /// Takes the tenant's pool out of service; it closes when its last lease is gone.
    fn retire(&self, state: &mut State<O>, tenant: TenantId, reason: &'static str) {
        let Some(entry) = state.serving.remove(&tenant) else { return };
        evicted(reason);
        let generation = entry.generation;
        state.retired.insert(generation, entry);
        self.settle(state, generation);
    }

    /// Closes `pool` on the registry's runtime and only then returns its permits.
    fn close_later(&self, state: &mut State<O>, pool: O::Pool, permit: OwnedSemaphorePermit) {
        state.closing += 1;
        self.0.budget.leaves(permit.num_permits());
        let work = self.clone();
        self.0.handle.spawn(async move {
            let closing = work.0.handle.spawn(work.0.opener.close(pool));
            // However it ends, its connections are gone.
            work.0.budget.take_back(permit, closing.map(drop)).await;
            work.lock().closing -= 1;
            work.0.budget.report();
            work.0.closed.notify_waiters();
        });
    }

    /// Closes pools unused for longer than the idle time-out.
    pub(super) fn sweep(&self) {
        let mut state = self.lock();
        let rested = |entry: &Entry<O>| entry.leases == 0 && entry.open.is_some() && entry.rests_since.elapsed() >= self.0.idle_timeout;
        let idle: Vec<TenantId> = state.serving.iter().filter(|(_, entry)| rested(entry)).map(|(tenant, _)| *tenant).collect();
        for tenant in idle {
            self.retire(&mut state, tenant, "idle");
        }
        state.failures.sweep();
    }

    /// Refuses new leases and closes what rests; what is leased is closed as its last lease goes.
    pub(super) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        self.0.share.close();
        let tenants: Vec<TenantId> = state.serving.keys().copied().collect();
        for tenant in tenants {
            self.retire(&mut state, tenant, "shutdown");
        }
    }

    /// Comes back when the last pool is closed.
    pub(super) async fn drained(&self) {
        loop {
            let closed = self.0.closed.notified();
            tokio::pin!(closed);
            closed.as_mut().enable();
            let (serving, leaving) = self.stats();
            if serving + leaving == 0 {
                return;
            }
            closed.await;
        }
    }

    /// Pools that serve or are being opened, and pools on their way out.
    pub(super) fn stats(&self) -> (usize, usize) {
        let state = self.lock();
        (state.serving.len(), state.closing + state.retired.len())
    }

    pub(super) fn holder(&self) -> Box<dyn Holder> {
        Box::new(Resting(Arc::downgrade(&self.0)))
    }
}

/// What the budget asks to give way. It keeps nothing alive.
struct Resting<O: PoolOpener>(Weak<Shared<O>>);

/// The tenant whose pool has rested for longest.
fn longest_resting<O: PoolOpener>(state: &State<O>) -> Option<(Instant, TenantId)> {
    let resting = state.serving.iter().filter(|(_, entry)| entry.leases == 0 && entry.open.is_some());
    resting.map(|(tenant, entry)| (entry.rests_since, *tenant)).min_by_key(|(since, _)| *since)
}

impl<O: PoolOpener> Holder for Resting<O> {
    fn resting_since(&self) -> Option<Instant> {
        let work = Work(self.0.upgrade()?);
        let state = work.lock();
        longest_resting(&state).map(|(since, _)| since)
    }

    fn give_way(&self) -> bool {
        let Some(work) = self.0.upgrade().map(Work) else { return false };
        let mut state = work.lock();
        let Some((_, tenant)) = longest_resting(&state) else { return false };
        work.retire(&mut state, tenant, "room");
        true
    }
}
