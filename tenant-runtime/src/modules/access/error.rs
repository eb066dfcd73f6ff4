//! What the slice refuses.

use std::time::Duration;

use nexus_core::{ErrorCode, Faults, FieldFault, Problem};
use nexus_iam::tenant_users::{InvitationState, UserState};
use nexus_infra::postgres::idempotency::SECRET_NOT_REPLAYABLE;
use nexus_infra::secrets::SecretsError;
use nexus_infra::{DbError, IdempotencyError, WriteError};
use nexus_web::precondition_failed;
use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;
use uuid::Uuid;

const API_KEY_LIMIT: ErrorCode = ErrorCode { code: "API_KEY_LIMIT", status: 409, summary: "As many API keys work as may under any plan." };

const USER_EXISTS: ErrorCode =
    ErrorCode { code: "USER_EXISTS", status: 409, summary: "The address or the account is a user's already; details has the user's id and status." };
const USER_STATUS: ErrorCode =
    ErrorCode { code: "USER_STATUS", status: 409, summary: "The person's status, which details names, does not admit the change." };
const LAST_OWNER: ErrorCode = ErrorCode { code: "LAST_OWNER", status: 409, summary: "The organization would have no active owner left." };
const INVITATION_ACCEPTED: ErrorCode = ErrorCode { code: "INVITATION_ACCEPTED", status: 409, summary: "The invitation was accepted already." };
const INVITATION_REVOKED: ErrorCode = ErrorCode { code: "INVITATION_REVOKED", status: 409, summary: "The invitation was taken back." };
const INVITATION_EXPIRED: ErrorCode =
    ErrorCode { code: "INVITATION_EXPIRED", status: 409, summary: "The invitation has expired; it can be sent again." };
const INVITATION_SUPERSEDED: ErrorCode =
    ErrorCode { code: "INVITATION_SUPERSEDED", status: 409, summary: "The link is of an older mail; that of the last one is good." };
const ROLE_BUILT_IN: ErrorCode = ErrorCode { code: "ROLE_BUILT_IN", status: 409, summary: "Built-in roles can't be changed or deleted." };
const ROLE_KEY_TAKEN: ErrorCode = ErrorCode { code: "ROLE_KEY_TAKEN", status: 409, summary: "Another role has this key." };
const ROLE_IN_USE: ErrorCode = ErrorCode { code: "ROLE_IN_USE", status: 409, summary: "People hold the role; details says how many." };
const ROLE_LIMIT: ErrorCode = ErrorCode { code: "ROLE_LIMIT", status: 409, summary: "As many roles of its own as an organization may have." };

/// The codes of the slice.
pub const CODES: &[ErrorCode] = &[
    SECRET_NOT_REPLAYABLE,
    API_KEY_LIMIT,
    USER_EXISTS,
    USER_STATUS,
    LAST_OWNER,
    INVITATION_ACCEPTED,
    INVITATION_REVOKED,
    INVITATION_EXPIRED,
    INVITATION_SUPERSEDED,
    ROLE_BUILT_IN,
    ROLE_KEY_TAKEN,
    ROLE_IN_USE,
    ROLE_LIMIT,
];

