//! What does a job, and what it gets to do it with.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::LocalBoxFuture;
use nexus_core::{Origin, Problem, SharedClock, TenantId};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::Job;
use super::store::Hold;
use crate::postgres::Db;

/// Progress is written at most this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// Does the jobs of one kind. Runs at least once per job: a repetition must find what an earlier try has done.
pub trait JobHandler: Send + Sync + 'static {
    /// The kind, such as `imports.run`.
    fn kind(&self) -> &'static str;

    /// Does one job; the value becomes its result. Long work calls [`JobContext::progress`] now and then, and stops
    /// soon after [`JobContext::cancelled`].
    ///
    /// # Errors
    /// See [`JobError`]: a 5xx problem is tried again, any other fails the job.
    fn run<'a>(&'a self, job: &'a JobContext) -> LocalBoxFuture<'a, Result<Value, JobError>>;
}

/// Why a try ended without a result.
#[derive(Debug)]
pub enum JobError {
    /// A fault that may pass: tried again with back-off.
    Retry(Problem),
    /// A fault that will not: the job fails with this public message.
    Failed(Problem),
    /// The job was called off, or the process goes down.
    Stopped,
}

impl<E: Into<Problem>> From<E> for JobError {
    fn from(error: E) -> Self {
        let problem = error.into();
        if problem.code.status >= 500 { Self::Retry(problem) } else { Self::Failed(problem) }
    }
}

/// A job under way.
#[derive(Debug)]
pub struct JobContext {
    pub(super) job: Job,
    pub(super) tenant: Option<TenantId>,
    pub(super) db: Db,
    pub(super) clock: SharedClock,
    pub(super) hold: Hold,
    pub(super) stop: CancellationToken,
    pub(super) told: Mutex<Option<Instant>>,
}

impl JobContext {
    /// The job as it was when it was taken.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Whose it is; none for the platform's own.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    /// The database it lives in.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// For the writes it makes.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.job.origin()
    }

    /// The input, typed.
    ///
    /// # Errors
    /// The job fails: another try would not read it either.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        serde_json::from_value(self.job.payload.clone()).map_err(|error| JobError::Failed(Problem::internal(error)))
    }

    /// Whether to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits until it is time to stop.
    pub async fn cancelled(&self) {
        self.stop.cancelled().await;
    }

    /// Says how far the work is; written at most twice a second, and at the end.
    ///
    /// # Errors
    /// [`JobError::Stopped`] when the job was called off; a fault of the database.
    pub async fn progress(&self, done: u64, total: Option<u64>) -> Result<(), JobError> {
        if self.is_cancelled() {
            return Err(JobError::Stopped);
        }
        if total != Some(done) && !self.time_to_tell() {
            return Ok(());
        }
        let number = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
        if self.hold.progress(&self.db, number(done), total.map(number)).await? {
            Ok(())
        } else {
            self.stop.cancel();
            Err(JobError::Stopped)
        }
    }

    fn time_to_tell(&self) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let due = told.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY);
        if due {
            *told = Some(Instant::now());
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use nexus_core::ErrorCode;

    use super::*;
    use crate::postgres::DbError;

    #[test]
    fn only_faults_of_our_own_are_tried_again() {
        assert!(matches!(JobError::from(DbError::PoolTimeout), JobError::Retry(_)));
        assert!(matches!(JobError::from(Problem::new(ErrorCode::VALIDATION_FAILED, "no")), JobError::Failed(_)));
    }
}
