//! Openings that failed a moment ago: callers get the same answer, so that a dead server is not stormed.

use std::collections::HashMap;
use std::time::Duration;

use nexus_core::TenantId;
use tokio::time::Instant;

use super::LeaseError;

/// For how long a failure answers those who come.
const MEMORY: Duration = Duration::from_secs(1);

/// The last failure of each tenant, and of what opening.
pub(super) struct Failures<T>(HashMap<TenantId, (T, LeaseError, Instant)>);

impl<T: PartialEq> Failures<T> {
    pub(super) fn none() -> Self {
        Self(HashMap::new())
    }

    /// The answer to whoever asks for this opening, if it failed a moment ago.
    pub(super) fn answer(&mut self, tenant: TenantId, target: &T) -> Option<LeaseError> {
        let (failed, error, at) = self.0.get(&tenant)?;
        if failed == target && at.elapsed() < MEMORY {
            return Some(error.clone());
        }
        self.0.remove(&tenant);
        None
    }

    /// Notes an opening that failed. One that found no time says nothing of the server.
    pub(super) fn note(&mut self, tenant: TenantId, target: T, error: &LeaseError) {
        if !matches!(error, LeaseError::Timeout | LeaseError::ShuttingDown) {
            tracing::warn!(%tenant, %error, "a tenant's database can't be opened");
            self.0.insert(tenant, (target, error.clone(), Instant::now()));
        }
    }

    pub(super) fn forget(&mut self, tenant: TenantId) {
        self.0.remove(&tenant);
    }

    /// Forgets what answers nobody any more.
    pub(super) fn sweep(&mut self) {
        self.0.retain(|_, (_, _, at)| at.elapsed() < MEMORY);
    }
}
