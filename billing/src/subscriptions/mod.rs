//! An organization's subscription: one per organization, from its founding until it is erased.

mod service;
mod store;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{BillingError, Plan};

pub use service::{cancel, change_plan, is_had, start};
pub(crate) use service::{lock, move_to};
pub use store::subscription_of;
pub(crate) use store::trials_over;

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// The stored value, also the one on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl FromStr for $name {
            type Err = BillingError;

            fn from_str(text: &str) -> Result<Self, BillingError> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(BillingError::Malformed(format!(concat!(stringify!($name), " `{}`"), other))),
                }
            }
        }
    };
}

text_enum! {
    /// How a subscription stands.
    SubscriptionState {
        /// Nothing is owed before `trial_ends_at`.
        Trialing = "trialing",
        /// Paid, or free.
        Active = "active",
        /// A payment is overdue.
        PastDue = "past_due",
        /// Ended.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// How often it is paid.
    Interval {
        /// Every month.
        Month = "month",
        /// Every year.
        Year = "year",
    }
}

/// An organization's subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Whose.
    pub organization_id: Uuid,
    /// Which plan.
    pub plan_key: String,
    /// Which version of it.
    pub plan_version: i32,
    /// How it stands.
    pub state: SubscriptionState,
    /// How often it is paid.
    pub interval: Interval,
    /// End of the trial.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// Begin of the period paid for.
    pub current_period_start: DateTime<Utc>,
    /// End of the period paid for; none for a free plan.
    pub current_period_end: Option<DateTime<Utc>>,
    /// Row version.
    pub version: i64,
    /// When the organization subscribed.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a change of plan did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChange {
    /// The subscription now.
    pub subscription: Subscription,
    /// The plan now.
    pub plan: Plan,
    /// The tenant's directory epoch now; announce it after the commit. `None` when nothing changed.
    pub epoch: Option<i64>,
}

/// On what terms an organization gets a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// The person chose it: a plan with a price begins with its trial.
    SelfService,
    /// The platform gives it: an operator's decision, or the plan of whoever chooses none. It stands for a payment until payment providers arrive.
    Granted,
}
