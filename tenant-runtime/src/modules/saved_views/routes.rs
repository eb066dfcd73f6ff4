//! `/saved-views`.

use actix_web::{HttpRequest, delete, get, patch, post};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, IfMatch, Json, PathId, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{ListSavedViews, SAVED_VIEWS};
use super::permission::{SavedViewsRead, SavedViewsWrite};
use super::service;
use super::wire::{SavedViewIn, SavedViewOut, SavedViewPatch};
use crate::context::Guard;

#[utoipa::path(
    tag = "saved-views", operation_id = "list_saved_views", summary = "List saved views", description = "Your own views and those shared with the organization.",
    params(ListSavedViews),
    responses((status = 200, description = "A page of saved views.", body = ListEnvelope<SavedViewOut>)),
    security(("bearer" = [])), extensions(("x-permission" = json!("saved_views.read")))
)]
#[get("/saved-views")]
pub async fn list(guard: Guard<SavedViewsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &SAVED_VIEWS)?;
    let views = service::list(&guard, &query.request).await?;
    Ok(respond::listing(&req, &query, views))
}

#[utoipa::path(
    tag = "saved-views", operation_id = "create_saved_view", summary = "Keep a view", description = "Keeps a list query under a name.",
    params(Idempotency), request_body = SavedViewIn,
    responses(
        (status = 201, description = "The view.", body = Envelope<SavedViewOut>),
        (status = 409, description = "You have another view with this name."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("saved_views.write")))
)]
#[post("/saved-views")]
pub async fn create(guard: Guard<SavedViewsWrite>, idempotency: Idempotency, body: Json<SavedViewIn>) -> ApiResult {
    let done = service::create(&guard, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, |view| {
        let location = format!("/api/v1/saved-views/{}", view.id);
        let version = view.version;
        respond::created(&location, view, Some(version))
    }))
}

#[utoipa::path(
    tag = "saved-views", operation_id = "get_saved_view", summary = "Get a saved view", description = "A view of your own, or a shared one.",
    params(PathId),
    responses((status = 200, description = "The view.", body = Envelope<SavedViewOut>)),
    security(("bearer" = [])), extensions(("x-permission" = json!("saved_views.read")))
)]
#[get("/saved-views/{id}")]
pub async fn get(guard: Guard<SavedViewsRead>, id: PathId) -> ApiResult {
    let view = service::get(&guard, id.0).await?;
    let version = view.version;
    Ok(respond::ok_versioned(view, version))
}

#[utoipa::path(
    tag = "saved-views", operation_id = "edit_saved_view", summary = "Change a saved view",
    description = "Changes the given fields of a view of your own. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = SavedViewPatch,
    responses(
        (status = 200, description = "The view.", body = Envelope<SavedViewOut>),
        (status = 409, description = "You have another view with this name."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("saved_views.write")))
)]
#[patch("/saved-views/{id}")]
pub async fn edit(guard: Guard<SavedViewsWrite>, id: PathId, version: IfMatch, body: Json<SavedViewPatch>) -> ApiResult {
    let view = service::edit(&guard, id.0, version.0, body.0).await?;
    let version = view.version;
    Ok(respond::ok_versioned(view, version))
}

#[utoipa::path(
    tag = "saved-views", operation_id = "delete_saved_view", summary = "Delete a saved view", description = "Deletes a view of your own.",
    params(PathId, IfMatch), responses((status = 204, description = "Deleted.")),
    security(("bearer" = [])), extensions(("x-permission" = json!("saved_views.write")))
)]
#[delete("/saved-views/{id}")]
pub async fn remove(guard: Guard<SavedViewsWrite>, id: PathId, version: IfMatch) -> ApiResult {
    service::remove(&guard, id.0, version.0).await?;
    Ok(respond::no_content())
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(create).service(get).service(edit).service(remove);
}
