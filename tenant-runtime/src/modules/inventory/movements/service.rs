//! Requests → postings: which place stands on the other side, who may, and when it happened.

use chrono::{DateTime, Datelike, Utc};
use nexus_core::{Faults, Idempotent, ListRequest, Listing};
use nexus_infra::IdempotencyKey;
use nexus_web::wire::QuantityString;
use uuid::Uuid;

use super::store;
use super::wire::{AdjustIn, AdjustLineIn, MovementKind, MovementOut, MovementsIn, Partner, PostingOut, ReferenceIn, TransferIn};
use crate::context::TenantContext;
use crate::modules::catalog::product_exists;
use crate::modules::inventory::error::InventoryError;
use crate::modules::inventory::levels;
use crate::modules::inventory::permission::{InventoryBackdate, InventoryIssue, InventoryReceive};
use crate::modules::inventory::posting::{self, Item, Place, PlaceRef, Posted, Posting, PostingLine, Reference, VirtualPlace, action};
use crate::modules::inventory::reversals::Reversals;
use crate::modules::inventory::{EARLIEST_YEAR, TOLERANCE};

/// Corrects levels.
///
/// # Errors
/// [`InventoryError`]: by field, short, changed, or backdating without permission.
pub async fn adjust(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: AdjustIn) -> Result<Idempotent<PostingOut>, InventoryError> {
    once(ctx, action::ADJUST, key, async |tx| {
        check_time(ctx, input.occurred_at, input.backdating_reason.as_deref())?;
        let named: Vec<Uuid> = input.lines.iter().filter_map(|line| line.inventory_id).collect();
        let levels = levels::store::places(tx, &named).await?;
        let mut faults = Faults::new();
        let mut lines = Vec::with_capacity(input.lines.len());
        for (index, line) in input.lines.iter().enumerate() {
            let Some((item, place)) = level(&mut faults, index, line, |id| levels.get(&id).copied()) else { continue };
            let (from, to) = if line.delta.is_positive() { (VirtualPlace::Count.into(), place) } else { (place, VirtualPlace::Count.into()) };
            lines.push(PostingLine {
                item,
                from,
                to,
                quantity: line.delta.abs(),
                unit: line.unit.clone(),
                reason: input.reason.as_str(),
                note: line.note.clone().or_else(|| input.note.clone()),
                occurred_at: None,
                reference_line: None,
                expected_quantity: line.expected_quantity.map(Into::into),
                expected_version: line.expected_version,
                reverses: None,
            });
        }
        if !faults.is_empty() {
            return Err(faults.into());
        }
        posting::post(tx, batch(action::ADJUST, lines, input.reference.as_ref(), input.occurred_at, input.backdating_reason.as_deref())).await
    })
    .await
}

