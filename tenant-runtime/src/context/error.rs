//! Why a request does not reach a tenant, each with its stable code.

use std::sync::Arc;
use std::time::Duration;

use nexus_core::{ErrorCode, Problem};
use nexus_iam::policy::PolicyError;
use nexus_iam::tokens::TokenError;
use nexus_infra::directory::DirectoryError;
use nexus_infra::secrets::SecretsError;
use thiserror::Error;

use crate::registry::LeaseError;

const TENANT_SUSPENDED: ErrorCode =
    ErrorCode { code: "TENANT_SUSPENDED", status: 403, summary: "The organization is suspended; details.reason says why." };
const TENANT_ARCHIVED: ErrorCode =
    ErrorCode { code: "TENANT_ARCHIVED", status: 403, summary: "The organization is archived and must be restored first." };
const TENANT_READ_ONLY: ErrorCode =
    ErrorCode { code: "TENANT_READ_ONLY", status: 403, summary: "The organization is read-only: reads work, writes do not." };
const TENANT_NOT_READY: ErrorCode = ErrorCode { code: "TENANT_NOT_READY", status: 503, summary: "The organization is still being set up." };
const TENANT_UNAVAILABLE: ErrorCode =
    ErrorCode { code: "TENANT_UNAVAILABLE", status: 503, summary: "The organization is under maintenance (moving, restoring, recovering)." };
const TENANT_SCHEMA_UNSUPPORTED: ErrorCode = ErrorCode {
    code: "TENANT_SCHEMA_UNSUPPORTED",
    status: 503,
    summary: "The organization's database has a schema version that this release does not serve.",
};
const TENANT_NOT_MIGRATED: ErrorCode = ErrorCode {
    code: "TENANT_NOT_MIGRATED",
    status: 503,
    summary: "The organization's database does not know this yet, because it is still to be migrated: it came with the permission in details.",
};
const NOT_A_MEMBER: ErrorCode = ErrorCode { code: "NOT_A_MEMBER", status: 403, summary: "The person is not an active user of the organization." };

/// 403: what only people may do whose address is theirs.
pub(super) const EMAIL_NOT_VERIFIED: ErrorCode =
    ErrorCode { code: "EMAIL_NOT_VERIFIED", status: 403, summary: "The person must prove the e-mail address first, and take a new token." };

/// The codes of the context, for the documentation.
pub const ERROR_CODES: &[ErrorCode] = &[
    TENANT_SUSPENDED,
    TENANT_ARCHIVED,
    TENANT_READ_ONLY,
    TENANT_NOT_READY,
    TENANT_UNAVAILABLE,
    TENANT_SCHEMA_UNSUPPORTED,
    TENANT_NOT_MIGRATED,
    NOT_A_MEMBER,
    EMAIL_NOT_VERIFIED,
];

