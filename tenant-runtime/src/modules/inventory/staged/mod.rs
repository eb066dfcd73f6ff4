//! Posting in bulk: hundreds of thousands of staged lines, by set-based SQL, in one transaction.
//!
//! The lines wait in `import_movement_rows` (unlogged: whoever staged them stages them anew after a crash). [`check`] says everything
//! that is wrong with them, [`hold`] creates and locks the levels they touch, [`shortages`] finds the lines that would make a level
//! negative, [`drop_faulty`] and [`drop_short`] leave such lines out where that is wanted, and [`post`] writes ledger and levels.
//!
//! Invariants: those of `posting`; and nothing is posted unless the number of staged lines is the one that was staged, so that a
//! staging table lost in a crash is never taken for an empty file.
//!
//! Lines of articles that are not stocked (fees, postage) are not posted; they are counted.

mod copy;
mod fold;
mod store;

use chrono::{DateTime, NaiveDateTime, Utc};
use nexus_core::{AuditEntry, Quantity};
use nexus_infra::{Db, DbError, Tx};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

pub use copy::stage;

use super::POSTED;
use super::error::InventoryError;
use super::posting::action;

/// Lines of one statement of [`post`] and of one step of the fold.
const CHUNK: i64 = 20_000;

/// A line to be posted later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedLine {
    /// Line in the file; unique within the batch, and the order of posting.
    pub line: i64,
    /// SKU as written.
    pub sku: String,
    /// SKU in its comparison form.
    pub sku_key: String,
    /// Code of the place that changes by `delta`.
    pub location: String,
    /// Code of the other side.
    pub counter_location: String,
    /// What comes to `location` (or, negative, leaves it).
    pub delta: Quantity,
    /// Why, as a code.
    pub reason: &'static str,
    /// Unit as the file believes it.
    pub unit: Option<String>,
    /// Business time.
    pub occurred_at: OccurredAt,
    /// Kind and number of the document.
    pub reference: Option<(String, String)>,
    /// Why, in words.
    pub note: Option<String>,
}

/// When a line happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OccurredAt {
    /// An instant.
    Instant(DateTime<Utc>),
    /// A time on the wall in the time zone of the staging.
    Local(NaiveDateTime),
}

/// A batch of staged lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// The import they belong to; also the batch of the movements.
    pub import_id: Uuid,
    /// Whether SKUs that differ only by case are different articles (`ABC`, `abc~2`).
    pub split_case: bool,
}

/// Something wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// The line.
    pub line: i64,
    /// Which field.
    pub field: &'static str,
    /// Stable reason.
    pub code: &'static str,
    /// What is wrong, in English.
    pub message: String,
}

/// What [`check`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Lines staged.
    pub lines: i64,
    /// Lines of articles that are not stocked.
    pub not_stocked: i64,
    /// Lines with something wrong.
    pub faulty: i64,
    /// What is wrong, in the order of lines; cut off at the number asked for.
    pub faults: Vec<LineFault>,
}

/// SKUs that the lines write in more than one way (they differ only by case).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spellings {
    /// SKUs written in more than one way.
    pub skus: i64,
    /// Lines that write theirs otherwise than the first line with it does.
    pub lines: i64,
    /// Those lines, as far as asked for.
    pub faults: Vec<LineFault>,
}

/// What a line would do to a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelChange {
    /// The line.
    pub line: i64,
    /// The article.
    pub sku: String,
    /// Code of the place.
    pub location: String,
    /// On hand there before the line.
    pub before: Decimal,
    /// And after it.
    pub after: Decimal,
}

/// What a batch did or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Movements.
    pub movements: i64,
    /// Levels changed.
    pub levels: i64,
    /// Levels that did not exist before.
    pub new_levels: i64,
    /// What comes in, over all units.
    pub quantity_in: Quantity,
    /// What goes out, over all units.
    pub quantity_out: Quantity,
}

/// Throws away what is staged for the import.
///
/// # Errors
/// [`DbError`].
pub async fn clear(db: &Db, import_id: Uuid) -> Result<(), DbError> {
    store::clear(db, import_id).await
}

/// Leaves out the lines that happened before `earliest`; answers which.
///
/// # Errors
/// [`DbError`].
pub async fn drop_backdated(db: &Db, import_id: Uuid, earliest: DateTime<Utc>) -> Result<Vec<i64>, DbError> {
    store::drop_backdated(db, import_id, earliest).await
}

/// Makes ready for the statements below, which take longer than those of a request: call it first in the transaction.
///
/// # Errors
/// [`DbError`].
pub async fn prepare(tx: &Tx) -> Result<(), DbError> {
    store::prepare_for_bulk(tx).await
}