/// What the slice refuses.
#[derive(Debug, Error)]
pub enum AccessError {
    /// No such user, invitation, role or API key.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The settings or the role have another version than the caller read.
    #[error("stale version")]
    Stale(Value),
    /// The input is refused.
    #[error("invalid input")]
    Invalid(Vec<FieldFault>),
    /// No person acts, or one who has not proved the e-mail address.
    #[error("not for this caller")]
    NotAllowed(Problem),
    /// As many as the plan allows.
    #[error("more {what} than the plan allows")]
    QuotaExceeded {
        /// Of what.
        what: &'static str,
        /// How many may.
        limit: i64,
    },
    /// What is to be touched holds more than the caller.
    #[error("beyond the caller's reach")]
    OutOfReach {
        /// What the caller lacks.
        permission: String,
    },
    /// The address or the account is somebody's.
    #[error("is a user already")]
    UserExists {
        /// Whose.
        id: Uuid,
        /// Where that person stands.
        status: UserState,
    },
    /// The person is in a state that does not admit the change.
    #[error("not for a person who is {}", .0.as_str())]
    UserStatus(UserState),
    /// Nobody else owns the organization.
    #[error("the last owner")]
    LastOwner,
    /// As many mails to invited people went out today as may.
    #[error("too many mails today")]
    MailLimit {
        /// How many may.
        most: i64,
        /// Until the day ends.
        wait: Duration,
    },
    /// The invitation was accepted or revoked.
    #[error("the invitation has ended")]
    InvitationEnded(InvitationState),
    /// Its time is up.
    #[error("the invitation has expired")]
    InvitationExpired,
    /// The link is of an older mail.
    #[error("the invitation was sent again")]
    InvitationSuperseded,
    /// The role is the product's.
    #[error("a built-in role")]
    RoleBuiltIn,
    /// Another role has the key.
    #[error("the key of another role")]
    RoleKeyTaken,
    /// People hold the role.
    #[error("the role is held")]
    RoleInUse {
        /// How many.
        users: i64,
    },
    /// No room for another role.
    #[error("too many roles")]
    TooManyRoles {
        /// How many may be.
        most: u64,
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
    Db(DbError),
}

impl From<DbError> for AccessError {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("roles_key_key") => Self::RoleKeyTaken,
            _ => Self::Db(error),
        }
    }
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
            AccessError::QuotaExceeded { what, limit } => {
                let message = format!("The plan allows {limit} {what} at a time. End one that is not needed, or take a larger plan.");
                Self::new(ErrorCode::QUOTA_EXCEEDED, message).with_details(json!({ "limit": limit }))
            }
            AccessError::OutOfReach { permission } => {
                let message = format!("This holds the permission {permission}, which you don't: nobody changes what reaches further than they do.");
                Self::new(ErrorCode::FORBIDDEN, message).with_details(json!({ "permission": permission }))
            }
            AccessError::UserExists { id, status } => {
                let message = match status {
                    UserState::Invited => "Somebody with this address is invited already: send that invitation again, or take it back.",
                    UserState::Deactivated => "A deactivated person has this address or account: reactivate that person.",
                    UserState::Active | UserState::Removed => "An active person has this address or account.",
                };
                Self::new(USER_EXISTS, message).with_details(json!({ "user_id": id, "status": status }))
            }
            AccessError::UserStatus(status) => {
                Self::new(USER_STATUS, format!("Not for a person who is {}.", status.as_str())).with_details(json!({ "status": status }))
            }
            AccessError::LastOwner => Self::new(LAST_OWNER, "An organization keeps at least one active owner. Make somebody else an owner first."),
            AccessError::MailLimit { most, wait } => {
                let message = format!("At most {most} mails go out to invited people a day (UTC). Go on tomorrow.");
                Self::new(ErrorCode::RATE_LIMITED, message).with_details(json!({ "limit": most })).retry_after(wait)
            }
            AccessError::InvitationEnded(InvitationState::Revoked) => Self::new(INVITATION_REVOKED, "The invitation was taken back."),
            AccessError::InvitationEnded(_) => Self::new(INVITATION_ACCEPTED, "The invitation was accepted already."),
            AccessError::InvitationExpired => Self::new(INVITATION_EXPIRED, "The invitation has expired. Ask whoever invited you to send it again."),
            AccessError::InvitationSuperseded => {
                Self::new(INVITATION_SUPERSEDED, "The invitation was sent again since: open the link of the last mail.")
            }
            AccessError::RoleBuiltIn => Self::new(ROLE_BUILT_IN, "Built-in roles can't be changed. Create a role of your own."),
            AccessError::RoleKeyTaken => Self::new(ROLE_KEY_TAKEN, "Another role has this key."),
            AccessError::RoleInUse { users } => {
                Self::new(ROLE_IN_USE, format!("{users} people hold the role. Take it from them first.")).with_details(json!({ "users": users }))
            }
            AccessError::TooManyRoles { most } => {
                Self::new(ROLE_LIMIT, format!("An organization has at most {most} roles of its own.")).with_details(json!({ "limit": most }))
            }
            AccessError::TooManyKeys { most } => {
                Self::new(API_KEY_LIMIT, format!("At most {most} API keys work at a time. Revoke one that is not needed."))
                    .with_details(json!({ "limit": most }))
            }
            AccessError::Idempotency(error) => error.into(),
            AccessError::Secrets(error) => error.into(),
            AccessError::Db(error) => error.into(),
        }
    }
}
