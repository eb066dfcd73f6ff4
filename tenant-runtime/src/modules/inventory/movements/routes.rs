//! `/stock-movements`, `/inventory/adjust`, `/inventory/transfer` and `/inventory/history`.

use actix_web::{HttpRequest, HttpResponse, get, post};
use nexus_core::Idempotent;
use nexus_web::extract::path_id;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Json, PathId, RequiredIdempotency, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{HISTORY, ListHistory, ListMovements, MOVEMENTS};
use super::service;
use super::wire::{AdjustIn, MovementOut, MovementsIn, PostingOut, TransferIn};
use crate::context::Guard;
use crate::modules::inventory::permission::{InventoryAdjust, InventoryMove, InventoryRead, InventoryTransfer};

#[utoipa::path(
    tag = "inventory", operation_id = "adjust_inventory", summary = "Correct stock",
    description = "Posts 1 to 1,000 corrections, all or none: each adds its `delta` to one level. `expected_quantity` or `expected_version` make a line conditional: 409 `STOCK_CHANGED` carries the current state, and what changed it last. A line that would make a level negative answers 409 `INSUFFICIENT_STOCK`.",
    params(RequiredIdempotency), request_body = AdjustIn,
    responses(
        (status = 201, description = "What was posted.", body = Envelope<PostingOut>),
        (status = 409, description = "Not enough stock, or the stock has changed since it was read."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("inventory.adjust")))
)]
#[post("/inventory/adjust")]
pub async fn adjust(guard: Guard<InventoryAdjust>, idempotency: RequiredIdempotency, body: Json<AdjustIn>) -> ApiResult {
    Ok(posted(service::adjust(&guard, idempotency.key(), body.0).await?))
}

#[utoipa::path(
    tag = "inventory", operation_id = "transfer_inventory", summary = "Move stock between locations",
    description = "Posts 1 to 1,000 moves between locations that hold stock, all or none.",
    params(RequiredIdempotency), request_body = TransferIn,
    responses(
        (status = 201, description = "What was posted.", body = Envelope<PostingOut>),
        (status = 409, description = "Not enough stock."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("inventory.transfer")))
)]
#[post("/inventory/transfer")]
pub async fn transfer(guard: Guard<InventoryTransfer>, idempotency: RequiredIdempotency, body: Json<TransferIn>) -> ApiResult {
    Ok(posted(service::transfer(&guard, idempotency.key(), body.0).await?))
}

#[utoipa::path(
    tag = "inventory", operation_id = "create_stock_movements", summary = "Post stock movements",
    description = "Posts 1 to 1,000 movements of one kind, all or none: goods received, issued, returned or scrapped. What comes in needs `inventory.receive`, what goes out `inventory.issue`.",
    params(RequiredIdempotency), request_body = MovementsIn,
    responses(
        (status = 201, description = "What was posted.", body = Envelope<PostingOut>),
        (status = 409, description = "Not enough stock."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!(["inventory.receive", "inventory.issue"])))
)]
#[post("/stock-movements")]
pub async fn create(guard: Guard<InventoryMove>, idempotency: RequiredIdempotency, body: Json<MovementsIn>) -> ApiResult {
    Ok(posted(service::create(&guard, idempotency.key(), body.0).await?))
}

#[utoipa::path(
    tag = "inventory", operation_id = "list_stock_movements", summary = "List stock movements",
    description = "The ledger, newest first. Cursor only. `location_id` finds what leaves or enters a location; `sku` compares without regard to case.",
    params(ListMovements),
    responses((status = 200, description = "A part of the ledger.", body = ListEnvelope<MovementOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("inventory.read")))
)]
#[get("/stock-movements")]
pub async fn list(guard: Guard<InventoryRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &MOVEMENTS)?;
    let movements = service::list(&guard, query.request.clone()).await?;
    Ok(respond::listing(&req, &query, movements))
}

#[utoipa::path(
    tag = "inventory", operation_id = "get_stock_movement", summary = "Get a stock movement", description = "One row of the ledger.",
    params(PathId),
    responses((status = 200, description = "The movement.", body = Envelope<MovementOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("inventory.read")))
)]
#[get("/stock-movements/{id}")]
pub async fn get(guard: Guard<InventoryRead>, id: PathId) -> ApiResult {
    Ok(respond::ok(service::get(&guard, id.0).await?))
}

#[utoipa::path(
    tag = "inventory", operation_id = "list_inventory_history", summary = "List the stock history of a product",
    description = "The ledger of one product over all its variants, newest first; empty when nothing has moved. Cursor only.",
    params(("product_id" = uuid::Uuid, Path, description = "The product."), ListHistory),
    responses((status = 200, description = "A part of the product's ledger.", body = ListEnvelope<MovementOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("inventory.read")))
)]
#[get("/inventory/history/{product_id}")]
pub async fn history(guard: Guard<InventoryRead>, req: HttpRequest) -> ApiResult {
    let product_id = path_id(&req, "product_id")?;
    let query = list_query(&req, &HISTORY)?;
    let movements = service::history(&guard, product_id, query.request.clone()).await?;
    Ok(respond::listing(&req, &query, movements))
}

/// 201; `Location` is the first movement, the others are in the body.
pub fn posted(done: Idempotent<PostingOut>) -> HttpResponse {
    respond::idempotent(done, |posting| {
        let location = posting.movements.first().map_or_else(String::new, |first| format!("/api/v1/stock-movements/{}", first.id));
        respond::created(&location, posting, None)
    })
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(adjust).service(transfer).service(history).service(create).service(list).service(get);
}
