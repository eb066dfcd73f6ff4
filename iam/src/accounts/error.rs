//! What goes wrong with accounts.

use nexus_core::{ErrorCode, FieldFault, Problem};
use nexus_infra::postgres::{DbError, WriteError};
use thiserror::Error;

use crate::password::PasswordError;
use crate::picture::PictureError;
use crate::sessions::SessionError;
use crate::throttle::Throttled;
use crate::tokens::TokenError;

const INVALID_CREDENTIALS: ErrorCode =
    ErrorCode { code: "INVALID_CREDENTIALS", status: 401, summary: "The address is unknown, the password is wrong, or the account is closed." };
const EMAIL_TAKEN: ErrorCode = ErrorCode { code: "EMAIL_TAKEN", status: 409, summary: "An account with this address exists already." };
const REGISTRATION_CLOSED: ErrorCode =
    ErrorCode { code: "REGISTRATION_CLOSED", status: 403, summary: "This platform takes new accounts by invitation only." };
const INVALID_VERIFICATION_TOKEN: ErrorCode = ErrorCode {
    code: "INVALID_VERIFICATION_TOKEN",
    status: 422,
    summary: "The verification link is malformed, used, expired, or for a former address.",
};
const INVALID_RESET_TOKEN: ErrorCode = ErrorCode {
    code: "INVALID_RESET_TOKEN",
    status: 422,
    summary: "The link to set a new password is malformed, used, expired, not the newest, or for a former address.",
};
const INVALID_SESSION_CODE: ErrorCode = ErrorCode {
    code: "INVALID_SESSION_CODE",
    status: 401,
    summary: "The code of the hand-over is malformed, used, older than a minute, or for another host: go on from the apex host again.",
};
const ACCOUNT_DISABLED: ErrorCode =
    ErrorCode { code: "ACCOUNT_DISABLED", status: 403, summary: "The account is closed: it may not do this any more." };
/// The account does not belong to the organization, or there is no such organization.
pub const NOT_A_MEMBER: ErrorCode =
    ErrorCode { code: "NOT_A_MEMBER", status: 403, summary: "No such organization, or one that the account does not belong to." };

/// The codes that operations on accounts add to the base codes.
pub const CODES: &[ErrorCode] = &[
    INVALID_CREDENTIALS,
    EMAIL_TAKEN,
    REGISTRATION_CLOSED,
    INVALID_VERIFICATION_TOKEN,
    INVALID_RESET_TOKEN,
    INVALID_SESSION_CODE,
    ACCOUNT_DISABLED,
    NOT_A_MEMBER,
    crate::sessions::INVALID_REFRESH_TOKEN,
];

/// Why an operation on an account failed.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Unknown address, wrong password or disabled account; never told apart.
    #[error("the credentials are not valid")]
    InvalidCredentials,
    /// The address has an account already.
    #[error("the address is taken")]
    EmailTaken,
    /// Registration is by invitation.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The link in the mail is not good.
    #[error("the verification token is not good")]
    InvalidVerificationToken,
    /// The link to set a new password is not good.
    #[error("the reset token is not good")]
    InvalidResetToken,
    /// The code of a hand-over is not good, or not here.
    #[error("the code of the hand-over is not good")]
    InvalidSessionCode,
    /// The account is closed.
    #[error("the account is disabled")]
    Disabled,
    /// Not a member of the organization, or there is none.
    #[error("not a member of the organization")]
    NotAMember,
    /// The session that would be switched from has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// No such account.
    #[error("no such account")]
    Unknown,
    /// The row has moved on; the current state goes into the answer.
    #[error("the account has changed")]
    Stale(Box<super::Account>),
    /// The input is refused.
    #[error("the input is refused")]
    Invalid(Vec<FieldFault>),
    /// The account has no picture.
    #[error("no picture")]
    NoAvatar,
    /// Nothing could be drawn of the file.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// Too many failures.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// Hashing failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Signing failed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The session could not be opened.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl AccountError {
    /// Whether a password was hashed before this went wrong.
    pub(super) fn is_after_hashing(&self) -> bool {
        matches!(self, Self::Password(PasswordError::Failed(_)))
    }
}

impl From<FieldFault> for AccountError {
    fn from(fault: FieldFault) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl WriteError for AccountError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::InvalidCredentials => Self::new(INVALID_CREDENTIALS, "The address or the password is wrong."),
            AccountError::EmailTaken => Self::new(EMAIL_TAKEN, "An account with this e-mail address exists already. Log in, or use its password."),
            AccountError::RegistrationClosed => Self::new(REGISTRATION_CLOSED, "New accounts are made by invitation only."),
            AccountError::InvalidVerificationToken => {
                Self::new(INVALID_VERIFICATION_TOKEN, "The verification link is not valid any more. Ask for a new one.")
            }
            AccountError::InvalidResetToken => Self::new(INVALID_RESET_TOKEN, "The link is not valid any more. Ask for a new one."),
            AccountError::InvalidSessionCode => Self::new(INVALID_SESSION_CODE, "This way in is not good any more. Go on from the log-in again."),
            AccountError::Disabled => Self::new(ACCOUNT_DISABLED, "The account is closed."),
            AccountError::NotAMember => Self::new(NOT_A_MEMBER, "No such organization, or you do not belong to it."),
            AccountError::SessionEnded => TokenError::Revoked.into(),
            AccountError::Unknown => Self::not_found("account"),
            AccountError::Stale(_) => Self::new(ErrorCode::PRECONDITION_FAILED, "The account has changed since you read it."),
            AccountError::Invalid(faults) => Self::validation(faults),
            AccountError::NoAvatar => Self::not_found("picture"),
            AccountError::Picture(error) => error.into(),
            AccountError::Throttled(error) => error.into(),
            AccountError::Password(error) => error.into(),
            AccountError::Token(error) => error.into(),
            AccountError::Session(error) => error.into(),
            AccountError::Db(error) => error.into(),
        }
    }
}
