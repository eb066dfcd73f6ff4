//! The counts.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use nexus_infra::DbError;
use nexus_provisioning::{IS_FAILING, IS_STUCK};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

/// How many tenants are in each state that any is in.
pub(super) async fn tenants<C: ConnectionTrait>(conn: &C) -> Result<BTreeMap<String, i64>, DbError> {
    let rows = conn.query_all_raw(sql("SELECT state, count(*) AS number FROM tenants GROUP BY state", [])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "state")?, row.try_get("", "number")?))).collect()
}

/// Operations that have not ended, and those that were given up lately.
#[derive(Debug, Default, FromQueryResult)]
pub(super) struct OperationCounts {
    pub(super) running: i64,
    pub(super) scheduled: i64,
    pub(super) failing: i64,
    pub(super) stuck: i64,
    pub(super) given_up: i64,
}

/// Counts them. Nothing but what is open, and the end of what was given up, is looked at.
pub(super) async fn operations<C: ConnectionTrait>(conn: &C) -> Result<OperationCounts, DbError> {
    let text = format!(
        "SELECT count(*) FILTER (WHERE state = 'running' OR due_at <= now()) AS running,
                count(*) FILTER (WHERE state = 'pending' AND due_at > now()) AS scheduled,
                count(*) FILTER (WHERE {IS_FAILING}) AS failing, count(*) FILTER (WHERE {IS_STUCK}) AS stuck,
                (SELECT count(*) FROM operations ended WHERE ended.finished_at > now() - interval '1 day'
                    AND (ended.state = 'failed' OR (ended.state = 'undone' AND ended.kind = 'provision'))) AS given_up
         FROM operations WHERE state IN ('pending', 'running')"
    );
    Ok(OperationCounts::find_by_statement(sql(&text, [])).one(conn).await?.unwrap_or_default())
}

/// The warm pool.
#[derive(Debug, Default, FromQueryResult)]
pub(super) struct PoolCounts {
    pub(super) ready: i64,
    pub(super) preparing: i64,
    pub(super) draining: i64,
}

/// Counts its entries.
pub(super) async fn warm_pool<C: ConnectionTrait>(conn: &C) -> Result<PoolCounts, DbError> {
    let text = "SELECT count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'preparing') AS preparing,
                       count(*) FILTER (WHERE state = 'draining') AS draining FROM warm_pool";
    Ok(PoolCounts::find_by_statement(sql(text, [])).one(conn).await?.unwrap_or_default())
}

/// How many organizations were founded on each day (UTC) since `first`; days without any are missing.
pub(super) async fn founded<C: ConnectionTrait>(conn: &C, first: DateTime<Utc>) -> Result<BTreeMap<NaiveDate, i64>, DbError> {
    let text = "SELECT (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS number FROM tenants WHERE created_at >= $1 GROUP BY day";
    let rows = conn.query_all_raw(sql(text, [first.into()])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "day")?, row.try_get("", "number")?))).collect()
}

/// A database server.
#[derive(Debug, FromQueryResult)]
pub(super) struct ServerRow {
    pub(super) name: String,
    pub(super) state: String,
    pub(super) tenants: i64,
    pub(super) max_tenants: i32,
}

/// The database servers by name, each with the tenants that are placed on it.
pub(super) async fn servers<C: ConnectionTrait>(conn: &C) -> Result<Vec<ServerRow>, DbError> {
    let text = "SELECT s.name, s.state, s.max_tenants,
                       (SELECT count(*) FROM tenants t WHERE t.server_id = s.id AND t.state <> 'deleted') AS tenants
                FROM database_servers s ORDER BY s.name";
    Ok(ServerRow::find_by_statement(sql(text, [])).all(conn).await?)
}
