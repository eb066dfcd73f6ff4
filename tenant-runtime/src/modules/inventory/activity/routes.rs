//! `GET /inventory/activity`.

use actix_web::get;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Params, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{ActivityOut, ActivityParams};
use crate::context::Guard;
use crate::modules::inventory::permission::InventoryRead;

#[utoipa::path(
    tag = "inventory", operation_id = "get_inventory_activity", summary = "See what moved from day to day",
    description = "For each of the last days, today included, in the organization's time zone: how many movements happened, what came in and what went out, in all and by kind. Every day is listed, also those on which nothing moved. Movements that were reversed, and their reversals, are left out.",
    params(ActivityParams),
    responses((status = 200, description = "The days, the oldest first.", body = Envelope<ActivityOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("inventory.read")))
)]
#[get("/inventory/activity")]
pub async fn get(guard: Guard<InventoryRead>, params: Params<ActivityParams>) -> ApiResult {
    Ok(respond::ok(service::get(&guard, params.0.days).await?))
}

/// Mounts the operation.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get);
}
