//! What goes wrong with plans and subscriptions.

use nexus_core::{ErrorCode, Problem};
use nexus_infra::postgres::{DbError, WriteError};
use thiserror::Error;

const UNKNOWN_PLAN: ErrorCode = ErrorCode { code: "UNKNOWN_PLAN", status: 422, summary: "There is no such plan, or it is not sold any more." };

/// The codes that billing adds to the base codes.
pub const CODES: &[ErrorCode] = &[UNKNOWN_PLAN];

/// Why an operation on a plan or subscription failed.
#[derive(Debug, Error)]
pub enum BillingError {
    /// No plan on sale has this key.
    #[error("there is no plan `{0}` on sale")]
    UnknownPlan(String),
    /// The organization has no subscription.
    #[error("no subscription")]
    NoSubscription,
    /// What is stored makes no sense.
    #[error("malformed billing row: {0}")]
    Malformed(String),
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl WriteError for BillingError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<BillingError> for Problem {
    fn from(error: BillingError) -> Self {
        match error {
            BillingError::UnknownPlan(_) => {
                let fault = serde_json::json!([{ "field": "plan", "code": "unknown_value", "message": "is not a plan on sale" }]);
                Self::new(UNKNOWN_PLAN, "There is no such plan on sale; GET /api/v1/billing/plans lists them.").with_details(fault)
            }
            BillingError::NoSubscription => Self::not_found("subscription"),
            BillingError::Malformed(_) => Self::internal(error),
            BillingError::Db(error) => error.into(),
        }
    }
}
