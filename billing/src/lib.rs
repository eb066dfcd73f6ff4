//! Plans, subscriptions and what they entitle an organization to.
//!
//! - Plans are versioned: a subscriber keeps the version taken until the plan is changed.
//! - An organization has exactly one subscription, made in the transaction of its sign-up and ended in the one that erases it ([`cancel`]).
//! - Whoever takes a plan with a price by self-service tries it first; a trial that ends without a payment leaves the free plan. An operator's decision stands for a
//!   payment.
//! - Entitlements are computed from the plan's version and stand in the tenant's directory record, so that the tenant runtime never asks billing anything.
//!   Every change is written together with them ([`change_plan`], [`end_trial`]); the caller announces the new epoch after the commit.
//!
//! Deliberately not here: payment providers, invoices and usage (later slices), HTTP (the control plane), and provisioning.

mod error;
mod plans;
mod subscriptions;
mod trials;

pub use error::{BillingError, CODES};
pub use plans::{Plan, PlanStanding, Subscribers, active_plan, active_plans, free_plan, plan_standings, plan_version};
pub use subscriptions::{Interval, PlanChange, Subscription, SubscriptionState, Terms, cancel, change_plan, is_had, start, subscription_of};
pub use trials::{end_trial, trials_over};
