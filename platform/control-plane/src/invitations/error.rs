//! What goes wrong with following an invitation.

use nexus_core::{ErrorCode, FieldFault, Problem};
use nexus_iam::accounts::AccountError;
use nexus_iam::sessions::SessionError;
use nexus_iam::throttle::Throttled;
use nexus_iam::tokens::TokenError;
use nexus_infra::postgres::{DbError, WriteError};
use thiserror::Error;

const INVALID_INVITATION: ErrorCode = ErrorCode {
    code: "INVALID_INVITATION",
    status: 422,
    summary: "The link is malformed, used, revoked, expired, or a later mail has replaced it: ask whoever invited you for another.",
};
const INVITED_BY_ANOTHER_ADDRESS: ErrorCode = ErrorCode {
    code: "INVITED_BY_ANOTHER_ADDRESS",
    status: 403,
    summary: "The invitation went to another address than this account's: log out, and follow the link again.",
};

/// The codes of this area.
pub(crate) const CODES: &[ErrorCode] = &[INVALID_INVITATION, INVITED_BY_ANOTHER_ADDRESS];

/// Why an invitation was not shown or accepted.
#[derive(Debug, Error)]
pub(crate) enum InvitationError {
    /// No link of ours, or one that is not good any more; never told apart.
    #[error("the invitation's link is not good")]
    Invalid,
    /// The account that is logged in has another address than the invited one.
    #[error("the invitation is for another address")]
    AnotherAddress,
    /// The input is refused.
    #[error("the input is refused")]
    Refused(Vec<FieldFault>),
    /// Too many links that were none.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The person.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Signing failed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<SessionError> for InvitationError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Refused(_) | SessionError::Unknown => Self::Account(AccountError::SessionEnded),
            SessionError::Token(error) => Self::Token(error),
            SessionError::Db(error) => Self::Db(error),
        }
    }
}

impl WriteError for InvitationError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Account(error) => error.db_error(),
            _ => None,
        }
    }
}

impl From<InvitationError> for Problem {
    fn from(error: InvitationError) -> Self {
        match error {
            InvitationError::Invalid => Self::new(INVALID_INVITATION, "This invitation is not valid any more. Ask whoever invited you for another."),
            InvitationError::AnotherAddress => {
                Self::new(INVITED_BY_ANOTHER_ADDRESS, "The invitation is for another address than that of the account you are logged in to.")
            }
            InvitationError::Refused(faults) => Self::validation(faults),
            InvitationError::Throttled(error) => error.into(),
            InvitationError::Account(error) => error.into(),
            InvitationError::Token(error) => error.into(),
            InvitationError::Db(error) => error.into(),
        }
    }
}
