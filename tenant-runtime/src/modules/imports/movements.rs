//! The job `imports.movements`: rows are staged, checked as a whole, and posted in one transaction.

use std::cell::RefCell;
use std::collections::HashSet;

use futures::future::LocalBoxFuture;
use nexus_infra::Tx;
use serde_json::json;

use super::error::ImportError;
use super::layout;
use super::report::{Report, RowFault};
use super::service::Kind;
use super::store;
use super::values;
use super::wire::{Sign, SkuCase};
use super::work::{CellFaults, Outcome, Reading, Work, failure};
use crate::context::TenantContext;
use crate::modules::catalog::{normalise_sku, parse_sku};
use crate::modules::inventory::staged::{self, Batch, Expected, LineFault, OccurredAt, StagedLine};
use crate::work::{JobResult, JobRun, TenantJob};

/// Imports stock movements.
#[derive(Debug)]
pub struct ImportMovements;

impl TenantJob for ImportMovements {
    fn kind(&self) -> &'static str {
        Kind::Movements.job()
    }

    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun<'a>) -> LocalBoxFuture<'a, JobResult> {
        Box::pin(async move {
            let done = run(&ctx, &job).await;
            // Staged rows are of no use to anyone once the run is over, however it ended.
            if let Err(error) = staged::clear(ctx.read()?, job.id()).await {
                tracing::warn!(%error, "staged rows stay behind until the next run");
            }
            done
        })
    }
}

async fn run(ctx: &TenantContext, job: &JobRun<'_>) -> JobResult {
    let work = match Work::begin(ctx, job).await {
        Ok(work) => work,
        Err(done) => return done,
    };
    let read = stage(&work).await.map_err(failure)?;
    let found = RefCell::new(None);
    let posted = ctx
        .write("imports.movements", async |tx| {
            let mut report = read.report.clone();
            let done = post(tx, &work, &read, &mut report).await;
            let (done, figures) = match done {
                Ok(figures) => (Ok(()), figures),
                Err((error, figures)) => (Err(error), figures),
            };
            let outcome = Outcome { summary: figures.summary(&read, &report, &work), rows: read.rows, report };
            if done.is_ok() {
                let summary = json!({ "output": { "summary": outcome.summary } });
                store::finish(tx.conn(), work.id(), outcome.rows, outcome.report.wrong_rows(), None, &summary).await?;
            }
            found.replace(Some(outcome));
            done
        })
        .await;
    match (posted, found.into_inner()) {
        (Ok(()), Some(outcome)) => work.finish(&outcome, true).await,
        (Err(ImportError::HasErrors { .. } | ImportError::DryRun), Some(outcome)) => work.finish(&outcome, false).await,
        (Err(error), _) => Err(failure(error)),
        (Ok(()), None) => Err(failure(ImportError::Stopped)),
    }
}

/// What reading the file came to.
struct Read {
    rows: i64,
    staged: i64,
    /// Rows of SKUs that the mapping says are not stocked.
    not_stocked: i64,
    report: Report,
}

/// Reads the file into the staging table.
async fn stage(work: &Work<'_>) -> Result<Read, ImportError> {
    let db = work.ctx.read()?;
    staged::clear(db, work.id()).await?;
    let (mut source, reading) = work.open(layout::MOVEMENTS).await?;
    let zone = match &work.mapping.time_zone {
        Some(zone) => zone.clone(),
        None => store::setting(db.conn(), "time_zone").await?.unwrap_or_else(|| "UTC".to_owned()),
    };
    let not_stocked: HashSet<String> = work.mapping.non_stocked_skus.iter().map(|sku| normalise_sku(sku)).collect();
    let mut read = Read { rows: 0, staged: 0, not_stocked: 0, report: work.report() };
    loop {
        let (back, piece) = work.piece(source, &reading, parse).await?;
        source = back;
        if piece.is_end() {
            break;
        }
        let rows = piece.len();
        read.rows += rows;
        for (line, faults) in piece.wrong {
            read.report.row(line, faults);
        }
        if !work.options.skip_invalid && read.report.stop_when_full() {
            break;
        }
        let before = piece.rows.len();
        let lines: Vec<StagedLine> = piece.rows.into_iter().filter(|line| !not_stocked.contains(&line.sku_key)).collect();
        read.not_stocked += i64::try_from(before - lines.len()).unwrap_or(0);
        read.staged += i64::try_from(lines.len()).unwrap_or(0);
        staged::stage(db, work.id(), &zone, &lines).await?;
    }
    if read.rows == 0 {
        return Err(ImportError::Empty("The file has a header and no rows."));
    }
    Ok(read)
}

