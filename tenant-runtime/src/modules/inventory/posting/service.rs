//! The rules of a posting, its audit entry and its event.

use std::collections::BTreeSet;

use nexus_core::{AuditEntry, Quantity};
use nexus_infra::{DbError, Tx};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::resolve::{ResolvedLine, resolve};
use super::store::{self, Head, LineOutcome, LineRow};
use super::{Conflict, MAX_LINES, Posted, Posting, Shortage};
use crate::modules::inventory::POSTED;
use crate::modules::inventory::error::InventoryError;
use crate::modules::inventory::movements::wire::{MovementOut, ReferenceOut};

/// Posts a batch: ledger, levels, one audit entry and one event, in the caller's transaction.
///
/// # Errors
/// [`InventoryError::Invalid`] by field, [`InventoryError::Insufficient`] with every short line, [`InventoryError::Changed`] with the
/// current state of every level that is not as expected. Nothing is written then.
pub async fn post(tx: &Tx, posting: Posting) -> Result<Posted, InventoryError> {
    if posting.lines.is_empty() || posting.lines.len() > MAX_LINES {
        return Err(InventoryError::invalid("lines", "length", format!("must have 1 to {MAX_LINES} lines")));
    }
    let lines = resolve(tx, &posting.lines).await??;
    let rows: Vec<LineRow<'_>> = lines.iter().enumerate().map(|(index, line)| row(tx, index, line)).collect();
    let reference = posting.reference.as_ref();
    let head = Head {
        reference_type: reference.map(|reference| reference.kind.as_str()),
        reference_id: reference.and_then(|reference| reference.id),
        reference_number: reference.and_then(|reference| reference.number.as_deref()),
        occurred_at: posting.occurred_at,
        backdating_reason: posting.backdating_reason.as_deref(),
    };
    let batch = tx.new_id();
    let mut outcomes = store::post(tx, batch, &rows, &head).await?;
    if outcomes.first().is_some_and(|first| !first.complete) {
        store::create_levels(tx, &rows).await?;
        outcomes = store::post(tx, batch, &rows, &head).await?;
    }
    if outcomes.len() != rows.len() || outcomes.iter().any(|outcome| !outcome.complete) {
        return Err(DbError::Serialization.into());
    }
    if let Err(refused) = refuse(&lines, &outcomes) {
        return Err(explained(tx, refused).await?);
    }
    let posted = Posted {
        id: batch,
        movements: rows.iter().zip(&lines).zip(&outcomes).map(|((row, line), outcome)| movement(tx, batch, &posting, row, line, outcome)).collect(),
    };
    let reversed: Vec<(Uuid, Uuid)> = posted.movements.iter().filter_map(|movement| Some((movement.id, movement.reverses_id?))).collect();
    if !reversed.is_empty() {
        store::link_reversals(tx, &reversed).await?;
    }
    record(tx, posting.action, &posted);
    Ok(posted)
}

fn row<'l>(tx: &Tx, index: usize, resolved: &'l ResolvedLine<'l>) -> LineRow<'l> {
    let ResolvedLine { line, article, from, to } = resolved;
    LineRow {
        line: index,
        id: tx.new_id(),
        variant_id: article.id,
        quantity: line.quantity.value(),
        unit: &article.unit,
        from_id: from.id,
        from_stock: !from.is_virtual,
        to_id: to.id,
        to_stock: !to.is_virtual,
        reason: line.reason,
        note: line.note.as_deref(),
        occurred_at: line.occurred_at,
        reference_line: line.reference_line,
        expected_quantity: line.expected_quantity.map(Quantity::value),
        expected_version: line.expected_version,
    }
}

