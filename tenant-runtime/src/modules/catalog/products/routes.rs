//! `/products`.

use actix_web::{HttpRequest, delete, get, patch, post, put};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, IfMatch, Json, PathId, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{ListProducts, PRODUCTS};
use super::service;
use super::wire::{ProductIn, ProductOut, ProductPatch, ProductPut};
use crate::change::Removal;
use crate::context::Guard;
use crate::modules::catalog::permission::{ProductsRead, ProductsWrite};

#[utoipa::path(
    tag = "products", operation_id = "list_products", summary = "List products",
    description = "Products of the organization. `q` finds words, as prefixes, in name, brand, variant names, SKUs and barcodes. `price` looks at active variants.",
    params(ListProducts),
    responses((status = 200, description = "A page of products.", body = ListEnvelope<ProductOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[get("/products")]
pub async fn list(guard: Guard<ProductsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &PRODUCTS)?;
    let products = service::list(&guard, query.request.clone()).await?;
    Ok(respond::listing(&req, &query, products))
}

#[utoipa::path(
    tag = "products", operation_id = "create_product", summary = "Create a product",
    description = "Creates a product with its variants and tags. Unknown tags are created. Answers 402 when the plan's number of products is reached, and 409 `SKU_TAKEN` naming a SKU that another variant has.",
    params(Idempotency), request_body = ProductIn,
    responses(
        (status = 201, description = "The product.", body = Envelope<ProductOut>),
        (status = 402, description = "The plan's number of products is reached."),
        (status = 409, description = "A SKU or barcode is taken."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[post("/products")]
pub async fn create(guard: Guard<ProductsWrite>, idempotency: Idempotency, body: Json<ProductIn>) -> ApiResult {
    let done = service::create(&guard, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, |product| {
        let location = format!("/api/v1/products/{}", product.id);
        let version = product.version;
        respond::created(&location, product, Some(version))
    }))
}

#[utoipa::path(
    tag = "products", operation_id = "get_product", summary = "Get a product", description = "One product with its variants.",
    params(PathId),
    responses((status = 200, description = "The product.", body = Envelope<ProductOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.read")))
)]
#[get("/products/{id}")]
pub async fn get(guard: Guard<ProductsRead>, id: PathId) -> ApiResult {
    let product = service::get(&guard, id.0).await?;
    let version = product.version;
    Ok(respond::ok_versioned(product, version))
}

#[utoipa::path(
    tag = "products", operation_id = "replace_product", summary = "Replace a product",
    description = "Replaces every field of a product; its variants stay. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = ProductPut,
    responses(
        (status = 200, description = "The product.", body = Envelope<ProductOut>),
        (status = 402, description = "The plan's number of products is reached."),
        (status = 409, description = "The product's status does not allow the change (`PRODUCT_STATUS`), its unit or kind is fixed because stock of it has moved (`PRODUCT_HAS_MOVEMENTS`), or it is to be archived while there is stock of it (`PRODUCT_HAS_STOCK`)."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[put("/products/{id}")]
pub async fn replace(guard: Guard<ProductsWrite>, id: PathId, version: IfMatch, body: Json<ProductPut>) -> ApiResult {
    let product = service::replace(&guard, id.0, version.0, body.0).await?;
    let version = product.version;
    Ok(respond::ok_versioned(product, version))
}

#[utoipa::path(
    tag = "products", operation_id = "edit_product", summary = "Change a product",
    description = "Changes the given fields of a product. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = ProductPatch,
    responses(
        (status = 200, description = "The product.", body = Envelope<ProductOut>),
        (status = 402, description = "The plan's number of products is reached."),
        (status = 409, description = "The product's status does not allow the change (`PRODUCT_STATUS`), its unit or kind is fixed because stock of it has moved (`PRODUCT_HAS_MOVEMENTS`), or it is to be archived while there is stock of it (`PRODUCT_HAS_STOCK`)."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[patch("/products/{id}")]
pub async fn edit(guard: Guard<ProductsWrite>, id: PathId, version: IfMatch, body: Json<ProductPatch>) -> ApiResult {
    let product = service::edit(&guard, id.0, version.0, body.0).await?;
    let version = product.version;
    Ok(respond::ok_versioned(product, version))
}

#[utoipa::path(
    tag = "products", operation_id = "delete_product", summary = "Delete or archive a product",
    description = "Deletes a product and its variants when nothing refers to them (204). When stock was ever held of one, the product is archived instead (200); its variants stay as they are. While there is stock of one, 409 `PRODUCT_HAS_STOCK`.",
    params(PathId, IfMatch),
    responses(
        (status = 204, description = "Deleted."),
        (status = 200, description = "Archived, because it has history.", body = Envelope<ProductOut>),
        (status = 409, description = "There is stock of it (`PRODUCT_HAS_STOCK`)."),
    ),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("products.write")))
)]
#[delete("/products/{id}")]
pub async fn remove(guard: Guard<ProductsWrite>, id: PathId, version: IfMatch) -> ApiResult {
    match service::remove(&guard, id.0, version.0).await? {
        Removal::Deleted => Ok(respond::no_content()),
        Removal::Archived(product) => {
            let version = product.version;
            Ok(respond::ok_versioned(product, version))
        }
    }
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(create).service(get).service(replace).service(edit).service(remove);
}
