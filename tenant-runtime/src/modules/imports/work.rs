//! An import under way: its row, its file, read in pieces off the worker's thread, its progress, and its end.
//!
//! Progress counts per mille: 0 to 400 reading, to 500 checking, to 1,000 writing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::csv_source::{CsvRow, CsvSource};
use super::entity;
use super::error::ImportError;
use super::layout::{Columns, Layout};
use super::preview::Preview;
use super::report::Report;
use super::service::{Options, delimiter_of};
use super::store;
use super::wire::Mapping;
use crate::context::TenantContext;
use crate::modules::access;
use crate::scratch;
use crate::work::{JobFailure, JobOutput, JobResult, JobRun, StoredFile};

/// Bounds of one piece of a file: whichever is reached first ends it.
const PIECE_ROWS: usize = 10_000;
const PIECE_BYTES: u64 = 4 * 1024 * 1024;
/// Where reading ends and where writing begins, in the progress of the whole.
const READ: u64 = 400;
const CHECKED: u64 = 500;
const ALL: u64 = 1_000;

/// A fault of a row: column, stable reason, message.
pub type CellFaults = Vec<(String, String, String)>;

/// Everything about a file that is the same for all of its rows.
#[derive(Debug, Clone)]
pub struct Reading {
    /// How it is mapped.
    pub mapping: Mapping,
    /// Where its fields are.
    pub columns: Columns,
    /// The present instant.
    pub now: DateTime<Utc>,
    /// Currency of prices without one.
    pub currency: String,
}

impl Reading {
    /// Name of the field's column in this file, for messages.
    pub fn column(&self, field: &str) -> String {
        self.mapping.column(field)
    }

    /// A field's text in a row.
    pub fn text<'r>(&'r self, row: &'r [String], field: &str) -> Option<&'r str> {
        self.columns.text(row, field)
    }
}

/// An import under way.
pub struct Work<'w> {
    /// The tenant.
    pub ctx: &'w TenantContext,
    job: &'w JobRun<'w>,
    /// The import's row.
    pub import: entity::Model,
    /// How the file is mapped.
    pub mapping: Mapping,
    /// How the file is read beside that.
    pub options: Options,
}

/// What came out of an import.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What is wrong with the file.
    pub report: Report,
    /// Rows read.
    pub rows: i64,
    /// Figures.
    pub summary: Value,
    /// What would become of each row; of a dry run alone.
    pub preview: Option<Preview>,
}

/// What the import's row keeps of an effect, from the transaction of that effect on.
#[derive(Debug, Serialize, Deserialize)]
struct Effective {
    output: JobOutput,
    /// What is wrong with the file, until the error file is in the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
}

impl<'w> Work<'w> {
    /// The import of a job. `Err` with the job's result when an earlier run had its effect already; what that run owed is made up for.
    pub async fn begin(ctx: &'w TenantContext, job: &'w JobRun<'w>) -> Result<Self, JobResult> {
        let work = Self::find(ctx, job).await.map_err(|error| Err(failure(error)))?;
        let Ok(Effective { output, report }) = serde_json::from_value(work.import.summary.clone()) else { return Ok(work) };
        let Some(report) = report else { return Err(Ok(output)) };
        let outcome = Outcome { report, rows: work.import.row_count, summary: output.summary, preview: None };
        Err(work.finish(&outcome, true).await)
    }

    async fn find(ctx: &'w TenantContext, job: &'w JobRun<'w>) -> Result<Self, ImportError> {
        let import = store::find(ctx.read().await?.conn(), job.id()).await?.ok_or(nexus_infra::DbError::NotFound)?;
        let mapping = serde_json::from_value(import.mapping.clone()).unwrap_or_default();
        let options = serde_json::from_value(import.options.clone()).unwrap_or_default();
        Ok(Self { ctx, job, import, mapping, options })
    }

    /// Id of import and job.
    pub fn id(&self) -> Uuid {
        self.import.id
    }

    /// An empty report of the length that the settings allow.
    pub fn report(&self) -> Report {
        Report::new(self.ctx.runtime().settings.imports.max_errors)
    }

    /// Fetches the file, opens it and finds its columns.
    pub async fn open(&self, layout: Layout) -> Result<(CsvSource, Arc<Reading>), ImportError> {
        let key = self.import.file_key.as_deref().ok_or(ImportError::SourceRemoved)?;
        let file = scratch::file()?;
        self.ctx.bucket()?.get_to_file(key, file.path()).await?;
        let max_columns = self.ctx.runtime().settings.imports.max_columns;
        let delimiter = delimiter_of(&self.mapping).unwrap_or(b',');
        // The open file outlives its name, which goes here: a process that dies leaves nothing behind.
        let source = CsvSource::open(file.path(), self.options.encoding, delimiter, max_columns)?;
        let columns = layout.plan(&self.mapping, source.header())?;
        let currency = access::currency(&*self.ctx.read().await?).await?;
        Ok((source, Arc::new(Reading { mapping: self.mapping.clone(), columns, now: self.ctx.now(), currency })))
    }

