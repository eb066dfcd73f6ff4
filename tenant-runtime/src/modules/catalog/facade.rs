//! What other slices may look up.

use std::collections::{HashMap, HashSet};

use nexus_infra::{DbError, Tx};
use uuid::Uuid;

use super::categories::store as categories;
use super::variants::store as variants;

/// Those of `skus` that variants have, as they were asked for. One statement.
///
/// # Errors
/// [`DbError`].
pub async fn known_skus(tx: &Tx, skus: &[String]) -> Result<HashSet<String>, DbError> {
    let found = variants::look_up_skus(tx, skus).await?;
    Ok(found.into_iter().filter(|sku| sku.variant_id.is_some()).map(|sku| sku.wanted).collect())
}

/// The categories with these slugs or unambiguous names, by what was asked for. Unknown and ambiguous ones are missing from the answer.
///
/// # Errors
/// [`DbError`].
pub async fn find_categories(tx: &Tx, names: &[String]) -> Result<HashMap<String, Uuid>, DbError> {
    Ok(categories::ids_by_name(tx, names).await?.into_iter().collect())
}
