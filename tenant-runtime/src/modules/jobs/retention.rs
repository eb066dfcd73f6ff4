//! Files that jobs left and whose time is up.

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use nexus_infra::postgres::turns;
use uuid::Uuid;

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
                remove_forgotten(&ctx, ctx.now() - keep(&ctx) - GRACE).await?;
            }
            Ok(())
        })
    }
}

/// Results stored before `before` of which no job speaks: it failed after they were stored.
pub(super) async fn remove_forgotten(ctx: &TenantContext, before: DateTime<Utc>) -> Result<(), JobsError> {
    let bucket = ctx.bucket().map_err(JobsError::bucket)?;
    let mut after: Option<String> = None;
    loop {
        let page = bucket.list(RESULTS, after.as_deref()).await.map_err(JobsError::bucket)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        let old: Vec<_> = page.into_iter().filter(|object| object.modified < before).map(|object| (maker(&object.key), object.key)).collect();
        let speaking = store::with_files(ctx.read().await?.conn(), old.iter().filter_map(|(id, _)| *id)).await?;
        for (_, key) in old.iter().filter(|(id, _)| id.is_none_or(|id| !speaking.contains(&id))) {
            bucket.delete(key).await.map_err(JobsError::bucket)?;
            tracing::info!(key, "a result of which no job speaks was removed");
        }
    }
}

/// The job whose result has this key.
fn maker(key: &str) -> Option<Uuid> {
    key.strip_prefix(RESULTS)?.split('.').next()?.parse().ok()
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
