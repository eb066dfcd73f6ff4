//! Plans: what is sold, in versions.

mod store;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use nexus_core::{Entitlements, Money};

pub use store::{active_plan, active_plans, free_plan, plan_standings, plan_version};

/// One version of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Stable key, such as `team`.
    pub key: String,
    /// Version, from 1.
    pub version: i32,
    /// Name shown to people.
    pub name: String,
    /// Who it is for.
    pub description: String,
    /// Price of a month, without tax.
    pub price_monthly: Money,
    /// Price of a year, without tax.
    pub price_yearly: Money,
    /// Days before the first payment is due; 0 for none.
    pub trial_days: i32,
    /// Countable limits by name; a missing name is unlimited.
    pub limits: BTreeMap<String, i64>,
    /// Features switched on.
    pub features: Vec<String>,
}

impl Plan {
    /// Whether it costs nothing.
    pub fn is_free(&self) -> bool {
        self.price_monthly.amount.is_zero() && self.price_yearly.amount.is_zero()
    }

    /// What the plan grants.
    pub fn entitlements(&self) -> Entitlements {
        Entitlements { plan: self.key.clone(), limits: self.limits.clone(), features: self.features.clone() }
    }
}

/// A version of a plan and who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStanding {
    /// The version.
    pub plan: Plan,
    /// Whether it can be taken.
    pub is_on_sale: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who has it.
    pub subscribers: Subscribers,
}

/// How many organizations have a version of a plan, by the state of their subscriptions. Those that have ended don't count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subscribers {
    /// Trying it.
    pub trialing: i64,
    /// Having it.
    pub active: i64,
    /// Having it, with a payment overdue.
    pub past_due: i64,
}
