//! What the slice refuses.

use nexus_core::{Faults, FieldFault, Problem};
use nexus_infra::{DbError, WriteError};
use nexus_web::precondition_failed;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// What the slice refuses.
#[derive(Debug, Error)]
pub enum AccessError {
    /// No such user or role.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The settings have another version than the caller read.
    #[error("stale version")]
    Stale(Value),
    /// The input is refused.
    #[error("invalid input")]
    Invalid(Vec<FieldFault>),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl AccessError {
    pub(super) fn stale(current: impl Serialize) -> Self {
        Self::Stale(serde_json::to_value(current).unwrap_or_default())
    }
}

impl From<Faults> for AccessError {
    fn from(faults: Faults) -> Self {
        Self::Invalid(faults.into_vec())
    }
}

impl WriteError for AccessError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotFound(what) => Self::not_found(what),
            AccessError::Stale(current) => precondition_failed(current),
            AccessError::Invalid(faults) => Self::validation(faults),
            AccessError::Db(error) => error.into(),
        }
    }
}
