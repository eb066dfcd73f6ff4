//! `/categories`.

use actix_web::{HttpRequest, delete, get, patch, post, put};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, IfMatch, Json, PathId, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{CATEGORIES, ListCategories};
use super::service;
use super::wire::{CategoryIn, CategoryNode, CategoryOut, CategoryPatch};
use crate::context::Guard;
use crate::modules::catalog::permission::{CategoriesRead, CategoriesWrite};

#[utoipa::path(
    tag = "categories", operation_id = "list_categories", summary = "List categories",
    description = "Categories of all levels. `parent_id=null` lists the roots.",
    params(ListCategories),
    responses((status = 200, description = "A page of categories.", body = ListEnvelope<CategoryOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("categories.read")))
)]
#[get("/categories")]
pub async fn list(guard: Guard<CategoriesRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &CATEGORIES)?;
    let categories = service::list(&guard, query.request.clone()).await?;
    Ok(respond::listing(&req, &query, categories))
}

#[utoipa::path(
    tag = "categories", operation_id = "get_category_tree", summary = "Get the category tree",
    description = "The roots with everything below them, siblings in their order: at most 10,000 categories.",
    responses((status = 200, description = "The tree.", body = Envelope<Vec<CategoryNode>>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("categories.read")))
)]
#[get("/categories/tree")]
pub async fn tree(guard: Guard<CategoriesRead>) -> ApiResult {
    Ok(respond::ok(service::tree(&guard).await?))
}

#[utoipa::path(
    tag = "categories", operation_id = "create_category", summary = "Create a category",
    description = "Creates a category; without a slug one is made from the name.",
    params(Idempotency), request_body = CategoryIn,
    responses(
        (status = 201, description = "The category.", body = Envelope<CategoryOut>),
        (status = 409, description = "The slug, or the name among its siblings, is taken (`CATEGORY_EXISTS`; details.field says which), or there are 10,000 categories (`TOO_MANY_CATEGORIES`)."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("categories.write")))
)]
#[post("/categories")]
pub async fn create(guard: Guard<CategoriesWrite>, idempotency: Idempotency, body: Json<CategoryIn>) -> ApiResult {
    let done = service::create(&guard, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, |category| {
        let location = format!("/api/v1/categories/{}", category.id);
        let version = category.version;
        respond::created(&location, category, Some(version))
    }))
}

#[utoipa::path(
    tag = "categories", operation_id = "get_category", summary = "Get a category", description = "One category.",
    params(PathId),
    responses((status = 200, description = "The category.", body = Envelope<CategoryOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("categories.read")))
)]
#[get("/categories/{id}")]
pub async fn get(guard: Guard<CategoriesRead>, id: PathId) -> ApiResult {
    let category = service::get(&guard, id.0).await?;
    let version = category.version;
    Ok(respond::ok_versioned(category, version))
}

#[utoipa::path(
    tag = "categories", operation_id = "replace_category", summary = "Replace a category",
    description = "Replaces every field of a category; without a slug it keeps the one it has. A category can't lie below itself (409 `CATEGORY_CYCLE`). Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = CategoryIn,
    responses(
        (status = 200, description = "The category.", body = Envelope<CategoryOut>),
        (status = 409, description = "A name or slug is taken (`CATEGORY_EXISTS`; details.field says which), or the tree would have a cycle."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("categories.write")))
)]
#[put("/categories/{id}")]
pub async fn replace(guard: Guard<CategoriesWrite>, id: PathId, version: IfMatch, body: Json<CategoryIn>) -> ApiResult {
    let category = service::replace(&guard, id.0, version.0, body.0).await?;
    let version = category.version;
    Ok(respond::ok_versioned(category, version))
}

#[utoipa::path(
    tag = "categories", operation_id = "edit_category", summary = "Change a category",
    description = "Changes the given fields of a category, its place in the tree included. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = CategoryPatch,
    responses(
        (status = 200, description = "The category.", body = Envelope<CategoryOut>),
        (status = 409, description = "A name or slug is taken (`CATEGORY_EXISTS`; details.field says which), or the tree would have a cycle."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("categories.write")))
)]
#[patch("/categories/{id}")]
pub async fn edit(guard: Guard<CategoriesWrite>, id: PathId, version: IfMatch, body: Json<CategoryPatch>) -> ApiResult {
    let category = service::edit(&guard, id.0, version.0, body.0).await?;
    let version = category.version;
    Ok(respond::ok_versioned(category, version))
}

#[utoipa::path(
    tag = "categories", operation_id = "delete_category", summary = "Delete a category",
    description = "Deletes a category in which neither products nor other categories lie.",
    params(PathId, IfMatch),
    responses((status = 204, description = "Deleted."), (status = 409, description = "Something lies in it.")),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("categories.write")))
)]
#[delete("/categories/{id}")]
pub async fn remove(guard: Guard<CategoriesWrite>, id: PathId, version: IfMatch) -> ApiResult {
    service::remove(&guard, id.0, version.0).await?;
    Ok(respond::no_content())
}

/// Mounts the operations; `/categories/tree` before `/categories/{id}`, which would match it.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(tree).service(create).service(get).service(replace).service(edit).service(remove);
}