/// Why a request or a job may not work in a tenant.
#[derive(Debug, Clone, Error)]
pub enum TenantError {
    /// No credential.
    #[error("no credential")]
    NoCredential,
    /// The credential is malformed, expired, revoked or meant for something else.
    #[error("the credential is refused")]
    BadCredential,
    /// The credential is good, but for no organization.
    #[error("the token is not for an organization")]
    NoTenantInToken,
    /// The token is good, but its organization is being deleted, or gone.
    #[error("the token's organization is gone")]
    NoSuchTenant,
    /// Host, header and token name different tenants.
    #[error("host, header and token disagree")]
    Mismatch,
    /// The tenant is suspended.
    #[error("suspended")]
    Suspended {
        /// Why, as the operator wrote it.
        reason: Option<String>,
    },
    /// The tenant is archived.
    #[error("archived")]
    Archived,
    /// The tenant admits reads only.
    #[error("read-only")]
    ReadOnly,
    /// The tenant is being built.
    #[error("not ready")]
    NotReady,
    /// The tenant is under maintenance.
    #[error("under maintenance")]
    UnderMaintenance,
    /// The tenant's database has a schema that this program does not serve.
    #[error("the tenant's database has schema version {found}, and this program serves {oldest} to {newest}")]
    Schema {
        /// Its version.
        found: i32,
        /// Oldest served.
        oldest: i32,
        /// Newest served.
        newest: i32,
    },
    /// The tenant's database is served, and lacks what is asked for until it is migrated.
    #[error("the tenant's database is not migrated yet")]
    NotMigrated {
        /// The permission that comes with the migration.
        permission: &'static str,
    },
    /// The person isn't an active user of the tenant.
    #[error("not an active user")]
    NotAMember,
    /// The credential is good, but for no invitation.
    #[error("the token is for no invitation")]
    NoInvitation,
    /// The caller lacks a permission.
    #[error("lacks {permission}")]
    Forbidden {
        /// Which one.
        permission: &'static str,
    },
    /// The directory can't answer.
    #[error("directory: {0}")]
    Directory(#[source] Arc<DirectoryError>),
    /// The token can't be verified at the moment (no keys).
    #[error("token verification: {0}")]
    Verification(#[source] Arc<TokenError>),
    /// The policy can't be read: nobody is let in on an unknown policy.
    #[error("policy: {0}")]
    Policy(#[source] PolicyError),
    /// No connection to the tenant's database in time.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// The tenant's secrets can't be opened.
    #[error("the tenant's secrets can't be opened")]
    Secrets(#[from] SecretsError),
}

impl From<DirectoryError> for TenantError {
    fn from(error: DirectoryError) -> Self {
        Self::Directory(Arc::new(error))
    }
}

impl From<TenantError> for Problem {
    fn from(error: TenantError) -> Self {
        let soon = Duration::from_secs(5);
        // Setting up takes a second or two, and is often over when the answer arrives.
        let at_once = Duration::from_secs(1);
        match error {
            TenantError::NoCredential => Self::new(ErrorCode::UNAUTHORIZED, "Send an access token or an API key as `Authorization: Bearer …`."),
            TenantError::BadCredential => Self::new(ErrorCode::UNAUTHORIZED, "The token or key is invalid, expired or revoked."),
            TenantError::NoTenantInToken => {
                Self::new(ErrorCode::FORBIDDEN, "The token is not for an organization. Log in to one, or switch to it at /auth/switch.")
            }
            TenantError::NoSuchTenant => Self::new(ErrorCode::UNAUTHORIZED, "The organization of the token or key does not exist."),
            TenantError::Mismatch => {
                Self::new(ErrorCode::TENANT_MISMATCH, "Host and X-Tenant must be those of the organization of the token or key.")
            }
            TenantError::Suspended { reason } => {
                let problem = Self::new(TENANT_SUSPENDED, "The organization is suspended.");
                match reason {
                    Some(reason) => problem.with_details(serde_json::json!({ "reason": reason })),
                    None => problem,
                }
            }
            TenantError::Archived => Self::new(TENANT_ARCHIVED, "The organization is archived."),
            TenantError::ReadOnly => Self::new(TENANT_READ_ONLY, "The organization is read-only at the moment."),
            TenantError::NotReady => Self::new(TENANT_NOT_READY, "The organization is still being set up.").retry_after(at_once),
            TenantError::UnderMaintenance => Self::new(TENANT_UNAVAILABLE, "The organization is under maintenance.").retry_after(soon),
            TenantError::Schema { .. } => {
                let message = "The organization's database is at a version that this server does not serve.";
                Self::new(TENANT_SCHEMA_UNSUPPORTED, message).retry_after(Duration::from_secs(30)).with_source(error)
            }
            TenantError::NotMigrated { permission } => {
                let message = format!("The organization's database lacks what came with the permission {permission}: it is still to be migrated.");
                Self::new(TENANT_NOT_MIGRATED, message)
                    .retry_after(Duration::from_secs(30))
                    .with_details(serde_json::json!({ "permission": permission }))
            }
            TenantError::NotAMember => Self::new(NOT_A_MEMBER, "You are not an active user of this organization."),
            TenantError::NoInvitation => Self::new(
                ErrorCode::FORBIDDEN,
                "The token is for no invitation. Open the link of the invitation's mail, and use the token that this gives.",
            ),
            TenantError::Forbidden { permission } => Self::new(ErrorCode::FORBIDDEN, format!("The permission {permission} is required."))
                .with_details(serde_json::json!({ "permission": permission })),
            TenantError::Directory(_) => Self::unavailable("The directory").with_source(error),
            TenantError::Verification(_) => Self::unavailable("Token verification").with_source(error),
            TenantError::Policy(policy) => policy.into(),
            TenantError::Lease(_) => Self::unavailable("The organization's database").with_source(error),
            TenantError::Secrets(_) => Self::internal(error),
        }
    }
}
