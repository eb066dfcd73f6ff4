//! Operations with their steps: writing a new one, reading how they stand.

use chrono::{DateTime, Utc};
use nexus_core::TenantId;
use nexus_infra::DbError;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::{run, sql};
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

/// A step with its operation.
#[derive(Debug, FromQueryResult)]
struct Row {
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
    step: String,
    step_state: String,
    attempts: i32,
    failures: i32,
    step_error: Option<String>,
    step_started_at: Option<DateTime<Utc>>,
    step_finished_at: Option<DateTime<Utc>>,
}

/// An operation with its steps.
pub(crate) async fn operation(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Operation>, ProvisioningError> {
    Ok(operations(conn, &[id]).await?.pop())
}

/// The operations with these ids and their steps, in one query however many there are.
pub(crate) async fn operations(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Operation>, ProvisioningError> {
    let rows = Row::find_by_statement(sql(
        "SELECT o.id, o.kind, o.tenant_id, o.state, o.direction, o.error, o.created_by_kind, o.created_by, o.due_at, o.created_at, o.updated_at,
                o.finished_at, s.step, s.state AS step_state, s.attempts, s.failures, s.error AS step_error, s.started_at AS step_started_at,
                s.finished_at AS step_finished_at
         FROM operations o JOIN saga_steps s ON s.operation_id = o.id WHERE o.id = ANY($1) ORDER BY o.id, s.position",
        [ids.to_vec().into()],
    ))
    .all(conn)
    .await?;
    let mut operations: Vec<Operation> = Vec::new();
    for mut row in rows {
        let step = row.step()?;
        match operations.last_mut().filter(|operation| operation.id == row.id) {
            Some(operation) => operation.steps.push(step),
            None => operations.push(row.operation(step)?),
        }
    }
    Ok(operations)
}

impl Row {
    fn step(&mut self) -> Result<OperationStep, ProvisioningError> {
        Ok(OperationStep {
            state: StepState::parse(&self.step_state).ok_or(ProvisioningError::Corrupt("step state"))?,
            step: std::mem::take(&mut self.step),
            attempts: self.attempts.max(self.failures),
            error: self.step_error.take(),
            started_at: self.step_started_at,
            finished_at: self.step_finished_at,
        })
    }

    fn operation(self, first: OperationStep) -> Result<Operation, ProvisioningError> {
        Ok(Operation {
            steps: vec![first],
            id: self.id,
            kind: OperationKind::parse(&self.kind).ok_or(ProvisioningError::Corrupt("operation kind"))?,
            tenant_id: TenantId(self.tenant_id),
            state: OperationState::parse(&self.state).ok_or(ProvisioningError::Corrupt("operation state"))?,
            direction: Direction::parse(&self.direction).ok_or(ProvisioningError::Corrupt("direction"))?,
            error: self.error.and_then(|error| serde_json::from_value(error).ok()),
            created_by_kind: self.created_by_kind,
            created_by: self.created_by,
            due_at: self.due_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            finished_at: self.finished_at,
        })
    }
}
