//! Plans and the organization's subscription: `/billing/*`; every version of every plan for operators: `/admin/plans`. The rules are `nexus-billing`'s.

mod routes;
mod trials;
mod wire;

pub(crate) use routes::routes;
pub(crate) use trials::end_trials;
pub(crate) use wire::{PlanOut, SubscriptionOut};

use nexus_core::ErrorCode;

const ORGANIZATION_REQUIRED: ErrorCode = ErrorCode {
    code: "ORGANIZATION_REQUIRED",
    status: 403,
    summary: "The operation concerns one organization: log in to it, or switch to it, and use that token.",
};

/// The codes of this area.
pub(crate) const CODES: &[ErrorCode] = &[ORGANIZATION_REQUIRED];
