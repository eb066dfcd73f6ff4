//! The table `subscriptions`, and what a subscription grants in the table `tenants`.

use chrono::{DateTime, Utc};
use nexus_core::{Entitlements, TenantId};
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::{Subscription, SubscriptionState};
use crate::plans::plan_version;
use crate::{BillingError, Plan};

/// State, end of the trial and end of the period of a subscription that starts now. A free plan has no end.
pub(super) struct Start {
    pub(super) state: SubscriptionState,
    pub(super) trial_ends_at: Option<DateTime<Utc>>,
    pub(super) period_end: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Row {
    organization_id: Uuid,
    plan_key: String,
    plan_version: i32,
    state: String,
    interval: String,
    trial_ends_at: Option<DateTime<Utc>>,
    current_period_start: DateTime<Utc>,
    current_period_end: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Subscription {
    type Error = BillingError;

    fn try_from(row: Row) -> Result<Self, BillingError> {
        Ok(Self {
            state: row.state.parse()?,
            interval: row.interval.parse()?,
            organization_id: row.organization_id,
            plan_key: row.plan_key,
            plan_version: row.plan_version,
            trial_ends_at: row.trial_ends_at,
            current_period_start: row.current_period_start,
            current_period_end: row.current_period_end,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const SELECT: &str =
    "SELECT organization_id, plan_key, plan_version, state, interval, trial_ends_at, current_period_start, current_period_end, version,
                             created_at, updated_at FROM subscriptions WHERE organization_id = $1";

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

async fn read<C: ConnectionTrait>(conn: &C, organization: TenantId, lock: &str) -> Result<Subscription, BillingError> {
    let statement = sql(&format!("{SELECT}{lock}"), [organization.0.into()]);
    Row::find_by_statement(statement).one(conn).await.map_err(DbError::from)?.ok_or(BillingError::NoSubscription)?.try_into()
}

/// The organization's subscription.
pub(super) async fn find<C: ConnectionTrait>(conn: &C, organization: TenantId) -> Result<Subscription, BillingError> {
    read(conn, organization, "").await
}

/// The organization's subscription and the version of the plan it has.
///
/// # Errors
/// [`BillingError::NoSubscription`].
pub async fn subscription_of<C: ConnectionTrait>(conn: &C, organization: TenantId) -> Result<(Subscription, Plan), BillingError> {
    let subscription = find(conn, organization).await?;
    let plan = plan_version(conn, &subscription.plan_key, subscription.plan_version).await?;
    Ok((subscription, plan))
}

/// The subscription, locked together with its tenant's row: always in this order.
pub(super) async fn lock(tx: &Tx, organization: TenantId) -> Result<Subscription, BillingError> {
    tx.conn().execute_raw(sql("SELECT 1 FROM tenants WHERE id = $1 FOR UPDATE", [organization.0.into()])).await.map_err(DbError::from)?;
    read(tx.conn(), organization, " FOR UPDATE").await
}

/// Writes a new one, paid monthly.
pub(super) async fn insert(tx: &Tx, organization: TenantId, plan: &Plan, start: &Start) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "INSERT INTO subscriptions (organization_id, plan_key, plan_version, state, interval, trial_ends_at, current_period_start, current_period_end,
                                        created_at, updated_at)
             VALUES ($1, $2, $3, $4, 'month', $5, $6, $7, $6, $6)",
            [
                organization.0.into(),
                plan.key.as_str().into(),
                plan.version.into(),
                start.state.as_str().into(),
                start.trial_ends_at.into(),
                tx.now().into(),
                start.period_end.into(),
            ],
        ))
        .await?;
    Ok(())
}

/// Starts it anew with another plan. A trial that is running ends.
pub(super) async fn restart(tx: &Tx, organization: TenantId, plan: &Plan, start: &Start) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "UPDATE subscriptions SET plan_key = $2, plan_version = $3, state = $4, current_period_start = $5, current_period_end = $6,
                    trial_ends_at = CASE WHEN trial_ends_at > $5 THEN $5 ELSE trial_ends_at END
              WHERE organization_id = $1",
            [
                organization.0.into(),
                plan.key.as_str().into(),
                plan.version.into(),
                start.state.as_str().into(),
                tx.now().into(),
                start.period_end.into(),
            ],
        ))
        .await?;
    Ok(())
}

/// Ends it now, and its trial and its period with it.
pub(super) async fn end(tx: &Tx, organization: TenantId) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "UPDATE subscriptions SET state = 'cancelled', trial_ends_at = CASE WHEN trial_ends_at > $2 THEN $2 ELSE trial_ends_at END,
                    current_period_end = CASE WHEN current_period_start < $2 THEN $2 ELSE current_period_end END
              WHERE organization_id = $1",
            [organization.0.into(), tx.now().into()],
        ))
        .await?;
    Ok(())
}

/// Writes entitlements into the tenant's directory record; answers its new epoch, which the database raises.
pub(super) async fn grant(tx: &Tx, organization: TenantId, entitlements: &Entitlements) -> Result<i64, BillingError> {
    let value = serde_json::to_value(entitlements).map_err(|error| BillingError::Malformed(error.to_string()))?;
    let row = tx
        .conn()
        .query_one_raw(sql("UPDATE tenants SET entitlements = $2 WHERE id = $1 RETURNING epoch", [organization.0.into(), value.into()]))
        .await
        .map_err(DbError::from)?
        .ok_or(BillingError::NoSubscription)?;
    Ok(row.try_get("", "epoch").map_err(DbError::from)?)
}

/// Organizations whose trial was over at `now`, the longest over first, `limit` at most.
pub(crate) async fn trials_over<C: ConnectionTrait>(conn: &C, now: DateTime<Utc>, limit: i64) -> Result<Vec<TenantId>, DbError> {
    let text = "SELECT organization_id FROM subscriptions WHERE state = 'trialing' AND trial_ends_at <= $1 ORDER BY trial_ends_at LIMIT $2";
    let rows = conn.query_all_raw(sql(text, [now.into(), limit.into()])).await?;
    rows.iter().map(|row| Ok(TenantId(row.try_get::<Uuid>("", "organization_id")?))).collect()
}
