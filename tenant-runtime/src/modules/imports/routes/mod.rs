//! `/products/import` and `/stock-movements/import`: a multipart form, taken in as a stream.

mod form;
mod narrow;

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, post};
use nexus_core::Idempotent;
use nexus_infra::IdempotencyKey;
use nexus_web::extract::fingerprint;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Idempotency, Params, RequiredIdempotency, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::admission;
use super::permission::{InventoryImport, ProductsImport};
use super::service::{self, Kind, Started, Upload};
use super::wire::{ImportForm, ImportParams};
use crate::context::Guard;
use crate::work::JobTicket;

#[utoipa::path(
    tag = "imports", operation_id = "import_products", summary = "Import products",
    description = "Starts a job that creates and changes products from a CSV file, one row per variant, recognised by id or SKU; an exported file can be imported as it is. Categories that it names are made where you may make some. All rows or none, unless `skip_invalid`. The same file again answers the first job (200). Wrong rows are listed at `/jobs/{id}/errors`.",
    params(ImportParams, Idempotency), request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "The job.", body = Envelope<JobTicket>),
        (status = 200, description = "The file was imported before, by this job.", body = Envelope<JobTicket>),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.import")))
)]
#[post("/products/import")]
pub async fn products(
    guard: Guard<ProductsImport>,
    req: HttpRequest,
    params: Params<ImportParams>,
    idempotency: Idempotency,
    payload: Payload,
) -> ApiResult {
    let _place = admission::admit(&guard).await?;
    let upload = form::receive(&guard, &req, payload).await?;
    let key = idempotency.0.map(|key| complete(&req, key, &upload));
    Ok(started(service::start(&guard, Kind::Products, key.as_ref(), params.0, upload).await?))
}

#[utoipa::path(
    tag = "imports", operation_id = "import_stock_movements", summary = "Import stock movements",
    description = "Starts a job that posts a CSV file of movements: all rows in one transaction, or none, unless `skip_invalid`. A row that would make a level negative is an error, and so is one whose `occurred_at` lies before the import, unless you hold `inventory.backdate`. The same file again answers the first job (200) and posts nothing twice; `again=true` posts it once more. Wrong rows are listed at `/jobs/{id}/errors`.",
    params(ImportParams, RequiredIdempotency), request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "The job.", body = Envelope<JobTicket>),
        (status = 200, description = "The file was imported before, by this job.", body = Envelope<JobTicket>),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("inventory.import")))
)]
#[post("/stock-movements/import")]
pub async fn movements(
    guard: Guard<InventoryImport>,
    req: HttpRequest,
    params: Params<ImportParams>,
    idempotency: RequiredIdempotency,
    payload: Payload,
) -> ApiResult {
    let _place = admission::admit(&guard).await?;
    let upload = form::receive(&guard, &req, payload).await?;
    let key = complete(&req, idempotency.0, &upload);
    Ok(started(service::start(&guard, Kind::Movements, Some(&key), params.0, upload).await?))
}

fn started(done: Idempotent<Started>) -> HttpResponse {
    respond::idempotent(done, |started| {
        let location = started.ticket.location();
        if started.known { respond::ok(started.ticket) } else { respond::accepted(&location, started.ticket) }
    })
}

/// The key's fingerprint says what the request is: its target, the file and how it is read. (The form's boundary differs each time.)
fn complete(req: &HttpRequest, key: IdempotencyKey, upload: &Upload) -> IdempotencyKey {
    let target = req.uri().path_and_query().map_or("", |target| target.as_str());
    let reading = serde_json::to_vec(&(&upload.mapping, upload.options)).unwrap_or_default();
    IdempotencyKey { fingerprint: fingerprint(&[target.as_bytes(), upload.received.digest.as_bytes(), &reading]), ..key }
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(products).service(movements);
}
