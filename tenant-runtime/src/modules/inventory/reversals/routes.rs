//! `POST /stock-movements/{id}/reverse`.

use actix_web::post;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Json, PathId, RequiredIdempotency};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::ReverseIn;
use crate::context::Guard;
use crate::modules::inventory::movements::routes::posted;
use crate::modules::inventory::movements::wire::PostingOut;
use crate::modules::inventory::permission::InventoryReverse;

#[utoipa::path(
    tag = "inventory", operation_id = "reverse_stock_movement", summary = "Reverse a stock movement",
    description = "Posts the opposite of a movement, or with `scope: batch` of everything that was posted with it, all or nothing. The reversal is recorded now, with the reason `reversal` and the reference of what it undoes; both name each other (`reverses_id`, `reversed_by_id`). Needs the permission that the movement was posted with: `inventory.receive` for what came in, `inventory.issue` for what went out, `inventory.transfer` or `inventory.adjust`. A reversal can't be reversed, nor can a file's movements as a whole.",
    params(PathId, RequiredIdempotency), request_body = ReverseIn,
    responses(
        (status = 201, description = "What was posted, the last movement's reversal first.", body = Envelope<PostingOut>),
        (status = 409, description = "The stock has left (`INSUFFICIENT_STOCK`), it was reversed before (`ALREADY_REVERSED`), or it can't be (`MOVEMENT_NOT_REVERSIBLE`)."),
    ),
    security(("bearer" = []), ("api_key" = [])),
    extensions(("x-permission" = json!(["inventory.adjust", "inventory.transfer", "inventory.receive", "inventory.issue"])))
)]
#[post("/stock-movements/{id}/reverse")]
pub async fn reverse(guard: Guard<InventoryReverse>, id: PathId, idempotency: RequiredIdempotency, body: Json<ReverseIn>) -> ApiResult {
    Ok(posted(service::reverse(&guard, idempotency.key(), id.0, body.0).await?))
}

/// Mounts the operation.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(reverse);
}
