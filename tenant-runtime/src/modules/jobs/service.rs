//! Rules of looking at jobs and cancelling them.

use nexus_core::{AuditEntry, Event, Idempotent, ListRequest, Listing};
use nexus_infra::object_store::{ObjectStoreError, ObjectStream};
use nexus_infra::{IdempotencyKey, jobs};
use serde_json::json;
use uuid::Uuid;

use super::entity::Model;
use super::error::JobsError;
use super::permission::JobsRead;
use super::retention::keep;
use super::store;
use super::wire::{JobOut, ProgressOut};
use crate::context::{Permission, TenantContext};
use crate::modules::job_permission;
use crate::places::{NoPlace, TenantPlace, TenantPlaces};
use crate::work::{JobOutput, StoredFile};

/// Action of the audit entry.
const CANCEL: &str = "jobs.cancel";
/// Emitted when a job was cancelled.
const CANCELLED: &str = "jobs.job.cancelled.v1";

/// Downloads under way in this process.
static DOWNLOADS: TenantPlaces = TenantPlaces::new();

/// Which file of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobFile {
    /// What it made.
    Result,
    /// What it refused.
    Errors,
}

fn shown(ctx: &TenantContext, row: Model) -> JobOut {
    let output = output_of(&row);
    let expires_at = row.finished_at.filter(|_| output.has_files()).map(|at| at + keep(ctx));
    let is_kept = expires_at.is_some_and(|at| ctx.now() < at);
    let url = |file: &Option<StoredFile>, name: &str| file.as_ref().filter(|_| is_kept).map(|_| format!("/api/v1/jobs/{}/{name}", row.id));
    JobOut {
        expires_at,
        id: row.id,
        result_url: url(&output.file, "result"),
        errors_url: url(&output.errors_file, "errors"),
        summary: Some(output.summary).filter(|summary| !summary.is_null()),
        error: row.error,
        progress: ProgressOut { done: row.progress_done, total: row.progress_total },
        kind: row.kind,
        state: row.state,
        attempts: row.attempts,
        max_attempts: row.max_attempts,
        created_by: row.created_by,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
    }
}

pub(super) fn output_of(row: &Model) -> JobOutput {
    row.result.clone().and_then(|result| serde_json::from_value(result).ok()).unwrap_or_default()
}

/// Ids of people and of API keys are of different tables: only with its kind does an id say who.
fn is_own(ctx: &TenantContext, job: &Model) -> bool {
    let actor = ctx.actor();
    actor.id.is_some() && job.created_by == actor.id && job.created_by_kind == actor.kind.as_str()
}

async fn visible(ctx: &TenantContext, id: Uuid) -> Result<Model, JobsError> {
    let job = store::find(ctx.read().await?.conn(), id).await?.ok_or(JobsError::NotFound)?;
    if is_own(ctx, &job) || ctx.allows(JobsRead::KEY) { Ok(job) } else { Err(JobsError::NotFound) }
}

/// One part of the list.
pub(super) async fn list(ctx: &TenantContext, request: &ListRequest) -> Result<Listing<JobOut>, JobsError> {
    Ok(store::list(ctx.read().await?.conn(), request).await?.map(|row| shown(ctx, row)))
}

/// One job: the caller's own, or any with `jobs.read`.
pub(super) async fn get(ctx: &TenantContext, id: Uuid) -> Result<JobOut, JobsError> {
    Ok(shown(ctx, visible(ctx, id).await?))
}

/// Cancels a job: a queued one at once, a running one at its next progress. Cancelling again changes nothing.
pub(super) async fn cancel(ctx: &TenantContext, key: Option<&IdempotencyKey>, id: Uuid) -> Result<Idempotent<JobOut>, JobsError> {
    visible(ctx, id).await?;
    ctx.write_once(CANCEL, key, async |tx| {
        let before = store::find_locked(tx, id).await?.ok_or(JobsError::NotFound)?;
        if !is_own(ctx, &before) && !ctx.allows("settings.write") {
            return Err(JobsError::NotYours);
        }
        match before.state.as_str() {
            "queued" | "running" => {}
            "cancelled" => return Ok(shown(ctx, before)),
            _ => return Err(JobsError::Finished),
        }
        jobs::cancel(tx, id).await?;
        let after = store::find(tx.conn(), id).await?.ok_or(JobsError::NotFound)?;
        tx.audit(AuditEntry::of(CANCEL, "job", id).before(json!({ "state": before.state })).after(json!({ "state": after.state })));
        let payload = json!({ "id": id, "kind": after.kind, "state": after.state });
        tx.emit(Event { id: tx.new_id(), kind: CANCELLED, aggregate_type: "job", aggregate_id: id, payload });
        Ok(shown(ctx, after))
    })
    .await
}

/// A file of a job, on its way out of the bucket.
#[derive(Debug)]
pub(super) struct Download {
    pub stored: StoredFile,
    pub content: ObjectStream,
    pub place: TenantPlace,
}

/// A file of a job that the caller sees, provided that they may read what it is about: a job outlives the permission with which it was asked for.
pub(super) async fn file(ctx: &TenantContext, id: Uuid, which: JobFile) -> Result<Download, JobsError> {
    let job = visible(ctx, id).await?;
    let permission = job_permission(&job.kind).ok_or(JobsError::NoFile)?;
    if !ctx.allows(permission) {
        return Err(JobsError::Forbidden(permission));
    }
    let stored = stored(ctx, &job, which)?;
    let place = take_download(ctx)?;
    let bucket = ctx.bucket().map_err(JobsError::bucket)?.in_a_hurry();
    match bucket.get(&stored.key).await {
        Ok(content) => Ok(Download { stored, content, place }),
        Err(ObjectStoreError::NotFound) => Err(JobsError::FileExpired),
        Err(error) => Err(JobsError::bucket(error)),
    }
}

/// A place among the downloads of this process.
pub(super) fn take_download(ctx: &TenantContext) -> Result<TenantPlace, JobsError> {
    let bounds = &ctx.runtime().settings.exports;
    DOWNLOADS.take(ctx.tenant_id(), bounds.max_downloads_per_tenant, bounds.max_downloads).map_err(|none| match none {
        NoPlace::OfTenant => JobsError::TooManyDownloads(bounds.max_downloads_per_tenant),
        NoPlace::InProcess => JobsError::Busy,
    })
}

fn stored(ctx: &TenantContext, job: &Model, which: JobFile) -> Result<StoredFile, JobsError> {
    if matches!(job.state.as_str(), "queued" | "running") {
        return Err(JobsError::NotFinished);
    }
    let output = output_of(job);
    let stored = match which {
        JobFile::Result => output.file,
        JobFile::Errors => output.errors_file,
    };
    let is_over = job.finished_at.is_some_and(|at| at + keep(ctx) <= ctx.now());
    match stored {
        Some(stored) if !is_over => Ok(stored),
        None if !output.files_removed => Err(JobsError::NoFile),
        _ => Err(JobsError::FileExpired),
    }
}
