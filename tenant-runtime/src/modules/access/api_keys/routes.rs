//! `/api-keys`.

use actix_web::{HttpRequest, delete, get, post};
use nexus_iam::api_keys::API_KEYS;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, Json, PathId, list_params, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{ApiKeyIn, ApiKeyOut, CreatedApiKeyOut};
use crate::context::Guard;
use crate::modules::access::permission::{ApiKeysRead, ApiKeysWrite};

list_params!(pub ListApiKeys => API_KEYS);

#[utoipa::path(
    tag = "api-keys", operation_id = "list_api_keys", summary = "List API keys",
    description = "API keys of the organization, newest first, with their scopes and their last use. `revoked_at=null` leaves out revoked ones. Keys that ended are shown for 90 days.",
    params(ListApiKeys),
    responses((status = 200, description = "A page of API keys.", body = ListEnvelope<ApiKeyOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("api_keys.read")))
)]
#[get("/api-keys")]
pub async fn list(guard: Guard<ApiKeysRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &API_KEYS)?;
    let keys = service::list(&guard, &query.request).await?;
    Ok(respond::listing(&req, &query, keys))
}

#[utoipa::path(
    tag = "api-keys", operation_id = "create_api_key", summary = "Create an API key",
    description = "Makes a key for a program and shows it for the only time: a retry under the same Idempotency-Key answers 409 `SECRET_NOT_REPLAYABLE`. \
The key belongs to the organization and works until it is revoked or expires, whatever becomes of whoever made it. \
Each scope must be a permission of your own that a key can have. Only people with a proved e-mail address may make keys (403 `EMAIL_NOT_VERIFIED`). \
At most 100 keys work at a time, fewer if the plan says so.",
    params(Idempotency), request_body = ApiKeyIn,
    responses(
        (status = 201, description = "The key.", body = Envelope<CreatedApiKeyOut>),
        (status = 402, description = "As many keys work as the plan allows; a larger plan helps."),
        (status = 409, description = "A hundred keys work, which is as many as may under any plan (`API_KEY_LIMIT`)."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("api_keys.write")))
)]
#[post("/api-keys")]
pub async fn create(guard: Guard<ApiKeysWrite>, idempotency: Idempotency, body: Json<ApiKeyIn>) -> ApiResult {
    let created = service::create(&guard, idempotency.key(), body.0).await?;
    let location = format!("/api/v1/api-keys/{}", created.api_key.id);
    Ok(respond::created(&location, created, None))
}

#[utoipa::path(
    tag = "api-keys", operation_id = "get_api_key", summary = "Get an API key", description = "One API key; never the key itself.",
    params(PathId),
    responses((status = 200, description = "The key.", body = Envelope<ApiKeyOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("api_keys.read")))
)]
#[get("/api-keys/{id}")]
pub async fn get(guard: Guard<ApiKeysRead>, id: PathId) -> ApiResult {
    Ok(respond::ok(service::get(&guard, id.0).await?))
}

#[utoipa::path(
    tag = "api-keys", operation_id = "revoke_api_key", summary = "Revoke an API key",
    description = "Ends a key for good, within a second everywhere (15 seconds while Redis is away). Revoking it again changes nothing. \
Nothing of a key is edited, so there is no version to match.",
    params(PathId), responses((status = 204, description = "Revoked.")),
    security(("bearer" = [])), extensions(("x-permission" = json!("api_keys.write")))
)]
#[delete("/api-keys/{id}")]
pub async fn revoke(guard: Guard<ApiKeysWrite>, id: PathId) -> ApiResult {
    service::revoke(&guard, id.0).await?;
    Ok(respond::no_content())
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(create).service(get).service(revoke);
}
