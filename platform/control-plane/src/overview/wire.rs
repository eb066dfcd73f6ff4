//! Wire types of `/admin/overview`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::service::Overview;

/// How the platform stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewOut {
    /// When it was looked at.
    pub at: DateTime<Utc>,
    /// How many tenants are in each state.
    #[schema(value_type = BTreeMap<String, i64>, example = json!({ "active": 41, "suspended": 1, "broken": 1 }))]
    pub tenants: BTreeMap<String, i64>,
    /// Operations.
    pub operations: OperationCountsOut,
    /// What is prepared for organizations to come.
    pub warm_pool: WarmPoolOut,
    /// Organizations founded on each of the last 30 days, the oldest first, today included.
    pub sign_ups: Vec<DayOut>,
    /// The database servers.
    pub servers: Vec<ServerOut>,
}

/// How many operations stand how.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationCountsOut {
    /// At work, or waiting for their turn or their next try.
    #[schema(example = 2)]
    pub running: i64,
    /// Waiting for their time: deletions whose window is open.
    #[schema(example = 1)]
    pub scheduled: i64,
    /// Of those running: failed at their last try.
    #[schema(example = 1)]
    pub failing: i64,
    /// Of those running: under way for longer than two minutes.
    #[schema(example = 0)]
    pub stuck: i64,
    /// Given up within the last 24 hours.
    #[schema(example = 0)]
    pub given_up: i64,
}

/// The warm pool.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarmPoolOut {
    /// How many shall be ready.
    #[schema(example = 3)]
    pub target: u32,
    /// Ready.
    #[schema(example = 3)]
    pub ready: i64,
    /// Being made.
    #[schema(example = 0)]
    pub preparing: i64,
    /// Being taken down.
    #[schema(example = 0)]
    pub draining: i64,
}

/// What was founded on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayOut {
    /// The day, in UTC.
    #[schema(example = "2026-11-22")]
    pub date: NaiveDate,
    /// How many.
    #[schema(example = 4)]
    pub count: i64,
}

/// A database server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServerOut {
    /// Its name in the settings.
    #[schema(example = "primary")]
    pub name: String,
    /// `open`, `full`, `draining` or `closed`.
    #[schema(example = "open")]
    pub state: String,
    /// Tenants placed on it, erased ones aside.
    #[schema(example = 43)]
    pub tenants: i64,
    /// How many it takes.
    #[schema(example = 1000)]
    pub max_tenants: i32,
    /// Whether it answers the process that was asked, a few seconds ago at most; null when the process has no way to it.
    #[schema(example = true, nullable = true)]
    pub is_reachable: Option<bool>,
}

impl From<Overview> for OverviewOut {
    fn from(overview: Overview) -> Self {
        let Overview { at, tenants, operations, pool, pool_target, founded, servers } = overview;
        let server = |(row, is_reachable): (super::store::ServerRow, Option<bool>)| ServerOut {
            name: row.name,
            state: row.state,
            tenants: row.tenants,
            max_tenants: row.max_tenants,
            is_reachable,
        };
        Self {
            at,
            tenants,
            operations: OperationCountsOut {
                running: operations.running,
                scheduled: operations.scheduled,
                failing: operations.failing,
                stuck: operations.stuck,
                given_up: operations.given_up,
            },
            warm_pool: WarmPoolOut { target: pool_target, ready: pool.ready, preparing: pool.preparing, draining: pool.draining },
            sign_ups: founded.into_iter().map(|(date, count)| DayOut { date, count }).collect(),
            servers: servers.into_iter().map(server).collect(),
        }
    }
}
