//! The background's share of the budget: work that keeps its lease for minutes leaves room for requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use nexus_core::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::registry::LeaseError;

/// A tenant's part of the share, for as long as background work holds the tenant's pool.
pub(super) type Part = Arc<OwnedSemaphorePermit>;

/// How many tenants' pools background work may hold at once.
pub(super) struct Share {
    tenants: usize,
    free: Arc<Semaphore>,
    /// A tenant takes one part, however many of its jobs, relays and subscribers run: what runs inside a job never waits for it.
    holders: Mutex<HashMap<TenantId, Weak<OwnedSemaphorePermit>>>,
}

impl Share {
    /// Half of `pools`, so that the other half is the requests'. A budget of one pool is shared: without it no work would ever be done.
    pub(super) fn of(pools: u32) -> Self {
        let tenants = (pools / 2).max(1) as usize;
        Self { tenants, free: Arc::new(Semaphore::new(tenants)), holders: Mutex::default() }
    }

    pub(super) fn tenants(&self) -> usize {
        self.tenants
    }

    /// The tenant's part, waiting for one until `deadline`.
    pub(super) async fn enter(&self, tenant: TenantId, deadline: Instant) -> Result<Part, LeaseError> {
        if let Some(part) = self.part(tenant) {
            return Ok(part);
        }
        let permit = match tokio::time::timeout_at(deadline, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(LeaseError::ShuttingDown),
            Err(_) => {
                metrics::counter!("nexus_tenant_pool_background_timeouts_total").increment(1);
                return Err(LeaseError::Timeout);
            }
        };
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        // The tenant's other work may have entered meanwhile; then this permit goes back.
        if let Some(part) = holders.get(&tenant).and_then(Weak::upgrade) {
            return Ok(part);
        }
        let part = Arc::new(permit);
        holders.retain(|_, holder| holder.strong_count() > 0);
        holders.insert(tenant, Arc::downgrade(&part));
        Ok(part)
    }

    /// Lets nobody in any more.
    pub(super) fn close(&self) {
        self.free.close();
    }

    fn part(&self, tenant: TenantId) -> Option<Part> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).and_then(Weak::upgrade)
    }
}
