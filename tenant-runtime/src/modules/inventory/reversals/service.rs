//! Movements → the posting that undoes them.

use nexus_core::{FieldFault, Idempotent};
use nexus_infra::{IdempotencyKey, Tx};
use uuid::Uuid;

use super::store::{self, Original};
use super::wire::{ReversalScope, ReverseIn};
use super::{NotReversible, OutOfUse, Reversal};
use crate::context::{TenantContext, TenantError};
use crate::modules::inventory::error::InventoryError;
use crate::modules::inventory::movements::wire::PostingOut;
use crate::modules::inventory::permission::{InventoryAdjust, InventoryIssue, InventoryReceive, InventoryTransfer};
use crate::modules::inventory::posting::{self, Item, Place, PlaceRef, Posted, Posting, PostingLine, Reference, VirtualPlace, action};

/// Why the ledger has a reversal.
const REASON: &str = "reversal";

/// Undoes a movement, or all that was posted with it.
///
/// # Errors
/// [`InventoryError::NotFound`], [`InventoryError::AlreadyReversed`], [`InventoryError::NotReversible`], [`InventoryError::Insufficient`],
/// and 403 without the permission that it was posted with.
pub async fn reverse(
    ctx: &TenantContext,
    key: Option<&IdempotencyKey>,
    id: Uuid,
    input: ReverseIn,
) -> Result<Idempotent<PostingOut>, InventoryError> {
    ctx.write_once(action::REVERSE, key, async |tx| {
        let movements = match input.scope {
            ReversalScope::Movement => store::held(tx, id).await?,
            ReversalScope::Batch => store::held_with_its_batch(tx, id).await?,
        };
        if movements.is_empty() {
            return Err(InventoryError::NotFound("stock movement"));
        }
        for movement in &movements {
            require(ctx, movement)?;
        }
        if input.scope == ReversalScope::Batch && movements.iter().any(|movement| movement.import_id.is_some()) {
            return Err(NotReversible::Imported.into());
        }
        let Posted { id, movements } = undo(tx, action::REVERSE, &movements, input.note.as_ref()).await?;
        Ok(PostingOut { id, movements })
    })
    .await
}

/// Undoes what a posting moved of some products, under a name of the caller's; none when it moved nothing of them.
///
/// # Errors
/// As [`reverse`].
pub async fn reverse_products(tx: &Tx, batch: Uuid, products: &[Uuid], action: &'static str) -> Result<Option<Posted>, InventoryError> {
    let movements = store::held_of_products(tx, batch, products).await?;
    if movements.is_empty() {
        return Ok(None);
    }
    undo(tx, action, &movements, None).await.map(Some)
}

/// Posts the opposite of the movements, the last one's first.
async fn undo(tx: &Tx, action: &'static str, movements: &[Original], note: Option<&String>) -> Result<Posted, InventoryError> {
    if movements.iter().any(|movement| movement.reverses_id.is_some()) {
        return Err(NotReversible::IsReversal.into());
    }
    let undone = |movement: &Original| Some(Reversal { movement_id: movement.id, reversal_id: movement.reversed_by_id? });
    let before: Vec<Reversal> = movements.iter().filter_map(undone).collect();
    if !before.is_empty() {
        return Err(InventoryError::AlreadyReversed(before));
    }
    let reference = movements.first().and_then(|movement| {
        Some(Reference { kind: movement.reference_type.clone()?, id: movement.reference_id, number: movement.reference_number.clone() })
    });
    let lines = movements.iter().rev().map(|movement| opposite(movement, note)).collect();
    let posted = posting::post(tx, Posting { action, lines, reference, occurred_at: None, backdating_reason: None }).await;
    // The movement was posted once, so what is wrong with it now is that something of it was put away since.
    posted.map_err(|error| match error {
        InventoryError::Invalid(faults) => {
            NotReversible::OutOfUse(faults.into_iter().filter_map(|fault| out_of_use(movements, fault)).collect()).into()
        }
        other => other,
    })
}

/// What a fault of a reversal's line says of the movement: lines come in the opposite order.
fn out_of_use(movements: &[Original], fault: FieldFault) -> Option<OutOfUse> {
    let (line, field) = fault.field.strip_prefix("lines[")?.split_once("].")?;
    let movement = movements.iter().rev().nth(line.parse().ok()?)?;
    Some(OutOfUse { movement_id: movement.id, fault: FieldFault { field: field.to_owned(), ..fault } })
}

fn opposite(movement: &Original, note: Option<&String>) -> PostingLine {
    PostingLine {
        item: Item::Variant(movement.variant_id),
        from: place("to_location_id", movement.to_location_id),
        to: place("from_location_id", movement.from_location_id),
        quantity: movement.quantity(),
        unit: None,
        reason: REASON,
        note: note.cloned(),
        occurred_at: None,
        reference_line: movement.reference_line,
        expected_quantity: None,
        expected_version: None,
        reverses: Some(movement.id),
    }
}

/// A place of the movement; `field` is the movement's own.
fn place(field: &'static str, id: Uuid) -> Place {
    Place { field, at: VirtualPlace::of(id).map_or(PlaceRef::Id(id), PlaceRef::Virtual) }
}

/// What the movement was posted with, by where it went.
fn require(ctx: &TenantContext, movement: &Original) -> Result<(), TenantError> {
    match (VirtualPlace::of(movement.from_location_id), VirtualPlace::of(movement.to_location_id)) {
        (None, None) => ctx.require::<InventoryTransfer>(),
        (Some(VirtualPlace::Count), _) | (_, Some(VirtualPlace::Count)) => ctx.require::<InventoryAdjust>(),
        (Some(_), _) => ctx.require::<InventoryReceive>(),
        (None, Some(_)) => ctx.require::<InventoryIssue>(),
    }
}