    /// Reads the next piece and turns its rows into what `parse` makes of them, on a thread for blocking work. The piece is empty at
    /// the file's end.
    pub async fn piece<T: Send + 'static>(
        &self,
        mut source: CsvSource,
        reading: &Arc<Reading>,
        parse: fn(&Reading, i64, &[String]) -> Result<T, CellFaults>,
    ) -> Result<(CsvSource, Piece<T>), ImportError> {
        let reading = Arc::clone(reading);
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Piece { rows: Vec::new(), wrong: Vec::new(), position: source.position() };
            let until = piece.position + PIECE_BYTES;
            while piece.rows.len() + piece.wrong.len() < PIECE_ROWS && piece.position < until {
                let Some(CsvRow { line, position, cells }) = source.next()? else { break };
                piece.position = position;
                let parsed =
                    cells.map_err(|message| vec![(String::new(), "shape".to_owned(), message)]).and_then(|cells| parse(&reading, line, &cells));
                match parsed {
                    Ok(row) => piece.rows.push(row),
                    Err(faults) => piece.wrong.push((line, faults)),
                }
            }
            Ok((source, piece))
        });
        read.await.map_err(|error| ImportError::File(std::io::Error::other(error)))?
    }

    /// Says up to which byte the file is read.
    pub async fn reached(&self, position: u64) -> Result<(), ImportError> {
        let size = u64::try_from(self.import.size_bytes).unwrap_or(1).max(1);
        self.progress(READ.saturating_mul(position.min(size)) / size).await
    }

    /// Says that everything is read and checked.
    pub async fn checked(&self) -> Result<(), ImportError> {
        self.progress(CHECKED).await
    }

    /// Says how much of the writing is done.
    pub async fn written(&self, done: i64, of: i64) -> Result<(), ImportError> {
        let share = u64::try_from(done.max(0)).unwrap_or(0).saturating_mul(ALL - CHECKED) / u64::try_from(of.max(1)).unwrap_or(1);
        self.progress(CHECKED + share.min(ALL - CHECKED)).await
    }

    async fn progress(&self, per_mille: u64) -> Result<(), ImportError> {
        if self.job.is_cancelled() {
            return Err(ImportError::Stopped);
        }
        Ok(self.job.progress(per_mille, Some(ALL)).await?)
    }

    /// What to keep of an effect in its transaction. The report stays with it until the error file is in the bucket, so that a worker
    /// that dies in between takes nothing along.
    pub fn effective(outcome: &Outcome) -> Value {
        let report = (!outcome.report.is_empty()).then(|| outcome.report.clone());
        json!(Effective { output: JobOutput::of(outcome.summary.clone()), report })
    }

    /// Puts the error file into the bucket and says how the job ends. `effective`: the import's effect is committed, whatever was
    /// left out; a dry run always ends well.
    pub async fn finish(&self, outcome: &Outcome, effective: bool) -> JobResult {
        let output = self.output(outcome).await.map_err(failure)?;
        let error_key = output.errors_file.as_ref().map(|file| file.key.as_str());
        // A finished import answers this when its job is run again; a refused one starts anew.
        let summary = if effective { json!(Effective { output: output.clone(), report: None }) } else { json!({ "refused": output.summary }) };
        store::finish(self.ctx.read().await?.conn(), self.id(), outcome, error_key, &summary).await?;
        if effective || self.import.dry_run {
            return Ok(output);
        }
        Err(JobFailure::Refused { problem: ImportError::HasErrors { rows: outcome.report.wrong_rows() }.into(), output: Box::new(output) })
    }

    async fn output(&self, outcome: &Outcome) -> Result<JobOutput, ImportError> {
        let mut output = JobOutput::of(outcome.summary.clone());
        if let Some(preview) = &outcome.preview {
            let file = scratch::file()?;
            preview.write(&outcome.report, file.path())?;
            output = output.with_file(self.store(&file, "changes").await?);
        }
        if !outcome.report.is_empty() {
            let file = scratch::file()?;
            outcome.report.write(file.path())?;
            output = output.with_errors_file(self.store(&file, "errors").await?);
        }
        Ok(output)
    }

    /// Puts a file about this import into the bucket.
    async fn store(&self, file: &NamedTempFile, what: &str) -> Result<StoredFile, ImportError> {
        let key = format!("imports/{}-{what}.csv", self.id());
        let content_type = "text/csv; charset=utf-8".to_owned();
        let size_bytes = self.ctx.bucket()?.put_file(&key, file.path(), &content_type).await?;
        Ok(StoredFile { key, name: format!("{what}-{}", self.import.file_name), content_type, size_bytes })
    }
}

/// Rows of a file.
#[derive(Debug)]
pub struct Piece<T> {
    /// What became of the good ones.
    pub rows: Vec<T>,
    /// The wrong ones.
    pub wrong: Vec<(i64, CellFaults)>,
    /// Bytes of the file up to its end.
    pub position: u64,
}

impl<T> Piece<T> {
    /// Rows read; none at the file's end.
    pub fn len(&self) -> i64 {
        i64::try_from(self.rows.len() + self.wrong.len()).unwrap_or(i64::MAX)
    }
}

/// How an error ends a job: what may pass is tried again.
pub fn failure(error: ImportError) -> JobFailure {
    match error {
        ImportError::Stopped => JobFailure::Cancelled,
        ImportError::Db(error) => error.into(),
        ImportError::Bucket(error) => JobFailure::retry(error),
        ImportError::File(error) => JobFailure::retry(error),
        ImportError::Tenant(error) => JobFailure::retry(error),
        other => nexus_core::Problem::from(other).into(),
    }
}
