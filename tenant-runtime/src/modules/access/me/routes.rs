//! `/me`.

use actix_web::get;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::MeOut;
use crate::context::{Anyone, Guard};

#[utoipa::path(
    tag = "access", operation_id = "get_me", summary = "Get the caller",
    description = "The caller in this organization: the person or the API key, roles, permissions, and what the organization's plan grants. Open to every active user and every good key.",
    responses((status = 200, description = "The caller.", body = Envelope<MeOut>)),
    security(("bearer" = []), ("api_key" = []))
)]
#[get("/me")]
pub async fn me(guard: Guard<Anyone>) -> ApiResult {
    Ok(respond::ok(service::me(&guard).await?))
}

/// Mounts the operation.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(me);
}
