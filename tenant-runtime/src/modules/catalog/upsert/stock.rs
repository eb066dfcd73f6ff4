//! What stock forbids: another unit or kind for what has moved, putting away what is held. Refused here row by row; the database would
//! refuse the whole.

use nexus_core::FieldFault;
use nexus_infra::Tx;
use uuid::Uuid;

use super::plan::{Plan, Update};
use crate::modules::catalog::error::CatalogError;
use crate::modules::catalog::products::status::ProductStatus;
use crate::modules::catalog::products::store::{self, Stock};

/// Refuses the changes that stock forbids.
pub(super) async fn refuse(tx: &Tx, plans: &mut [Plan]) -> Result<(), CatalogError> {
    let asked: Vec<Uuid> = plans
        .iter()
        .filter_map(|plan| match plan {
            Plan::Update(update) if !forbidden(update, Stock { has_moved: true, has_stock: true }).is_empty() => Some(update.before.id),
            _ => None,
        })
        .collect();
    if asked.is_empty() {
        return Ok(());
    }
    let stock = store::hold_stock(tx, &asked).await?;
    for plan in plans {
        let Plan::Update(update) = plan else { continue };
        let faults = stock.get(&update.before.id).map(|stock| forbidden(update, *stock)).unwrap_or_default();
        if !faults.is_empty() {
            *plan = Plan::Refused(faults);
        }
    }
    Ok(())
}

fn forbidden(update: &Update, stock: Stock) -> Vec<FieldFault> {
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
    faults
}
