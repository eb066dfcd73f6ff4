//! The job `imports.movements`: rows are staged, checked as a whole, and posted in one transaction.

mod row;

use std::collections::HashSet;

use futures::future::LocalBoxFuture;
use nexus_infra::{Db, DbError, Tx};
use serde::Serialize;
use uuid::Uuid;

use super::error::ImportError;
use super::layout::{self, Layout};
use super::permission::InventoryImport;
use super::preview::{Entry, Preview};
use super::report::{Report, RowFault};
use super::run::{self, Found, Importer, Read};
use super::service::Kind;
use super::wire::SkuCase;
use super::work::{CellFaults, Reading, Work};
use crate::context::{Permission, TenantContext};
use crate::modules::access;
use crate::modules::catalog::normalise_sku;
use crate::modules::inventory::staged::{self, Batch, Effect, Expected, LevelChange, LineFault, StagedLine};
use crate::modules::inventory::{InventoryBackdate, TOLERANCE};
use crate::work::{JobResult, JobRun, TenantJob};

/// Imports stock movements.
#[derive(Debug)]
pub struct ImportMovements;

impl TenantJob for ImportMovements {
    fn kind(&self) -> &'static str {
        Kind::Movements.job()
    }

    fn permission(&self) -> &'static str {
        InventoryImport::KEY
    }

    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun<'a>) -> LocalBoxFuture<'a, JobResult> {
        Box::pin(async move { run::run::<Movements>(&ctx, &job).await })
    }
}

/// Lines of a dry run of which it is told what they would do.
const MAX_FORESEEN: i64 = 10_000;

/// One run.
struct Movements {
    /// Where the file's local times are local.
    time_zone: String,
    /// SKUs that the mapping says are not stocked, and how many rows were of them.
    non_stocked: HashSet<String>,
    not_stocked: i64,
}

/// What an import of movements counts, as far as it came.
#[derive(Debug, Default, Serialize)]
struct Figures {
    #[serde(flatten)]
    effect: Effect,
    not_stocked: i64,
    skus_in_several_spellings: i64,
}

impl Importer for Movements {
    const KIND: Kind = Kind::Movements;
    const LAYOUT: Layout = layout::MOVEMENTS;
    type Row = StagedLine;
    type Figures = Figures;

    async fn begin(work: &Work<'_>) -> Result<Self, ImportError> {
        let time_zone = match &work.mapping.time_zone {
            Some(zone) => zone.clone(),
            None => access::time_zone(&*work.ctx.read().await?).await?,
        };
        let non_stocked = work.mapping.non_stocked_skus.iter().map(|sku| normalise_sku(sku)).collect();
        Ok(Self { time_zone, non_stocked, not_stocked: 0 })
    }

    fn parse(reading: &Reading, line: i64, row: &[String]) -> Result<StagedLine, CellFaults> {
        row::parse(reading, line, row)
    }

    async fn stage(&mut self, work: &Work<'_>, mut lines: Vec<StagedLine>, report: &mut Report) -> Result<i64, ImportError> {
        let count = |lines: &[StagedLine]| i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let all = count(&lines);
        lines.retain(|line| !self.non_stocked.contains(&line.sku_key));
        self.not_stocked += all - count(&lines);
        let db = work.ctx.read().await?;
        staged::stage(&db, work.id(), &self.time_zone, &lines).await?;
        if work.options.may_backdate {
            return Ok(count(&lines));
        }
        // Measured from when the file came: how long its job waited is nobody's fault.
        let late = staged::drop_backdated(&db, work.id(), work.import.created_at - TOLERANCE).await?;
        for line in &late {
            let message = format!("lies before the import; who sends the file needs {} for that", InventoryBackdate::KEY);
            report.row(*line, [(work.mapping.column("occurred_at"), "backdated".to_owned(), message)]);
        }
        Ok(count(&lines) - i64::try_from(late.len()).unwrap_or(i64::MAX))
    }

