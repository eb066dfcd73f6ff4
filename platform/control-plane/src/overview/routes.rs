//! The handler of `/admin/overview`.

use actix_web::{get, web};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::OverviewOut;
use crate::guard::{OperatorAuth, TenantsRead};
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "admin", operation_id = "get_overview", summary = "See how the platform stands",
    description = "Tenants by state, operations under way, failing and given up, the warm pool, organizations founded on each of the last 30 days (UTC), and the database \
                   servers with their tenants and whether they answer the process that was asked.",
    responses((status = 200, description = "The overview.", body = Envelope<OverviewOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.tenants.read")))
)]
#[get("/admin/overview")]
pub(crate) async fn get(_auth: OperatorAuth<TenantsRead>, state: web::Data<ControlPlane>) -> ApiResult {
    let overview = service::get(&state).await?;
    Ok(respond::ok(OverviewOut::from(overview)))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get);
}
