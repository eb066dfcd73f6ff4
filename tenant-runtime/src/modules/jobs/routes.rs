//! `/jobs`.

use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use actix_web::{HttpRequest, HttpResponse, get, post};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, PathId, list_query, respond};
use tempfile::NamedTempFile;
use tokio_util::io::ReaderStream;
use utoipa_actix_web::service_config::ServiceConfig;

use super::error::JobsError;
use super::list::{JOBS, ListJobs};
use super::permission::JobsRead;
use super::service::{self, JobFile};
use super::wire::JobOut;
use crate::context::{Anyone, Guard, TenantContext};
use crate::work::StoredFile;

#[utoipa::path(
    tag = "jobs", operation_id = "list_jobs", summary = "List jobs", description = "Background jobs of the organization, newest first.",
    params(ListJobs),
    responses((status = 200, description = "A page of jobs.", body = ListEnvelope<JobOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("jobs.read")))
)]
#[get("/jobs")]
pub async fn list(guard: Guard<JobsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &JOBS)?;
    let jobs = service::list(&guard, &query.request).await?;
    Ok(respond::listing(&req, &query, jobs))
}

#[utoipa::path(
    tag = "jobs", operation_id = "get_job", summary = "Get a job", description = "A job with its progress. Your own, or any with the permission jobs.read.",
    params(PathId),
    responses((status = 200, description = "The job.", body = Envelope<JobOut>)),
    security(("bearer" = []), ("api_key" = []))
)]
#[get("/jobs/{id}")]
pub async fn get(guard: Guard<Anyone>, id: PathId) -> ApiResult {
    Ok(respond::ok(service::get(&guard, id.0).await?))
}

#[utoipa::path(
    tag = "jobs", operation_id = "cancel_job", summary = "Cancel a job",
    description = "Stops a job that has not ended: a queued one at once, a running one at its next step. Your own, or any with the permission settings.write.",
    params(PathId, Idempotency),
    responses((status = 200, description = "The job.", body = Envelope<JobOut>), (status = 409, description = "The job has ended.")),
    security(("bearer" = []), ("api_key" = []))
)]
#[post("/jobs/{id}/cancel")]
pub async fn cancel(guard: Guard<Anyone>, id: PathId, idempotency: Idempotency) -> ApiResult {
    let done = service::cancel(&guard, idempotency.key(), id.0).await?;
    Ok(respond::idempotent(done, respond::ok))
}

#[utoipa::path(
    tag = "jobs", operation_id = "download_job_result", summary = "Download a job's file", description = "The file that a job made, such as an export.",
    params(PathId),
    responses(
        (status = 200, description = "The file.", content_type = "text/csv", body = String),
        (status = 409, description = "The job has not ended yet."),
        (status = 410, description = "The file is no longer kept: `expires_at` of the job is over."),
    ),
    security(("bearer" = []), ("api_key" = []))
)]
#[get("/jobs/{id}/result")]
pub async fn result(guard: Guard<Anyone>, id: PathId) -> ApiResult {
    download(&guard, id, JobFile::Result).await
}

#[utoipa::path(
    tag = "jobs", operation_id = "download_job_errors", summary = "Download what a job refused", description = "The file that lists what a job refused, such as the faulty lines of an import.",
    params(PathId),
    responses(
        (status = 200, description = "The file.", content_type = "text/csv", body = String),
        (status = 409, description = "The job has not ended yet."),
        (status = 410, description = "The file is no longer kept: `expires_at` of the job is over."),
    ),
    security(("bearer" = []), ("api_key" = []))
)]
#[get("/jobs/{id}/errors")]
pub async fn errors(guard: Guard<Anyone>, id: PathId) -> ApiResult {
    download(&guard, id, JobFile::Errors).await
}

async fn download(ctx: &TenantContext, id: PathId, which: JobFile) -> ApiResult {
    let (stored, local) = service::file(ctx, id.0, which).await?;
    Ok(stream(&stored, local).map_err(|error| JobsError::Bucket(error.into()))?)
}

/// Streams the temporary file as a download. The open handle outlives the file's name, which goes at once.
fn stream(stored: &StoredFile, local: NamedTempFile) -> std::io::Result<HttpResponse> {
    let file = tokio::fs::File::from_std(local.reopen()?);
    let size = local.as_file().metadata()?.len();
    let name = ExtendedValue { charset: header::Charset::Ext("UTF-8".to_owned()), language_tag: None, value: stored.name.clone().into_bytes() };
    let disposition = ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![DispositionParam::FilenameExt(name)] };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, stored.content_type.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(disposition)
        .no_chunking(size)
        .streaming(ReaderStream::new(file)))
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(get).service(cancel).service(result).service(errors);
}
