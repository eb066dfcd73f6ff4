//! What the slice refuses.

use nexus_core::{ErrorCode, Faults, FieldFault, Problem};
use nexus_infra::postgres::idempotency::SECRET_NOT_REPLAYABLE;
use nexus_infra::secrets::SecretsError;
use nexus_infra::{DbError, IdempotencyError, WriteError};
use nexus_web::precondition_failed;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

const API_KEY_LIMIT: ErrorCode = ErrorCode { code: "API_KEY_LIMIT", status: 409, summary: "As many API keys work as may under any plan." };

/// The codes of the slice.
pub const CODES: &[ErrorCode] = &[SECRET_NOT_REPLAYABLE, API_KEY_LIMIT];

/// What the slice refuses.
#[derive(Debug, Error)]
pub enum AccessError {
    /// No such user, role or API key.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The settings have another version than the caller read.
    #[error("stale version")]
    Stale(Value),
    /// The input is refused.
    #[error("invalid input")]
    Invalid(Vec<FieldFault>),
    /// No person acts, or one who has not proved the e-mail address.
    #[error("not for this caller")]
    NotAllowed(Problem),
    /// As many API keys work as the plan allows.
    #[error("more API keys than the plan allows")]
    QuotaExceeded {
        /// How many may.
        limit: i64,
    },
    /// As many API keys work as the platform can read with a policy; no plan helps.
    #[error("too many API keys")]
    TooManyKeys {
        /// How many may.
        most: i64,
    },
    /// The idempotency key is in flight, was used otherwise, or its answer held a secret.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// No key could be made.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
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
            AccessError::NotAllowed(problem) => problem,
            AccessError::QuotaExceeded { limit } => {
                Self::new(ErrorCode::QUOTA_EXCEEDED, format!("The plan allows {limit} API keys at a time. Revoke one, or take a larger plan."))
                    .with_details(serde_json::json!({ "limit": limit }))
            }
            AccessError::TooManyKeys { most } => {
                Self::new(API_KEY_LIMIT, format!("At most {most} API keys work at a time. Revoke one that is not needed."))
                    .with_details(serde_json::json!({ "limit": most }))
            }
            AccessError::Idempotency(error) => error.into(),
            AccessError::Secrets(error) => error.into(),
            AccessError::Db(error) => error.into(),
        }
    }
}
