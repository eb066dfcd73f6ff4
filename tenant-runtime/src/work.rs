//! Background work of a slice: jobs (rows in the tenant's database), subscribers (events from its outbox) and upkeep (now and then).
//!
//! All get a [`TenantContext`] of the tenant whose row or event it is. All are at least once: a job may run again after its
//! worker died, an event may come twice; all must be idempotent. None holds a transaction over a call to the outside.

use std::error::Error as StdError;

use futures::future::LocalBoxFuture;
use nexus_core::{EventEnvelope, Problem};
use nexus_infra::DbError;
use nexus_infra::jobs::{Job, JobContext, JobError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::context::TenantContext;

/// What a job's run yields.
pub type JobResult = Result<JobOutput, JobFailure>;

/// Where in the bucket jobs keep what they make, if nothing else has a place of its own for it.
pub const RESULTS: &str = "exports/";

/// The result of a job, kept in its row. The files are served at `/jobs/{id}/result` and `/jobs/{id}/errors`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOutput {
    /// Figures for people, such as `{"rows": 120}`; shown in the job.
    #[serde(default)]
    pub summary: Value,
    /// The file it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<StoredFile>,
    /// The file that lists what it refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors_file: Option<StoredFile>,
    /// Whether it had files whose time is up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub files_removed: bool,
}

impl JobOutput {
    /// A result without files.
    #[must_use]
    pub fn of(summary: Value) -> Self {
        Self { summary, file: None, errors_file: None, files_removed: false }
    }

    /// Whether it has files, or had them.
    #[must_use]
    pub fn has_files(&self) -> bool {
        self.files_removed || self.file.is_some() || self.errors_file.is_some()
    }

    /// Adds the file it made.
    #[must_use]
    pub fn with_file(mut self, file: StoredFile) -> Self {
        self.file = Some(file);
        self
    }

    /// Adds the file that lists what it refused.
    #[must_use]
    pub fn with_errors_file(mut self, file: StoredFile) -> Self {
        self.errors_file = Some(file);
        self
    }
}

/// A file in the tenant's bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Key in the bucket; never shown.
    pub key: String,
    /// Name offered to the person who downloads it.
    pub name: String,
    /// Content type, such as `text/csv; charset=utf-8`.
    pub content_type: String,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// What a 202 answers: the job to follow at `/jobs/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobTicket {
    /// Id of the job.
    pub id: Uuid,
    /// Kind of the job.
    #[schema(example = "catalog.export_products")]
    pub kind: String,
    /// Its state when it was accepted; the job itself tells the present one.
    #[schema(example = "queued")]
    pub state: String,
}

impl JobTicket {
    /// The ticket of a job just enqueued.
    #[must_use]
    pub fn queued(id: Uuid, kind: &str) -> Self {
        Self { id, kind: kind.to_owned(), state: "queued".to_owned() }
    }

    /// Where the job is found.
    #[must_use]
    pub fn location(&self) -> String {
        format!("/api/v1/jobs/{}", self.id)
    }
}

/// Why a job's run ended without a result.
#[derive(Debug, Error)]
pub enum JobFailure {
    /// Trying again may help: the job runs again after a back-off, until its attempts are used up.
    #[error("the job failed and may be tried again")]
    Retry(#[source] Box<dyn StdError + Send + Sync>),
    /// Trying again can't help: the job fails with this code and public message.
    #[error("the job failed for good: {0}")]
    Permanent(Problem),
    /// The input is refused: the job fails with this code and message, and its output (figures, error file) is kept all the same.
    #[error("the job refused its input: {problem}")]
    Refused {
        /// Code and public message.
        problem: Problem,
        /// What it found out, with the file that lists what it refused.
        output: Box<JobOutput>,
    },
    /// The job was asked to stop and did.
    #[error("the job was cancelled")]
    Cancelled,
}

impl JobFailure {
    /// A failure that a later try may not meet.
    pub fn retry(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Retry(source.into())
    }
}

impl From<DbError> for JobFailure {
    fn from(error: DbError) -> Self {
        Self::retry(error)
    }
}

/// A problem of the server's may pass; one of the caller's will not.
impl From<Problem> for JobFailure {
    fn from(problem: Problem) -> Self {
        if problem.code.status >= 500 { Self::retry(problem) } else { Self::Permanent(problem) }
    }
}

impl From<JobError> for JobFailure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Retry(problem) => Self::retry(problem),
            JobError::Failed(problem) => Self::Permanent(problem),
            JobError::Stopped => Self::Cancelled,
        }
    }
}

impl From<JobFailure> for JobError {
    fn from(failure: JobFailure) -> Self {
        match failure {
            JobFailure::Retry(source) => Self::Retry(Problem::internal(source)),
            JobFailure::Permanent(problem) | JobFailure::Refused { problem, .. } => Self::Failed(problem),
            JobFailure::Cancelled => Self::Stopped,
        }
    }
}

/// A job of a slice, by kind.
pub trait TenantJob: Send + Sync + 'static {
    /// The kind in the job's row, such as `catalog.export_products`.
    fn kind(&self) -> &'static str;

    /// What whoever wants to read a file of such a job must be allowed, besides seeing the job.
    fn permission(&self) -> &'static str;

    /// Runs one claimed job to its end, on behalf of who asked for it. Called again, from the beginning, when an earlier run died.
    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun<'a>) -> LocalBoxFuture<'a, JobResult>;
}

/// A consumer of events of one tenant.
pub trait TenantSubscriber: Send + Sync + 'static {
    /// A stable name: an event is done for this name once.
    fn name(&self) -> &'static str;

    /// The kinds of events it wants: exact, a prefix (`catalog.*`), or all (`*`).
    fn kinds(&self) -> &'static [&'static str];

    /// Handles one event; idempotent by the event's id.
    fn handle<'a>(&'a self, ctx: TenantContext, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), Problem>>;
}

/// What a slice tidies up in each tenant about once an hour, in every process.
pub trait TenantUpkeep: Send + Sync + 'static {
    /// A stable name, for the audit of what it changes.
    fn name(&self) -> &'static str;

    /// Tidies up one tenant; a failure is logged and made up for the next time.
    fn run(&self, ctx: TenantContext) -> LocalBoxFuture<'_, Result<(), Problem>>;
}

/// A claimed job in the hands of its handler.
#[derive(Debug, Clone, Copy)]
pub struct JobRun<'a> {
    job: &'a JobContext,
}

impl<'a> JobRun<'a> {
    pub(crate) fn new(job: &'a JobContext) -> Self {
        Self { job }
    }

    /// The job's id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.job.job().id
    }

    /// The job as it was when it was taken.
    #[must_use]
    pub fn row(&self) -> &'a Job {
        self.job.job()
    }

    /// The job's payload as the type it was enqueued with.
    ///
    /// # Errors
    /// [`JobFailure::Permanent`] when the payload has another shape: no later try would read it.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, JobFailure> {
        Ok(self.job.payload()?)
    }

    /// Whether the job was called off or the process goes down.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.job.is_cancelled()
    }

    /// Tells how far the job is; written at most twice a second, and at the end.
    ///
    /// # Errors
    /// [`JobFailure::Cancelled`] when it is time to stop; [`JobFailure::Retry`] when the database can't be written.
    pub async fn progress(&self, done: u64, total: Option<u64>) -> Result<(), JobFailure> {
        Ok(self.job.progress(done, total).await?)
    }
}