/// Figures of an import, as far as it came.
#[derive(Default)]
struct Figures {
    not_stocked: i64,
    spellings: i64,
    skipped: i64,
    effect: staged::Effect,
}

impl Figures {
    fn summary(&self, read: &Read, report: &Report, work: &Work<'_>) -> serde_json::Value {
        json!({
            "dry_run": work.import.dry_run,
            "rows": read.rows,
            "movements": self.effect.movements,
            "levels": self.effect.levels,
            "new_levels": self.effect.new_levels,
            "quantity_in": self.effect.quantity_in,
            "quantity_out": self.effect.quantity_out,
            "not_stocked": read.not_stocked + self.not_stocked,
            "skus_in_several_spellings": self.spellings,
            "skipped": self.skipped,
            "errors": report.wrong_rows(),
            "errors_capped": report.is_capped(),
        })
    }
}

/// Checks and posts what is staged. With `skip_invalid` wrong lines are left out; without it they keep everything out.
async fn post(tx: &Tx, work: &Work<'_>, read: &Read, report: &mut Report) -> Result<Figures, (ImportError, Figures)> {
    let mut figures = Figures::default();
    match post_into(tx, work, read, report, &mut figures).await {
        Ok(()) => Ok(figures),
        Err(error) => Err((error, figures)),
    }
}

async fn post_into(tx: &Tx, work: &Work<'_>, read: &Read, report: &mut Report, figures: &mut Figures) -> Result<(), ImportError> {
    let skip = work.options.skip_invalid;
    let dry_run = work.import.dry_run;
    let case = work.mapping.sku_case.unwrap_or(SkuCase::Merge);
    let batch = Batch { import_id: work.id(), split_case: case == SkuCase::Split };
    let mut staged_lines = read.staged;
    figures.skipped = report.wrong_rows();

    let spellings = staged::spellings(tx, batch, report.room()).await?;
    figures.spellings = spellings.skus;
    if case == SkuCase::Report && spellings.lines > 0 {
        report.rows(spellings.lines, spellings.faults.into_iter().map(|fault| row_fault(work, fault)));
        if skip {
            staged_lines -= staged::drop_other_spellings(tx, batch).await?;
        }
    }
    let checked = staged::check(tx, batch, report.room()).await?;
    figures.not_stocked = checked.not_stocked;
    if checked.faulty > 0 {
        report.rows(checked.faulty, checked.faults.into_iter().map(|fault| row_fault(work, fault)));
        if skip {
            staged_lines -= staged::drop_faulty(tx, batch).await?;
        }
    }
    let stop = |report: &Report| !report.is_empty() && !skip;
    if stop(report) && !dry_run {
        return Err(ImportError::HasErrors { rows: report.wrong_rows() });
    }
    let from = if dry_run { tx.now() } else { staged::hold(tx, batch).await? };
    let (short, faults) = if skip { staged::drop_short(tx, batch, report.room()).await? } else { staged::shortages(tx, batch, report.room()).await? };
    report.rows(short, faults.into_iter().map(|fault| row_fault(work, fault)));
    if skip {
        staged_lines -= short;
    }
    figures.skipped = if skip { report.wrong_rows() } else { 0 };
    figures.effect = staged::effect(tx, batch).await?;
    if dry_run {
        return Err(ImportError::DryRun);
    }
    if stop(report) {
        return Err(ImportError::HasErrors { rows: report.wrong_rows() });
    }
    work.checked().await?;
    let reason = work.mapping.backdating_reason.clone().unwrap_or_else(|| format!("import of {}", work.import.file_name));
    let effect = &figures.effect;
    let expected = Expected { lines: staged_lines, effect, backdating_reason: &reason };
    staged::post(tx, batch, from, expected, async |done| work.written(done, effect.movements).await).await
}