    async fn write(&self, tx: &Tx, work: &Work<'_>, read: &Read, found: &mut Found<Figures>) -> Result<(), ImportError> {
        let Found { report, figures, preview } = found;
        let skip = work.options.skip_invalid;
        let dry_run = work.import.dry_run;
        let case = work.mapping.sku_case.unwrap_or(SkuCase::Merge);
        let batch = Batch { import_id: work.id(), split_case: case == SkuCase::Split };
        let mut staged_lines = read.staged;
        figures.not_stocked = self.not_stocked;

        staged::prepare(tx).await?;
        let spellings = staged::spellings(tx, batch, report.most()).await?;
        figures.skus_in_several_spellings = spellings.skus;
        if case == SkuCase::Report && spellings.lines > 0 {
            note(work, report, spellings.lines, spellings.faults);
            if skip {
                staged_lines -= staged::drop_other_spellings(tx, batch).await?;
            }
        }
        let checked = staged::check(tx, batch, report.most()).await?;
        figures.not_stocked += checked.not_stocked;
        if checked.faulty > 0 {
            note(work, report, checked.faulty, checked.faults);
            if skip {
                staged_lines -= staged::drop_faulty(tx, batch).await?;
            }
        }
        let stop = |report: &Report| !report.is_empty() && !skip;
        if stop(report) && !dry_run {
            return Err(ImportError::HasErrors { rows: report.wrong_rows() });
        }
        let from = if dry_run { tx.now() } else { staged::hold(tx, batch).await? };
        let most = report.most();
        let (short, faults) = if skip { staged::drop_short(tx, batch, most).await? } else { staged::shortages(tx, batch, most).await? };
        note(work, report, short, faults);
        if skip {
            staged_lines -= short;
        }
        figures.effect = staged::effect(tx, batch).await?;
        if let Some(preview) = preview {
            // Lines that are short and not dropped are among the movements.
            let refused = if skip { 0 } else { short };
            foresee(tx, batch, figures.effect.movements - refused, report, preview).await?;
        }
        if dry_run {
            return Err(ImportError::DryRun);
        }
        if stop(report) {
            return Err(ImportError::HasErrors { rows: report.wrong_rows() });
        }
        let reason = work.mapping.backdating_reason.clone().unwrap_or_else(|| format!("import of {}", work.import.file_name));
        let effect = &figures.effect;
        let expected = Expected { lines: staged_lines, effect, backdating_reason: &reason };
        staged::post(tx, batch, from, expected, async |done| work.written(done, effect.movements).await).await
    }

    fn undone(figures: &mut Figures) {
        figures.effect = Effect::default();
    }

    async fn clear(db: &Db, import_id: Uuid) -> Result<(), DbError> {
        staged::clear(db, import_id).await
    }
}

/// Notes what each of the `movements` would do to the levels that it touches. What would leave less than nothing is refused, whether the
/// report has room for its line or not.
async fn foresee(tx: &Tx, batch: Batch, movements: i64, report: &Report, preview: &mut Preview) -> Result<(), ImportError> {
    let mut sides: Vec<LevelChange> = staged::foresee(tx, batch, MAX_FORESEEN).await?;
    let below = sides.iter().filter(|side| side.after.is_sign_negative() && !side.after.is_zero()).map(|side| side.line);
    let refused: HashSet<i64> = report.faults().map(|fault| fault.line).chain(below).collect();
    sides.retain(|side| !refused.contains(&side.line));
    let listed: HashSet<i64> = sides.iter().map(|side| side.line).collect();
    for LevelChange { line, sku, location, before, after } in sides {
        let field = format!("on_hand of {location}");
        preview.note(Entry { field, before: before.to_string(), after: after.to_string(), ..Entry::whole(line, "created", &sku) });
    }
    preview.leave_out(u64::try_from(movements).unwrap_or_default().saturating_sub(listed.len() as u64));
    Ok(())
}

/// Notes wrong rows, some of which are known one by one.
fn note(work: &Work<'_>, report: &mut Report, rows: i64, faults: Vec<LineFault>) {
    let fault = |fault: LineFault| RowFault {
        line: fault.line,
        column: work.mapping.column(fault.field),
        code: fault.code.to_owned(),
        message: fault.message,
    };
    report.rows(rows, faults.into_iter().map(fault));
}