/// A level that changed is answered before a shortage: who expects something else decides anew anyway.
fn refuse(lines: &[ResolvedLine<'_>], outcomes: &[LineOutcome]) -> Result<(), InventoryError> {
    let both = || lines.iter().zip(outcomes).enumerate();
    let changed: Vec<Conflict> =
        both().filter(|(_, (_, outcome))| outcome.changed).map(|(index, (line, outcome))| conflict(index, line, outcome)).collect();
    if !changed.is_empty() {
        return Err(InventoryError::Changed(changed));
    }
    let short: Vec<Shortage> =
        both().filter(|(_, (_, outcome))| outcome.from_short).map(|(index, (line, outcome))| shortage(index, line, outcome)).collect();
    if !short.is_empty() {
        return Err(InventoryError::Insufficient(short));
    }
    if outcomes.iter().any(|outcome| outcome.over) {
        return Err(InventoryError::Limit);
    }
    if outcomes.iter().any(|outcome| !outcome.posted || outcome.seq.is_none()) {
        return Err(DbError::other("a posting was neither refused nor written").into());
    }
    Ok(())
}

/// A conflict with what changed each level last: looked up only here, where nothing is posted.
async fn explained(tx: &Tx, refused: InventoryError) -> Result<InventoryError, DbError> {
    let InventoryError::Changed(mut conflicts) = refused else { return Ok(refused) };
    let levels: Vec<(Uuid, Uuid)> = conflicts.iter().map(|conflict| (conflict.variant_id, conflict.location_id)).collect();
    let mut last = store::last_movements(tx, &levels).await?;
    for (place, conflict) in conflicts.iter_mut().enumerate() {
        conflict.last_movement = last.remove(&place);
    }
    Ok(InventoryError::Changed(conflicts))
}

fn shortage(line: usize, resolved: &ResolvedLine<'_>, outcome: &LineOutcome) -> Shortage {
    Shortage {
        line,
        variant_id: resolved.article.id,
        sku: resolved.article.sku.clone(),
        location_id: resolved.from.id,
        location: resolved.from.code.clone(),
        requested: resolved.line.quantity,
        available: quantity(outcome.from_available_before.unwrap_or_default().max(Decimal::ZERO)),
    }
}

fn conflict(line: usize, resolved: &ResolvedLine<'_>, outcome: &LineOutcome) -> Conflict {
    let site = if resolved.from.is_virtual { &resolved.to } else { &resolved.from };
    Conflict {
        line,
        variant_id: resolved.article.id,
        sku: resolved.article.sku.clone(),
        location_id: site.id,
        location: site.code.clone(),
        expected_quantity: resolved.line.expected_quantity,
        expected_version: resolved.line.expected_version,
        on_hand: quantity(outcome.on_hand_before.unwrap_or_default()),
        available: quantity(outcome.available_before.unwrap_or_default().max(Decimal::ZERO)),
        version: outcome.version_before.unwrap_or_default(),
        last_movement: None,
    }
}

fn movement(tx: &Tx, batch: Uuid, posting: &Posting, row: &LineRow<'_>, resolved: &ResolvedLine<'_>, outcome: &LineOutcome) -> MovementOut {
    let ResolvedLine { line, article, from, to } = resolved;
    MovementOut {
        seq: outcome.seq.unwrap_or_default(),
        id: row.id,
        batch_id: batch,
        variant_id: article.id,
        product_id: article.product_id,
        sku: article.sku.clone(),
        product_name: article.product_name.clone(),
        lot_id: None,
        quantity: line.quantity.into(),
        unit: article.unit.clone(),
        from_location_id: from.id,
        from_location: from.code.clone(),
        to_location_id: to.id,
        to_location: to.code.clone(),
        from_quantity_after: outcome.from_after.map(|after| quantity(after).into()),
        to_quantity_after: outcome.to_after.map(|after| quantity(after).into()),
        reason: line.reason.to_owned(),
        note: line.note.clone(),
        reference: posting.reference.as_ref().map(|reference| ReferenceOut {
            r#type: reference.kind.clone(),
            id: reference.id,
            number: reference.number.clone(),
            line: line.reference_line,
        }),
        actor_kind: tx.origin().actor.kind.as_str().to_owned(),
        actor_id: tx.origin().actor.id,
        occurred_at: outcome.occurred_at.unwrap_or_else(|| tx.now()),
        recorded_at: outcome.recorded_at.unwrap_or_else(|| tx.now()),
        backdating_reason: posting.backdating_reason.clone(),
        import_id: None,
        import_line: None,
        reverses_id: line.reverses,
        reversed_by_id: None,
    }
}

/// One entry and one event for the batch, carrying the ids.
fn record(tx: &Tx, action: &'static str, posted: &Posted) {
    let movements: Vec<Uuid> = posted.movements.iter().map(|movement| movement.id).collect();
    let variants: BTreeSet<Uuid> = posted.movements.iter().map(|movement| movement.variant_id).collect();
    let reasons: BTreeSet<&str> = posted.movements.iter().map(|movement| movement.reason.as_str()).collect();
    let reversed: Vec<Uuid> = posted.movements.iter().filter_map(|movement| movement.reverses_id).collect();
    let mut entry = json!({ "movement_ids": movements, "reasons": reasons });
    let mut payload = json!({ "batch_id": posted.id, "action": action, "movement_ids": movements, "variant_ids": variants, "reasons": reasons });
    if !reversed.is_empty() {
        entry["reverses_ids"] = json!(reversed);
        payload["reverses_ids"] = json!(reversed);
    }
    tx.audit(AuditEntry::of(action, "stock_posting", posted.id).after(entry));
    tx.emit_new(POSTED, "stock_posting", posted.id, payload);
}

/// A number of the database, which holds quantities only.
fn quantity(value: Decimal) -> Quantity {
    Quantity::new(value).unwrap_or_default()
}
