//! What goes wrong with founding an organization.

use nexus_billing::BillingError;
use nexus_core::{ErrorCode, FieldFault, Problem};
use nexus_iam::accounts::AccountError;
use nexus_infra::postgres::{DbError, IdempotencyError, WriteError};
use nexus_provisioning::ProvisioningError;
use thiserror::Error;

const SIGNUP_CLOSED: ErrorCode =
    ErrorCode { code: "SIGNUP_CLOSED", status: 403, summary: "This platform takes new organizations by invitation only." };
const VERIFICATION_REQUIRED: ErrorCode = ErrorCode {
    code: "VERIFICATION_REQUIRED",
    status: 403,
    summary: "This platform wants a proved address first: register, follow the link, then sign up with the same address and password.",
};

/// The codes of this area.
pub(crate) const CODES: &[ErrorCode] = &[SIGNUP_CLOSED, VERIFICATION_REQUIRED];

/// Why an organization was not founded.
#[derive(Debug, Error)]
pub(crate) enum SignupError {
    /// By invitation only.
    #[error("sign-up is closed")]
    Closed,
    /// No verified account with these credentials.
    #[error("the address is not proved")]
    VerificationRequired,
    /// The input is refused.
    #[error("the input is refused")]
    Invalid(Vec<FieldFault>),
    /// The person.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The plan.
    #[error(transparent)]
    Billing(#[from] BillingError),
    /// The tenant.
    #[error(transparent)]
    Provisioning(#[from] ProvisioningError),
    /// The idempotency key.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl WriteError for SignupError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Account(error) => error.db_error(),
            Self::Billing(error) => error.db_error(),
            Self::Provisioning(error) => error.db_error(),
            Self::Closed | Self::VerificationRequired | Self::Invalid(_) | Self::Idempotency(_) => None,
        }
    }
}

impl From<SignupError> for Problem {
    fn from(error: SignupError) -> Self {
        match error {
            SignupError::Closed => Self::new(SIGNUP_CLOSED, "New organizations are opened by invitation only."),
            SignupError::VerificationRequired => {
                Self::new(VERIFICATION_REQUIRED, "Register and prove your e-mail address first, then sign up with the same address and password.")
            }
            SignupError::Invalid(faults) => Self::validation(faults),
            SignupError::Account(error) => error.into(),
            SignupError::Billing(error) => error.into(),
            SignupError::Provisioning(error) => error.into(),
            SignupError::Idempotency(error) => error.into(),
            SignupError::Db(error) => error.into(),
        }
    }
}
