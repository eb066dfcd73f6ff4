//! Sums of the ledger → days.

use std::collections::BTreeMap;

use nexus_web::wire::DecimalString;
use rust_decimal::Decimal;

use super::store::{self, Moved};
use super::wire::{ActivityDay, ActivityKind, ActivityOfKind, ActivityOut};
use crate::context::TenantContext;
use crate::modules::access;
use crate::modules::inventory::error::InventoryError;
use crate::modules::inventory::reversals::Reversals;

/// The last `days`, today included.
///
/// # Errors
/// A database error.
pub async fn get(ctx: &TenantContext, days: u16) -> Result<ActivityOut, InventoryError> {
    let db = ctx.read().await?;
    let time_zone = access::time_zone(&db).await?;
    let moved = store::moved(db.conn(), Reversals::of(ctx), &time_zone, ctx.now(), days).await?;
    Ok(ActivityOut { time_zone, days: days_of(moved) })
}

/// Rows in the order of days, at least one of each → days.
fn days_of(rows: Vec<Moved>) -> Vec<ActivityDay> {
    let mut days: Vec<ActivityDay> = Vec::new();
    for day in rows.chunk_by(|one, next| one.day == next.day) {
        let sum = |counts: &dyn Fn(&Moved) -> bool| decimal(day.iter().filter(|row| counts(row)).map(|row| row.quantity).sum());
        days.push(ActivityDay {
            date: day[0].day,
            movements: day.iter().map(|row| row.movements).sum(),
            quantity_in: sum(&|row| row.inwards && !row.outwards),
            quantity_out: sum(&|row| row.outwards && !row.inwards),
            kinds: kinds_of(day),
        });
    }
    days
}

fn kinds_of(day: &[Moved]) -> Vec<ActivityOfKind> {
    let mut kinds: BTreeMap<ActivityKind, (i64, Decimal)> = BTreeMap::new();
    for (reason, row) in day.iter().filter_map(|row| Some((row.reason.as_ref()?, row))) {
        let (movements, quantity) = kinds.entry(ActivityKind::of(reason)).or_default();
        *movements += row.movements;
        *quantity += row.quantity;
    }
    kinds.into_iter().map(|(kind, (movements, sum))| ActivityOfKind { kind, movements, quantity: decimal(sum) }).collect()
}

fn decimal(sum: Decimal) -> DecimalString {
    DecimalString(sum.normalize())
}
