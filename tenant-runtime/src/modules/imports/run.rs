//! The frame of every import: the file is staged piece by piece, then judged and written in one transaction; whatever its kind.

use std::cell::RefCell;

use nexus_infra::{Db, DbError, Tx};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::error::ImportError;
use super::layout::Layout;
use super::preview::{Entry, Preview};
use super::report::Report;
use super::service::Kind;
use super::store;
use super::work::{CellFaults, Outcome, Piece, Reading, Work, failure};
use crate::context::TenantContext;
use crate::modules::jobs::still_wanted;
use crate::work::{JobResult, JobRun};

/// Columns that are named in a summary although nothing is taken from them.
const MAX_IGNORED: usize = 50;

/// What is particular to a kind of import. One value serves one run.
pub trait Importer: Sized {
    /// Which kind.
    const KIND: Kind;
    /// What its files contain.
    const LAYOUT: Layout;
    /// What becomes of a row.
    type Row: Send + 'static;
    /// What it counts, for the job's summary.
    type Figures: Default + Serialize;

    /// Ready to stage the rows of this import.
    async fn begin(work: &Work<'_>) -> Result<Self, ImportError>;

    /// A row → what is staged of it, or everything that is wrong with it.
    fn parse(reading: &Reading, line: i64, row: &[String]) -> Result<Self::Row, CellFaults>;

    /// Stages rows; answers how many staged rows they became.
    async fn stage(&mut self, work: &Work<'_>, rows: Vec<Self::Row>, report: &mut Report) -> Result<i64, ImportError>;

    /// Judges what is staged and writes it, in the caller's transaction; called anew when that is repeated. With `skip_invalid` wrong
    /// rows are left out, without it they end in [`ImportError::HasErrors`]; a dry run ends in [`ImportError::DryRun`].
    async fn write(&self, tx: &Tx, work: &Work<'_>, read: &Read, found: &mut Found<Self::Figures>) -> Result<(), ImportError>;

    /// Takes back what the figures say was done: the import is refused as a whole.
    fn undone(figures: &mut Self::Figures);

    /// Throws away what is staged for an import.
    async fn clear(db: &Db, import_id: Uuid) -> Result<(), DbError>;
}

/// What the judging and writing came to.
#[derive(Debug)]
pub struct Found<F> {
    /// What is wrong with the file.
    pub report: Report,
    /// Figures.
    pub figures: F,
    /// What would become of each row; of a dry run alone.
    pub preview: Option<Preview>,
}

impl<F: Default> Found<F> {
    fn after(read: &Read, dry_run: bool) -> Self {
        Self { report: read.report.clone(), figures: F::default(), preview: dry_run.then(Preview::default) }
    }

    /// Notes what would become of a row, where that is asked for.
    pub fn note(&mut self, entry: impl FnOnce() -> Entry) {
        if let Some(preview) = &mut self.preview {
            preview.note(entry());
        }
    }
}

/// What reading the file came to.
#[derive(Debug)]
pub struct Read {
    /// Rows of the file.
    pub rows: i64,
    /// Staged rows.
    pub staged: i64,
    /// Columns that feed no field.
    ignored: Vec<String>,
    report: Report,
}

/// Runs an import's job.
pub async fn run<I: Importer>(ctx: &TenantContext, job: &JobRun<'_>) -> JobResult {
    let done = match Work::begin(ctx, job).await {
        Ok(work) => import::<I>(&work).await,
        Err(done) => done,
    };
    // Staged rows are of no use to anyone once the run is over, however it ended.
    if let Err(error) = I::clear(&*ctx.read().await?, job.id()).await {
        tracing::warn!(%error, "staged rows stay behind until the next run");
    }
    done
}

async fn import<I: Importer>(work: &Work<'_>) -> JobResult {
    I::clear(&*work.ctx.read().await?, work.id()).await?;
    let mut importer = I::begin(work).await.map_err(failure)?;
    let read = stage(work, &mut importer).await.map_err(failure)?;
    // The list is full: nothing that the rest could teach would fit.
    if read.report.is_stopped() {
        let found = Found::after(&read, work.import.dry_run);
        return work.finish(&outcome::<I>(work, &read, found), false).await;
    }
    let found = RefCell::new(None);
    let written = work
        .ctx
        .write(I::KIND.job(), async |tx| {
            let mut judged = Found::after(&read, work.import.dry_run);
            store::hold(tx, work.id()).await?;
            let done = importer.write(tx, work, &read, &mut judged).await;
            if matches!(done, Err(ImportError::HasErrors { .. })) {
                I::undone(&mut judged.figures);
            }
            let outcome = outcome::<I>(work, &read, judged);
            if done.is_ok() {
                store::finish(tx.conn(), work.id(), &outcome, None, &Work::effective(&outcome)).await?;
                still_wanted(tx, work.id()).await?.then_some(()).ok_or(ImportError::Stopped)?;
            }
            found.replace(Some(outcome));
            done
        })
        .await;
    match (written, found.into_inner()) {
        (Ok(()), Some(outcome)) => work.finish(&outcome, true).await,
        (Err(ImportError::HasErrors { .. } | ImportError::DryRun), Some(outcome)) => work.finish(&outcome, false).await,
        (Err(error), _) => Err(failure(error)),
        (Ok(()), None) => Err(failure(ImportError::Stopped)),
    }
}

/// Stages the whole file. While one piece is on its way to the database, the next is read.
async fn stage<I: Importer>(work: &Work<'_>, importer: &mut I) -> Result<Read, ImportError> {
    let (source, reading) = work.open(I::LAYOUT).await?;
    let mut read = Read { rows: 0, staged: 0, ignored: reading.columns.ignored.clone(), report: work.report() };
    let (mut source, mut piece) = work.piece(source, &reading, I::parse).await?;
    while piece.len() > 0 {
        read.rows += piece.len();
        let Piece { rows, wrong, position } = piece;
        for (line, faults) in wrong {
            read.report.row(line, faults);
        }
        let (next, staged) = futures::join!(work.piece(source, &reading, I::parse), importer.stage(work, rows, &mut read.report));
        read.staged += staged?;
        (source, piece) = next?;
        work.reached(position).await?;
        // One wrong row keeps the file out, and no further one can be listed.
        if piece.len() > 0 && !work.options.skip_invalid && read.report.stop_when_full() {
            break;
        }
    }
    if read.rows == 0 {
        return Err(ImportError::Empty("The file has a header and no rows."));
    }
    work.checked().await?;
    Ok(read)
}

/// A job's summary: what its kind counts, and what every import counts.
#[derive(Serialize)]
struct Summary<'s, F> {
    #[serde(flatten)]
    figures: &'s F,
    dry_run: bool,
    rows: i64,
    skipped: i64,
    errors: i64,
    errors_capped: bool,
    /// Of a dry run: changes that its file does not list.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes_not_listed: Option<u64>,
    /// Columns of the file that nothing was taken from: their number, and the first of them.
    ignored_column_count: usize,
    ignored_columns: &'s [String],
}

fn outcome<I: Importer>(work: &Work<'_>, read: &Read, found: Found<I::Figures>) -> Outcome {
    let Found { report, figures, preview } = found;
    let errors = report.wrong_rows();
    let summary = json!(Summary {
        figures: &figures,
        dry_run: work.import.dry_run,
        rows: read.rows,
        skipped: if work.options.skip_invalid { errors } else { 0 },
        errors,
        errors_capped: report.is_capped(),
        changes_not_listed: preview.as_ref().map(Preview::left_out),
        ignored_column_count: read.ignored.len(),
        ignored_columns: read.ignored.get(..MAX_IGNORED).unwrap_or(&read.ignored),
    });
    Outcome { summary, rows: read.rows, report, preview }
}
