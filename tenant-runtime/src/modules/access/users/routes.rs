//! `/users`.

use actix_web::{HttpRequest, delete, get, patch, post};
use nexus_iam::tenant_users::USERS;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, Json, PathId, list_params, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{UserOut, UserRolesPatch};
use crate::context::Guard;
use crate::modules::access::permission::{UsersRead, UsersWrite};

list_params!(pub ListUsers => USERS);

#[utoipa::path(
    tag = "access", operation_id = "list_users", summary = "List people",
    description = "People of the organization, invited and former ones among them. `q` finds words, as prefixes, in names and e-mail addresses; `role` who holds one of these keys.",
    params(ListUsers),
    responses((status = 200, description = "A page of people.", body = ListEnvelope<UserOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("users.read")))
)]
#[get("/users")]
pub async fn list(guard: Guard<UsersRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &USERS)?;
    let users = service::list(&guard, query.request.clone()).await?;
    Ok(respond::listing(&req, &query, users))
}

#[utoipa::path(
    tag = "access", operation_id = "get_user", summary = "Get a person", description = "One person of the organization.",
    params(PathId),
    responses(
        (status = 200, description = "The person.", body = Envelope<UserOut>),
        (status = 304, description = "Unchanged since the ETag given in If-None-Match."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("users.read")))
)]
#[get("/users/{id}")]
pub async fn get(guard: Guard<UsersRead>, id: PathId) -> ApiResult {
    let user = service::get(&guard, id.0).await?;
    let version = user.version;
    Ok(respond::no_store(respond::ok_versioned(user, version)))
}

#[utoipa::path(
    tag = "access", operation_id = "assign_user_roles", summary = "Give and take roles",
    description = "Gives roles to a person and takes roles from them; what they hold already, or don't hold, changes nothing, so there is no version to match. \
Bites within a second everywhere (15 seconds while Redis is away). You can only touch people, and give and take roles, that hold nothing that you don't: \
owners are touched by owners alone. An organization keeps an active owner.",
    params(PathId), request_body = UserRolesPatch,
    responses(
        (status = 200, description = "The person.", body = Envelope<UserOut>),
        (status = 409, description = "The organization would have no active owner left (`LAST_OWNER`), or the person was removed (`USER_STATUS`)."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.write")))
)]
#[patch("/users/{id}/roles")]
pub async fn assign_roles(guard: Guard<UsersWrite>, id: PathId, body: Json<UserRolesPatch>) -> ApiResult {
    Ok(respond::no_store(respond::ok(service::assign_roles(&guard, id.0, body.0).await?)))
}

#[utoipa::path(
    tag = "access", operation_id = "deactivate_user", summary = "Deactivate a person",
    description = "Shuts an active person out, within a second everywhere (15 seconds while Redis is away). Roles, and API keys the person made, stay as they are. Doing it again changes nothing.",
    params(PathId, Idempotency),
    responses(
        (status = 200, description = "The person.", body = Envelope<UserOut>),
        (status = 409, description = "The only active owner (`LAST_OWNER`), or the person has not joined or was removed (`USER_STATUS`)."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.write")))
)]
#[post("/users/{id}/deactivate")]
pub async fn deactivate(guard: Guard<UsersWrite>, id: PathId, idempotency: Idempotency) -> ApiResult {
    let done = service::deactivate(&guard, idempotency.key(), id.0).await?;
    Ok(respond::idempotent(done, respond::ok))
}

#[utoipa::path(
    tag = "access", operation_id = "reactivate_user", summary = "Reactivate a person",
    description = "Lets a deactivated person in again, with the roles they had. Doing it again changes nothing.",
    params(PathId, Idempotency),
    responses(
        (status = 200, description = "The person.", body = Envelope<UserOut>),
        (status = 402, description = "As many people are active or invited as the plan allows; a larger plan helps."),
        (status = 409, description = "The person has not joined, or was removed (`USER_STATUS`)."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.write")))
)]
#[post("/users/{id}/reactivate")]
pub async fn reactivate(guard: Guard<UsersWrite>, id: PathId, idempotency: Idempotency) -> ApiResult {
    let done = service::reactivate(&guard, idempotency.key(), id.0).await?;
    Ok(respond::idempotent(done, respond::ok))
}

#[utoipa::path(
    tag = "access", operation_id = "remove_user", summary = "End a membership",
    description = "Ends a person's membership, within a second everywhere. Who has joined stays in the list as `removed`, without roles, because history names them, and comes back \
by another invitation only. Who never joined is forgotten, and the invitation with them. Doing it again changes nothing, so there is no version to match.",
    params(PathId),
    responses((status = 204, description = "Ended."), (status = 409, description = "The only active owner (`LAST_OWNER`).")),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.write")))
)]
#[delete("/users/{id}")]
pub async fn remove(guard: Guard<UsersWrite>, id: PathId) -> ApiResult {
    service::remove(&guard, id.0).await?;
    Ok(respond::no_content())
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(get).service(assign_roles).service(deactivate).service(reactivate).service(remove);
}
