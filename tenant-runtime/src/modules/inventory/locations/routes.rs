//! `/locations` and `/warehouses`.

use actix_web::{HttpRequest, delete, get, patch, post, put};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, IfMatch, Json, PathId, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{LOCATIONS, ListLocations, ListWarehouses, WAREHOUSES};
use super::service;
use super::wire::{LocationIn, LocationOut, LocationPatch, LocationPut};
use crate::change::Removal;
use crate::context::Guard;
use crate::modules::inventory::permission::{LocationsRead, LocationsWrite};

#[utoipa::path(
    tag = "locations", operation_id = "list_locations", summary = "List locations",
    description = "The tree of places, virtual locations included. `within` finds a location and everything below it; `parent_id=null` finds the roots.",
    params(ListLocations),
    responses((status = 200, description = "A page of locations.", body = ListEnvelope<LocationOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("locations.read")))
)]
#[get("/locations")]
pub async fn list(guard: Guard<LocationsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &LOCATIONS)?;
    let locations = service::list(&guard, query.request.clone(), false).await?;
    Ok(respond::listing(&req, &query, locations))
}

#[utoipa::path(
    tag = "locations", operation_id = "list_warehouses", summary = "List warehouses",
    description = "The sites: locations without parent, with their kind.",
    params(ListWarehouses),
    responses((status = 200, description = "A page of sites.", body = ListEnvelope<LocationOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("locations.read")))
)]
#[get("/warehouses")]
pub async fn warehouses(guard: Guard<LocationsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &WAREHOUSES)?;
    let sites = service::list(&guard, query.request.clone(), true).await?;
    Ok(respond::listing(&req, &query, sites))
}

#[utoipa::path(
    tag = "locations", operation_id = "create_location", summary = "Create a location",
    description = "Creates a place. Answers 402 when the plan's number of locations is reached, and 409 `LOCATION_CODE_TAKEN`.",
    params(Idempotency), request_body = LocationIn,
    responses(
        (status = 201, description = "The location.", body = Envelope<LocationOut>),
        (status = 402, description = "The plan's number of locations is reached."),
        (status = 409, description = "The code is taken, or the tree would be too deep."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("locations.write")))
)]
#[post("/locations")]
pub async fn create(guard: Guard<LocationsWrite>, idempotency: Idempotency, body: Json<LocationIn>) -> ApiResult {
    let done = service::create(&guard, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, |location| {
        let at = format!("/api/v1/locations/{}", location.id);
        let version = location.version;
        respond::created(&at, location, Some(version))
    }))
}

#[utoipa::path(
    tag = "locations", operation_id = "get_location", summary = "Get a location", description = "One place.",
    params(PathId),
    responses((status = 200, description = "The location.", body = Envelope<LocationOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("locations.read")))
)]
#[get("/locations/{id}")]
pub async fn get(guard: Guard<LocationsRead>, id: PathId) -> ApiResult {
    let location = service::get(&guard, id.0).await?;
    let version = location.version;
    Ok(respond::ok_versioned(location, version))
}

#[utoipa::path(
    tag = "locations", operation_id = "replace_location", summary = "Replace a location",
    description = "Replaces every field but the type. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = LocationPut,
    responses(
        (status = 200, description = "The location.", body = Envelope<LocationOut>),
        (status = 402, description = "The plan's number of locations is reached."),
        (status = 409, description = "The code is taken, the place is virtual, holds stock or contains others."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("locations.write")))
)]
#[put("/locations/{id}")]
pub async fn replace(guard: Guard<LocationsWrite>, id: PathId, version: IfMatch, body: Json<LocationPut>) -> ApiResult {
    let location = service::replace(&guard, id.0, version.0, body.0).await?;
    let version = location.version;
    Ok(respond::ok_versioned(location, version))
}

#[utoipa::path(
    tag = "locations", operation_id = "edit_location", summary = "Change a location",
    description = "Changes the given fields. `status` archives and restores. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = LocationPatch,
    responses(
        (status = 200, description = "The location.", body = Envelope<LocationOut>),
        (status = 402, description = "The plan's number of locations is reached."),
        (status = 409, description = "The code is taken, the place is virtual, holds stock or contains others."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("locations.write")))
)]
#[patch("/locations/{id}")]
pub async fn edit(guard: Guard<LocationsWrite>, id: PathId, version: IfMatch, body: Json<LocationPatch>) -> ApiResult {
    let location = service::change(&guard, id.0, version.0, body.0).await?;
    let version = location.version;
    Ok(respond::ok_versioned(location, version))
}

#[utoipa::path(
    tag = "locations", operation_id = "delete_location", summary = "Delete or archive a location",
    description = "Deletes a place that nothing names (204). When stock was ever held there, or places lie in it that are archived, it is archived instead (200); while it holds stock or contains places in use, 409. Needs the version last read in If-Match.",
    params(PathId, IfMatch),
    responses(
        (status = 204, description = "Deleted."),
        (status = 200, description = "Archived, because it has history.", body = Envelope<LocationOut>),
        (status = 409, description = "The place is virtual, holds stock or contains others."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("locations.write")))
)]
#[delete("/locations/{id}")]
pub async fn remove(guard: Guard<LocationsWrite>, id: PathId, version: IfMatch) -> ApiResult {
    match service::remove(&guard, id.0, version.0).await? {
        Removal::Deleted => Ok(respond::no_content()),
        Removal::Archived(location) => {
            let version = location.version;
            Ok(respond::ok_versioned(location, version))
        }
    }
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(warehouses).service(create).service(get).service(replace).service(edit).service(remove);
}
