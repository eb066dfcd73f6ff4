//! Plans: what is sold, in versions.

mod store;

use std::collections::BTreeMap;

use nexus_core::{Entitlements, Money};

pub use store::{active_plan, active_plans, free_plan, plan_version};

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
