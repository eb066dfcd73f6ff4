//! What stock forbids: another unit or kind for what has moved, putting away what is held. Refused here row by row; the database would
//! refuse the whole.

use std::collections::HashSet;

use nexus_core::FieldFault;
use nexus_infra::Tx;
use uuid::Uuid;

use super::plan::{Plan, Update};
use super::store;
use crate::modules::catalog::error::CatalogError;
use crate::modules::catalog::products::status::ProductStatus;
use crate::modules::catalog::products::store::{self as products, Stock};
use crate::modules::catalog::variants::wire::{VariantOut, VariantStatus};

/// Refuses the changes that stock forbids.
pub(super) async fn refuse(tx: &Tx, plans: &mut [Plan]) -> Result<(), CatalogError> {
    let updates = || {
        plans.iter().filter_map(|plan| match plan {
            Plan::Update(update) => Some(update.as_ref()),
            _ => None,
        })
    };
    let archived: Vec<Uuid> = updates().flat_map(put_away).map(|variant| variant.id).collect();
    let may_be_forbidden = |update: &&Update| {
        let stock = Stock { has_moved: true, has_stock: true };
        !forbidden(update, stock, &HashSet::new()).is_empty() || put_away(update).next().is_some()
    };
    let asked: Vec<Uuid> = updates().filter(may_be_forbidden).map(|update| update.before.id).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let stock = products::hold_stock(tx, &asked).await?;
    let held = store::in_stock(tx, &archived).await?;
    for plan in plans {
        let Plan::Update(update) = plan else { continue };
        let faults = stock.get(&update.before.id).map(|stock| forbidden(update, *stock, &held)).unwrap_or_default();
        if !faults.is_empty() {
            *plan = Plan::Refused(faults);
        }
    }
    Ok(())
}

/// The variants that an update puts away.
fn put_away(update: &Update) -> impl Iterator<Item = &VariantOut> {
    let is_put_away = |before: &VariantOut, status| before.status != VariantStatus::Archived && status == VariantStatus::Archived;
    update.edited.iter().filter(move |(before, _, status)| is_put_away(before, *status)).map(|(before, ..)| before)
}

fn forbidden(update: &Update, stock: Stock, held: &HashSet<Uuid>) -> Vec<FieldFault> {
    let Update { before, after, .. } = update;
    let archives = before.status != ProductStatus::Archived && after.status == ProductStatus::Archived;
    let mut faults = Vec::new();
    if stock.has_moved && before.unit != after.unit {
        faults.push(FieldFault::new("unit", "fixed", format!("stock of the product has moved: it is counted in `{}`", before.unit)));
    }
    if stock.has_moved && before.kind != after.kind {
        faults.push(FieldFault::new("kind", "fixed", format!("stock of the product has moved: it stays {}", before.kind.as_str())));
    }
    if stock.has_stock && archives {
        faults.push(FieldFault::new("status", "has_stock", "there is still stock of the product; move it out first"));
    }
    for variant in put_away(update).filter(|variant| held.contains(&variant.id)) {
        faults.push(FieldFault::new("variant_status", "has_stock", format!("there is still stock of {}; move it out first", variant.sku)));
    }
    faults
}
