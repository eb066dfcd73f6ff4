//! `/roles` and `/permissions`.

use actix_web::{HttpRequest, delete, get, patch, post, put};
use nexus_iam::tenant_users::ROLES;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, IfMatch, Json, PathId, list_params, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{GrantsIn, MatrixOut, PermissionOut, RoleIn, RoleOut, RolePatch, RoleReplacement};
use crate::context::Guard;
use crate::modules::access::permission::{RolesRead, RolesWrite};

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

#[utoipa::path(
    tag = "access", operation_id = "get_role_matrix", summary = "Get the matrix of roles",
    description = "Every role with every permission, in groups: which role allows and denies what, what can be put into a role, and by you.",
    responses((status = 200, description = "Roles and permissions.", body = Envelope<MatrixOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("roles.read")))
)]
#[get("/roles/matrix")]
pub async fn matrix(guard: Guard<RolesRead>) -> ApiResult {
    Ok(respond::ok(service::matrix(&guard).await?))
}

#[utoipa::path(
    tag = "access", operation_id = "create_role", summary = "Create a role",
    description = "Creates a role of the organization's own. It can name what you hold yourself, and never `organization.own`; what gives access can be allowed and not denied. \
An organization has at most 50.",
    params(Idempotency), request_body = RoleIn,
    responses(
        (status = 201, description = "The role.", body = Envelope<RoleOut>),
        (status = 409, description = "Another role has the key (`ROLE_KEY_TAKEN`), or there are as many as may be (`ROLE_LIMIT`)."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("roles.write")))
)]
#[post("/roles")]
pub async fn create(guard: Guard<RolesWrite>, idempotency: Idempotency, body: Json<RoleIn>) -> ApiResult {
    let done = service::create(&guard, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, |role| {
        let version = role.version;
        respond::created(&format!("/api/v1/roles/{}", role.id), role, Some(version))
    }))
}

#[utoipa::path(
    tag = "access", operation_id = "get_role", summary = "Get a role", description = "One role with what it allows and denies.",
    params(PathId), responses((status = 200, description = "The role.", body = Envelope<RoleOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("roles.read")))
)]
#[get("/roles/{id}")]
pub async fn get(guard: Guard<RolesRead>, id: PathId) -> ApiResult {
    let role = service::get(&guard, id.0).await?;
    let version = role.version;
    Ok(respond::ok_versioned(role, version))
}

#[utoipa::path(
    tag = "access", operation_id = "replace_role", summary = "Replace a role's name and description",
    description = "Replaces name and description. Needs the version last read in If-Match. Built-in roles can't be changed, nor those that name what you don't hold.",
    params(PathId, IfMatch), request_body = RoleReplacement,
    responses((status = 200, description = "The role.", body = Envelope<RoleOut>), (status = 409, description = "A built-in role (`ROLE_BUILT_IN`).")),
    security(("bearer" = [])), extensions(("x-permission" = json!("roles.write")))
)]
#[put("/roles/{id}")]
pub async fn replace(guard: Guard<RolesWrite>, id: PathId, version: IfMatch, body: Json<RoleReplacement>) -> ApiResult {
    let role = service::replace(&guard, id.0, version.0, body.0).await?;
    let version = role.version;
    Ok(respond::ok_versioned(role, version))
}

#[utoipa::path(
    tag = "access", operation_id = "edit_role", summary = "Change a role's name and description",
    description = "Changes the given fields. Needs the version last read in If-Match. Built-in roles can't be changed, nor those that name what you don't hold.",
    params(PathId, IfMatch), request_body = RolePatch,
    responses((status = 200, description = "The role.", body = Envelope<RoleOut>), (status = 409, description = "A built-in role (`ROLE_BUILT_IN`).")),
    security(("bearer" = [])), extensions(("x-permission" = json!("roles.write")))
)]
#[patch("/roles/{id}")]
pub async fn edit(guard: Guard<RolesWrite>, id: PathId, version: IfMatch, body: Json<RolePatch>) -> ApiResult {
    let role = service::edit(&guard, id.0, version.0, body.0).await?;
    let version = role.version;
    Ok(respond::ok_versioned(role, version))
}

#[utoipa::path(
    tag = "access", operation_id = "replace_role_permissions", summary = "Replace what a role allows and denies",
    description = "Replaces the permissions of a role, for everybody who holds it, within a second everywhere (15 seconds while Redis is away). Needs the version last read in \
If-Match. Both what it named before and what it names now must be yours; to deny something else than before, everything that its holders may do, too.",
    params(PathId, IfMatch), request_body = GrantsIn,
    responses((status = 200, description = "The role.", body = Envelope<RoleOut>), (status = 409, description = "A built-in role (`ROLE_BUILT_IN`).")),
    security(("bearer" = [])), extensions(("x-permission" = json!("roles.write")))
)]
#[put("/roles/{id}/permissions")]
pub async fn set_permissions(guard: Guard<RolesWrite>, id: PathId, version: IfMatch, body: Json<GrantsIn>) -> ApiResult {
    let role = service::set_permissions(&guard, id.0, version.0, body.0).await?;
    let version = role.version;
    Ok(respond::ok_versioned(role, version))
}

#[utoipa::path(
    tag = "access", operation_id = "delete_role", summary = "Delete a role",
    description = "Deletes a role that nobody holds. Needs the version last read in If-Match.",
    params(PathId, IfMatch),
    responses(
        (status = 204, description = "Deleted."),
        (status = 409, description = "A built-in role (`ROLE_BUILT_IN`), or people hold it (`ROLE_IN_USE`), invited and deactivated ones among them."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("roles.write")))
)]
#[delete("/roles/{id}")]
pub async fn remove(guard: Guard<RolesWrite>, id: PathId, version: IfMatch) -> ApiResult {
    service::remove(&guard, id.0, version.0).await?;
    Ok(respond::no_content())
}

/// Mounts the operations. The fixed path stands before the one with an id.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(permissions).service(matrix).service(create);
    cfg.service(get).service(replace).service(edit).service(set_permissions).service(remove);
}
