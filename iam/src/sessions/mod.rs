//! Sessions: families of refresh tokens, each the chain of rotations that began with one log-in.
//!
//! - A family's id is the session id (`sid`) in every access token, and what a revocation names.
//! - A refresh token is derived from family and generation; only the generation is stored. Refreshing moves the family to the next generation.
//! - The same client that retries within 10 s (a lost answer, two tabs) gets the *same* successor. Any other use of a spent token means that two parties hold
//!   it: the family is ended.
//! - Switching to another organization opens a session of its own, linked to the one it came from: it ends with that one, and the log-in at the root bounds the
//!   life of both. So whoever holds no more than an access token gains no session that outlives its owner's.
//! - Ending a family bites at once: here, through Redis within a second, and through the view `revocations` within 15.
//!
//! Not here: who may log in (`accounts`, `operators`).

mod agent;
mod client;
mod error;
mod own;
mod rotation;
mod service;
mod store;

pub use client::{Client, Shown};
pub use error::{INVALID_REFRESH_TOKEN, SessionError};
pub use service::{Presented, Sessions, Tokens, end_all_of};
pub use store::{Family, OwnSession};

use chrono::TimeDelta;
use nexus_core::{AccountId, TenantId};
use uuid::Uuid;

/// However often it is refreshed, a session ends after this.
pub const ABSOLUTE_LIFETIME: TimeDelta = TimeDelta::days(30);
/// Within this a repeated refresh by the same client is a retry.
pub const RETRY_WINDOW: TimeDelta = TimeDelta::seconds(10);

/// The two worlds of sessions. A refresh token of one is unreadable in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// Accounts, with or without a tenant.
    People,
    /// Operators of the platform.
    Operators,
}

/// Who holds a session, as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A person.
    Account {
        /// Whose.
        id: AccountId,
        /// Whether the address is proved.
        email_verified: bool,
        /// The organization the session is for; none for the account itself.
        tenant: Option<TenantId>,
    },
    /// An operator.
    Operator {
        /// Whose.
        id: Uuid,
        /// The platform role.
        role: String,
    },
}

/// Why a session ended; the value of `token_families.revoke_reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The holder logged out.
    LoggedOut,
    /// A spent refresh token turned up.
    Reused,
    /// The account or the operator was disabled.
    Disabled,
    /// The organization that it was for is erased.
    OrganizationErased,
    /// The account got a new password by a link.
    PasswordReset,
    /// The person changed the password elsewhere.
    PasswordChanged,
    /// The person ended it among their own.
    Ended,
}

impl EndReason {
    /// The stored value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Reused => "reused",
            Self::Disabled => "disabled",
            Self::OrganizationErased => "organization_erased",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::Ended => "ended",
        }
    }
}
