//! Handlers of `/admin/operations`.

use actix_web::{HttpRequest, get, web};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, PathId, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{ListOperations, OPERATIONS};
use super::service;
use super::wire::{InspectionOut, OperationSummaryOut};
use crate::guard::{OperatorAuth, TenantsRead};
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "admin", operation_id = "list_operations", summary = "List operations",
    description = "Every operation on every tenant, the newest first; `q` is looked for in the tenant's name and slug. `is_stuck` finds what is under way for longer \
                   than two minutes (a deletion that waits for the end of its window is not under way), `is_failing` what is under way and failed at its last try. \
                   What was given up is `failed`, or `undone` when it was taken back.",
    params(ListOperations),
    responses((status = 200, description = "A page of operations.", body = ListEnvelope<OperationSummaryOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.tenants.read")))
)]
#[get("/admin/operations")]
pub(crate) async fn list(_auth: OperatorAuth<TenantsRead>, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &OPERATIONS)?;
    let listing = service::list(&state, &query.request).await?;
    Ok(respond::listing(&req, &query, listing.map(OperationSummaryOut::from)))
}

#[utoipa::path(
    tag = "admin", operation_id = "inspect_operation", summary = "Inspect an operation",
    description = "An operation with everything that is known of it: each step with its tries, its times and why it failed last, who is at work on it, and what comes next. \
                   `cause` is for operators: what a database server or the object store said, without secrets and without values of rows. `GET /operations/{id}/events` \
                   tells of each change as it happens; `POST /tenants/{id}/retry` tries again what failed.",
    params(PathId),
    responses((status = 200, description = "The operation.", body = Envelope<InspectionOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.tenants.read")))
)]
#[get("/admin/operations/{id}")]
pub(crate) async fn get(_auth: OperatorAuth<TenantsRead>, state: web::Data<ControlPlane>, id: PathId) -> ApiResult {
    let found = service::get(&state, id.0).await?;
    Ok(respond::ok(InspectionOut::from(found)))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(get);
}
