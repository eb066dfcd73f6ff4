//! Errors: what callers get, and what a step fails with.

use std::error::Error as StdError;

use nexus_core::{ErrorCode, Problem, TenantState};
use nexus_infra::{DbError, WriteError};
use nexus_migration::MigrationError;

/// Another organization has this slug.
pub const SLUG_TAKEN: ErrorCode = ErrorCode { code: "SLUG_TAKEN", status: 409, summary: "Another organization uses this slug." };
/// The tenant is being built or deleted just now.
pub const OPERATION_IN_PROGRESS: ErrorCode =
    ErrorCode { code: "OPERATION_IN_PROGRESS", status: 409, summary: "Another operation is at work on this tenant." };
/// The tenant's state does not admit this.
pub const TENANT_STATE_CONFLICT: ErrorCode =
    ErrorCode { code: "TENANT_STATE_CONFLICT", status: 409, summary: "The tenant's state does not admit this operation." };

/// The codes of this crate, for the catalogue of errors.
pub const CODES: &[ErrorCode] = &[SLUG_TAKEN, OPERATION_IN_PROGRESS, TENANT_STATE_CONFLICT];

/// Why an operation was not accepted, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ProvisioningError {
    /// Another organization has this slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The owner's account is unknown.
    #[error("the owner's account does not exist")]
    OwnerUnknown,
    /// There is no such tenant.
    #[error("no such tenant")]
    TenantNotFound,
    /// Something else is at work on the tenant.
    #[error("another operation is at work on this tenant")]
    OperationInProgress,
    /// The tenant is in the wrong state.
    #[error("a tenant that is {state} can't be {verb}")]
    WrongState {
        /// The state it is in.
        state: TenantState,
        /// What was asked for, as a participle: "deleted", "retried".
        verb: &'static str,
    },
    /// The tenant's own database could not be entered.
    #[error("the tenant's database could not be entered")]
    TenantUnreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// The warm pool could not be filled.
    #[error("the warm pool could not be filled")]
    WarmPool(#[source] Box<dyn StdError + Send + Sync>),
    /// A stored value does not read as what it must be.
    #[error("the saga log holds an unreadable {0}")]
    Corrupt(&'static str),
    /// The control database failed.
    #[error(transparent)]
    Db(DbError),
    /// A server could not be prepared.
    #[error(transparent)]
    Migration(#[from] MigrationError),
}

impl From<DbError> for ProvisioningError {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("tenants_slug_key") => Self::SlugTaken,
            Some("operations_one_per_tenant_key") => Self::OperationInProgress,
            Some("memberships_account_id_fkey" | "tenants_created_by_fkey") => Self::OwnerUnknown,
            _ => Self::Db(error),
        }
    }
}

impl From<sea_orm::DbErr> for ProvisioningError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::from(DbError::from(error))
    }
}

impl WriteError for ProvisioningError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ProvisioningError> for Problem {
    fn from(error: ProvisioningError) -> Self {
        match error {
            ProvisioningError::SlugTaken => {
                let fault = serde_json::json!([{ "field": "slug", "code": "taken", "message": "is used by another organization" }]);
                Problem::new(SLUG_TAKEN, "This slug is used by another organization; choose another.").with_details(fault)
            }
            ProvisioningError::OwnerUnknown | ProvisioningError::TenantNotFound => {
                Problem::not_found(if matches!(error, ProvisioningError::OwnerUnknown) { "account" } else { "tenant" })
            }
            ProvisioningError::OperationInProgress => {
                Problem::new(OPERATION_IN_PROGRESS, "The tenant is being built or deleted just now; wait for that operation to end.")
            }
            ProvisioningError::WrongState { state, verb } => {
                Problem::new(TENANT_STATE_CONFLICT, format!("A tenant that is {state} can't be {verb}."))
            }
            ProvisioningError::Db(error) => error.into(),
            ProvisioningError::TenantUnreachable(source) => Problem::unavailable("The tenant's database").with_source(source),
            ProvisioningError::Corrupt(_) | ProvisioningError::Migration(_) | ProvisioningError::WarmPool(_) => Problem::internal(error),
        }
    }
}

/// Why a step did not happen. `message` is for the person who watches the operation; the source goes to the log.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct StepError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Repeating can't help.
    pub(crate) permanent: bool,
    #[source]
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A cause in our own words: for operators.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Told(pub(crate) String);

impl StepError {
    pub(crate) fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), permanent: true, source: None }
    }

    pub(crate) fn transient(code: &'static str, message: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { code, message: message.into(), permanent: false, source: Some(source.into()) }
    }

    /// Repeating may help; `why` is for operators, and holds neither a secret nor a datum of the tenant.
    pub(crate) fn told(code: &'static str, message: impl Into<String>, why: impl Into<String>) -> Self {
        Self::transient(code, message, Told(why.into()))
    }

    /// An outside system failed; `what` names it in public words.
    pub(crate) fn outside(what: &'static str) -> impl FnOnce(Box<dyn StdError + Send + Sync>) -> Self {
        move |source| Self::transient("SERVICE_UNAVAILABLE", format!("{what} did not answer as expected."), source)
    }
}

impl From<DbError> for StepError {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("tenants_slug_key") => Self::permanent("SLUG_TAKEN", "Another organization uses this slug."),
            Some("memberships_account_id_fkey") => Self::permanent("NOT_FOUND", "The owner's account does not exist."),
            _ => Self::outside("The database")(Box::new(error)),
        }
    }
}

impl From<sea_orm::DbErr> for StepError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::from(DbError::from(error))
    }
}

impl From<sqlx::Error> for StepError {
    fn from(error: sqlx::Error) -> Self {
        Self::from(DbError::from(error))
    }
}

impl From<MigrationError> for StepError {
    fn from(error: MigrationError) -> Self {
        Self::outside("The database server")(Box::new(error))
    }
}

impl WriteError for StepError {
    fn db_error(&self) -> Option<&DbError> {
        self.source.as_ref().and_then(|source| source.downcast_ref())
    }
}
