//! What the slice refuses.

use std::time::Duration;

use nexus_core::{ErrorCode, Problem};
use nexus_infra::{DbError, IdempotencyError, WriteError};
use thiserror::Error;

use crate::context::TenantError;

const JOB_FINISHED: ErrorCode = ErrorCode { code: "JOB_FINISHED", status: 409, summary: "The job has ended and can't be cancelled." };
const JOB_NOT_FINISHED: ErrorCode =
    ErrorCode { code: "JOB_NOT_FINISHED", status: 409, summary: "The job has not ended yet; its files come with its end." };

const JOB_FILE_EXPIRED: ErrorCode =
    ErrorCode { code: "JOB_FILE_EXPIRED", status: 410, summary: "The job's file was kept until the job's `expires_at` and is removed." };

/// The codes of the slice.
pub(super) const CODES: &[ErrorCode] = &[JOB_FINISHED, JOB_NOT_FINISHED, JOB_FILE_EXPIRED];

/// What the slice refuses.
#[derive(Debug, Error)]
pub enum JobsError {
    /// No such job, or none that the caller may see.
    #[error("no such job")]
    NotFound,
    /// The job made no such file.
    #[error("no such file")]
    NoFile,
    /// The file's time is up.
    #[error("the file is no longer kept")]
    FileExpired,
    /// The job still runs.
    #[error("not finished")]
    NotFinished,
    /// The job has ended.
    #[error("finished")]
    Finished,
    /// Somebody else's job.
    #[error("somebody else's job")]
    NotYours,
    /// What the job is about is not the caller's to read.
    #[error("the permission {0} is missing")]
    Forbidden(&'static str),
    /// The organization has too many downloads under way.
    #[error("too many downloads of one organization")]
    TooManyDownloads(usize),
    /// The process has too many downloads under way.
    #[error("too many downloads")]
    Busy,
    /// The bucket.
    #[error("the file can't be read")]
    Bucket(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The idempotency key is in flight or was used otherwise.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl JobsError {
    /// A failure of the bucket.
    pub fn bucket(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Bucket(source.into())
    }
}

impl WriteError for JobsError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<JobsError> for Problem {
    fn from(error: JobsError) -> Self {
        match error {
            JobsError::NotFound => Self::not_found("job"),
            JobsError::NoFile => Self::not_found("file of this job"),
            JobsError::FileExpired => Self::new(JOB_FILE_EXPIRED, "The file of this job is no longer kept. Run the job anew."),
            JobsError::NotFinished => Self::new(JOB_NOT_FINISHED, "The job has not ended yet."),
            JobsError::Finished => Self::new(JOB_FINISHED, "The job has ended."),
            JobsError::NotYours => Self::new(ErrorCode::FORBIDDEN, "Only who started a job, or who may change settings, can cancel it."),
            JobsError::Forbidden(permission) => TenantError::Forbidden { permission }.into(),
            JobsError::TooManyDownloads(most) => {
                let message = format!("{most} files of the organization are being downloaded. Try again when one has arrived.");
                Self::new(ErrorCode::RATE_LIMITED, message).retry_after(Duration::from_secs(5))
            }
            JobsError::Busy => Self::new(ErrorCode::SERVICE_UNAVAILABLE, "Too many files are being downloaded at the moment. Try again shortly.")
                .retry_after(Duration::from_secs(5)),
            JobsError::Bucket(source) => Self::unavailable("The file store").with_source(source),
            JobsError::Idempotency(error) => error.into(),
            JobsError::Db(error) => error.into(),
        }
    }
}
