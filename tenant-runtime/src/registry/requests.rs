//! Connections for requests: each has a permit of the budget and serves one lease at a time. See the invariants of the parent module.
//!
//! A tenant that is asked for gets one connection, and more (up to its bound) while its callers queue and the budget has permits left or others'
//! connections rest. What is given back goes to the tenant's next caller, unless others wait for the budget.

#[cfg(test)]
mod homes_tests;
mod leaving;
mod opening;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use nexus_core::TenantId;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};
use tokio::time::Instant;

use super::budget::Budget;
use super::failures::Failures;
use super::meters::Counted;
use super::{LeaseError, Limits, Patience, PoolOpener};

/// A caller whose thread did not open the connection lets one whose thread did go first, unless it has waited for this long.
const LETS_OTHERS_GO: Duration = Duration::from_millis(10);

/// An open connection and its permit.
struct Connection<O: PoolOpener> {
    pool: O::Pool,
    permit: OwnedSemaphorePermit,
    /// The thread that opened it hears the server's answers; any other is woken by that one for each.
    home: ThreadId,
    opened_at: Instant,
    rests_since: Instant,
}

type Handed<O> = Result<Lease<O>, LeaseError>;

/// Who waits for a connection.
struct Caller<O: PoolOpener> {
    sender: oneshot::Sender<Handed<O>>,
    home: ThreadId,
    since: Instant,
}

type Callers<O> = VecDeque<Caller<O>>;

/// One identity of one tenant.
struct Tenant<O: PoolOpener> {
    generation: u64,
    target: O::Target,
    epoch: i64,
    /// Those used last are at the end: they are used next, so that the others may rest.
    resting: Vec<Connection<O>>,
    leased: usize,
    opening: usize,
    /// Who waits, first come, first served; but see [`LETS_OTHERS_GO`].
    callers: Callers<O>,
    /// When others were last asked to give way to one more connection.
    asked_for_room: Option<Instant>,
    _counted: Counted,
}

impl<O: PoolOpener> Tenant<O> {
    fn new(generation: u64, target: O::Target, epoch: i64) -> Self {
        Self {
            generation,
            target,
            epoch,
            resting: Vec::new(),
            leased: 0,
            opening: 0,
            callers: VecDeque::new(),
            asked_for_room: None,
            _counted: Counted::of("requests"),
        }
    }

    fn connections(&self) -> usize {
        self.resting.len() + self.leased + self.opening
    }

    /// Whether somebody waits. Callers who gave up are forgotten on the way.
    fn is_waited_for(&mut self) -> bool {
        while self.callers.front().is_some_and(|caller| caller.sender.is_closed()) {
            self.callers.pop_front();
        }
        !self.callers.is_empty()
    }

    /// One of the connections that rest, rather of this thread's.
    fn take_resting(&mut self, home: ThreadId) -> Option<Connection<O>> {
        let at = self.resting.iter().rposition(|connection| connection.home == home);
        at.map(|at| self.resting.remove(at)).or_else(|| self.resting.pop())
    }

    /// The caller whose turn it is for a connection of this thread's.
    fn next_caller(&mut self, home: ThreadId) -> Option<Caller<O>> {
        let first = self.callers.front()?;
        let at =
            if first.home == home || first.since.elapsed() >= LETS_OTHERS_GO { None } else { self.callers.iter().position(|one| one.home == home) };
        self.callers.remove(at.unwrap_or_default())
    }
}

struct State<O: PoolOpener> {
    tenants: HashMap<TenantId, Tenant<O>>,
    next_generation: u64,
    failures: Failures<O::Target>,
    /// Connections that are open or being opened or closed, of whatever identity.
    alive: usize,
    stopped: bool,
}

impl<O: PoolOpener> State<O> {
    fn generation(&mut self) -> u64 {
        self.next_generation += 1;
        self.next_generation
    }
}

struct Shared<O: PoolOpener> {
    opener: Arc<O>,
    limits: Limits,
    budget: Arc<Budget>,
    state: Mutex<State<O>>,
    /// Rung when a connection has been closed.
    closed: Notify,
    handle: Handle,
}

/// The connections for requests.
pub(super) struct Requests<O: PoolOpener>(Arc<Shared<O>>);

impl<O: PoolOpener> Clone for Requests<O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// An exclusive hold on one connection. Given back by dropping it.
pub(super) struct Lease<O: PoolOpener> {
    requests: Requests<O>,
    tenant: TenantId,
    generation: u64,
    /// `None` only while it is dropped.
    connection: Option<Connection<O>>,
}

impl<O: PoolOpener> Drop for Lease<O> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.requests.give_back(self.tenant, self.generation, connection);
        }
    }
}

impl<O: PoolOpener> fmt::Debug for Lease<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("tenant", &self.tenant).field("generation", &self.generation).finish()
    }
}

