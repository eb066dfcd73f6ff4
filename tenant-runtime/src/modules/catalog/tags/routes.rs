//! `/tags`.

use actix_web::{HttpRequest, delete, get, patch, post};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, IfMatch, Json, PathId, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{ListTags, TAGS};
use super::service;
use super::wire::{TagIn, TagOut, TagPatch};
use crate::context::Guard;
use crate::modules::catalog::permission::{ProductsRead, ProductsWrite};

#[utoipa::path(
    tag = "tags", operation_id = "list_tags", summary = "List tags", description = "Tags of the organization.",
    params(ListTags),
    responses((status = 200, description = "A page of tags.", body = ListEnvelope<TagOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[get("/tags")]
pub async fn list(guard: Guard<ProductsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &TAGS)?;
    let tags = service::list(&guard, query.request.clone()).await?;
    Ok(respond::listing(&req, &query, tags))
}

#[utoipa::path(
    tag = "tags", operation_id = "create_tag", summary = "Create a tag", description = "Creates a tag.",
    params(Idempotency), request_body = TagIn,
    responses((status = 201, description = "The tag.", body = Envelope<TagOut>), (status = 409, description = "The name is taken.")),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[post("/tags")]
pub async fn create(guard: Guard<ProductsWrite>, idempotency: Idempotency, body: Json<TagIn>) -> ApiResult {
    let done = service::create(&guard, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, |tag| {
        let location = format!("/api/v1/tags/{}", tag.id);
        let version = tag.version;
        respond::created(&location, tag, Some(version))
    }))
}

#[utoipa::path(
    tag = "tags", operation_id = "get_tag", summary = "Get a tag", description = "One tag.",
    params(PathId),
    responses((status = 200, description = "The tag.", body = Envelope<TagOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[get("/tags/{id}")]
pub async fn get(guard: Guard<ProductsRead>, id: PathId) -> ApiResult {
    let tag = service::get(&guard, id.0).await?;
    let version = tag.version;
    Ok(respond::ok_versioned(tag, version))
}

#[utoipa::path(
    tag = "tags", operation_id = "edit_tag", summary = "Change a tag",
    description = "Renames or recolours a tag on every product. A new name moves the versions of the products that carry it. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = TagPatch,
    responses((status = 200, description = "The tag.", body = Envelope<TagOut>), (status = 409, description = "The name is taken.")),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[patch("/tags/{id}")]
pub async fn edit(guard: Guard<ProductsWrite>, id: PathId, version: IfMatch, body: Json<TagPatch>) -> ApiResult {
    let tag = service::edit(&guard, id.0, version.0, body.0).await?;
    let version = tag.version;
    Ok(respond::ok_versioned(tag, version))
}

#[utoipa::path(
    tag = "tags", operation_id = "delete_tag", summary = "Delete a tag", description = "Deletes a tag that no product carries.",
    params(PathId, IfMatch),
    responses((status = 204, description = "Deleted."), (status = 409, description = "Products carry it.")),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[delete("/tags/{id}")]
pub async fn remove(guard: Guard<ProductsWrite>, id: PathId, version: IfMatch) -> ApiResult {
    service::remove(&guard, id.0, version.0).await?;
    Ok(respond::no_content())
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(create).service(get).service(edit).service(remove);
}
