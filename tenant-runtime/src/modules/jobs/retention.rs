//! How long what jobs made is kept.

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::Problem;
use nexus_infra::object_store::StoredObject;
use uuid::Uuid;

use super::service::output_of;
use super::store;
use crate::context::TenantContext;
use crate::retention::{Expired, Retained, UNSPOKEN_FOR};
use crate::work::RESULTS;

/// How long a job's files are kept after its end.
pub(crate) fn keep(ctx: &TenantContext) -> TimeDelta {
    TimeDelta::days(ctx.runtime().settings.jobs.keep_files_days.into())
}

/// The files of jobs. Those that an import tells about its file go with its job, too, and lie elsewhere.
#[derive(Debug)]
pub(super) struct JobFiles;

impl Retained for JobFiles {
    const NAME: &'static str = "jobs.retention";
    const PREFIX: &'static str = RESULTS;

    async fn expired(ctx: &TenantContext) -> Result<Vec<Expired>, Problem> {
        let jobs = store::expired(ctx.read().await?.conn(), ctx.now() - keep(ctx)).await?;
        let expired = jobs.iter().map(|job| {
            let output = output_of(job);
            Expired { id: job.id, keys: output.file.into_iter().chain(output.errors_file).map(|file| file.key).collect() }
        });
        Ok(expired.collect())
    }

    async fn forget(ctx: &TenantContext, ids: Vec<Uuid>) -> Result<(), Problem> {
        Ok(store::forget_files(ctx.read().await?.conn(), ids).await?)
    }

    async fn any(ctx: &TenantContext) -> Result<bool, Problem> {
        Ok(store::any(ctx.read().await?.conn()).await?)
    }

    async fn unspoken(ctx: &TenantContext, now: DateTime<Utc>, objects: Vec<StoredObject>) -> Result<Vec<String>, Problem> {
        let made = objects.into_iter().map(|object| (maker(&object.key), object));
        unspoken(ctx, now, made).await
    }
}

/// Of files that jobs made, each with its job: those that have had their time and of which no job speaks. It failed after they were stored.
///
/// # Errors
/// The database.
pub(crate) async fn unspoken(
    ctx: &TenantContext,
    now: DateTime<Utc>,
    made: impl Iterator<Item = (Option<Uuid>, StoredObject)>,
) -> Result<Vec<String>, Problem> {
    let before = now - keep(ctx) - UNSPOKEN_FOR;
    let old: Vec<_> = made.filter(|(_, object)| object.modified < before).collect();
    let speaking = store::with_files(ctx.read().await?.conn(), old.iter().filter_map(|(job, _)| *job)).await?;
    Ok(old.into_iter().filter(|(job, _)| job.is_none_or(|job| !speaking.contains(&job))).map(|(_, object)| object.key).collect())
}

/// The job whose result has this key.
fn maker(key: &str) -> Option<Uuid> {
    key.strip_prefix(RESULTS)?.split('.').next()?.parse().ok()
}
