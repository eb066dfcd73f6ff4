//! The beginning of a connection: its permit first.
//!
//! It is opened on the thread of whoever asked for it: that thread hears the server's answers, and usually is the one that uses it.

use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use nexus_core::TenantId;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::{Connection, Requests, State};
use crate::registry::{LeaseError, PoolOpener, meters};

/// A connection of another tenant that has rested for this long gives way to one more for a tenant whose callers queue.
const RESTED: Duration = Duration::from_secs(1);
/// How often a tenant asks others for that.
const ASK_EVERY: Duration = Duration::from_millis(100);

impl<O: PoolOpener> Requests<O> {
    /// Opens one more connection if callers wait for more than are being opened. A tenant without any waits for its permit; one that has some
    /// takes what is left over.
    pub(super) fn widen(&self, state: &mut State<O>, tenant: TenantId) {
        let Some(known) = state.tenants.get_mut(&tenant) else { return };
        let connections = known.connections();
        if known.opening >= known.callers.len() || connections >= self.0.limits.per_tenant.max(1) as usize {
            return;
        }
        if connections > 0 && state.failures.answer(tenant, &known.target).is_some() {
            // What is open, or being opened, serves meanwhile.
            return;
        }
        let permit = self.0.budget.try_reserve(1);
        if permit.is_none() && connections > 0 {
            // Not now; when it has gone, the tenant's next caller finds room.
            if known.asked_for_room.is_none_or(|at| at.elapsed() >= ASK_EVERY) {
                known.asked_for_room = Some(Instant::now());
                let budget = Arc::clone(&self.0.budget);
                self.0.handle.spawn(async move { budget.one_gives_way(RESTED) });
            }
            return;
        }
        known.opening += 1;
        let (generation, target) = (known.generation, known.target.clone());
        state.alive += 1;
        let requests = self.clone();
        let here = Handle::try_current().unwrap_or_else(|_| self.0.handle.clone());
        self.0.handle.spawn(async move { requests.open(tenant, generation, target, permit, here).await });
    }

    async fn open(&self, tenant: TenantId, generation: u64, target: O::Target, permit: Option<OwnedSemaphorePermit>, here: Handle) {
        let permit = match permit {
            Some(permit) => Ok(permit),
            None => self.0.budget.reserve(1, Instant::now() + self.0.limits.acquire_timeout).await,
        };
        let outcome = match permit {
            Ok(permit) => meters::opening(self.connect(&target, here)).await.map(|(pool, home)| {
                let now = Instant::now();
                Connection { pool, permit, home, opened_at: now, rests_since: now }
            }),
            Err(error) => Err(error),
        };
        let mut state = self.lock();
        let known = state.tenants.get_mut(&tenant).filter(|known| known.generation == generation);
        let is_current = known.map(|known| known.opening -= 1).is_some();
        match outcome {
            Ok(connection) if is_current => {
                state.failures.forget(tenant);
                self.hand_over(&mut state, tenant, connection);
                // One that came too late for its caller may be what another tenant waits for.
                self.give_way_if_wanted(&mut state, tenant);
            }
            // The identity changed, or the process stops.
            Ok(connection) => self.close_later(connection),
            Err(error) => {
                state.alive -= 1;
                if is_current {
                    self.opening_failed(&mut state, tenant, target, error);
                }
            }
        }
        self.0.budget.report();
        drop(state);
        self.0.closed.notify_waiters();
    }

    async fn connect(&self, target: &O::Target, here: Handle) -> Result<(O::Pool, ThreadId), LeaseError> {
        let opening = self.0.opener.open(target.clone(), 1);
        let opened = here.spawn(async { opening.await.map(|pool| (pool, thread::current().id())) }).await;
        opened.unwrap_or_else(|error| Err(LeaseError::from(error)))
    }

    fn opening_failed(&self, state: &mut State<O>, tenant: TenantId, target: O::Target, error: LeaseError) {
        let Some(known) = state.tenants.get_mut(&tenant) else { return };
        if matches!(error, LeaseError::Timeout) && known.is_waited_for() {
            // It was begun for somebody who has waited longer: for the others there is time for another try.
            self.widen(state, tenant);
            return;
        }
        let is_last = known.connections() == 0;
        state.failures.note(tenant, target, &error);
        if !is_last {
            return;
        }
        if let Some(gone) = state.tenants.remove(&tenant) {
            for caller in gone.callers {
                let _ = caller.sender.send(Err(error.clone()));
            }
        }
    }
}
