//! What other slices may look up.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use nexus_infra::{DbError, Tx};
use uuid::Uuid;

use super::categories::service::CategoryAt;
use super::categories::store as categories;
use super::error::CatalogError;
use super::products::store as products;
use super::variants::store as variants;

/// For the SQL of other slices: the condition on `catalog_variants` by which `q=` finds a variant; the text is `$1`.
pub const VARIANT_HAS_WORDS: &str = variants::HAS_WORDS;

/// Whether there is such a product, with variants or without.
///
/// # Errors
/// [`DbError`].
pub async fn product_exists(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    products::exists(tx.conn(), id).await
}

/// The products that have these SKUs, by SKU as it was asked for. One statement.
///
/// # Errors
/// [`DbError`].
pub async fn owners_of_skus(tx: &Tx, skus: &[String]) -> Result<HashMap<String, Uuid>, DbError> {
    let found = variants::look_up_skus(tx, skus).await?;
    Ok(found.into_iter().filter_map(|sku| Some((sku.wanted, sku.product_id?))).collect())
}

/// The categories with this slug or name; of several, two.
///
/// # Errors
/// [`DbError`].
pub async fn categories_called(tx: &Tx, name: &str) -> Result<Vec<Uuid>, DbError> {
    categories::called(tx, name).await
}

/// The category at this path from the top, made with all above it where `create` says so; none where it is missing. The names must be
/// of a category each (`may_be_path`).
///
/// # Errors
/// [`CatalogError::TooManyCategories`], [`CatalogError::Db`].
pub async fn category_at(tx: &Tx, names: &[String], create: bool) -> Result<Option<CategoryAt>, CatalogError> {
    super::categories::service::at_path(tx, names, create).await
}

/// Paths of all categories, as a file of products has them, by id.
///
/// # Errors
/// [`DbError`].
pub async fn category_paths(tx: &Tx) -> Result<HashMap<Uuid, String>, DbError> {
    super::export::store::category_paths(tx.conn()).await
}

/// When the first product was made that there is.
///
/// # Errors
/// [`DbError`].
pub async fn first_product_at(tx: &Tx) -> Result<Option<DateTime<Utc>>, DbError> {
    products::first_at(tx).await
}

/// Holds products with their variants against edits and postings until the transaction ends; answers their versions, which move with every
/// change of theirs. Unknown ones are missing.
///
/// # Errors
/// [`DbError`].
pub async fn hold_products(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DbError> {
    let versions = products::versions_locked(tx, ids).await?;
    products::hold_stock(tx, ids).await?;
    Ok(versions)
}

/// Moves the versions of products on, because what they show beside their own has changed.
///
/// # Errors
/// [`DbError`].
pub async fn touch_products(tx: &Tx, ids: &[Uuid]) -> Result<(), DbError> {
    products::touch_many(tx, ids).await
}
