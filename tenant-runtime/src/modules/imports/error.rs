//! What an import refuses, each with its code.

use std::io;
use std::time::Duration;

use nexus_core::{ErrorCode, FieldFault, Problem};
use nexus_infra::object_store::ObjectStoreError;
use nexus_infra::{DbError, IdempotencyError, WriteError};
use serde_json::json;
use thiserror::Error;

use super::report::wrong;
use crate::context::TenantError;
use crate::modules::catalog::CatalogError;
use crate::modules::inventory::InventoryError;
use crate::work::JobFailure;

const IMPORT_EMPTY: ErrorCode = ErrorCode { code: "IMPORT_EMPTY", status: 422, summary: "The file has no bytes, or no rows below its header." };
const IMPORT_ENCODING: ErrorCode =
    ErrorCode { code: "IMPORT_ENCODING", status: 422, summary: "The file is not UTF-8; the message says what it looks like and what to do." };
const IMPORT_HEADER: ErrorCode =
    ErrorCode { code: "IMPORT_HEADER", status: 422, summary: "The header lacks columns, names one twice, or has too many; details name them." };
const IMPORT_MALFORMED: ErrorCode = ErrorCode {
    code: "IMPORT_MALFORMED",
    status: 422,
    summary: "The file can't be read as CSV: a quote that never ends, or a row that is too long.",
};
const IMPORT_HAS_ERRORS: ErrorCode =
    ErrorCode { code: "IMPORT_HAS_ERRORS", status: 422, summary: "Some rows are wrong, so nothing was imported; the job's error file lists them." };
const IMPORT_SOURCE_REMOVED: ErrorCode =
    ErrorCode { code: "IMPORT_SOURCE_REMOVED", status: 410, summary: "The uploaded file is no longer kept; send it again." };
const IMPORT_STORAGE_FULL: ErrorCode =
    ErrorCode { code: "IMPORT_STORAGE_FULL", status: 413, summary: "The uploaded files of the organization would exceed what is kept of them." };

/// The codes of this slice.
pub const CODES: &[ErrorCode] =
    &[IMPORT_EMPTY, IMPORT_ENCODING, IMPORT_HEADER, IMPORT_MALFORMED, IMPORT_HAS_ERRORS, IMPORT_SOURCE_REMOVED, IMPORT_STORAGE_FULL];

/// What an import refuses, or fails with.
#[derive(Debug, Error)]
pub enum ImportError {
    /// Nothing in the file.
    #[error("the file is empty: {0}")]
    Empty(&'static str),
    /// Not the encoding it should be.
    #[error("wrong encoding: {0}")]
    Encoding(String),
    /// The header won't do.
    #[error("wrong header")]
    Header(Vec<FieldFault>),
    /// Not CSV.
    #[error("malformed: {0}")]
    Malformed(String),
    /// Some rows are wrong.
    #[error("{}", wrong(*rows))]
    HasErrors {
        /// How many.
        rows: i64,
    },
    /// The form won't do.
    #[error("invalid form")]
    Invalid(Vec<FieldFault>),
    /// The form can't be read.
    #[error("{0}")]
    Form(Box<Problem>),
    /// The organization has too many uploads under way.
    #[error("too many uploads of one organization")]
    TooManyUploads {
        /// How many are allowed.
        most: usize,
    },
    /// The process has too many uploads under way.
    #[error("too many uploads")]
    Busy,
    /// The organization has too many imports that wait or run.
    #[error("too many imports wait")]
    TooManyWaiting {
        /// How many are allowed.
        most: u32,
    },
    /// The organization's files would exceed what is kept of them.
    #[error("{used} bytes are kept, at most {most} may be")]
    StorageFull {
        /// Bytes kept.
        used: u64,
        /// Bytes allowed.
        most: u64,
        /// Days after which files are removed.
        days: u32,
    },
    /// The file is no longer kept.
    #[error("the file is no longer kept")]
    SourceRemoved,
    /// Cancelled, or time to stop.
    #[error("stopped")]
    Stopped,
    /// A dry run is through; nothing of it stays.
    #[error("the dry run is through")]
    DryRun,
    /// The catalogue refuses.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The stock refuses.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// The tenant's bucket can't be opened.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// The bucket.
    #[error(transparent)]
    Bucket(#[from] ObjectStoreError),
    /// A temporary file.
    #[error("temporary file: {0}")]
    File(#[from] io::Error),
    /// The idempotency key is in flight or was used otherwise.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl WriteError for ImportError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Catalog(error) => error.db_error(),
            Self::Inventory(error) => error.db_error(),
            _ => None,
        }
    }
}

impl From<JobFailure> for ImportError {
    fn from(failure: JobFailure) -> Self {
        match failure {
            JobFailure::Cancelled => Self::Stopped,
            JobFailure::Permanent(problem) | JobFailure::Refused { problem, .. } => Self::Form(Box::new(problem)),
            JobFailure::Retry(cause) => Self::Db(DbError::other(cause)),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Empty(what) => Self::new(IMPORT_EMPTY, what),
            ImportError::Encoding(message) => Self::new(IMPORT_ENCODING, message),
            ImportError::Header(faults) => {
                let message = faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; ");
                Self::new(IMPORT_HEADER, format!("The header is refused: {message}.")).with_details(serde_json::to_value(faults).unwrap_or_default())
            }
            ImportError::Malformed(message) => Self::new(IMPORT_MALFORMED, message),
            ImportError::HasErrors { rows } => {
                Self::new(IMPORT_HAS_ERRORS, format!("{}, so nothing was imported. The error file lists what is wrong.", wrong(rows)))
            }
            ImportError::TooManyUploads { most } => {
                Self::new(ErrorCode::RATE_LIMITED, format!("{most} files of the organization are being uploaded. Try again when one has arrived."))
                    .retry_after(Duration::from_secs(5))
            }
            ImportError::Busy => Self::new(ErrorCode::SERVICE_UNAVAILABLE, "Too many files are being uploaded at the moment. Try again shortly.")
                .retry_after(Duration::from_secs(5)),
            ImportError::TooManyWaiting { most } => {
                Self::new(ErrorCode::RATE_LIMITED, format!("{most} imports of the organization wait or run. Try again when one has ended."))
                    .retry_after(Duration::from_secs(30))
            }
            ImportError::StorageFull { used, most, days } => {
                let message =
                    format!("{used} bytes of uploaded files are kept, at most {most} may be. They are removed {days} days after their import.");
                Self::new(IMPORT_STORAGE_FULL, message).with_details(json!({ "used_bytes": used, "limit_bytes": most }))
            }
            ImportError::SourceRemoved => Self::new(IMPORT_SOURCE_REMOVED, "The uploaded file is no longer kept. Send it again."),
            ImportError::Invalid(faults) => Self::validation(faults),
            ImportError::Form(problem) => *problem,
            ImportError::Stopped | ImportError::DryRun => Self::internal(error),
            ImportError::Catalog(error) => error.into(),
            ImportError::Inventory(error) => error.into(),
            ImportError::Tenant(error) => error.into(),
            ImportError::Bucket(ref cause @ ObjectStoreError::Unavailable(_)) => {
                let cause = cause.to_string();
                Self::unavailable("The file store").with_source(cause)
            }
            ImportError::Bucket(error) => Self::internal(error),
            ImportError::File(error) => Self::internal(error),
            ImportError::Idempotency(error) => error.into(),
            ImportError::Db(error) => error.into(),
        }
    }
}
