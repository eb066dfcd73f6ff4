//! Files that jobs left and whose time is up.

use chrono::TimeDelta;
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use nexus_infra::postgres::turns;

use super::error::JobsError;
use super::service::{keep, output_of};
use super::store;
use crate::context::TenantContext;
use crate::work::{RESULTS, TenantUpkeep};

/// How much later than a file's time is up it is removed even if no job speaks of it: its job failed after it was stored.
const GRACE: TimeDelta = TimeDelta::days(1);

/// Removes them.
#[derive(Debug)]
pub(super) struct Retention;

impl TenantUpkeep for Retention {
    fn name(&self) -> &'static str {
        "jobs.retention"
    }

    fn run(&self, ctx: TenantContext) -> LocalBoxFuture<'_, Result<(), Problem>> {
        Box::pin(async move {
            remove_expired(&ctx).await?;
            let day = ctx.now().date_naive().to_string();
            // Listing a bucket is dear: once a day, and not where there is nothing.
            let db = ctx.read().await?;
            if store::any(db.conn()).await.map_err(JobsError::from)? && turns::take(&db, self.name(), &day).await.map_err(JobsError::from)? {
                drop(db);
                remove_forgotten(&ctx).await?;
            }
            Ok(())
        })
    }
}

/// Removes results whose job failed after they were stored.
async fn remove_forgotten(ctx: &TenantContext) -> Result<(), JobsError> {
    let bucket = ctx.bucket().map_err(JobsError::bucket)?;
    let mut after: Option<String> = None;
    loop {
        let page = bucket.list(RESULTS, after.as_deref()).await.map_err(JobsError::bucket)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        for object in page.iter().filter(|object| object.modified < ctx.now() - keep(ctx) - GRACE) {
            bucket.delete(&object.key).await.map_err(JobsError::bucket)?;
        }
    }
}

/// The objects go first: what is noted as removed is removed.
async fn remove_expired(ctx: &TenantContext) -> Result<(), JobsError> {
    loop {
        let expired = store::expired(ctx.read().await?.conn(), ctx.now() - keep(ctx)).await?;
        if expired.is_empty() {
            return Ok(());
        }
        let bucket = ctx.bucket().map_err(JobsError::bucket)?;
        for job in &expired {
            let output = output_of(job);
            for file in output.file.iter().chain(&output.errors_file) {
                bucket.delete(&file.key).await.map_err(JobsError::bucket)?;
            }
        }
        store::forget_files(ctx.read().await?.conn(), expired.iter().map(|job| job.id).collect()).await?;
        tracing::info!(jobs = expired.len(), "files of old jobs were removed");
    }
}
