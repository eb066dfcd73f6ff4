//! What goes wrong with operators.

use nexus_core::{ErrorCode, FieldFault, Problem};
use nexus_infra::postgres::{DbError, WriteError};
use thiserror::Error;

use crate::password::PasswordError;
use crate::throttle::Throttled;
use crate::tokens::TokenError;

const INVALID_OPERATOR_CREDENTIALS: ErrorCode = ErrorCode {
    code: "INVALID_OPERATOR_CREDENTIALS",
    status: 401,
    summary: "The operator's address is unknown, the password is wrong, or the operator is disabled.",
};

/// The codes that operations on operators add to the base codes.
pub const CODES: &[ErrorCode] = &[INVALID_OPERATOR_CREDENTIALS, crate::sessions::INVALID_REFRESH_TOKEN];

/// Why an operation on an operator failed.
#[derive(Debug, Error)]
pub enum OperatorError {
    /// Unknown address, wrong password or disabled; never told apart.
    #[error("the credentials are not valid")]
    InvalidCredentials,
    /// The address belongs to an operator already.
    #[error("the address is taken")]
    EmailTaken,
    /// No such operator.
    #[error("no such operator")]
    Unknown,
    /// The input is refused.
    #[error("the input is refused: {}", .0.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldFault>),
    /// Too many failures.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// Hashing failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Signing failed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<FieldFault> for OperatorError {
    fn from(fault: FieldFault) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl WriteError for OperatorError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<OperatorError> for Problem {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::InvalidCredentials => Self::new(INVALID_OPERATOR_CREDENTIALS, "The address or the password is wrong."),
            OperatorError::EmailTaken => Self::new(ErrorCode::CONFLICT, "An operator with this address exists already."),
            OperatorError::Unknown => Self::not_found("operator"),
            OperatorError::Invalid(faults) => Self::validation(faults),
            OperatorError::Throttled(error) => error.into(),
            OperatorError::Password(error) => error.into(),
            OperatorError::Token(error) => error.into(),
            OperatorError::Db(error) => error.into(),
        }
    }
}
