//! What the metrics tell of connections, alike for both kinds of holds.

use tokio::time::Instant;

use super::LeaseError;

/// Counts an organization among those with connections for some use, for as long as this lives.
pub(super) struct Counted(&'static str);

impl Counted {
    pub(super) fn of(usage: &'static str) -> Self {
        metrics::gauge!("nexus_tenant_pools_open", "use" => usage).increment(1.0);
        Self(usage)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("nexus_tenant_pools_open", "use" => self.0).decrement(1.0);
    }
}

/// An opening, for which a permit of the budget is at hand: whoever waits for the budget is counted there.
pub(super) async fn opening<T>(opening: impl Future<Output = Result<T, LeaseError>>) -> Result<T, LeaseError> {
    let started = Instant::now();
    let opened = opening.await;
    metrics::histogram!("nexus_tenant_pool_open_seconds").record(started.elapsed());
    metrics::counter!("nexus_tenant_pool_opens_total", "outcome" => if opened.is_ok() { "opened" } else { "failed" }).increment(1);
    opened
}

/// Notes that an organization loses connections.
pub(super) fn evicted(reason: &'static str) {
    metrics::counter!("nexus_tenant_pool_evictions_total", "reason" => reason).increment(1);
}
