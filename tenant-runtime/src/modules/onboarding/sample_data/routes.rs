//! `/sample-data`.

use actix_web::{delete, get, post};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Params, RequiredIdempotency, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{RemovalParams, SampleDataOut, SampleRemovalOut};
use crate::context::Guard;
use crate::modules::onboarding::permission::{SampleDataRead, SampleDataWrite};

#[utoipa::path(
    tag = "onboarding", operation_id = "get_sample_data", summary = "See whether sample data are there",
    description = "Whether sample data are loaded, since when and how much.",
    responses((status = 200, description = "What is there.", body = Envelope<SampleDataOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[get("/sample-data")]
pub async fn get(guard: Guard<SampleDataRead>) -> ApiResult {
    Ok(respond::ok(service::get(&guard).await?))
}

#[utoipa::path(
    tag = "onboarding", operation_id = "load_sample_data", summary = "Load sample data",
    description = "Makes a small shop to try things with: two dozen products in categories of their own, two sites, and what moved within the last 30 days. Their codes begin with `SAMPLE`, products and locations say `sample: true`. They count towards the plan: 402 when there is no room for them.",
    params(RequiredIdempotency),
    responses(
        (status = 201, description = "What was made.", body = Envelope<SampleDataOut>),
        (status = 402, description = "The plan's number of products or locations would be exceeded."),
        (status = 409, description = "Sample data are there already (`SAMPLE_DATA_LOADED`)."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("sample_data.write")))
)]
#[post("/sample-data")]
pub async fn load(guard: Guard<SampleDataWrite>, idempotency: RequiredIdempotency) -> ApiResult {
    let done = service::load(&guard, idempotency.key()).await?;
    Ok(respond::idempotent(done, |loaded| respond::created("/api/v1/sample-data", loaded, None)))
}

#[utoipa::path(
    tag = "onboarding", operation_id = "remove_sample_data", summary = "Remove the sample data",
    description = "Reverses what the sample data moved, archives their products and locations that the ledger names, and deletes the rest. What somebody has worked with since (a product that was changed, or moved by a posting of one's own) is left alone and no sample any more. `dry_run=true` only says what would become of them.",
    params(RemovalParams),
    responses(
        (status = 200, description = "What became of them.", body = Envelope<SampleRemovalOut>),
        (status = 409, description = "There are none (`SAMPLE_DATA_NOT_LOADED`)."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("sample_data.write")))
)]
#[delete("/sample-data")]
pub async fn remove(guard: Guard<SampleDataWrite>, params: Params<RemovalParams>) -> ApiResult {
    Ok(respond::ok(service::remove(&guard, params.0.dry_run).await?))
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get).service(load).service(remove);
}
