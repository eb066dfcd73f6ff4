//! The job `inventory.verify`, and the upkeep that asks for it once a day.

use chrono::NaiveDate;
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use nexus_infra::jobs::{NewJob, enqueue};
use nexus_infra::{DbError, IdempotencyError, IdempotencyKey};
use serde_json::json;

use super::verify_levels;
use crate::context::{Permission, TenantContext};
use crate::modules::inventory::error::InventoryError;
use crate::modules::inventory::permission::InventoryRead;
use crate::work::{JobOutput, JobResult, JobRun, TenantJob, TenantUpkeep};

/// Kind of the job.
pub const KIND: &str = "inventory.verify";

/// Compares levels and ledger, and raises an alarm when they differ.
#[derive(Debug)]
pub struct VerifyLevels;

impl TenantJob for VerifyLevels {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn permission(&self) -> &'static str {
        InventoryRead::KEY
    }

    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun<'a>) -> LocalBoxFuture<'a, JobResult> {
        Box::pin(async move {
            let found = ctx.read_snapshot::<_, DbError, _>(KIND, async |tx| verify_levels(tx).await).await?;
            // Without a difference too: a counter that is never seen at nought hides its first step.
            metrics::counter!("nexus_inventory_level_differences_total").increment(u64::try_from(found.different).unwrap_or_default());
            if found.different > 0 {
                tracing::error!(tenant_id = %ctx.tenant_id(), job_id = %job.id(), different = found.different, "levels differ from their ledger");
            }
            Ok(JobOutput::of(json!(found)))
        })
    }
}

/// Asks for the job once a day.
#[derive(Debug)]
pub struct DailyVerification;

impl TenantUpkeep for DailyVerification {
    fn name(&self) -> &'static str {
        KIND
    }

    fn run(&self, ctx: TenantContext) -> LocalBoxFuture<'_, Result<(), Problem>> {
        Box::pin(async move { Ok(verify_on(&ctx, ctx.now().date_naive()).await?) })
    }
}

/// Enqueues the job of one day (UTC), however many processes ask for it and however often: the day is an idempotency key, kept longer
/// than the day. One that is still under way from the day before counts for this day too.
///
/// # Errors
/// A database error; the next upkeep makes up for it.
pub(in crate::modules::inventory) async fn verify_on(ctx: &TenantContext, day: NaiveDate) -> Result<(), InventoryError> {
    let key = IdempotencyKey { scope: format!("system {KIND}"), key: day.to_string(), fingerprint: String::new() };
    let asked = ctx
        .write_once::<_, InventoryError, _>(KIND, Some(&key), async |tx| {
            enqueue(tx, NewJob::new(KIND, json!({})).dedupe("all")).await?;
            Ok(())
        })
        .await;
    match asked {
        // Another process is about to commit it.
        Ok(_) | Err(InventoryError::Idempotency(IdempotencyError::InFlight)) => Ok(()),
        Err(error) => Err(error),
    }
}
