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
    summary: "A proved address is wanted first: for every organization where the platform says so, and everywhere for another one than the first.",
};
const ORGANIZATION_LIMIT_REACHED: ErrorCode = ErrorCode {
    code: "ORGANIZATION_LIMIT_REACHED",
    status: 403,
    summary: "The account owns as many organizations as a person may found on this platform.",
};

/// The codes of this area.
pub(crate) const CODES: &[ErrorCode] = &[SIGNUP_CLOSED, VERIFICATION_REQUIRED, ORGANIZATION_LIMIT_REACHED];

/// Why an organization was not founded.
#[derive(Debug, Error)]
pub(crate) enum SignupError {
    /// By invitation only.
    #[error("sign-up is closed")]
    Closed,
    /// No verified account with these credentials.
    #[error("the address is not proved")]
    VerificationRequired,
    /// The account owns an organization and has not proved its address.
    #[error("the address is not proved, and the account owns an organization already")]
    VerificationRequiredForMore,
    /// The account owns this many organizations, and may found no more.
    #[error("the account owns {0} organizations already")]
    LimitReached(u32),
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
            Self::Closed
            | Self::VerificationRequired
            | Self::VerificationRequiredForMore
            | Self::LimitReached(_)
            | Self::Invalid(_)
            | Self::Idempotency(_) => None,
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
            SignupError::VerificationRequiredForMore => Self::new(
                VERIFICATION_REQUIRED,
                "Prove your e-mail address before you open another organization: follow the link in the mail, or ask for a new one at /auth/verify-email/resend.",
            ),
            SignupError::LimitReached(most) => Self::new(
                ORGANIZATION_LIMIT_REACHED,
                format!("You own as many organizations as one person may found here ({most}). Ask the platform's operators for more."),
            )
            .with_details(serde_json::json!({ "limit": most })),
            SignupError::Invalid(faults) => Self::validation(faults),
            SignupError::Account(error) => error.into(),
            SignupError::Billing(error) => error.into(),
            SignupError::Provisioning(error) => error.into(),
            SignupError::Idempotency(error) => error.into(),
            SignupError::Db(error) => error.into(),
        }
    }
}
