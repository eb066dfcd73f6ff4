//! The connection budget of a process: permits, who waits for them, and what is on its way back.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::LeaseError;

/// How often somebody who waits for the budget looks for a connection that rests.
const LOOK_FOR_ROOM: Duration = Duration::from_millis(50);

/// For how long those who wait count on a connection that is being closed.
const COUNTED_ON: Duration = Duration::from_millis(250);

/// Has connections that may be closed for others.
pub(super) trait Holder: Send + Sync {
    /// Since when the connections that have rested for longest have rested.
    fn resting_since(&self) -> Option<Instant>;

    /// Begins to close what has rested for longest. Says whether there was anything.
    fn give_way(&self) -> bool;
}

/// Permits for connections. One permit is one connection, from before it is opened until after it is closed.
pub(super) struct Budget {
    permits: Arc<Semaphore>,
    size: usize,
    demand: Mutex<Demand>,
    holders: OnceLock<Vec<Box<dyn Holder>>>,
}

/// Who waits, and what they can count on.
#[derive(Debug, Default)]
struct Demand {
    /// Tenants, or their work, that wait.
    waiting: usize,
    /// Permits that they wait for.
    wanted: usize,
    /// Permits that have come back for them since, and lie ready until somebody has all they wait for.
    ready: usize,
    /// Permits of connections that are being closed.
    leaving: usize,
}

impl Budget {
    pub(super) fn new(size: u32) -> Self {
        let size = size.max(1) as usize;
        Self { permits: Arc::new(Semaphore::new(size)), size, demand: Mutex::default(), holders: OnceLock::new() }
    }

    fn demand(&self) -> MutexGuard<'_, Demand> {
        self.demand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who are asked to give way; said once.
    pub(super) fn held_by(&self, holders: Vec<Box<dyn Holder>>) {
        let _ = self.holders.set(holders);
    }

    /// Permits if there are any, at once.
    pub(super) fn try_reserve(&self, permits: u32) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).try_acquire_many_owned(permits).ok()
    }

    /// Permits until `deadline`, first come, first served; others who rest give way meanwhile.
    pub(super) async fn reserve(&self, permits: u32, deadline: Instant) -> Result<OwnedSemaphorePermit, LeaseError> {
        if let Some(permit) = self.try_reserve(permits) {
            return Ok(permit);
        }
        let mut waiting = Waiting::of(self, permits as usize);
        let acquired = Arc::clone(&self.permits).acquire_many_owned(permits);
        tokio::pin!(acquired);
        loop {
            self.make_room();
            tokio::select! {
                biased;
                permit = &mut acquired => {
                    waiting.served = permit.is_ok();
                    return permit.map_err(|_| LeaseError::ShuttingDown);
                }
                () = tokio::time::sleep_until(deadline) => {
                    metrics::counter!("nexus_tenant_pool_budget_timeouts_total").increment(1);
                    return Err(LeaseError::Timeout);
                }
                () = tokio::time::sleep(LOOK_FOR_ROOM) => {}
            }
        }
    }

    /// Whether somebody waits for more than is on its way back.
    pub(super) fn is_wanted(&self) -> bool {
        let demand = self.demand();
        demand.wanted > demand.leaving + demand.ready
    }

    /// Closes what has rested for longest, as much as is waited for.
    fn make_room(&self) {
        while self.is_wanted() {
            if !self.one_gives_way(Duration::ZERO) {
                break;
            }
        }
    }

    /// Closes what has rested for longest, if that is `at_least`. Says whether there was anything.
    pub(super) fn one_gives_way(&self, at_least: Duration) -> bool {
        let resting = self.holders.get().into_iter().flatten().filter_map(|holder| Some((holder.resting_since()?, holder)));
        let Some((since, holder)) = resting.min_by_key(|(since, _)| *since) else { return false };
        if since.elapsed() < at_least {
            return false;
        }
        holder.give_way()
    }

    /// Notes that connections with so many permits are being closed.
    pub(super) fn leaves(&self, permits: usize) {
        self.demand().leaving += permits;
    }

    /// Waits until connections are closed, whose leaving was noted, and takes their permits back. Others count on them for a moment only: what a
    /// server that vanished holds may not come for a long time, and what rests elsewhere must give way instead.
    pub(super) async fn take_back(&self, permit: OwnedSemaphorePermit, closing: impl Future<Output = ()>) {
        let permits = permit.num_permits();
        let mut closing = pin!(closing);
        let in_time = tokio::time::timeout(COUNTED_ON, &mut closing).await.is_ok();
        self.demand().leaving -= permits;
        if !in_time {
            closing.await;
        }
        let mut demand = self.demand();
        demand.ready = (demand.ready + permits).min(demand.wanted);
        drop(permit);
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn reserved(&self) -> usize {
        self.size.saturating_sub(self.permits.available_permits())
    }

    pub(super) fn waiting(&self) -> usize {
        self.demand().waiting
    }

    /// Lets nobody have permits any more.
    pub(super) fn close(&self) {
        self.permits.close();
    }

    pub(super) fn report(&self) {
        metrics::gauge!("nexus_tenant_pool_connections_reserved").set(self.reserved() as f64);
        metrics::gauge!("nexus_tenant_pool_waiting_tenants").set(self.waiting() as f64);
    }
}

/// Counts somebody who waits for the budget, for as long as they wait.
struct Waiting<'b> {
    budget: &'b Budget,
    permits: usize,
    served: bool,
}

impl<'b> Waiting<'b> {
    fn of(budget: &'b Budget, permits: usize) -> Self {
        let mut demand = budget.demand();
        demand.waiting += 1;
        demand.wanted += permits;
        drop(demand);
        Self { budget, permits, served: false }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut demand = self.budget.demand();
        demand.waiting -= 1;
        demand.wanted -= self.permits;
        // Whoever gave up leaves what was ready for them to the next.
        let taken = if self.served { self.permits } else { 0 };
        demand.ready = demand.ready.saturating_sub(taken).min(demand.wanted);
    }
}
