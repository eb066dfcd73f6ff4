//! What the slice refuses.

use nexus_core::{ErrorCode, FieldFault, Problem};
use nexus_infra::{DbError, IdempotencyError, WriteError};
use nexus_web::precondition_failed;
use serde_json::Value;
use thiserror::Error;

const SAVED_VIEW_EXISTS: ErrorCode =
    ErrorCode { code: "SAVED_VIEW_EXISTS", status: 409, summary: "You have another view of this resource with this name." };

/// The codes of the slice.
pub(super) const CODES: &[ErrorCode] = &[SAVED_VIEW_EXISTS];

/// What the slice refuses.
#[derive(Debug, Error)]
pub enum SavedViewError {
    /// No such view, or one that the caller may not see.
    #[error("no such saved view")]
    NotFound,
    /// A shared view of somebody else.
    #[error("not the owner")]
    NotOwner,
    /// No person acts.
    #[error("no person acts")]
    NoPerson(Problem),
    /// The row has another version than the caller read.
    #[error("stale version")]
    Stale(Value),
    /// The name is taken.
    #[error("name taken")]
    Exists,
    /// The query takes more room in the database than it may.
    #[error("query too large")]
    QueryTooLarge,
    /// The idempotency key is in flight or was used otherwise.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for SavedViewError {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("saved_views_name_key") => Self::Exists,
            Some("saved_views_query_size") => Self::QueryTooLarge,
            _ => Self::Db(error),
        }
    }
}

impl WriteError for SavedViewError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<SavedViewError> for Problem {
    fn from(error: SavedViewError) -> Self {
        match error {
            SavedViewError::NotFound => Self::not_found("saved view"),
            SavedViewError::NotOwner => Self::new(ErrorCode::FORBIDDEN, "Only its owner may change a shared view."),
            SavedViewError::NoPerson(problem) => problem,
            SavedViewError::Stale(current) => precondition_failed(current),
            SavedViewError::Exists => Self::new(SAVED_VIEW_EXISTS, "You have another view of this resource with this name."),
            // Its text was short enough, but numbers such as 1e300 are kept with all their digits.
            SavedViewError::QueryTooLarge => {
                Self::validation(vec![FieldFault::new("query", "too_large", "may have at most 8 KB, numbers written out")])
            }
            SavedViewError::Idempotency(error) => error.into(),
            SavedViewError::Db(error) => error.into(),
        }
    }
}
