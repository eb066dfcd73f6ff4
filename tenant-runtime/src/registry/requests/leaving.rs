//! The end of a connection: which one gives way to whom, and that its permit returns only when it is closed.

use std::sync::{Arc, Weak};

use futures::FutureExt;
use nexus_core::TenantId;
use tokio::time::Instant;

use super::{Callers, Connection, Requests, Shared, State, Tenant};
use crate::registry::budget::Holder;
use crate::registry::meters::evicted;
use crate::registry::{LeaseError, PoolOpener};

impl<O: PoolOpener> Requests<O> {
    /// Takes a connection back.
    pub(super) fn give_back(&self, tenant: TenantId, generation: u64, connection: Connection<O>) {
        let mut state = self.lock();
        let residency = self.0.limits.residency;
        let Some(known) = state.tenants.get_mut(&tenant).filter(|known| known.generation == generation) else {
            // Of an identity that is no more.
            self.close_later(connection);
            return;
        };
        known.leased -= 1;
        // Who has a queue of its own keeps its only connection for a while.
        let may_go = !known.is_waited_for() || known.connections() > 0 || connection.opened_at.elapsed() >= residency;
        if may_go && self.0.budget.is_wanted() {
            evicted("fairness");
            self.close_later(connection);
            // Its callers queue up behind those who wait.
            self.widen(&mut state, tenant);
            self.forget_if_empty(&mut state, tenant);
        } else {
            self.hand_over(&mut state, tenant, connection);
        }
    }

    /// Closes one of the tenant's connections that rest, if somebody waits for the budget.
    pub(super) fn give_way_if_wanted(&self, state: &mut State<O>, tenant: TenantId) {
        if !self.0.budget.is_wanted() {
            return;
        }
        let Some(connection) = state.tenants.get_mut(&tenant).and_then(|known| known.resting.pop()) else { return };
        evicted("fairness");
        self.close_later(connection);
        self.forget_if_empty(state, tenant);
    }

    /// Takes the tenant's identity out of service: what rests is closed now, what is leased when it is given back. Answers its callers.
    fn retire(&self, state: &mut State<O>, tenant: TenantId, reason: &'static str) -> Callers<O> {
        let Some(known) = state.tenants.remove(&tenant) else { return Callers::<O>::new() };
        evicted(reason);
        for connection in known.resting {
            self.close_later(connection);
        }
        known.callers
    }

    /// Begins anew with another identity, or the same; who waits goes on waiting.
    pub(super) fn renew(&self, state: &mut State<O>, tenant: TenantId, target: O::Target, epoch: i64, reason: &'static str) {
        let callers = self.retire(state, tenant, reason);
        if callers.is_empty() {
            return;
        }
        let generation = state.generation();
        state.tenants.insert(tenant, Tenant { callers, ..Tenant::new(generation, target, epoch) });
        self.widen(state, tenant);
    }

    fn forget_if_empty(&self, state: &mut State<O>, tenant: TenantId) {
        if state.tenants.get(&tenant).is_some_and(|known| known.connections() == 0 && known.callers.is_empty()) {
            state.tenants.remove(&tenant);
        }
    }

    /// Closes the connection on the registry's runtime and only then returns its permit.
    pub(super) fn close_later(&self, connection: Connection<O>) {
        let Connection { pool, permit, .. } = connection;
        self.0.budget.leaves(permit.num_permits());
        let requests = self.clone();
        self.0.handle.spawn(async move {
            let closing = requests.0.handle.spawn(requests.0.opener.close(pool));
            // However it ends, the connection is gone.
            requests.0.budget.take_back(permit, closing.map(drop)).await;
            let mut state = requests.lock();
            state.alive -= 1;
            drop(state);
            requests.0.budget.report();
            requests.0.closed.notify_waiters();
        });
    }

    /// Closes connections unused for longer than the idle time-out.
    pub(in crate::registry) fn sweep(&self) {
        let mut state = self.lock();
        let idle_timeout = self.0.limits.idle_timeout;
        let mut idle = Vec::new();
        for known in state.tenants.values_mut() {
            // Used last, at the end.
            let kept = known.resting.iter().position(|connection| connection.rests_since.elapsed() < idle_timeout).unwrap_or(known.resting.len());
            idle.extend(known.resting.drain(..kept));
        }
        for connection in idle {
            evicted("idle");
            self.close_later(connection);
        }
        state.tenants.retain(|_, known| known.connections() > 0 || !known.callers.is_empty());
        state.failures.sweep();
    }

    /// Refuses new leases and closes what rests; what is leased is closed as it is given back.
    pub(in crate::registry) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        let tenants: Vec<TenantId> = state.tenants.keys().copied().collect();
        for tenant in tenants {
            for caller in self.retire(&mut state, tenant, "shutdown") {
                let _ = caller.sender.send(Err(LeaseError::ShuttingDown));
            }
        }
    }

    /// Comes back when the last connection is closed.
    pub(in crate::registry) async fn drained(&self) {
        loop {
            let closed = self.0.closed.notified();
            tokio::pin!(closed);
            closed.as_mut().enable();
            if self.lock().alive == 0 {
                return;
            }
            closed.await;
        }
    }
}

/// What the budget asks to give way. It keeps nothing alive.
struct Resting<O: PoolOpener>(Weak<Shared<O>>);

impl<O: PoolOpener> Requests<O> {
    pub(in crate::registry) fn holder(&self) -> Box<dyn Holder> {
        Box::new(Resting(Arc::downgrade(&self.0)))
    }
}

/// The tenant whose connection has rested for longest.
fn longest_resting<O: PoolOpener>(state: &State<O>) -> Option<(Instant, TenantId)> {
    let first = state.tenants.iter().filter_map(|(tenant, known)| Some((known.resting.first()?.rests_since, *tenant)));
    first.min_by_key(|(since, _)| *since)
}

impl<O: PoolOpener> Holder for Resting<O> {
    fn resting_since(&self) -> Option<Instant> {
        let requests = Requests(self.0.upgrade()?);
        let state = requests.lock();
        longest_resting(&state).map(|(since, _)| since)
    }

    fn give_way(&self) -> bool {
        let Some(requests) = self.0.upgrade().map(Requests) else { return false };
        let mut state = requests.lock();
        let Some((_, tenant)) = longest_resting(&state) else { return false };
        let Some(known) = state.tenants.get_mut(&tenant) else { return false };
        let connection = known.resting.remove(0);
        evicted("room");
        requests.close_later(connection);
        requests.forget_if_empty(&mut state, tenant);
        true
    }
}
