//! What a plan grants: limits and features. Travels in the tenant's directory record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Limits and features of the tenant's plan at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlements {
    /// Key of the plan, such as `team`.
    pub plan: String,
    /// Countable hard limits by name (`users`, `products`, `locations`); a missing name is unlimited.
    #[serde(default)]
    pub limits: BTreeMap<String, i64>,
    /// Features switched on by the plan.
    #[serde(default)]
    pub features: Vec<String>,
}

impl Entitlements {
    /// The limit called `name`; none means unlimited.
    #[must_use]
    pub fn limit(&self, name: &str) -> Option<i64> {
        self.limits.get(name).copied()
    }
}
