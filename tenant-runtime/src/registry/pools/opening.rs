//! The beginning of a pool: permits of the budget first, then the connection. One task does it, however many callers wait.

use std::sync::Arc;
use std::time::Duration;

use nexus_core::TenantId;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::{Opened, PoolOpener, Pools};
use crate::registry::LeaseError;

/// How often a tenant waiting for the budget looks for a pool to give way.
const LOOK_FOR_ROOM: Duration = Duration::from_millis(50);

impl<O: PoolOpener> Pools<O> {
    /// The one opening of a generation: permits first, then the connection.
    pub(super) async fn open(&self, tenant: TenantId, generation: u64, target: O::Target, sender: watch::Sender<Opened<O::Pool>>) {
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
