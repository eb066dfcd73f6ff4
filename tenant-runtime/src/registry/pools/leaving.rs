//! The end of a pool: which one gives way to whom, and that it closes before its permits return.

use std::time::Duration;

use nexus_core::TenantId;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{FAILURE_MEMORY, PoolOpener, Pools, State};

impl<O: PoolOpener> Pools<O> {
    pub(super) fn release(&self, tenant: TenantId, generation: u64) {
        let mut state = self.lock();
        if let Some(entry) = state.entry(tenant, generation) {
            entry.leases = entry.leases.saturating_sub(1);
            entry.last_used = Instant::now();
        }
        self.settle(&mut state, tenant, generation);
        self.make_room(&mut state);
    }

    /// Closes a retired generation once it is open and nobody holds it.
    pub(super) fn settle(&self, state: &mut State<O>, tenant: TenantId, generation: u64) {
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
    /// callers may finish. A pool whose callers do not finish is no room, and one in which background work goes on stays.
    pub(super) fn make_room(&self, state: &mut State<O>) {
        while state.waiting > state.closing {
            let unused = state.serving.iter().filter(|(_, entry)| entry.leases == 0 && entry.open.is_some());
            let Some(tenant) = unused.min_by_key(|(_, entry)| entry.last_used).map(|(tenant, _)| *tenant) else { break };
            self.retire(state, tenant, "room");
        }
        let residency = self.0.limits.residency;
        while state.waiting > state.closing + state.soon_free(residency) {
            let resident = state
                .serving
                .iter()
                .filter(|(tenant, entry)| entry.open.is_some() && entry.opened_at.elapsed() >= residency && !self.0.background.keeps(**tenant));
            let Some(tenant) = resident.min_by_key(|(_, entry)| entry.opened_at).map(|(tenant, _)| *tenant) else { break };
            self.retire(state, tenant, "fairness");
        }
    }

    /// Takes the tenant's pool out of service; it closes when its last lease is gone.
    pub(super) fn retire(&self, state: &mut State<O>, tenant: TenantId, reason: &'static str) {
        let Some(mut entry) = state.serving.remove(&tenant) else { return };
        metrics::counter!("tenant_pool_evictions_total", "reason" => reason).increment(1);
        let generation = entry.generation;
        entry.retired_at = Some(Instant::now());
        state.retired.insert(generation, entry);
        self.settle(state, tenant, generation);
    }

    /// Closes `pool` on the registry's runtime and only then returns its permits.
    pub(super) fn close_later(&self, state: &mut State<O>, pool: O::Pool, permit: OwnedSemaphorePermit) {
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
        let open = {
            let mut state = self.lock();
            state.stopped = true;
            self.0.budget.close();
            self.0.background.close();
            let tenants: Vec<TenantId> = state.serving.keys().copied().collect();
            for tenant in tenants {
                self.retire(&mut state, tenant, "shutdown");
            }
            state.closing + state.retired.len()
        };
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
        match tokio::time::timeout(patience, drained).await {
            Ok(()) => tracing::info!(pools = open, "the tenants' pools are closed"),
            Err(_) => tracing::warn!(stats = ?self.stats(), "pools were still in use when the runtime stopped"),
        }
    }
}
