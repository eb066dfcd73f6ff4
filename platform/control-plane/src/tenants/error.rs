//! What goes wrong with tenants.

use nexus_billing::BillingError;
use nexus_core::{FieldFault, Problem, TenantState};
use nexus_infra::postgres::{DbError, IdempotencyError, WriteError};
use nexus_provisioning::{ProvisioningError, TENANT_STATE_CONFLICT};
use thiserror::Error;

use super::store::TenantView;
use crate::signup::SignupError;

/// Why an operation on a tenant failed.
#[derive(Debug, Error)]
pub(crate) enum TenantError {
    /// No such tenant.
    #[error("no such tenant")]
    Unknown,
    /// The operator may not take a deletion back.
    #[error("the operator may not take a deletion back")]
    UndeleteForbidden,
    /// The row has moved on.
    #[error("the tenant has changed")]
    Stale(Box<TenantView>),
    /// The state does not admit another.
    #[error("a tenant that is {from} can't be made {to}")]
    State {
        /// The state it is in.
        from: TenantState,
        /// The state asked for.
        to: TenantState,
    },
    /// The input is refused.
    #[error("the input is refused")]
    Invalid(Vec<FieldFault>),
    /// What is stored makes no sense.
    #[error("malformed tenant row: {0}")]
    Malformed(String),
    /// The plan.
    #[error(transparent)]
    Billing(#[from] BillingError),
    /// The saga.
    #[error(transparent)]
    Provisioning(#[from] ProvisioningError),
    /// Founding for somebody.
    #[error(transparent)]
    Signup(#[from] SignupError),
    /// The idempotency key.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl WriteError for TenantError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Billing(error) => error.db_error(),
            Self::Provisioning(error) => error.db_error(),
            Self::Signup(error) => error.db_error(),
            Self::Unknown
            | Self::UndeleteForbidden
            | Self::Stale(_)
            | Self::State { .. }
            | Self::Invalid(_)
            | Self::Malformed(_)
            | Self::Idempotency(_) => None,
        }
    }
}

impl From<TenantError> for Problem {
    fn from(error: TenantError) -> Self {
        match error {
            TenantError::Unknown => Self::not_found("tenant"),
            TenantError::UndeleteForbidden => {
                Self::new(nexus_core::ErrorCode::FORBIDDEN, "Taking a deletion back needs platform.tenants.delete, which the role does not hold.")
            }
            TenantError::Stale(_) => Self::new(nexus_core::ErrorCode::PRECONDITION_FAILED, "The tenant has changed since you read it."),
            TenantError::State { from, to } => Self::new(TENANT_STATE_CONFLICT, format!("A tenant that is {from} can't be made {to}.")),
            TenantError::Invalid(faults) => Self::validation(faults),
            TenantError::Malformed(_) => Self::internal(error),
            TenantError::Billing(error) => error.into(),
            TenantError::Provisioning(error) => error.into(),
            TenantError::Signup(error) => error.into(),
            TenantError::Idempotency(error) => error.into(),
            TenantError::Db(error) => error.into(),
        }
    }
}
