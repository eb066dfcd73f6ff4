//! The HTTP plumbing of Nexus on actix-web: every rule of the API conventions is implemented here, once.
//!
//! A handler extracts, calls one service and responds; it never builds an envelope, an error, a header or a cursor
//! itself. [`server::serve`] mounts the slices' routes under `/api/v1` and adds what every request needs: request id,
//! access log and metrics, security headers, CORS, compression, conditional requests, rate limits, body and header
//! limits, envelopes for 404/405/panics, health routes, `/openapi.json` and `/docs`.
//!
//! # A complete slice of handlers
//! ```no_run
//! use actix_web::{HttpRequest, delete, get, patch, post};
//! use nexus_core::list::{FieldKind, ListField, ListRequest, ListSpec, Listing, Modes};
//! use nexus_core::{Idempotent, Problem};
//! use nexus_web::extract::{Idempotency, IfMatch, Json, Patch, PathId};
//! use nexus_web::wire::{Envelope, ListEnvelope, MoneyDto};
//! use nexus_web::{ApiResult, list_params, list_query, respond, validate};
//! use serde::{Deserialize, Serialize};
//! use utoipa::ToSchema;
//! use utoipa_actix_web::service_config::ServiceConfig;
//! use uuid::Uuid;
//! use validator::Validate;
//! # mod service {
//! #     use super::*;
//! #     pub async fn list(_: &ListRequest) -> Result<Listing<ProductOut>, Problem> { Err(Problem::not_found("x")) }
//! #     pub async fn get(_: Uuid) -> Result<ProductOut, Problem> { Err(Problem::not_found("x")) }
//! #     pub async fn create(_: Option<&nexus_web::IdempotencyKey>, _: ProductIn) -> Result<Idempotent<ProductOut>, Problem> { Err(Problem::not_found("x")) }
//! #     pub async fn edit(_: Uuid, _: i64, _: ProductPatch) -> Result<ProductOut, Problem> { Err(Problem::not_found("x")) }
//! #     pub async fn remove(_: Uuid, _: i64) -> Result<(), Problem> { Err(Problem::not_found("x")) }
//! # }
//!
//! /// What a product can be filtered, searched and sorted by.
//! pub static PRODUCTS: ListSpec = ListSpec {
//!     fields: &[
//!         ListField::new("name", "name", FieldKind::Text),
//!         ListField::new("status", "status", FieldKind::Enum(&["draft", "active", "archived"])),
//!         ListField::new("created_at", "created_at", FieldKind::Timestamp),
//!     ],
//!     default_sort: "-created_at",
//!     key: ListSpec::ID,
//!     search: true,
//!     include: &[],
//!     extra: &[],
//!     modes: Modes::Both,
//! };
//! // Documents `page`, `limit`, `cursor`, `sort`, `q` and every filter of PRODUCTS.
//! list_params!(pub ListProducts => PRODUCTS);
//!
//! /// A new product.
//! #[derive(Debug, Deserialize, Validate, ToSchema)]
//! #[serde(deny_unknown_fields)]
//! pub struct ProductIn {
//!     /// Name shown to people: 1 to 200 characters, trimmed, no control characters.
//!     #[validate(custom(function = validate::name))]
//!     #[schema(example = "Espresso beans", min_length = 1, max_length = 200)]
//!     pub name: String,
//!     /// Price without tax.
//!     pub price: MoneyDto,
//! }
//!
//! /// Changes to a product: absent fields stay as they are, `null` clears.
//! #[derive(Debug, Deserialize, Validate, ToSchema)]
//! #[serde(deny_unknown_fields)]
//! pub struct ProductPatch {
//!     /// New name.
//!     #[serde(default)]
//!     #[schema(value_type = Option<String>, example = "House blend")]
//!     #[validate(custom(function = validate::patch_name))]
//!     pub name: Patch<String>,
//! }
//!
//! /// A product.
//! #[derive(Debug, Serialize, Deserialize, ToSchema)]
//! pub struct ProductOut {
//!     /// Id, UUIDv7.
//!     pub id: Uuid,
//!     /// Name.
//!     #[schema(example = "Espresso beans")]
//!     pub name: String,
//!     /// Price without tax.
//!     pub price: MoneyDto,
//!     /// Row version; the ETag is made from it.
//!     #[schema(example = 3)]
//!     pub version: i64,
//! }
//!
//! #[utoipa::path(
//!     tag = "products", operation_id = "list_products", summary = "List products",
//!     description = "Products of the organization, newest first.",
//!     params(ListProducts),
//!     responses((status = 200, description = "A page of products.", body = ListEnvelope<ProductOut>)),
//!     security(("bearer" = [])), extensions(("x-permission" = json!("products.read")))
//! )]
//! #[get("/products")]
//! pub async fn list(/* guard: Guard<ProductsRead>, */ req: HttpRequest) -> ApiResult {
//!     let query = list_query(&req, &PRODUCTS)?;
//!     let products = service::list(&query.request).await?;
//!     Ok(respond::listing(&req, &query, products))
//! }
//!
//! #[utoipa::path(
//!     tag = "products", operation_id = "create_product", summary = "Create a product",
//!     description = "Creates a product in state draft.",
//!     params(Idempotency), request_body = ProductIn, // RequiredIdempotency where money or stock moves
//!     responses((status = 201, description = "The product.", body = Envelope<ProductOut>)),
//!     security(("bearer" = [])), extensions(("x-permission" = json!("products.write")))
//! )]
//! #[post("/products")]
//! pub async fn create(/* guard: Guard<ProductsWrite>, */ idempotency: Idempotency, body: Json<ProductIn>) -> ApiResult {
//!     let done = service::create(idempotency.key(), body.0).await?;
//!     Ok(respond::idempotent(done, |product| {
//!         let location = format!("/api/v1/products/{}", product.id);
//!         let version = product.version;
//!         respond::created(&location, product, Some(version))
//!     }))
//! }
//!
//! #[utoipa::path(
//!     tag = "products", operation_id = "get_product", summary = "Get a product", description = "One product.",
//!     params(PathId),
//!     responses((status = 200, description = "The product.", body = Envelope<ProductOut>)),
//!     security(("bearer" = [])), extensions(("x-permission" = json!("products.read")))
//! )]
//! #[get("/products/{id}")]
//! pub async fn get(/* guard: Guard<ProductsRead>, */ id: PathId) -> ApiResult {
//!     let product = service::get(id.0).await?;
//!     let version = product.version;
//!     Ok(respond::ok_versioned(product, version)) // ETag; If-None-Match → 304 is answered by the server
//! }
//!
//! #[utoipa::path(
//!     tag = "products", operation_id = "edit_product", summary = "Change a product",
//!     description = "Changes the given fields; needs the version last read in If-Match.",
//!     params(PathId, IfMatch), request_body = ProductPatch,
//!     responses((status = 200, description = "The changed product.", body = Envelope<ProductOut>)),
//!     security(("bearer" = [])), extensions(("x-permission" = json!("products.write")))
//! )]
//! #[patch("/products/{id}")]
//! pub async fn edit(/* guard, */ id: PathId, version: IfMatch, body: Json<ProductPatch>) -> ApiResult {
//!     // The service answers `nexus_web::precondition_failed(&current)` when the row's version is another one.
//!     let product = service::edit(id.0, version.0, body.0).await?;
//!     let version = product.version;
//!     Ok(respond::ok_versioned(product, version))
//! }
//!
//! #[utoipa::path(
//!     tag = "products", operation_id = "delete_product", summary = "Delete a product",
//!     description = "Deletes a product that nothing refers to.",
//!     params(PathId, IfMatch), responses((status = 204, description = "Deleted.")),
//!     security(("bearer" = [])), extensions(("x-permission" = json!("products.write")))
//! )]
//! #[delete("/products/{id}")]
//! pub async fn remove(/* guard, */ id: PathId, version: IfMatch) -> ApiResult {
//!     service::remove(id.0, version.0).await?;
//!     Ok(respond::no_content())
//! }
//!
//! pub fn routes(cfg: &mut ServiceConfig<'_>) {
//!     cfg.service(list).service(create).service(get).service(edit).service(remove);
//! }
//! # fn main() {}
//! ```
//!
//! # Order of extraction
//! Actix starts all extractors of a handler at once. A guard runs its work inside [`gate::hold`]; every extractor of
//! this crate waits until the gates of its request have opened, so an unknown caller hears 401 and nothing about
//! bodies, headers or paths. [`extract::Idempotency`] waits for [`extract::Json`] as well: its key is complete, with
//! the scope (tenant + principal + route) and the fingerprint (path, query and body bytes).
//!
//! After it has verified the caller, a guard calls [`identity::establish`]: this sets the scope of idempotency keys and
//! cursors and charges the caller's rate limit.
//!
//! Deliberately not here: who the caller is and what they may do (iam, tenant runtime), what a list's columns are
//! (slices), how a key is stored (infra).

pub mod admission;
pub mod client;
pub mod console;
pub mod docs;
pub mod error;
pub mod extract;
pub mod gate;
pub mod health;
pub mod host;
pub mod identity;
pub mod list;
mod middleware;
pub mod openapi;
pub mod options;
pub mod rate_limit;
pub mod request_id;
pub mod respond;
mod routing;
pub mod server;
pub mod slice;
pub mod sse;
mod state;
pub mod validate;
pub mod wire;

#[cfg(test)]
mod tests;

pub use client::client_address;
pub use error::{ApiError, ApiResult, WEB_CODES, precondition_failed};
pub use extract::{Idempotency, IfMatch, Json, Params, Patch, PathId, RequiredIdempotency, bearer};
pub use list::{ListQuery, list_query};
pub use nexus_infra::IdempotencyKey;
pub use options::WebOptions;
pub use request_id::RequestId;
pub use server::{AppSpec, Fallback, ServeError, ServerSpec, serve, unknown_path};
pub use slice::Slice;
pub use state::WebState;
