//! Activity on the wire.

use chrono::NaiveDate;
use nexus_web::wire::DecimalString;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

/// Which days.
#[derive(Debug, Clone, Copy, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActivityParams {
    /// How many days, today included.
    #[serde(default = "month")]
    #[validate(range(min = 1, max = 366))]
    #[param(default = 30, minimum = 1, maximum = 366)]
    pub days: u16,
}

fn month() -> u16 {
    30
}

/// What moved, day by day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActivityOut {
    /// Time zone in which the days begin and end.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// Every day, the oldest first; the last one is today.
    pub days: Vec<ActivityDay>,
}

/// What moved on one day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActivityDay {
    /// The day.
    #[schema(value_type = String, format = Date, example = "2026-03-31")]
    pub date: NaiveDate,
    /// How many movements.
    #[schema(example = 12)]
    pub movements: i64,
    /// What came in from outside (suppliers, customers, production, corrections), over all units.
    pub quantity_in: DecimalString,
    /// What went out, over all units.
    pub quantity_out: DecimalString,
    /// The same by kind; kinds of which nothing moved are left out.
    pub kinds: Vec<ActivityOfKind>,
}

/// What moved on one day in one way.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActivityOfKind {
    /// In which way.
    pub kind: ActivityKind,
    /// How many movements.
    #[schema(example = 7)]
    pub movements: i64,
    /// How much, over all units.
    pub quantity: DecimalString,
}

/// In which way goods moved. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// Came in, from suppliers or production.
    Receive,
    /// Went out, to customers or into production.
    Issue,
    /// Came back from customers, or went back to suppliers.
    Return,
    /// Thrown away.
    Scrap,
    /// Corrected.
    Adjust,
    /// Moved between locations.
    Transfer,
}

impl ActivityKind {
    /// By the reason in the ledger.
    pub fn of(reason: &str) -> Self {
        match reason {
            "receipt" | "production" => Self::Receive,
            "issue" | "sale" | "consumption" => Self::Issue,
            "customer_return" | "supplier_return" => Self::Return,
            "scrap" => Self::Scrap,
            "transfer" => Self::Transfer,
            _ => Self::Adjust,
        }
    }
}
