//! `/products/export`.

use actix_web::post;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Idempotency, Json, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::ProductExportIn;
use crate::context::Guard;
use crate::modules::catalog::permission::ProductsRead;
use crate::work::JobTicket;

#[utoipa::path(
    tag = "products", operation_id = "export_products", summary = "Export products",
    description = "Starts a job that writes the products as CSV, one row per variant; an import reads the file as it is. Follow it at `Location`; the file is at `/jobs/{id}/result` until `expires_at`.",
    params(Idempotency), request_body = ProductExportIn,
    responses(
        (status = 202, description = "The job.", body = Envelope<JobTicket>),
        (status = 409, description = "The organization's exported files have as many bytes as are kept (`EXPORT_STORAGE_FULL`); details hold both numbers."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[post("/products/export")]
pub async fn export(guard: Guard<ProductsRead>, idempotency: Idempotency, body: Json<ProductExportIn>) -> ApiResult {
    let done = service::start(&guard, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, |ticket| respond::accepted(&ticket.location(), ticket)))
}

/// Mounts the operation.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(export);
}
