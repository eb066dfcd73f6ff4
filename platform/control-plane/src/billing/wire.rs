//! Wire types of `/billing/*`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use nexus_billing::{Plan, PlanStanding, Subscribers, Subscription};
use nexus_web::wire::MoneyOut;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A plan on sale.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanOut {
    /// Stable key.
    #[schema(example = "team")]
    pub key: String,
    /// Version; subscribers keep the one they took.
    #[schema(example = 1)]
    pub version: i32,
    /// Name shown to people.
    #[schema(example = "Team")]
    pub name: String,
    /// Who it is for.
    #[schema(example = "For a growing business with several places.")]
    pub description: String,
    /// Price of a month, without tax.
    pub price_monthly: MoneyOut,
    /// Price of a year, without tax.
    pub price_yearly: MoneyOut,
    /// Days before the first payment is due.
    #[schema(example = 14)]
    pub trial_days: i32,
    /// Countable limits by name; a missing name is unlimited.
    #[schema(value_type = BTreeMap<String, i64>, example = json!({ "users": 25, "products": 25000 }))]
    pub limits: BTreeMap<String, i64>,
    /// Features switched on.
    #[schema(example = json!(["imports"]))]
    pub features: Vec<String>,
}

impl From<Plan> for PlanOut {
    fn from(plan: Plan) -> Self {
        let Plan { key, version, name, description, price_monthly, price_yearly, trial_days, limits, features } = plan;
        Self { key, version, name, description, price_monthly: price_monthly.into(), price_yearly: price_yearly.into(), trial_days, limits, features }
    }
}

/// A version of a plan, as operators see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanStandingOut {
    /// The version.
    #[serde(flatten)]
    pub plan: PlanOut,
    /// `active` when it can be taken, `retired` when those who have it keep it and nobody else gets it.
    #[schema(example = "active")]
    pub status: &'static str,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who has it.
    pub subscribers: SubscribersOut,
}

/// How many organizations have a version of a plan. Subscriptions that have ended don't count.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscribersOut {
    /// All of them.
    #[schema(example = 44)]
    pub total: i64,
    /// Trying it.
    #[schema(example = 2)]
    pub trialing: i64,
    /// Having it.
    #[schema(example = 41)]
    pub active: i64,
    /// Having it, with a payment overdue.
    #[schema(example = 1)]
    pub past_due: i64,
}

impl From<PlanStanding> for PlanStandingOut {
    fn from(standing: PlanStanding) -> Self {
        let Subscribers { trialing, active, past_due } = standing.subscribers;
        Self {
            plan: standing.plan.into(),
            status: if standing.is_on_sale { "active" } else { "retired" },
            created_at: standing.created_at,
            subscribers: SubscribersOut { total: trialing + active + past_due, trialing, active, past_due },
        }
    }
}

/// An organization's subscription.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscriptionOut {
    /// Whose.
    pub organization_id: Uuid,
    /// The plan, in the version taken.
    pub plan: PlanOut,
    /// `trialing`, `active`, `past_due` or `cancelled`; more may be added.
    #[schema(example = "trialing")]
    pub state: &'static str,
    /// `month` or `year`.
    #[schema(example = "month")]
    pub interval: &'static str,
    /// End of the trial.
    #[schema(nullable = true)]
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// Begin of the period paid for.
    pub current_period_start: DateTime<Utc>,
    /// End of the period paid for; null for a free plan.
    #[schema(nullable = true)]
    pub current_period_end: Option<DateTime<Utc>>,
    /// When the organization subscribed.
    pub created_at: DateTime<Utc>,
    /// When the subscription last changed.
    pub updated_at: DateTime<Utc>,
    /// Row version; the ETag is made from it.
    #[schema(example = 1)]
    pub version: i64,
}

impl From<(Subscription, Plan)> for SubscriptionOut {
    fn from((subscription, plan): (Subscription, Plan)) -> Self {
        Self {
            organization_id: subscription.organization_id,
            plan: plan.into(),
            state: subscription.state.as_str(),
            interval: subscription.interval.as_str(),
            trial_ends_at: subscription.trial_ends_at,
            current_period_start: subscription.current_period_start,
            current_period_end: subscription.current_period_end,
            created_at: subscription.created_at,
            updated_at: subscription.updated_at,
            version: subscription.version,
        }
    }
}
