//! `/variants` and `/products/{id}/variants`.

use actix_web::{HttpRequest, delete, get, patch, post, put};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, IfMatch, Json, PathId, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{ListVariants, VARIANTS};
use super::service;
use super::wire::{VariantIn, VariantOut, VariantPatch};
use crate::change::Removal;
use crate::context::Guard;
use crate::modules::catalog::permission::{ProductsRead, ProductsWrite};

#[utoipa::path(
    tag = "products", operation_id = "list_variants", summary = "List or look up variants",
    description = "Variants of all products. `sku=` finds a SKU without regard to case, `barcode=` what a scanner read.",
    params(ListVariants),
    responses((status = 200, description = "A page of variants.", body = ListEnvelope<VariantOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[get("/variants")]
pub async fn list(guard: Guard<ProductsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &VARIANTS)?;
    let variants = service::list(&guard, query.request.clone(), None).await?;
    Ok(respond::listing(&req, &query, variants))
}

#[utoipa::path(
    tag = "products", operation_id = "list_product_variants", summary = "List the variants of a product", description = "Variants of one product.",
    params(PathId, ListVariants),
    responses((status = 200, description = "A page of variants.", body = ListEnvelope<VariantOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[get("/products/{id}/variants")]
pub async fn list_of_product(guard: Guard<ProductsRead>, id: PathId, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &VARIANTS)?;
    let variants = service::list(&guard, query.request.clone(), Some(id.0)).await?;
    Ok(respond::listing(&req, &query, variants))
}

#[utoipa::path(
    tag = "products", operation_id = "create_variant", summary = "Add a variant to a product",
    description = "Adds a variant. Answers 409 `SKU_TAKEN` or `BARCODE_TAKEN` naming the code that another variant has.",
    params(PathId, Idempotency), request_body = VariantIn,
    responses(
        (status = 201, description = "The variant.", body = Envelope<VariantOut>),
        (status = 409, description = "The SKU or a barcode is taken, or the product has 200 variants, archived ones included."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[post("/products/{id}/variants")]
pub async fn create(guard: Guard<ProductsWrite>, id: PathId, idempotency: Idempotency, body: Json<VariantIn>) -> ApiResult {
    let done = service::create(&guard, idempotency.key(), id.0, body.0).await?;
    Ok(respond::idempotent(done, |variant| {
        let location = format!("/api/v1/variants/{}", variant.id);
        let version = variant.version;
        respond::created(&location, variant, Some(version))
    }))
}

#[utoipa::path(
    tag = "products", operation_id = "get_variant", summary = "Get a variant", description = "One variant.",
    params(PathId),
    responses((status = 200, description = "The variant.", body = Envelope<VariantOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[get("/variants/{id}")]
pub async fn get(guard: Guard<ProductsRead>, id: PathId) -> ApiResult {
    let variant = service::get(&guard, id.0).await?;
    let version = variant.version;
    Ok(respond::ok_versioned(variant, version))
}

#[utoipa::path(
    tag = "products", operation_id = "replace_variant", summary = "Replace a variant",
    description = "Replaces every field of a variant, barcodes included. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = VariantIn,
    responses(
        (status = 200, description = "The variant.", body = Envelope<VariantOut>),
        (status = 409, description = "The SKU or a barcode is taken."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[put("/variants/{id}")]
pub async fn replace(guard: Guard<ProductsWrite>, id: PathId, version: IfMatch, body: Json<VariantIn>) -> ApiResult {
    let variant = service::replace(&guard, id.0, version.0, body.0).await?;
    let version = variant.version;
    Ok(respond::ok_versioned(variant, version))
}

#[utoipa::path(
    tag = "products", operation_id = "edit_variant", summary = "Change a variant",
    description = "Changes the given fields of a variant. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = VariantPatch,
    responses(
        (status = 200, description = "The variant.", body = Envelope<VariantOut>),
        (status = 409, description = "The SKU or a barcode is taken, or it is to be archived while there is stock of it (`VARIANT_HAS_STOCK`)."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[patch("/variants/{id}")]
pub async fn edit(guard: Guard<ProductsWrite>, id: PathId, version: IfMatch, body: Json<VariantPatch>) -> ApiResult {
    let variant = service::edit(&guard, id.0, version.0, body.0).await?;
    let version = variant.version;
    Ok(respond::ok_versioned(variant, version))
}

#[utoipa::path(
    tag = "products", operation_id = "delete_variant", summary = "Delete or archive a variant",
    description = "Deletes a variant that nothing refers to (204). When stock was ever held of it, it is archived instead (200); while there is stock of it, 409 `VARIANT_HAS_STOCK`.",
    params(PathId, IfMatch),
    responses(
        (status = 204, description = "Deleted."),
        (status = 200, description = "Archived, because it has history.", body = Envelope<VariantOut>),
        (status = 409, description = "There is stock of it (`VARIANT_HAS_STOCK`)."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[delete("/variants/{id}")]
pub async fn remove(guard: Guard<ProductsWrite>, id: PathId, version: IfMatch) -> ApiResult {
    match service::remove(&guard, id.0, version.0).await? {
        Removal::Deleted => Ok(respond::no_content()),
        Removal::Archived(variant) => {
            let version = variant.version;
            Ok(respond::ok_versioned(variant, version))
        }
    }
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(list_of_product).service(create).service(get).service(replace).service(edit).service(remove);
}
