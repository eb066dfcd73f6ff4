//! The table `plans`.

use nexus_core::{Currency, Money};
use nexus_infra::postgres::DbError;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult, Statement, Value};

use super::{Plan, PlanStanding, Subscribers};
use crate::BillingError;

#[derive(FromQueryResult)]
struct Row {
    key: String,
    version: i32,
    name: String,
    description: String,
    currency: String,
    price_monthly: Decimal,
    price_yearly: Decimal,
    trial_days: i32,
    limits: serde_json::Value,
    features: serde_json::Value,
}

impl TryFrom<Row> for Plan {
    type Error = BillingError;

    fn try_from(row: Row) -> Result<Self, BillingError> {
        let malformed = |what: &str| BillingError::Malformed(format!("plan {} v{}: {what}", row.key, row.version));
        let currency: Currency = row.currency.parse().map_err(|_| malformed("currency"))?;
        let money = |amount| Money::new(amount, currency).map_err(|_| malformed("price"));
        Ok(Self {
            price_monthly: money(row.price_monthly)?,
            price_yearly: money(row.price_yearly)?,
            limits: serde_json::from_value(row.limits.clone()).map_err(|_| malformed("limits"))?,
            features: serde_json::from_value(row.features.clone()).map_err(|_| malformed("features"))?,
            key: row.key,
            version: row.version,
            name: row.name,
            description: row.description,
            trial_days: row.trial_days,
        })
    }
}

const COLUMNS: &str = "key, version, name, description, currency, price_monthly, price_yearly, trial_days, limits, features";

async fn rows<C: ConnectionTrait>(conn: &C, condition: &str, values: impl IntoIterator<Item = Value>) -> Result<Vec<Plan>, BillingError> {
    let text = format!("SELECT {COLUMNS} FROM plans WHERE {condition} ORDER BY position, key");
    let rows = Row::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, text, values)).all(conn).await.map_err(DbError::from)?;
    rows.into_iter().map(Plan::try_from).collect()
}

/// The plans on sale, in the order in which they are shown.
///
/// # Errors
/// [`BillingError`].
pub async fn active_plans<C: ConnectionTrait>(conn: &C) -> Result<Vec<Plan>, BillingError> {
    rows(conn, "status = 'active'", []).await
}

/// The version on sale of the plan called `key`.
///
/// # Errors
/// [`BillingError::UnknownPlan`] when it is not on sale.
pub async fn active_plan<C: ConnectionTrait>(conn: &C, key: &str) -> Result<Plan, BillingError> {
    rows(conn, "status = 'active' AND key = $1", [key.into()]).await?.pop().ok_or_else(|| BillingError::UnknownPlan(key.to_owned()))
}

/// The free plan on sale that is shown first: what an organization has when nobody pays.
///
/// # Errors
/// [`BillingError::NoFreePlan`].
pub async fn free_plan<C: ConnectionTrait>(conn: &C) -> Result<Plan, BillingError> {
    active_plans(conn).await?.into_iter().find(Plan::is_free).ok_or(BillingError::NoFreePlan)
}

/// A version, on sale or not: what a subscriber has.
///
/// # Errors
/// [`BillingError::UnknownPlan`] when there is none.
pub async fn plan_version<C: ConnectionTrait>(conn: &C, key: &str, version: i32) -> Result<Plan, BillingError> {
    rows(conn, "key = $1 AND version = $2", [key.into(), version.into()]).await?.pop().ok_or_else(|| BillingError::UnknownPlan(key.to_owned()))
}

/// Every version of every plan, on sale or not, in the order in which they are shown, the newest version first.
///
/// # Errors
/// [`BillingError`].
pub async fn plan_standings<C: ConnectionTrait>(conn: &C) -> Result<Vec<PlanStanding>, BillingError> {
    let text = format!(
        "SELECT {COLUMNS}, status = 'active' AS is_on_sale, created_at, coalesce(trialing, 0) AS trialing, coalesce(active, 0) AS active,
                coalesce(past_due, 0) AS past_due
         FROM plans LEFT JOIN (
             SELECT plan_key, plan_version, count(*) FILTER (WHERE state = 'trialing') AS trialing, count(*) FILTER (WHERE state = 'active') AS active,
                    count(*) FILTER (WHERE state = 'past_due') AS past_due
             FROM subscriptions GROUP BY plan_key, plan_version) AS had ON had.plan_key = key AND had.plan_version = version
         ORDER BY position, key, version DESC"
    );
    let rows = conn.query_all_raw(Statement::from_string(DbBackend::Postgres, text)).await.map_err(DbError::from)?;
    let standing = |row: &QueryResult| -> Result<PlanStanding, BillingError> {
        let read = |name: &str| row.try_get::<i64>("", name).map_err(DbError::from);
        let subscribers = Subscribers { trialing: read("trialing")?, active: read("active")?, past_due: read("past_due")? };
        Ok(PlanStanding {
            plan: Row::from_query_result(row, "").map_err(DbError::from)?.try_into()?,
            is_on_sale: row.try_get("", "is_on_sale").map_err(DbError::from)?,
            created_at: row.try_get("", "created_at").map_err(DbError::from)?,
            subscribers,
        })
    };
    rows.iter().map(standing).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row() -> Row {
        Row {
            key: "team".into(),
            version: 1,
            name: "Team".into(),
            description: String::new(),
            currency: "EUR".into(),
            price_monthly: Decimal::new(490_000, 4),
            price_yearly: Decimal::new(490, 0),
            trial_days: 14,
            limits: json!({ "users": 25 }),
            features: json!(["imports"]),
        }
    }

    #[test]
    fn a_plan_entitles_to_its_limits_and_features() {
        let entitlements = Plan::try_from(row()).unwrap().entitlements();
        assert_eq!(entitlements.plan, "team");
        assert_eq!(entitlements.limit("users"), Some(25));
        assert_eq!(entitlements.limit("products"), None, "a missing limit is no limit");
        assert_eq!(entitlements.features, ["imports"]);
    }

    #[test]
    fn a_row_that_makes_no_sense_is_a_fault_and_never_a_free_plan() {
        for broken in
            [Row { limits: json!({ "users": "many" }), ..row() }, Row { features: json!({}), ..row() }, Row { currency: "euro".into(), ..row() }]
        {
            assert!(matches!(Plan::try_from(broken), Err(BillingError::Malformed(_))));
        }
    }
}