fn row_fault(work: &Work<'_>, fault: LineFault) -> RowFault {
    let column = work.mapping.columns.get(fault.field).cloned().unwrap_or_else(|| fault.field.to_owned());
    RowFault { line: fault.line, column, code: fault.code.to_owned(), message: fault.message }
}

/// A row → a line to be posted, or everything that is wrong with it.
fn parse(reading: &Reading, line: i64, row: &[String]) -> Result<StagedLine, CellFaults> {
    let mut faults = CellFaults::new();
    let mut fault = |field: &str, code: &str, message: String| faults.push((reading.column(field), code.to_owned(), message));
    let text = |field: &str| reading.text(row, field);

    let sku = match parse_sku("sku", text("sku").unwrap_or_default()) {
        Ok(sku) => sku,
        Err(bad) => {
            fault("sku", &bad.code, bad.message);
            String::new()
        }
    };
    let transfer = text("to_location");
    let quantity = match text("quantity").map(values::quantity) {
        Some(Ok(quantity)) => quantity,
        Some(Err((code, message))) => {
            fault("quantity", code, message);
            nexus_core::Quantity::ZERO
        }
        None => {
            fault("quantity", "required", "is missing".to_owned());
            nexus_core::Quantity::ZERO
        }
    };
    let (reason, counter_location, delta) = match transfer {
        Some(to) if quantity.is_positive() || quantity.is_zero() => ("transfer", to.to_owned(), -quantity),
        Some(_) => {
            fault("quantity", "negative", "a transfer has a positive quantity".to_owned());
            ("transfer", String::new(), quantity)
        }
        None => match values::motive(text("reason"), reading.mapping.sign, quantity) {
            Ok(motive) => (motive.reason, motive.partner.code().to_owned(), motive.delta),
            Err((code, message)) => {
                fault("reason", code, message);
                ("correction", String::new(), quantity)
            }
        },
    };
    let occurred_at = match text("occurred_at").map(|cell| values::occurred_at(cell, reading.mapping.date_format.as_deref(), reading.now)) {
        None => OccurredAt::Instant(reading.now),
        Some(Ok(at)) => at,
        Some(Err((code, message))) => {
            fault("occurred_at", code, message);
            OccurredAt::Instant(reading.now)
        }
    };
    let mut bounded = |field: &str, most: usize| {
        let cell = text(field);
        if cell.is_some_and(|cell| cell.chars().count() > most) {
            fault(field, "too_long", format!("has more than {most} characters"));
        }
        cell.map(str::to_owned)
    };
    let location = bounded("location", 64).unwrap_or_default();
    bounded("to_location", 64);
    let unit = bounded("unit", 32);
    let note = bounded("note", 1_000);
    let number = bounded("reference", 100);
    if location.is_empty() {
        fault("location", "required", "is missing".to_owned());
    }
    let default_type = if reading.mapping.sign == Sign::Sale { "invoice" } else { "document" };
    let reference_type = text("reference_type").unwrap_or(default_type);
    if !is_reference_type(reference_type) {
        fault("reference_type", "pattern", "must be 1 to 63 of a–z, 0–9 and _, beginning with a letter".to_owned());
    }
    let reference = number.map(|number| (reference_type.to_owned(), number));
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(StagedLine { line, sku_key: normalise_sku(&sku), sku, location, counter_location, delta, reason, unit, occurred_at, reference, note })
}

fn is_reference_type(value: &str) -> bool {
    value.len() <= 63
        && value.starts_with(|letter: char| letter.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
