//! `/users`.

use actix_web::{HttpRequest, get};
use nexus_iam::tenant_users::USERS;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, PathId, list_params, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::UserOut;
use crate::context::Guard;
use crate::modules::access::permission::UsersRead;

list_params!(pub ListUsers => USERS);

#[utoipa::path(
    tag = "access", operation_id = "list_users", summary = "List people",
    description = "People of the organization. `q` finds words, as prefixes, in names and e-mail addresses.",
    params(ListUsers),
    responses((status = 200, description = "A page of people.", body = ListEnvelope<UserOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("users.read")))
)]
#[get("/users")]
pub async fn list(guard: Guard<UsersRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &USERS)?;
    let users = service::list(&guard, &query.request).await?;
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

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(get);
}
