//! What the jobs of both kinds do alike: fetch the file, read it in pieces off the worker's thread, report, and finish.
//!
//! Progress counts per mille: 0 to 400 reading, to 500 checking, to 1,000 writing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::csv_source::{CsvRow, CsvSource};
use super::entity;
use super::error::ImportError;
use super::layout::{Columns, Layout};
use super::report::Report;
use super::service::{Options, delimiter_of};
use super::store;
use super::wire::Mapping;
use crate::context::TenantContext;
use crate::work::{JobFailure, JobOutput, JobResult, JobRun, StoredFile};

/// Rows of one piece.
const PIECE: usize = 5_000;
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
        self.mapping.columns.get(field).cloned().unwrap_or_else(|| field.to_owned())
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
    file: NamedTempFile,
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
}

impl<'w> Work<'w> {
    /// Fetches the file. `Err(Ok(output))` when an earlier run had finished it already.
    pub async fn begin(ctx: &'w TenantContext, job: &'w JobRun<'w>) -> Result<Self, Result<JobOutput, JobFailure>> {
        Self::fetch(ctx, job).await.map_err(|error| Err(failure(error)))?.map_err(Ok)
    }

    async fn fetch(ctx: &'w TenantContext, job: &'w JobRun<'w>) -> Result<Result<Self, JobOutput>, ImportError> {
        let missing = || ImportError::Db(nexus_infra::DbError::NotFound);
        let import = store::find(ctx.read()?.conn(), job.id()).await?.ok_or_else(missing)?;
        if let Some(output) = import.summary.get("output").cloned().and_then(|output| serde_json::from_value(output).ok()) {
            return Ok(Err(output));
        }
        let file = NamedTempFile::new()?;
        ctx.bucket()?.get_to_file(&import.file_key, file.path()).await?;
        let mapping = serde_json::from_value(import.mapping.clone()).unwrap_or_default();
        let options = serde_json::from_value(import.options.clone()).unwrap_or_default();
        Ok(Ok(Self { ctx, job, import, mapping, options, file }))
    }

    /// Id of import and job.
    pub fn id(&self) -> Uuid {
        self.import.id
    }

    /// An empty report of the length that the settings allow.
    pub fn report(&self) -> Report {
        Report::new(self.ctx.runtime().settings.imports.max_errors)
    }

    /// Opens the file and finds its columns.
    pub async fn open(&self, layout: Layout) -> Result<(CsvSource, Arc<Reading>), ImportError> {
        let max_columns = self.ctx.runtime().settings.imports.max_columns;
        let delimiter = delimiter_of(&self.mapping).unwrap_or(b',');
        let source = CsvSource::open(self.file.path(), self.options.encoding, delimiter, max_columns)?;
        let columns = layout.plan(&self.mapping, source.header())?;
        let currency = store::setting(self.ctx.read()?.conn(), "currency").await?.unwrap_or_else(|| "EUR".to_owned());
        Ok((source, Arc::new(Reading { mapping: self.mapping.clone(), columns, now: self.ctx.now(), currency })))
    }

    /// Reads the next piece and turns its rows into what `parse` makes of them, on a thread for blocking work. Rows are empty at the
    /// file's end.
    pub async fn piece<T: Send + 'static>(
        &self,
        mut source: CsvSource,
        reading: &Arc<Reading>,
        parse: fn(&Reading, i64, &[String]) -> Result<T, CellFaults>,
    ) -> Result<(CsvSource, Piece<T>), ImportError> {
        let reading = Arc::clone(reading);
        let (source, piece) = tokio::task::spawn_blocking(move || {
            let mut piece = Piece { rows: Vec::with_capacity(PIECE), wrong: Vec::new(), position: 0 };
            while piece.rows.len() + piece.wrong.len() < PIECE {
                let Some(CsvRow { line, position, cells }) = source.next()? else { break };
                piece.position = position;
                let parsed = cells.map_err(|message| vec![(String::new(), "shape".to_owned(), message)]).and_then(|cells| parse(&reading, line, &cells));
                match parsed {
                    Ok(row) => piece.rows.push(row),
                    Err(faults) => piece.wrong.push((line, faults)),
                }
            }
            Ok::<_, ImportError>((source, piece))
        })
        .await
        .map_err(|error| ImportError::File(std::io::Error::other(error)))??;
        let size = u64::try_from(self.import.size_bytes).unwrap_or(1).max(1);
        self.progress(READ.saturating_mul(piece.position.min(size)) / size).await?;
        Ok((source, piece))
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

    /// Puts the error file into the bucket and says how the job ends. `effective`: the import's effect is committed, whatever was
    /// left out; a dry run always ends well.
    pub async fn finish(&self, outcome: &Outcome, effective: bool) -> JobResult {
        let output = self.output(outcome).await.map_err(failure)?;
        let error_key = output.errors_file.as_ref().map(|file| file.key.as_str());
        // A finished import answers this when its job is run again; a refused one starts anew.
        let summary = if effective { json!({ "output": output }) } else { json!({ "refused": output.summary }) };
        store::finish(self.ctx.read()?.conn(), self.id(), outcome.rows, outcome.report.wrong_rows(), error_key, &summary).await?;
        if effective || self.import.dry_run {
            return Ok(output);
        }
        Err(JobFailure::Refused { problem: ImportError::HasErrors { rows: outcome.report.wrong_rows() }.into(), output: Box::new(output) })
    }

    async fn output(&self, outcome: &Outcome) -> Result<JobOutput, ImportError> {
        let output = JobOutput::of(outcome.summary.clone());
        if outcome.report.is_empty() {
            return Ok(output);
        }
        let file = NamedTempFile::new()?;
        outcome.report.write(file.path())?;
        let key = format!("imports/{}-errors.csv", self.id());
        let content_type = "text/csv; charset=utf-8".to_owned();
        let size_bytes = self.ctx.bucket()?.put_file(&key, file.path(), &content_type).await?;
        Ok(output.with_errors_file(StoredFile { key, name: format!("errors-{}", self.import.file_name), content_type, size_bytes }))
    }
}

/// Rows of a file.
#[derive(Debug)]
pub struct Piece<T> {
    /// What became of the good ones.
    pub rows: Vec<T>,
    /// The wrong ones.
    pub wrong: Vec<(i64, CellFaults)>,
    position: u64,
}

impl<T> Piece<T> {
    /// Whether the file is at its end.
    pub fn is_end(&self) -> bool {
        self.rows.is_empty() && self.wrong.is_empty()
    }

    /// Rows read.
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
