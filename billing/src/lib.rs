//! Plans, subscriptions and what they entitle an organization to.
//!
//! - Plans are versioned: a subscriber keeps the version taken until the plan is changed.
//! - An organization has exactly one subscription, made in the transaction of its sign-up.
//! - Entitlements are computed from the plan's version and stand in the tenant's directory record, so that the tenant runtime never asks billing anything.
//!   Every change is written together with them ([`change_plan`]); the caller announces the new epoch after the commit.
//!
//! Deliberately not here: payment providers, invoices and usage (later slices), HTTP (the control plane), and provisioning.

mod error;
mod plans;
mod subscriptions;

pub use error::{BillingError, CODES};
pub use plans::{Plan, active_plan, active_plans, plan_version};
pub use subscriptions::{Interval, PlanChange, Subscription, SubscriptionState, change_plan, start, subscription_of};
