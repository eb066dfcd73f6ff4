//! What goes wrong with sessions.

use nexus_core::{ErrorCode, Problem};
use nexus_infra::postgres::{DbError, WriteError};
use thiserror::Error;

use crate::tokens::TokenError;

/// 401 for every refresh token that is not good, whatever the cause: an attacker learns nothing from the difference.
pub const INVALID_REFRESH_TOKEN: ErrorCode = ErrorCode {
    code: "INVALID_REFRESH_TOKEN",
    status: 401,
    summary: "The refresh token is malformed, spent, expired, or its session has ended: log in again.",
};

/// Why a session could not be opened, refreshed or ended.
#[derive(Debug, Error)]
pub enum SessionError {
    /// Malformed, unknown, expired, ended or spent.
    #[error("the refresh token is not good: {0}")]
    Refused(&'static str),
    /// The person has no such session, or it has ended.
    #[error("no such session")]
    Unknown,
    /// Signing failed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl WriteError for SessionError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Refused(_) | Self::Unknown | Self::Token(_) => None,
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Refused(_) => Self::new(INVALID_REFRESH_TOKEN, "The refresh token is not valid. Log in again.").with_source(error),
            SessionError::Unknown => Self::not_found("session"),
            SessionError::Token(error) => error.into(),
            SessionError::Db(error) => error.into(),
        }
    }
}