/// Looks at every line by itself: is the article known, not archived, counted in this unit; are the places known, and do they hold
/// stock. At most `most` faults are listed, all are counted.
///
/// # Errors
/// [`DbError`].
pub async fn check(tx: &Tx, batch: Batch, most: usize) -> Result<Checked, DbError> {
    let mut checked = store::count_faults(tx, batch).await?;
    if checked.faulty > 0 {
        checked.faults = store::faults(tx, batch, most).await?;
    }
    Ok(checked)
}

/// Leaves out the lines that [`check`] finds fault with.
///
/// # Errors
/// [`DbError`].
pub async fn drop_faulty(tx: &Tx, batch: Batch) -> Result<i64, DbError> {
    store::drop_faulty(tx, batch).await
}

/// Finds SKUs written in more than one way. At most `most` lines are listed, all are counted.
///
/// # Errors
/// [`DbError`].
pub async fn spellings(tx: &Tx, batch: Batch, most: usize) -> Result<Spellings, DbError> {
    store::spellings(tx, batch, most).await
}

/// Leaves out the lines that write their SKU otherwise than the first line with it does; answers how many.
///
/// # Errors
/// [`DbError`].
pub async fn drop_other_spellings(tx: &Tx, batch: Batch) -> Result<i64, DbError> {
    store::drop_other_spellings(tx, batch).await
}

/// Creates the levels that are missing and locks all that the lines touch, in key order, until the transaction ends. Answers the
/// instant from which the lines are recorded.
///
/// # Errors
/// [`DbError`].
pub async fn hold(tx: &Tx, batch: Batch) -> Result<DateTime<Utc>, DbError> {
    store::create_levels(tx, batch).await?;
    store::lock_levels(tx, batch).await
}

/// Finds the lines that would make a level negative if the lines before them were posted in their order. At most `most` are listed,
/// all are counted.
///
/// # Errors
/// [`DbError`].
pub async fn shortages(tx: &Tx, batch: Batch, most: usize) -> Result<(i64, Vec<LineFault>), DbError> {
    store::shortages(tx, batch, most).await
}

/// Leaves out every line that would make a level negative once those before it were posted or left out. At most `most` are listed,
/// all are counted.
///
/// # Errors
/// [`DbError`].
pub async fn drop_short(tx: &Tx, batch: Batch, most: usize) -> Result<(i64, Vec<LineFault>), DbError> {
    fold::drop_short(tx, batch, most).await
}

/// What posting the lines would do, as far as they are staged.
///
/// # Errors
/// [`DbError`].
pub async fn effect(tx: &Tx, batch: Batch) -> Result<Effect, DbError> {
    store::effect(tx, batch).await
}

/// What the first `most` lines would do to the levels that they touch, in their order.
///
/// # Errors
/// [`DbError`].
pub async fn foresee(tx: &Tx, batch: Batch, most: i64) -> Result<Vec<LevelChange>, DbError> {
    store::foresee(tx, batch, most).await
}

/// What a posting of staged lines must come to.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// Lines that must be staged.
    pub lines: i64,
    /// What [`effect`] says of them.
    pub effect: &'e Effect,
    /// Goes on every movement.
    pub backdating_reason: &'e str,
}

/// Posts the lines after [`hold`], recorded from the instant that it answered: ledger, levels, one audit entry and one event.
/// `progress` hears how many lines are through and may stop the posting by an error.
///
/// # Errors
/// [`InventoryError::Db`] with a violated check when a line would make a level negative (ask [`shortages`] before), or when staged
/// lines are missing; errors of `progress`. The caller's transaction must then be rolled back.
pub async fn post<E, F>(tx: &Tx, batch: Batch, from: DateTime<Utc>, expected: Expected<'_>, progress: F) -> Result<(), E>
where
    E: From<DbError> + From<InventoryError>,
    F: AsyncFn(i64) -> Result<(), E>,
{
    let (staged, last) = store::extent(tx, batch).await?;
    if staged != expected.lines {
        return Err(InventoryError::Db(DbError::other(format!("{staged} lines are staged, {} were expected", expected.lines))).into());
    }
    let mut after = 0;
    let mut movements = 0;
    while after < last {
        let until = store::chunk_end(tx, batch, after, CHUNK).await?;
        movements += store::post_chunk(tx, batch, (after, until), from, expected.backdating_reason).await?;
        after = until;
        progress(movements).await?;
    }
    if movements != expected.effect.movements {
        return Err(InventoryError::Db(DbError::other(format!("{movements} of {} movements were posted", expected.effect.movements))).into());
    }
    let figures = json!({ "import_id": batch.import_id, "movements": movements, "levels": expected.effect.levels });
    tx.audit(AuditEntry::of(action::IMPORT, "import", batch.import_id).after(figures));
    let payload = json!({ "batch_id": batch.import_id, "action": action::IMPORT, "import_id": batch.import_id, "movements": movements });
    tx.emit_new(POSTED, "stock_posting", batch.import_id, payload);
    Ok(())
}
