//! The four health routes. None needs a credential, none is rate limited.

use actix_web::get;
use actix_web::web::Data;
use nexus_core::{ErrorCode, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Report, Status};
use crate::error::ApiResult;
use crate::respond;
use crate::slice::Slice;
use crate::state::WebState;
use crate::wire::Envelope;

/// The process is alive.
#[derive(Debug, Serialize, ToSchema)]
struct Alive {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// What runs here.
#[derive(Debug, Serialize, ToSchema)]
struct Version {
    /// Semantic version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Source revision, null where the build did not know it.
    #[schema(example = "3f2a9c1")]
    revision: Option<&'static str>,
}

#[utoipa::path(
    tag = "health", operation_id = "get_liveness", summary = "Is the process alive",
    description = "Answers as long as the process runs; asks no dependency.",
    responses((status = 200, description = "Alive.", body = Envelope<Alive>)), security()
)]
#[get("/healthz")]
async fn alive() -> ApiResult {
    Ok(respond::ok(Alive { status: "ok" }))
}

#[utoipa::path(
    tag = "health", operation_id = "get_readiness", summary = "Can the process serve",
    description = "Answers 503 while a required dependency is down or the process shuts down: route no requests here.",
    responses((status = 200, description = "Ready.", body = Envelope<Report>)), security()
)]
#[get("/readyz")]
async fn ready(state: Data<WebState>) -> ApiResult {
    if state.shutdown.is_cancelled() {
        return Err(Problem::new(ErrorCode::SERVICE_UNAVAILABLE, "The process is shutting down.").into());
    }
    let report = state.health.report().await;
    if report.status == Status::Unavailable {
        let details = serde_json::to_value(&report.checks).unwrap_or_default();
        return Err(Problem::unavailable("A required dependency").with_details(details).into());
    }
    Ok(respond::ok(report))
}

#[utoipa::path(
    tag = "health", operation_id = "get_version", summary = "What runs here", description = "Version and source revision of the program.",
    responses((status = 200, description = "The version.", body = Envelope<Version>)), security()
)]
#[get("/version")]
async fn version(state: Data<WebState>) -> ApiResult {
    let build = state.health.build();
    Ok(respond::ok(Version { version: build.version, revision: build.revision }))
}

#[utoipa::path(
    tag = "health", operation_id = "get_health", summary = "State of the dependencies",
    description = "State, version, uptime and every dependency. Answers 200 whatever the state: use `/readyz` for routing.",
    responses((status = 200, description = "The state.", body = Envelope<Report>)), security()
)]
#[get("/health")]
async fn health(state: Data<WebState>) -> ApiResult {
    Ok(respond::ok(state.health.report().await))
}

/// Routes at the root of the host.
pub(crate) fn root_slice() -> Slice {
    Slice::new("health", |cfg| {
        cfg.service(alive).service(ready).service(version);
    })
}

/// Routes under `/api/v1`.
pub(crate) fn api_slice() -> Slice {
    Slice::new("health", |cfg| {
        cfg.service(health);
    })
}
