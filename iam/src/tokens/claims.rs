//! What an access token says, and why one is refused.

use std::time::Duration;

use nexus_core::{ErrorCode, Problem, TenantId};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// The value of the `typ` claim of every access token.
pub const TOKEN_TYPE: &str = "access";

/// The realm a token is good for. A token of one realm is worthless in the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Audience {
    /// One organization's API, on the tenant runtime (`tid` is set). The control plane takes it for what concerns that organization.
    #[serde(rename = "nexus-tenant")]
    Tenant,
    /// A person's own account (no `tid`): `/account`, `/organizations`, `/auth/switch`.
    #[serde(rename = "nexus-account")]
    Account,
    /// Operators of the platform.
    #[serde(rename = "nexus-operator")]
    Operator,
}

impl Audience {
    /// The value of the `aud` claim.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "nexus-tenant",
            Self::Account => "nexus-account",
            Self::Operator => "nexus-operator",
        }
    }

    fn described(self) -> &'static str {
        match self {
            Self::Tenant => "a token for an organization",
            Self::Account => "an account token",
            Self::Operator => "an operator's token",
        }
    }
}

/// What is wanted, in words.
fn wanted(takes: &[Audience]) -> String {
    takes.iter().map(|audience| audience.described()).collect::<Vec<_>>().join(" or ")
}

/// The invitation that a person shows in order to join an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationClaim {
    /// `invitations.id` in the tenant's database.
    pub id: Uuid,
    /// Which of its mails the link came from: only the last one's opens.
    #[serde(rename = "gen")]
    pub generation: u32,
    /// What the person is called in their own account: the organization can't read accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The claims of an access token. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed: the platform's public address.
    pub iss: String,
    /// The realm.
    pub aud: Audience,
    /// Account id (also the tenant's `users.id`), or the operator's id.
    pub sub: Uuid,
    /// The tenant; present exactly when the audience is [`Audience::Tenant`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tid: Option<TenantId>,
    /// Always [`TOKEN_TYPE`].
    pub typ: String,
    /// The session: the id of the family of refresh tokens; what a revocation names.
    pub sid: Uuid,
    /// Issued at.
    pub iat: i64,
    /// Good until.
    pub exp: i64,
    /// Unique per token.
    pub jti: Uuid,
    /// Whether the person has proved the e-mail address. False for operators' tokens, which have no such step.
    #[serde(default)]
    pub email_verified: bool,
    /// The platform role (`super_admin`, `support`, `billing`); present exactly for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The invitation, of somebody who has yet to join the organization of `tid`. Such a token is good for accepting it and for nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inv: Option<InvitationClaim>,
}

/// Why a token is refused.
#[derive(Debug, Error)]
pub enum TokenError {
    /// Not a token of ours, altered, or signed by a key that is not published.
    #[error("the token is not valid")]
    Invalid,
    /// Past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// Its session was ended.
    #[error("the session has ended")]
    Revoked,
    /// A good token of another realm.
    #[error("the token is for another audience than {}", wanted(takes))]
    WrongAudience {
        /// The realms that are wanted.
        takes: Vec<Audience>,
    },
    /// No signing key exists, or the library refused to sign.
    #[error("signing failed: {0}")]
    Signing(String),
    /// The keys could not be read, so nothing can be said about the token.
    #[error("the signing keys can't be read")]
    KeysUnavailable,
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Problem::new(ErrorCode::UNAUTHORIZED, "The access token is not valid.").with_source(error),
            // Not 401: a client would get itself a new token of the same kind, again and again.
            TokenError::WrongAudience { ref takes } => {
                let message = format!("The credential is of another kind than this operation takes: {}.", wanted(takes));
                Problem::new(ErrorCode::FORBIDDEN, message).with_source(error)
            }
            TokenError::Expired => Problem::new(ErrorCode::UNAUTHORIZED, "The access token has expired.").with_source(error),
            TokenError::Revoked => Problem::new(ErrorCode::UNAUTHORIZED, "The session has ended.").with_source(error),
            TokenError::KeysUnavailable => Problem::unavailable("Checking tokens").retry_after(Duration::from_secs(1)).with_source(error),
            TokenError::Signing(_) => Problem::internal(error),
        }
    }
}
