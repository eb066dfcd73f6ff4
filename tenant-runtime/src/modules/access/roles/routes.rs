//! `/roles` and `/permissions`.

use actix_web::{HttpRequest, get};
use nexus_iam::tenant_users::ROLES;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, list_params, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{PermissionOut, RoleOut};
use crate::context::Guard;
use crate::modules::access::permission::RolesRead;

list_params!(pub ListRoles => ROLES);

#[utoipa::path(
    tag = "access", operation_id = "list_roles", summary = "List roles", description = "Roles of the organization with what they allow.",
    params(ListRoles),
    responses((status = 200, description = "A page of roles.", body = ListEnvelope<RoleOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("roles.read")))
)]
#[get("/roles")]
pub async fn list(guard: Guard<RolesRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &ROLES)?;
    let roles = service::list(&guard, &query.request).await?;
    Ok(respond::listing(&req, &query, roles))
}

#[utoipa::path(
    tag = "access", operation_id = "list_permissions", summary = "List permissions",
    description = "Every permission of the catalogue, in the order of the documentation.",
    responses((status = 200, description = "All permissions.", body = Envelope<Vec<PermissionOut>>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("roles.read")))
)]
#[get("/permissions")]
pub async fn permissions(_guard: Guard<RolesRead>) -> ApiResult {
    Ok(respond::ok(service::permissions()))
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(permissions);
}
