//! The job `inventory.verify`.

use futures::future::LocalBoxFuture;
use nexus_infra::DbError;
use serde_json::json;

use super::verify_levels;
use crate::context::TenantContext;
use crate::work::{JobOutput, JobResult, JobRun, TenantJob};

/// Kind of the job.
pub const KIND: &str = "inventory.verify";

/// Compares levels and ledger, and raises an alarm when they differ.
#[derive(Debug)]
pub struct VerifyLevels;

impl TenantJob for VerifyLevels {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, ctx: TenantContext, _: JobRun) -> LocalBoxFuture<'a, JobResult> {
        Box::pin(async move {
            let found = ctx.read_snapshot::<_, DbError, _>("inventory.verify", async |tx| verify_levels(tx).await).await?;
            if found.different > 0 {
                metrics::counter!("nexus_inventory_level_differences_total").increment(u64::try_from(found.different).unwrap_or_default());
                tracing::error!(tenant_id = %ctx.tenant_id(), different = found.different, "levels differ from their ledger");
            }
            Ok(JobOutput::of(json!(found)))
        })
    }
}
