//! The warm pool: databases, roles and buckets that are prepared before anybody signs up, so that a sign-up waits for none of them.
//!
//! ```text
//! preparing → ready → (claimed: the row is gone, the tenant's is there)
//!          ↘     ↘
//!            draining → (gone)
//! ```
//!
//! Invariants:
//! - The row is committed before anything exists outside, and goes after everything outside is gone: whatever lies around belongs
//!   to an entry or to a tenant, and in each snapshot of the control database to one of them.
//! - An entry's id becomes the tenant's. Names are derived from it, secrets are sealed for it: nothing is renamed or sealed anew.
//! - A claim is part of the sign-up's transaction. It waits for nobody, and a sign-up that is rolled back leaves the entry ready.
//! - Where none lies ready, a sign-up that passed its checks has an entry begun for itself while its password is hashed; what it does not take is the pool's.
//! - A prepared database is closed: not even its own role may connect before a saga opens it. What was claimed never comes back.
//! - There are never more entries than asked for, whatever number of processes counts: they count under a lock.
//! - Making and removing looks at the catalogue and may be repeated, run twice or be killed, as the steps of a saga. Sagas come first.

mod ahead;
mod claim;
mod drain;
mod entries;
mod fill;
mod work;

use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::error::ProvisioningError;
use crate::provisioner::Provisioner;

pub use ahead::Begun;
pub(crate) use ahead::{AT_ONCE, claim as claim_begun};
pub(crate) use claim::claim;
pub use entries::PoolEntry;
pub(crate) use entries::throw_away;

/// How often the pool is looked at without being told to: for back-off that ran out, and for what other processes took.
const EVERY: Duration = Duration::from_secs(2);
/// The same where nothing is to be kept.
const EVERY_WHEN_OFF: Duration = Duration::from_secs(60);
/// How long a stopping pool lets work finish.
const DRAIN: Duration = Duration::from_secs(10);
/// For so long another program's entries are left alone: while processes are replaced one by one, both schemas are wanted.
const OTHERS_KEEP: TimeDelta = TimeDelta::minutes(2);

/// Keeps the warm pool. Any number of processes may run one.
pub struct WarmPool {
    provisioner: Provisioner,
}

impl WarmPool {
    /// A keeper over this provisioner, with the size that the settings say.
    #[must_use]
    pub fn new(provisioner: Provisioner) -> Self {
        Self { provisioner }
    }

    /// Keeps the pool filled until `stop`. Needs a `LocalSet`.
    pub async fn run(self, stop: CancellationToken) {
        describe_metrics();
        if let Err(error) = self.provisioner.register_servers().await {
            tracing::warn!(%error, "database servers not registered; the reconciler tries again");
        }
        let pause = if self.provisioner.warm_pool.size == 0 { EVERY_WHEN_OFF } else { EVERY };
        while !stop.is_cancelled() {
            if let Err(error) = self.round(&stop).await {
                tracing::warn!(%error, "the warm pool can't be looked after");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.provisioner.refill.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One look: marks what does not fit any more, adds what lacks, and works on all that is due. Needs a `LocalSet`.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`] when the control database can't be read. What fails outside waits for its next try.
    pub async fn round(&self, stop: &CancellationToken) -> Result<(), ProvisioningError> {
        let inner = &self.provisioner;
        drain::mark_unfit(inner).await?;
        let filled = fill::top_up(inner).await;
        let worked = self.work_off(stop).await;
        entries::measure(inner.control.conn()).await?;
        filled.and(worked)
    }

    /// Takes down what is draining, and prepares nothing: for a command that ends. Needs a `LocalSet`.
    ///
    /// # Errors
    /// As [`Self::round`].
    pub async fn work_off(&self, stop: &CancellationToken) -> Result<(), ProvisioningError> {
        let mut at_work = JoinSet::new();
        let outcome = loop {
            let taken = self.take(&mut at_work, stop).await;
            if taken.is_err() || at_work.is_empty() {
                break taken;
            }
            tokio::select! {
                () = stop.cancelled() => break Ok(()),
                _ = at_work.join_next() => {}
            }
        };
        // What is cut off here is taken up again once its lease has run out.
        let _ = timeout(DRAIN, async { while at_work.join_next().await.is_some() {} }).await;
        outcome
    }

    async fn take(&self, at_work: &mut JoinSet<()>, stop: &CancellationToken) -> Result<(), ProvisioningError> {
        let most = usize::try_from(self.provisioner.warm_pool.parallel).unwrap_or(1);
        while !stop.is_cancelled() && at_work.len() < most {
            let asked = Instant::now();
            let Some(entry) = entries::take(&self.provisioner).await? else { return Ok(()) };
            let provisioner = self.provisioner.clone();
            at_work.spawn_local(async move { work::on(&provisioner, entry, asked).await });
        }
        Ok(())
    }
}

impl Provisioner {
    /// What lies in the warm pool, the oldest first.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`].
    pub async fn warm_pool(&self) -> Result<Vec<PoolEntry>, ProvisioningError> {
        entries::all(self.control.conn()).await
    }
}

fn describe_metrics() {
    metrics::describe_counter!("nexus_operations_total", "Sagas that ended, by kind and state");
    metrics::describe_histogram!(
        "nexus_saga_step_seconds",
        metrics::Unit::Seconds,
        "Duration of a try at a saga's step, by step, direction and outcome"
    );
    metrics::describe_gauge!("nexus_warm_pool_entries", "Entries of the warm pool, by state");
    metrics::describe_counter!("nexus_warm_pool_claims_total", "Sign-ups that asked the warm pool, by outcome: claimed or missed");
    metrics::describe_histogram!("nexus_warm_pool_refill_seconds", metrics::Unit::Seconds, "How long an entry took to prepare, by outcome");
}
