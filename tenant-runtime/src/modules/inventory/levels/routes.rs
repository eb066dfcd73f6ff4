//! `GET /inventory`.

use actix_web::{HttpRequest, get};
use nexus_web::wire::ListEnvelope;
use nexus_web::{ApiResult, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{LEVELS, ListLevels};
use super::service;
use super::wire::LevelOut;
use crate::context::Guard;
use crate::modules::inventory::permission::InventoryRead;

#[utoipa::path(
    tag = "inventory", operation_id = "list_inventory", summary = "List stock levels",
    description = "What lies where, by variant, location and lot. `q` finds words, as prefixes: those of a product's name or brand find all its variants, those of a variant's name, SKU or barcode find that variant; every word must fit. `sku` and `location` compare without regard to case. `low_stock=true` finds levels with no more available than their safety stock.",
    params(ListLevels),
    responses((status = 200, description = "A page of levels.", body = ListEnvelope<LevelOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("inventory.read")))
)]
#[get("/inventory")]
pub async fn list(guard: Guard<InventoryRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &LEVELS)?;
    let levels = service::list(&guard, query.request.clone()).await?;
    Ok(respond::listing(&req, &query, levels))
}

/// Mounts the operation.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list);
}