impl<O: PoolOpener> Lease<O> {
    /// The connection, as a pool of one.
    pub(super) fn pool(&self) -> Option<&O::Pool> {
        self.connection.as_ref().map(|connection| &connection.pool)
    }
}

impl<O: PoolOpener> Requests<O> {
    pub(super) fn new(opener: Arc<O>, limits: Limits, budget: Arc<Budget>, handle: Handle) -> Self {
        let state = State { tenants: HashMap::new(), next_generation: 0, failures: Failures::none(), alive: 0, stopped: false };
        Self(Arc::new(Shared { opener, limits, budget, state: Mutex::new(state), closed: Notify::new(), handle }))
    }

    fn lock(&self) -> MutexGuard<'_, State<O>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of the tenant's connections, for this caller alone.
    #[cfg(test)]
    pub(super) async fn lease(&self, tenant: TenantId, epoch: i64, target: &O::Target) -> Result<Lease<O>, LeaseError> {
        self.lease_within(tenant, epoch, target, &Patience::default()).await
    }

    /// One of the tenant's connections, for this caller alone, which has so much patience left.
    pub(super) async fn lease_within(&self, tenant: TenantId, epoch: i64, target: &O::Target, patience: &Patience) -> Result<Lease<O>, LeaseError> {
        let handed = match self.ask(tenant, epoch, target)? {
            Asked::Served(lease) => return Ok(lease),
            Asked::Queued(handed) => handed,
        };
        let (since, deadline) = (Instant::now(), patience.until(self.0.limits.acquire_timeout));
        let outcome = tokio::time::timeout_at(deadline, handed).await;
        patience.waited_since(since);
        match outcome {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(LeaseError::ShuttingDown),
            Err(_) => Err(LeaseError::Timeout),
        }
    }

    fn ask(&self, tenant: TenantId, epoch: i64, target: &O::Target) -> Result<Asked<O>, LeaseError> {
        let mut state = self.lock();
        if state.stopped {
            return Err(LeaseError::ShuttingDown);
        }
        match state.tenants.get_mut(&tenant) {
            Some(known) if known.target == *target => known.epoch = known.epoch.max(epoch),
            Some(known) if known.epoch < epoch => self.renew(&mut state, tenant, target.clone(), epoch, "identity"),
            _ => {}
        }
        if !state.tenants.contains_key(&tenant) {
            if let Some(error) = state.failures.answer(tenant, target) {
                return Err(error);
            }
            let generation = state.generation();
            state.tenants.insert(tenant, Tenant::new(generation, target.clone(), epoch));
        }
        let Some(known) = state.tenants.get_mut(&tenant) else { return Err(LeaseError::ShuttingDown) };
        let home = thread::current().id();
        if let Some(connection) = known.take_resting(home) {
            known.leased += 1;
            let generation = known.generation;
            return Ok(Asked::Served(self.lease_of(tenant, generation, connection)));
        }
        if known.callers.len() >= self.0.limits.waiting {
            known.callers.retain(|caller| !caller.sender.is_closed());
        }
        if known.callers.len() >= self.0.limits.waiting {
            metrics::counter!("nexus_tenant_pool_refused_total").increment(1);
            return Err(LeaseError::Busy);
        }
        let (sender, handed) = oneshot::channel();
        known.callers.push_back(Caller { sender, home, since: Instant::now() });
        self.widen(&mut state, tenant);
        Ok(Asked::Queued(handed))
    }

    fn lease_of(&self, tenant: TenantId, generation: u64, connection: Connection<O>) -> Lease<O> {
        Lease { requests: self.clone(), tenant, generation, connection: Some(connection) }
    }

    /// Hands a free connection to the tenant's first caller who still waits, or lets it rest. The tenant must be of the connection's identity.
    fn hand_over(&self, state: &mut State<O>, tenant: TenantId, mut connection: Connection<O>) {
        let Some(known) = state.tenants.get_mut(&tenant) else { return };
        while let Some(caller) = known.next_caller(connection.home) {
            match caller.sender.send(Ok(self.lease_of(tenant, known.generation, connection))) {
                Ok(()) => {
                    known.leased += 1;
                    return;
                }
                // The caller gave up. Its lease must not be dropped here, where the state is locked.
                Err(Ok(mut lease)) => match lease.connection.take() {
                    Some(back) => connection = back,
                    None => return,
                },
                Err(Err(_)) => return,
            }
        }
        connection.rests_since = Instant::now();
        known.resting.push(connection);
    }

    /// Tenants with connections, open or being opened; and connections on their way out.
    pub(super) fn stats(&self) -> (usize, usize) {
        let state = self.lock();
        let serving: usize = state.tenants.values().map(Tenant::connections).sum();
        (state.tenants.len(), state.alive.saturating_sub(serving))
    }
}

/// What became of a question for a connection.
enum Asked<O: PoolOpener> {
    Served(Lease<O>),
    Queued(oneshot::Receiver<Handed<O>>),
}
