//! Taking products and categories out of use by the batch, for who made them by the batch: one audit entry and one event for the products.
//!
//! Invariants: what was ever held in stock is archived and lies in no category any more, the rest is deleted; of what is retired no stock is
//! left, else the database refuses all of it; a category goes only when nothing lies in it and nobody has changed it.

use nexus_core::{AuditEntry, Event};
use nexus_infra::Tx;
use serde_json::json;
use uuid::Uuid;

use super::categories;
use super::entity;
use super::error::CatalogError;
use super::products::store as products;
use super::store;

/// What became of products that were retired.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retired {
    /// Nothing referred to them.
    pub deleted: Vec<Uuid>,
    /// The ledger names them.
    pub archived: Vec<Uuid>,
}

/// Retires products that the caller holds (`hold_products`).
///
/// # Errors
/// [`CatalogError::ProductHasStock`] when there is stock of one.
pub async fn retire_products(tx: &Tx, ids: &[Uuid]) -> Result<Retired, CatalogError> {
    if ids.is_empty() {
        return Ok(Retired::default());
    }
    let stock = products::hold_stock(tx, ids).await?;
    let has_moved = |id: &Uuid| stock.get(id).is_some_and(|stock| stock.has_moved);
    let (archived, deleted): (Vec<Uuid>, Vec<Uuid>) = ids.iter().copied().partition(has_moved);
    products::delete_many(tx, &deleted).await?;
    products::archive_many(tx, &archived).await?;
    let payload = json!({ "deleted": deleted, "archived": archived });
    tx.audit(AuditEntry::batch("products.retire", "product").after(payload.clone()));
    let id = tx.new_id();
    tx.emit(Event { id, kind: "catalog.products.retired.v1", aggregate_type: "product_batch", aggregate_id: id, payload });
    Ok(Retired { deleted, archived })
}

/// Deletes those of the categories (with the versions that they were made with) in which nothing lies once the others are gone, and that
/// nobody has changed; answers which.
///
/// # Errors
/// A database error.
pub async fn delete_empty_categories(tx: &Tx, made: &[(Uuid, i64)]) -> Result<Vec<Uuid>, CatalogError> {
    categories::store::lock_tree(tx).await?;
    let mut left = Vec::new();
    for (id, version) in made {
        left.extend(categories::store::find_locked(tx, *id).await?.filter(|category| category.version == *version));
    }
    let mut gone = Vec::new();
    loop {
        let before = gone.len();
        let mut kept = Vec::new();
        for category in left {
            if store::delete_unless_used::<entity::categories::Entity>(tx, category.id).await? {
                categories::service::DELETED.record(tx, category.id, Some(&category), None);
                gone.push(category.id);
            } else {
                kept.push(category);
            }
        }
        if gone.len() == before {
            return Ok(gone);
        }
        left = kept;
    }
}
