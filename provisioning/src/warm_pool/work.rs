//! Working on one entry: making its parts, or taking them down. Each part is looked for before it is made or removed.

use std::time::Duration;

use chrono::TimeDelta;
use nexus_core::{TenantId, TenantState};
use nexus_infra::Backoff;
use tokio::time::{Instant, sleep, timeout_at};

use super::entries::{self, Entry};
use crate::error::StepError;
use crate::failpoint::{self, Moment};
use crate::outside::{self, Names};
use crate::provisioner::Inner;
use crate::servers::Server;

/// Longest work on one entry. Its lease is longer: when it can be taken by others, nobody works on it any more.
const LIMIT: Duration = Duration::from_secs(60);
/// Between tries: servers and stores come back, and an entry is in no hurry.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
/// How long sagas are given way at each step, and how often it is looked whether they are through.
const COURTESY: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(25);

/// Works on the entry until it is ready or gone, or has to wait for its next try. `asked`: when its lease was asked for.
pub(super) async fn on(inner: &Inner, entry: Entry, asked: Instant) {
    let outcome = timeout_at(asked + LIMIT, work(inner, &entry)).await;
    let outcome = outcome.unwrap_or_else(|elapsed| Err(StepError::transient("SERVICE_UNAVAILABLE", "It took too long.", elapsed)));
    if entry.is_preparing() {
        let outcome = if outcome.is_ok() { "ready" } else { "failed" };
        metrics::histogram!("nexus_warm_pool_refill_seconds", "outcome" => outcome).record(asked.elapsed());
    }
    let Err(error) = outcome else { return };
    let cause = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
    tracing::warn!(entry = %entry.id, server = entry.server_name, state = entry.state, %error, cause, "an entry of the warm pool waits");
    let delay = TimeDelta::from_std(BACKOFF.spread(entry.failures.unsigned_abs() + 1)).unwrap_or(TimeDelta::seconds(30));
    if let Err(error) = entries::failed(inner, entry.id, &error.message, inner.clock.now() + delay).await {
        tracing::warn!(entry = %entry.id, %error, "lease not given back; it runs out by itself");
    }
}

async fn work(inner: &Inner, entry: &Entry) -> Result<(), StepError> {
    if entry.is_preparing() { Box::pin(prepare(inner, entry)).await } else { Box::pin(take_down(inner, entry)).await }
}

async fn prepare(inner: &Inner, entry: &Entry) -> Result<(), StepError> {
    let names = Names::of(TenantId(entry.id));
    let server = inner.servers.get(&entry.server_name)?;
    give_way(server).await;
    step("warm_database", outside::create_database(server, &names.database)).await?;
    give_way(server).await;
    let secrets = inner.open_secrets(entry.id, &entry.secret_sealed)?;
    step("warm_role", outside::create_role(server, &names.role, &names.database, &secrets.db_password)).await?;
    step("warm_bucket", outside::create_bucket(&inner.objects, &names.bucket)).await?;
    step("warm_ready", async {
        let ready = entries::ready(inner, entry.id).await?;
        if !ready {
            tracing::debug!(entry = %entry.id, "somebody else has this entry of the warm pool by now");
        }
        Ok(())
    })
    .await
}

/// The database first: role and bucket stay as long as it does.
async fn take_down(inner: &Inner, entry: &Entry) -> Result<(), StepError> {
    let names = Names::of(TenantId(entry.id));
    if is_tenants(inner, entry).await? {
        return Err(StepError::permanent("CONFLICT", "A tenant has it: it is not taken down."));
    }
    match inner.servers.get(&entry.server_name) {
        Ok(server) => {
            give_way(server).await;
            step("drain_database", outside::drop_database(server, &names.database)).await?;
            step("drain_role", outside::drop_role(server, &names.role)).await?;
        }
        // Gone for good, with all that was on it.
        Err(_) if entry.server_is_closed => {}
        Err(unknown) => return Err(unknown),
    }
    step("drain_bucket", outside::remove_bucket(&inner.objects, &names.bucket)).await?;
    step("drain_entry", async { Ok(entries::gone(inner, entry.id).await?) }).await
}

/// Whether the control database knows a tenant of this id that is not deleted. There should be none: a claim takes the row away.
async fn is_tenants(inner: &Inner, entry: &Entry) -> Result<bool, StepError> {
    let tenant = crate::store::tenant(inner.control.conn(), entry.id).await?;
    Ok(tenant.is_some_and(|tenant| tenant.state != TenantState::Deleted.as_str()))
}

async fn step(name: &str, work: impl Future<Output = Result<(), StepError>>) -> Result<(), StepError> {
    failpoint::hit(name, Moment::Before)?;
    work.await?;
    failpoint::hit(name, Moment::After)
}

/// Sagas come first: waits until none of this process is at work on the server, but not for ever.
async fn give_way(server: &Server) {
    let until = Instant::now() + COURTESY;
    while server.is_busy() && Instant::now() < until {
        sleep(LOOK).await;
    }
}
