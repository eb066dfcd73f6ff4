//! Staging by COPY: one statement per call, whatever the number of lines.

use nexus_infra::postgres::copy::CopyRows;
use nexus_infra::{Db, DbError};
use uuid::Uuid;

use super::{OccurredAt, StagedLine, store};

/// Adds lines to what is staged for the import; `time_zone` (a name the database knows) is where their local times are local.
///
/// # Errors
/// [`DbError`]; a line number staged twice is a unique violation.
pub async fn stage(db: &Db, import_id: Uuid, time_zone: &str, lines: &[StagedLine]) -> Result<(), DbError> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut rows = CopyRows::with_capacity(lines.len() * 160);
    for line in lines {
        rows.plain(import_id).plain(line.line).text(&line.sku).text(&line.sku_key).text(&line.location).text(&line.counter_location);
        rows.plain(line.delta).plain(line.reason).optional(line.unit.as_deref());
        match line.occurred_at {
            OccurredAt::Instant(at) => rows.plain(at.format("%Y-%m-%d %H:%M:%S%.f+00")),
            OccurredAt::Local(at) => rows.plain(at.format("%Y-%m-%d %H:%M:%S%.f")),
        };
        let (kind, number) = line.reference.as_ref().map(|(kind, number)| (kind.as_str(), number.as_str())).unzip();
        rows.optional(kind).optional(number).optional(line.note.as_deref()).end_row();
    }
    store::copy_in(db, time_zone, rows).await
}
