//! What operators see of an operation beside what everybody sees.

use chrono::{DateTime, Utc};
use nexus_infra::DbError;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::sql;

/// The operation itself.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Inspected {
    pub(crate) request_id: String,
    pub(crate) failing_since: Option<DateTime<Utc>>,
    /// Both only while the lease holds.
    pub(crate) runner: Option<Uuid>,
    pub(crate) leased_until: Option<DateTime<Utc>>,
}

/// How a step of it failed.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Step {
    pub(crate) failures: i32,
    pub(crate) undo_failures: i32,
    pub(crate) cause: Option<String>,
}

/// The operation and its steps in order.
pub(crate) async fn inspected(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<(Inspected, Vec<Step>)>, DbError> {
    let text = "SELECT request_id, (error ->> 'since')::timestamptz AS failing_since,
                       CASE WHEN leased_until > clock_timestamp() THEN leased_by END AS runner,
                       CASE WHEN leased_until > clock_timestamp() THEN leased_until END AS leased_until
                FROM operations WHERE id = $1";
    let Some(found) = Inspected::find_by_statement(sql(text, [id.into()])).one(conn).await? else { return Ok(None) };
    let text = "SELECT failures, undo_failures, cause FROM saga_steps WHERE operation_id = $1 ORDER BY position";
    Ok(Some((found, Step::find_by_statement(sql(text, [id.into()])).all(conn).await?)))
}