/// Moves stock between places.
///
/// # Errors
/// [`InventoryError`], as for [`adjust`].
pub async fn transfer(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: TransferIn) -> Result<Idempotent<PostingOut>, InventoryError> {
    let mut faults = Faults::new();
    let mut lines = Vec::with_capacity(input.lines.len());
    for (index, line) in input.lines.iter().enumerate() {
        let at = format!("lines[{index}]");
        let item = item(&mut faults, &at, line.variant_id, line.sku.as_deref());
        let from = place(&mut faults, &at, ["from_location_id", "from_location"], line.from_location_id, line.from_location.as_deref());
        let to = place(&mut faults, &at, ["to_location_id", "to_location"], line.to_location_id, line.to_location.as_deref());
        let (Some(item), Some(from), Some(to)) = (item, from, to) else { continue };
        lines.push(plain_line(item, from, to, line.quantity, line.unit.as_ref(), "transfer", line.note.as_ref().or(input.note.as_ref()), None));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    once(ctx, action::TRANSFER, key, async |tx| {
        check_time(ctx, input.occurred_at, input.backdating_reason.as_deref())?;
        let lines = lines.clone();
        posting::post(tx, batch(action::TRANSFER, lines, input.reference.as_ref(), input.occurred_at, input.backdating_reason.as_deref())).await
    })
    .await
}

/// Posts goods that come in or go out.
///
/// # Errors
/// [`InventoryError`], as for [`adjust`]; 403 without the permission of the direction.
pub async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: MovementsIn) -> Result<Idempotent<PostingOut>, InventoryError> {
    let Some(way) = Way::of(input.kind, input.partner) else {
        return Err(InventoryError::invalid("partner", "unexpected", "does not go with this kind of movement"));
    };
    match way.inwards {
        true => ctx.require::<InventoryReceive>()?,
        false => ctx.require::<InventoryIssue>()?,
    }
    let mut faults = Faults::new();
    let mut lines = Vec::with_capacity(input.lines.len());
    for (index, line) in input.lines.iter().enumerate() {
        let at = format!("lines[{index}]");
        if input.reference.is_none() && line.reference_line.is_some() {
            faults.push(format!("{at}.reference_line"), "unexpected", "needs a reference");
        }
        let item = item(&mut faults, &at, line.variant_id, line.sku.as_deref());
        let place = place(&mut faults, &at, ["location_id", "location"], line.location_id, line.location.as_deref());
        let (Some(item), Some(place)) = (item, place) else { continue };
        let (from, to) = if way.inwards { (way.partner.into(), place) } else { (place, way.partner.into()) };
        lines.push(plain_line(
            item,
            from,
            to,
            line.quantity,
            line.unit.as_ref(),
            way.reason,
            line.note.as_ref().or(input.note.as_ref()),
            line.reference_line,
        ));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    once(ctx, "inventory.post_movements", key, async |tx| {
        check_time(ctx, input.occurred_at, input.backdating_reason.as_deref())?;
        let lines = lines.clone();
        posting::post(tx, batch(way.action, lines, input.reference.as_ref(), input.occurred_at, input.backdating_reason.as_deref())).await
    })
    .await
}

/// One movement.
///
/// # Errors
/// [`InventoryError::NotFound`].
pub async fn get(ctx: &TenantContext, id: Uuid) -> Result<MovementOut, InventoryError> {
    store::find(ctx.read().await?.conn(), Reversals::of(ctx), id).await?.ok_or(InventoryError::NotFound("stock movement"))
}

/// One part of the ledger.
///
/// # Errors
/// A database error.
pub async fn list(ctx: &TenantContext, request: ListRequest) -> Result<Listing<MovementOut>, InventoryError> {
    Ok(store::list(ctx.read().await?.conn(), Reversals::of(ctx), request, None).await?)
}

/// One part of the ledger of one product over all its variants.
///
/// # Errors
/// [`InventoryError::NotFound`] when there is no such product.
pub async fn history(ctx: &TenantContext, product_id: Uuid, request: ListRequest) -> Result<Listing<MovementOut>, InventoryError> {
    ctx.read_snapshot("inventory.history", async |tx| {
        if !product_exists(tx, product_id).await? {
            return Err(InventoryError::NotFound("product"));
        }
        Ok(store::list(tx.conn(), Reversals::of(ctx), request.clone(), Some(product_id)).await?)
    })
    .await
}

/// Direction, other side, reason and name of a kind of movement.
struct Way {
    inwards: bool,
    partner: VirtualPlace,
    reason: &'static str,
    action: &'static str,
}

impl Way {
    fn of(kind: MovementKind, partner: Option<Partner>) -> Option<Self> {
        let way = |inwards, partner, reason, action| Some(Self { inwards, partner, reason, action });
        match (kind, partner) {
            (MovementKind::Receive, None | Some(Partner::Supplier)) => way(true, VirtualPlace::Supplier, "receipt", action::RECEIVE),
            (MovementKind::Receive, Some(Partner::Production)) => way(true, VirtualPlace::Production, "production", action::RECEIVE),
            (MovementKind::Issue, None | Some(Partner::Customer)) => way(false, VirtualPlace::Customer, "issue", action::ISSUE),
            (MovementKind::Issue, Some(Partner::Production)) => way(false, VirtualPlace::Production, "consumption", action::ISSUE),
            (MovementKind::Return, None | Some(Partner::Customer)) => way(true, VirtualPlace::Customer, "customer_return", action::RETURN),
            (MovementKind::Return, Some(Partner::Supplier)) => way(false, VirtualPlace::Supplier, "supplier_return", action::RETURN),
            (MovementKind::Scrap, None) => way(false, VirtualPlace::Scrap, "scrap", action::SCRAP),
            _ => None,
        }
    }
}

async fn once<F>(ctx: &TenantContext, name: &'static str, key: Option<&IdempotencyKey>, post: F) -> Result<Idempotent<PostingOut>, InventoryError>
where
    F: AsyncFn(&nexus_infra::Tx) -> Result<Posted, InventoryError>,
{
    ctx.write_once(name, key, async |tx| {
        let Posted { id, movements } = post(tx).await?;
        Ok(PostingOut { id, movements })
    })
    .await
}

/// Now, or earlier with permission and reason; never later.
fn check_time(ctx: &TenantContext, occurred_at: Option<DateTime<Utc>>, reason: Option<&str>) -> Result<(), InventoryError> {
    let now = ctx.now();
    match occurred_at {
        Some(at) if at > now + TOLERANCE => Err(InventoryError::invalid("occurred_at", "future", "must not lie in the future")),
        Some(at) if at.year() < EARLIEST_YEAR => Err(InventoryError::invalid("occurred_at", "early", "must not lie before 1900")),
        Some(at) if at < now - TOLERANCE => {
            ctx.require::<InventoryBackdate>()?;
            match reason {
                Some(_) => Ok(()),
                None => Err(InventoryError::invalid("backdating_reason", "required", "say why this is recorded late")),
            }
        }
        _ if reason.is_some() => Err(InventoryError::invalid("backdating_reason", "unexpected", "goes with an `occurred_at` that lies back")),
        _ => Ok(()),
    }
}

fn batch(
    action: &'static str,
    lines: Vec<PostingLine>,
    reference: Option<&ReferenceIn>,
    occurred_at: Option<DateTime<Utc>>,
    backdating_reason: Option<&str>,
) -> Posting {
    let reference = reference.map(|given| Reference { kind: given.r#type.clone(), id: given.id, number: given.number.clone() });
    Posting { action, lines, reference, occurred_at, backdating_reason: backdating_reason.map(str::to_owned) }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one line, each named at the two places that build one")]
fn plain_line(
    item: Item,
    from: Place,
    to: Place,
    quantity: QuantityString,
    unit: Option<&String>,
    reason: &'static str,
    note: Option<&String>,
    reference_line: Option<i32>,
) -> PostingLine {
    PostingLine {
        item,
        from,
        to,
        quantity: quantity.into(),
        unit: unit.cloned(),
        reason,
        note: note.cloned(),
        occurred_at: None,
        reference_line,
        expected_quantity: None,
        expected_version: None,
        reverses: None,
    }
}

/// The level of an adjustment line: by its id, or by variant and location.
fn level(faults: &mut Faults, index: usize, line: &AdjustLineIn, known: impl Fn(Uuid) -> Option<(Uuid, Uuid)>) -> Option<(Item, Place)> {
    let at = format!("lines[{index}]");
    let Some(id) = line.inventory_id else {
        let item = item(faults, &at, line.variant_id, line.sku.as_deref());
        let place = place(faults, &at, ["location_id", "location"], line.location_id, line.location.as_deref());
        return item.zip(place);
    };
    if line.variant_id.is_some() || line.sku.is_some() || line.location_id.is_some() || line.location.is_some() {
        faults.push(format!("{at}.inventory_id"), "ambiguous", "give either `inventory_id`, or variant and location");
        return None;
    }
    let Some((variant, location)) = known(id) else {
        faults.push(format!("{at}.inventory_id"), "unknown", "names no level");
        return None;
    };
    Some((Item::Variant(variant), Place { field: "inventory_id", at: PlaceRef::Id(location) }))
}

fn item(faults: &mut Faults, at: &str, id: Option<Uuid>, sku: Option<&str>) -> Option<Item> {
    match (id, sku) {
        (Some(id), None) => Some(Item::Variant(id)),
        (None, Some(sku)) => Some(Item::Sku(sku.to_owned())),
        (None, None) => {
            faults.push(format!("{at}.variant_id"), "required", "give `variant_id` or `sku`");
            None
        }
        (Some(_), Some(_)) => {
            faults.push(format!("{at}.variant_id"), "ambiguous", "give either `variant_id` or `sku`");
            None
        }
    }
}

fn place(faults: &mut Faults, at: &str, fields: [&'static str; 2], id: Option<Uuid>, code: Option<&str>) -> Option<Place> {
    let [by_id, by_code] = fields;
    match (id, code) {
        (Some(id), None) => Some(Place { field: by_id, at: PlaceRef::Id(id) }),
        (None, Some(code)) => Some(Place { field: by_code, at: PlaceRef::Code(code.to_owned()) }),
        (None, None) => {
            faults.push(format!("{at}.{by_id}"), "required", format!("give `{by_id}` or `{by_code}`"));
            None
        }
        (Some(_), Some(_)) => {
            faults.push(format!("{at}.{by_id}"), "ambiguous", format!("give either `{by_id}` or `{by_code}`"));
            None
        }
    }
}
