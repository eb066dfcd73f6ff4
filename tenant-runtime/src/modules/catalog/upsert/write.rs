//! Writing what an upsert decided.

use nexus_core::{AuditEntry, Event};
use nexus_infra::Tx;
use serde_json::{Value, json};
use uuid::Uuid;

use super::plan::{Plan, Update};
use super::{FieldChange, UpsertOutcome};
use crate::change::bounded;
use crate::modules::catalog::error::CatalogError;
use crate::modules::catalog::products::store as products;
use crate::modules::catalog::products::wire::ProductIn;
use crate::modules::catalog::tags::store as tags;
use crate::modules::catalog::variants::store as variants;
use crate::modules::catalog::variants::wire::VariantStatus;

/// Inserts every new product: products, variants, barcodes and tags, one statement each.
pub(super) async fn create(tx: &Tx, plans: &[Plan]) -> Result<(), CatalogError> {
    let (mut rows, mut parts, mut tagged, mut put_away) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for plan in plans {
        let Plan::Create { id, product, archived } = plan else { continue };
        for (place, variant) in product.variants.iter().enumerate() {
            let variant_id = tx.new_id();
            parts.push((variant_id, *id, variant.clone()));
            if archived.contains(&place) {
                put_away.push(variant_id);
            }
        }
        if !product.tags.is_empty() {
            tagged.push((*id, product.tags.clone()));
        }
        rows.push((*id, ProductIn { variants: Vec::new(), ..product.as_ref().clone() }));
    }
    products::insert_many(tx, &rows).await?;
    variants::insert(tx, &parts).await?;
    for variant in put_away {
        variants::archive(tx, variant).await?;
    }
    tags::set_on_products(tx, &tagged).await?;
    Ok(())
}

/// Writes the changes of one product.
pub(super) async fn apply(tx: &Tx, update: &Update) -> Result<(), CatalogError> {
    let id = update.before.id;
    if update.product_changed {
        products::update(tx, &update.before, &update.after).await?;
        tags::set_on_products(tx, &[(id, update.after.tags.clone())]).await?;
    }
    for (before, after, status) in &update.edited {
        variants::update(tx, before, after, *status).await?;
    }
    let added: Vec<_> = update.added.iter().map(|(variant, _)| (tx.new_id(), id, variant.clone())).collect();
    variants::insert(tx, &added).await?;
    for ((variant, ..), (_, status)) in added.iter().zip(&update.added) {
        if *status == VariantStatus::Archived {
            variants::archive(tx, *variant).await?;
        }
    }
    if !update.product_changed {
        products::touch(tx, id).await?;
    }
    Ok(())
}

/// One audit entry and one event for everything that was written.
pub(super) fn record(tx: &Tx, outcomes: &[UpsertOutcome]) {
    let created: Vec<Uuid> =
        outcomes.iter().filter_map(|outcome| if let UpsertOutcome::Created { product_id } = outcome { Some(*product_id) } else { None }).collect();
    let updated: Vec<Value> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            UpsertOutcome::Updated { product_id, changed } => {
                let fields: Vec<String> = changed.iter().map(FieldChange::path).collect();
                Some(json!({ "id": product_id, "changed": fields }))
            }
            _ => None,
        })
        .collect();
    if created.is_empty() && updated.is_empty() {
        return;
    }
    let mut payload = json!({ "created": created, "updated": updated });
    // The ids always stay: whoever reads them can ask for the rest.
    if let omitted @ Value::Object(_) = bounded(json!(updated)) {
        payload =
            json!({ "created": created, "updated": updated.iter().map(|one| json!({ "id": one["id"] })).collect::<Vec<_>>(), "changed": omitted });
    }
    tx.audit(AuditEntry::batch("products.upsert", "product").after(payload.clone()));
    let id = tx.new_id();
    tx.emit(Event { id, kind: "catalog.products.upserted.v1", aggregate_type: "product_batch", aggregate_id: id, payload });
}
