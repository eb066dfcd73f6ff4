//! Operations with their steps: writing a new one, reading how they stand.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use nexus_core::TenantId;
use nexus_infra::DbError;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::{run, sql, step_rows};
use crate::error::ProvisioningError;
use crate::model::{Direction, Operation, OperationKind, OperationState, OperationStep, StepState};
use crate::plan::Step;

/// An operation to be.
pub(crate) struct NewOperation<'a> {
    pub(crate) id: Uuid,
    pub(crate) kind: OperationKind,
    pub(crate) tenant_id: TenantId,
    pub(crate) input: serde_json::Value,
    pub(crate) origin: &'a nexus_core::Origin,
    pub(crate) due_at: DateTime<Utc>,
    pub(crate) now: DateTime<Utc>,
    /// The last of the steps that are done from the start; none without.
    pub(crate) done_to: Option<Step>,
}

/// Writes an operation with its steps; at most one open operation per tenant.
pub(crate) async fn insert_operation(conn: &impl ConnectionTrait, new: NewOperation<'_>) -> Result<(), DbError> {
    let steps = Step::of(new.kind);
    let names: Vec<String> = steps.iter().map(|step| step.name().to_owned()).collect();
    let done = new.done_to.and_then(|last| steps.iter().position(|step| *step == last)).map_or(0, |position| position + 1);
    run(
        conn,
        "WITH operation AS (
             INSERT INTO operations (id, kind, tenant_id, input, created_by_kind, created_by, request_id, due_at, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id)
         INSERT INTO saga_steps (operation_id, step, position, state, attempts, started_at, finished_at)
         SELECT operation.id, s.name, s.position::int, CASE WHEN s.position <= $11 THEN 'succeeded' ELSE 'pending' END,
                CASE WHEN s.position <= $11 THEN 1 ELSE 0 END,
                CASE WHEN s.position <= $11 THEN $9::timestamptz END, CASE WHEN s.position <= $11 THEN $9::timestamptz END
         FROM operation, unnest($10::text[]) WITH ORDINALITY AS s (name, position)",
        [
            new.id.into(),
            new.kind.as_str().into(),
            new.tenant_id.0.into(),
            new.input.into(),
            new.origin.actor.kind.as_str().into(),
            new.origin.actor.id.into(),
            new.origin.request_id.clone().into(),
            new.due_at.into(),
            new.now.into(),
            names.into(),
            i64::try_from(done).unwrap_or_default().into(),
        ],
    )
    .await
    .map(drop)
}

#[derive(Debug, FromQueryResult)]
struct OperationRow {
    id: Uuid,
    kind: String,
    tenant_id: Uuid,
    state: String,
    direction: String,
    error: Option<serde_json::Value>,
    created_by_kind: String,
    created_by: Option<Uuid>,
    due_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// An operation with its steps.
pub(crate) async fn operation(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Operation>, ProvisioningError> {
    Ok(operations(conn, &[id]).await?.pop())
}

/// The operations with these ids and their steps, in two queries however many there are.
pub(crate) async fn operations(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Operation>, ProvisioningError> {
    let rows = OperationRow::find_by_statement(sql(
        "SELECT id, kind, tenant_id, state, direction, error, created_by_kind, created_by, due_at, created_at, updated_at, finished_at
         FROM operations WHERE id = ANY($1)",
        [ids.to_vec().into()],
    ))
    .all(conn)
    .await?;
    let mut steps: HashMap<Uuid, Vec<OperationStep>> = HashMap::new();
    let found = if rows.is_empty() { Vec::new() } else { step_rows(conn, ids).await? };
    for row in found {
        steps.entry(row.operation_id).or_default().push(OperationStep {
            state: StepState::parse(&row.state).ok_or(ProvisioningError::Corrupt("step state"))?,
            step: row.step,
            attempts: row.attempts.max(row.failures),
            error: row.error,
            started_at: row.started_at,
            finished_at: row.finished_at,
        });
    }
    rows.into_iter()
        .map(|row| {
            Ok(Operation {
                steps: steps.remove(&row.id).unwrap_or_default(),
                id: row.id,
                kind: OperationKind::parse(&row.kind).ok_or(ProvisioningError::Corrupt("operation kind"))?,
                tenant_id: TenantId(row.tenant_id),
                state: OperationState::parse(&row.state).ok_or(ProvisioningError::Corrupt("operation state"))?,
                direction: Direction::parse(&row.direction).ok_or(ProvisioningError::Corrupt("direction"))?,
                error: row.error.and_then(|error| serde_json::from_value(error).ok()),
                created_by_kind: row.created_by_kind,
                created_by: row.created_by,
                due_at: row.due_at,
                created_at: row.created_at,
                updated_at: row.updated_at,
                finished_at: row.finished_at,
            })
        })
        .collect()
}
