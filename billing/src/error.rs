//! What goes wrong with plans and subscriptions.

use nexus_core::{ErrorCode, Problem};
use nexus_infra::postgres::{DbError, WriteError};
use thiserror::Error;

const UNKNOWN_PLAN: ErrorCode = ErrorCode { code: "UNKNOWN_PLAN", status: 422, summary: "There is no such plan, or it is not sold any more." };

const PLAN_NOT_SELF_SERVICE: ErrorCode = ErrorCode {
    code: "PLAN_NOT_SELF_SERVICE",
    status: 402,
    summary: "The plan has a price and no trial: it is not had without a payment, which operators of the platform arrange.",
};

const SUBSCRIPTION_ENDED: ErrorCode =
    ErrorCode { code: "SUBSCRIPTION_ENDED", status: 409, summary: "The organization is erased and its subscription has ended with it." };

/// The codes that billing adds to the base codes.
pub const CODES: &[ErrorCode] = &[UNKNOWN_PLAN, PLAN_NOT_SELF_SERVICE, SUBSCRIPTION_ENDED];

/// Why an operation on a plan or subscription failed.
#[derive(Debug, Error)]
pub enum BillingError {
    /// No plan on sale has this key.
    #[error("there is no plan `{0}` on sale")]
    UnknownPlan(String),
    /// The plan has a price and no trial.
    #[error("the plan `{0}` has a price and no trial")]
    NotSelfService(String),
    /// No free plan is on sale, so that nothing is there to fall back to.
    #[error("no free plan is on sale")]
    NoFreePlan,
    /// The organization has no subscription.
    #[error("no subscription")]
    NoSubscription,
    /// The organization's subscription has ended for good.
    #[error("the subscription has ended")]
    Ended,
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
                let fault = serde_json::json!([{ "field": "plan", "code": "unknown", "message": "is not a plan on sale" }]);
                Self::new(UNKNOWN_PLAN, "There is no such plan on sale; GET /api/v1/billing/plans lists them.").with_details(fault)
            }
            BillingError::NotSelfService(_) => {
                Self::new(PLAN_NOT_SELF_SERVICE, "This plan has a price and no trial. Take another one, or ask the platform's operators for it.")
            }
            BillingError::Ended => {
                Self::new(SUBSCRIPTION_ENDED, "The organization is erased: its subscription has ended, and no plan can be given to it.")
            }
            BillingError::NoSubscription => Self::not_found("subscription"),
            BillingError::NoFreePlan | BillingError::Malformed(_) => Self::internal(error),
            BillingError::Db(error) => error.into(),
        }
    }
}
