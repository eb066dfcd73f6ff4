//! `/jobs`.

use actix_web::body::SizedStream;
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType, ExtendedValue};
use actix_web::{HttpRequest, HttpResponse, get, post};
use futures::StreamExt;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, PathId, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{JOBS, ListJobs};
use super::permission::JobsRead;
use super::service::{self, Download, JobFile};
use super::wire::JobOut;
use crate::context::{Anyone, Guard, TenantContext};

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
    tag = "jobs", operation_id = "download_job_result", summary = "Download a job's file", description = "The file that a job made, such as an export. Asks for the permission that its kind of job asks for (an export: products.read), whoever started it.",
    params(PathId),
    responses(
        (status = 200, description = "The file.", content_type = "text/csv", body = String),
        (status = 409, description = "The job has not ended yet."),
        (status = 403, description = "The permission that the job's kind asks for is missing; the message names it."),
        (status = 410, description = "The file is no longer kept: `expires_at` of the job is over."),
        (status = 429, description = "As many files of the organization are being downloaded as may."),
    ),
    security(("bearer" = []), ("api_key" = []))
)]
#[get("/jobs/{id}/result")]
pub async fn result(guard: Guard<Anyone>, id: PathId) -> ApiResult {
    download(&guard, id, JobFile::Result).await
}

#[utoipa::path(
    tag = "jobs", operation_id = "download_job_errors", summary = "Download what a job refused", description = "The file that lists what a job refused, such as the faulty lines of an import. Asks for the permission that its kind of job asks for, whoever started it.",
    params(PathId),
    responses(
        (status = 200, description = "The file.", content_type = "text/csv", body = String),
        (status = 409, description = "The job has not ended yet."),
        (status = 403, description = "The permission that the job's kind asks for is missing; the message names it."),
        (status = 410, description = "The file is no longer kept: `expires_at` of the job is over."),
        (status = 429, description = "As many files of the organization are being downloaded as may."),
    ),
    security(("bearer" = []), ("api_key" = []))
)]
#[get("/jobs/{id}/errors")]
pub async fn errors(guard: Guard<Anyone>, id: PathId) -> ApiResult {
    download(&guard, id, JobFile::Errors).await
}

async fn download(ctx: &TenantContext, id: PathId, which: JobFile) -> ApiResult {
    let Download { stored, content, place } = service::file(ctx, id.0, which).await?;
    let name = ExtendedValue { charset: header::Charset::Ext("UTF-8".to_owned()), language_tag: None, value: stored.name.into_bytes() };
    let disposition = ContentDisposition { disposition: DispositionType::Attachment, parameters: vec![DispositionParam::FilenameExt(name)] };
    // The place is held until the last piece was sent, or given up.
    let pieces = content.pieces.inspect(move |_| {
        let _held = &place;
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, stored.content_type.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(disposition)
        .body(SizedStream::new(content.size, pieces)))
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(get).service(cancel).service(result).service(errors);
}
