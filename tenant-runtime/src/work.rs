//! Background work of a slice: jobs (rows in the tenant's database) and subscribers (events from its outbox).
//!
//! Both get a [`TenantContext`] of the tenant whose row or event it is. Both are at least once: a job may run again after its
//! worker died, an event may come twice; both must be idempotent. Neither holds a transaction over a call to the outside.

use std::error::Error as StdError;

use futures::future::LocalBoxFuture;
use nexus_core::{EventEnvelope, Problem};
use nexus_infra::jobs::{self, ClaimedJob};
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use crate::context::TenantContext;

/// What a job's run yields: the result kept in the job's row.
pub type JobResult = Result<Value, JobFailure>;

/// Why a job's run ended without a result.
#[derive(Debug, Error)]
pub enum JobFailure {
    /// Trying again may help: the job runs again after a back-off, until its attempts are used up.
    #[error("the job failed and may be tried again")]
    Retry(#[source] Box<dyn StdError + Send + Sync>),
    /// Trying again can't help: the job fails with this code and public message.
    #[error("the job failed for good: {0}")]
    Permanent(Problem),
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

impl From<nexus_infra::postgres::DbError> for JobFailure {
    fn from(error: nexus_infra::postgres::DbError) -> Self {
        Self::retry(error)
    }
}

/// A job of a slice, by kind.
pub trait TenantJob {
    /// The kind in the job's row, such as `catalog.export_products`.
    fn kind(&self) -> &'static str;

    /// Runs one claimed job to its end. Called again, from the beginning, when an earlier run died.
    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun) -> LocalBoxFuture<'a, JobResult>;
}

/// A consumer of events of one tenant.
pub trait TenantSubscriber {
    /// A stable name: an event is done for this name once.
    fn name(&self) -> &'static str;

    /// The kinds of events it wants.
    fn kinds(&self) -> &'static [&'static str];

    /// Handles one event; idempotent by the event's id.
    fn handle<'a>(&'a self, ctx: TenantContext, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), Problem>>;
}

/// A claimed job in the hands of its handler.
#[derive(Debug, Clone)]
pub struct JobRun {
    job: ClaimedJob,
}

impl JobRun {
    pub(crate) fn new(job: ClaimedJob) -> Self {
        Self { job }
    }

    /// The job's id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.job.id
    }

    /// The claimed row.
    #[must_use]
    pub fn claimed(&self) -> &ClaimedJob {
        &self.job
    }

    /// The job's payload as the type it was enqueued with.
    ///
    /// # Errors
    /// [`JobFailure::Permanent`] when the payload has another shape: no later try would read it.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, JobFailure> {
        serde_json::from_value(self.job.payload.clone()).map_err(|error| JobFailure::Permanent(Problem::internal(error)))
    }

    /// Tells how far the job is.
    ///
    /// # Errors
    /// [`JobFailure::Cancelled`] when the job was asked to stop meanwhile or another worker took it over; [`JobFailure::Retry`] when
    /// the database can't be written.
    pub async fn progress(&self, ctx: &TenantContext, done: i64, total: Option<i64>) -> Result<(), JobFailure> {
        if jobs::progress(ctx.read()?, &self.job, done, total).await? { Ok(()) } else { Err(JobFailure::Cancelled) }
    }
}
