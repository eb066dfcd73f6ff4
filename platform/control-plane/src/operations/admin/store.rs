//! The list's query.

use chrono::{DateTime, Utc};
use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{DbError, PageConn, list};
use nexus_provisioning::{IS_FAILING, IS_STUCK};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::entity::{Column, Entity};

/// Whether `POST /tenants/{id}/retry` would do something about it.
const CAN_RETRY: &str = "((operations.state = 'running' AND operations.error IS NOT NULL)
    OR (operations.kind = 'provision' AND operations.state = 'undone'
        AND EXISTS (SELECT FROM tenants t WHERE t.id = operations.tenant_id AND t.state = 'broken' AND t.activated_at IS NULL)
        AND NOT EXISTS (SELECT FROM operations later WHERE later.tenant_id = operations.tenant_id AND later.kind = 'provision'
            AND later.id > operations.id)))";

/// The step that is at work, was given up, or is to be next; of what was taken back, the one that failed.
const STEP: &str = "CASE operations.state WHEN 'undone' THEN operations.error ->> 'step' ELSE
    (SELECT s.step FROM saga_steps s WHERE s.operation_id = operations.id AND s.state <> 'succeeded' AND s.state <> 'undone'
    ORDER BY s.state = 'pending', s.position LIMIT 1) END";

/// An operation with what a list of them shows.
#[derive(Debug, FromQueryResult)]
pub(super) struct OperationRow {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) tenant_id: Uuid,
    pub(super) tenant_slug: String,
    pub(super) tenant_name: String,
    pub(super) tenant_state: String,
    pub(super) state: String,
    pub(super) direction: String,
    pub(super) error: Option<Value>,
    pub(super) step: Option<String>,
    pub(super) steps_done: i64,
    pub(super) steps: i64,
    pub(super) is_stuck: bool,
    pub(super) is_failing: bool,
    pub(super) can_retry: bool,
    pub(super) created_by_kind: String,
    pub(super) created_by: Option<Uuid>,
    pub(super) due_at: DateTime<Utc>,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) finished_at: Option<DateTime<Utc>>,
}

/// An operation with everything that is known of it.
#[derive(Debug, FromQueryResult)]
pub(super) struct InspectionRow {
    #[sea_orm(nested)]
    pub(super) summary: OperationRow,
    pub(super) request_id: String,
    pub(super) failing_since: Option<DateTime<Utc>>,
    /// Both only while the lease holds.
    pub(super) leased_by: Option<Uuid>,
    pub(super) leased_until: Option<DateTime<Utc>>,
    /// Its steps in order, each a [`StepRow`].
    timeline: Value,
}

impl InspectionRow {
    /// Its steps in order.
    pub(super) fn steps(&self) -> Result<Vec<StepRow>, DbError> {
        Vec::deserialize(&self.timeline).map_err(DbError::other)
    }
}

/// A step of an operation.
#[derive(Debug, Deserialize)]
pub(super) struct StepRow {
    pub(super) step: String,
    pub(super) state: String,
    pub(super) attempts: i32,
    pub(super) failures: i32,
    pub(super) undo_failures: i32,
    pub(super) error: Option<String>,
    pub(super) cause: Option<String>,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) finished_at: Option<DateTime<Utc>>,
}

fn rows() -> Select<Entity> {
    let tenants = |what: &str| Expr::cust(format!("(SELECT {what} FROM tenants t WHERE t.id = operations.tenant_id)"));
    let steps = |which: &str| Expr::cust(format!("(SELECT count(*) FROM saga_steps s WHERE s.operation_id = operations.id{which})"));
    Entity::find()
        .expr_as(tenants("split_part(t.slug, '~', 1)"), "tenant_slug")
        .expr_as(tenants("t.name"), "tenant_name")
        .expr_as(tenants("t.state"), "tenant_state")
        .expr_as(Expr::cust(STEP), "step")
        .expr_as(steps(" AND s.state = 'succeeded'"), "steps_done")
        .expr_as(steps(""), "steps")
        .expr_as(Expr::cust(IS_STUCK), "is_stuck")
        .expr_as(Expr::cust(IS_FAILING), "is_failing")
        .expr_as(Expr::cust(CAN_RETRY), "can_retry")
}

/// An operation with everything that is known of it. One statement: what it tells belongs to one moment.
pub(super) async fn inspect<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<InspectionRow>, DbError> {
    let while_leased = |what: &str| Expr::cust(format!("CASE WHEN operations.leased_until > clock_timestamp() THEN operations.{what} END"));
    let steps = "(SELECT jsonb_agg(to_jsonb(s) ORDER BY s.position) FROM saga_steps s WHERE s.operation_id = operations.id)";
    let select = rows()
        .filter(Column::Id.eq(id))
        .expr_as(Expr::cust("operations.request_id"), "request_id")
        .expr_as(Expr::cust("(operations.error ->> 'since')::timestamptz"), "failing_since")
        .expr_as(while_leased("leased_by"), "leased_by")
        .expr_as(while_leased("leased_until"), "leased_until")
        .expr_as(Expr::cust(steps), "timeline");
    Ok(select.into_model().one(conn).await?)
}

/// One page of operations; `q` is looked for in the tenant's name and slug.
pub(super) async fn page<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<OperationRow>, DbError> {
    let mut select = rows();
    if let Some(text) = &request.q {
        let found = "operations.tenant_id IN (SELECT t.id FROM tenants t WHERE strpos(lower(t.name || ' ' || t.slug), lower($1)) > 0)";
        select = select.filter(Expr::cust_with_values(found, [text.as_str()]));
    }
    list::run_into(conn, select, request).await
}
