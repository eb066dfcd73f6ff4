//! The saga log and the tenants' rows in the control database: all queries of this crate on it.
//!
//! Leases run on the database's clock (runners on several machines agree on it); what is due runs on the
//! application's (tests drive it).

mod operations;
mod tenants;

use chrono::{DateTime, Utc};
use nexus_infra::DbError;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::error::ProvisioningError;
use crate::model::{Direction, OperationKind, OperationState, StepState};
use crate::plan::Step;

pub(crate) use operations::{NewOperation, insert_operation, operation, operations};
pub(crate) use tenants::{TenantRow, tenant, tenant_for_update};

pub(crate) fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

/// Runs a statement; answers the number of rows it changed.
pub(crate) async fn run(conn: &impl ConnectionTrait, text: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, DbError> {
    Ok(conn.execute_raw(sql(text, values)).await?.rows_affected())
}

/// A saga that this runner holds.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct Claimed {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) tenant_id: Uuid,
    pub(crate) direction: String,
    pub(crate) input: serde_json::Value,
    pub(crate) request_id: String,
}

impl Claimed {
    pub(crate) fn kind(&self) -> Result<OperationKind, ProvisioningError> {
        OperationKind::parse(&self.kind).ok_or(ProvisioningError::Corrupt("operation kind"))
    }

    pub(crate) fn direction(&self) -> Result<Direction, ProvisioningError> {
        Direction::parse(&self.direction).ok_or(ProvisioningError::Corrupt("direction"))
    }
}

/// Takes the saga that has been due longest and that nobody holds.
pub(crate) async fn claim(conn: &impl ConnectionTrait, runner: Uuid, lease_s: i32, now: DateTime<Utc>) -> Result<Option<Claimed>, DbError> {
    Ok(Claimed::find_by_statement(sql(
        "UPDATE operations SET state = 'running', leased_by = $1, leased_until = clock_timestamp() + make_interval(secs => $2::int),
                started_at = coalesce(started_at, $3)
         WHERE id = (SELECT id FROM operations
                     WHERE state IN ('pending', 'running') AND due_at <= $3 AND (leased_until IS NULL OR leased_until < clock_timestamp())
                     ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, tenant_id, direction, input, request_id",
        [runner.into(), lease_s.into(), now.into()],
    ))
    .one(conn)
    .await?)
}

/// Keeps the saga for another lease. `false`: it is no longer ours.
pub(crate) async fn extend(conn: &impl ConnectionTrait, operation: Uuid, runner: Uuid, lease_s: i32) -> Result<bool, DbError> {
    let text = "UPDATE operations SET leased_until = clock_timestamp() + make_interval(secs => $3::int)
                WHERE id = $1 AND leased_by = $2 AND leased_until > clock_timestamp()";
    Ok(run(conn, text, [operation.into(), runner.into(), lease_s.into()]).await? == 1)
}

/// Gives the saga back, to be taken up again at `due_at`.
pub(crate) async fn release(conn: &impl ConnectionTrait, operation: Uuid, runner: Uuid, due_at: DateTime<Utc>) -> Result<(), DbError> {
    let text = "UPDATE operations SET leased_by = NULL, leased_until = NULL, due_at = $3 WHERE id = $1 AND leased_by = $2";
    run(conn, text, [operation.into(), runner.into(), due_at.into()]).await.map(drop)
}

/// Turns the saga round: to take back what it did, or, when it turns out to be past that, to go on.
pub(crate) async fn turn(conn: &impl ConnectionTrait, operation: Uuid, runner: Uuid, direction: Direction) -> Result<bool, DbError> {
    let text = "UPDATE operations SET direction = $3 WHERE id = $1 AND leased_by = $2";
    Ok(run(conn, text, [operation.into(), runner.into(), direction.as_str().into()]).await? == 1)
}

/// Records what holds the saga up, and answers since when that step has been failing. `None`: the saga is no longer ours.
pub(crate) async fn note_error(
    conn: &impl ConnectionTrait,
    operation: Uuid,
    runner: Uuid,
    error: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbError> {
    #[derive(FromQueryResult)]
    struct Row {
        since: DateTime<Utc>,
    }
    let row = Row::find_by_statement(sql(
        "UPDATE operations SET error = $3::jsonb || jsonb_build_object('since',
             CASE WHEN error ->> 'step' = $3::jsonb ->> 'step' THEN coalesce(error -> 'since', to_jsonb($4::timestamptz))
                  ELSE to_jsonb($4::timestamptz) END)
         WHERE id = $1 AND leased_by = $2 RETURNING (error ->> 'since')::timestamptz AS since",
        [operation.into(), runner.into(), error.into(), now.into()],
    ))
    .one(conn)
    .await?;
    Ok(row.map(|row| row.since))
}

/// Ends the saga. What held up one that succeeded is history.
pub(crate) async fn finish(
    conn: &impl ConnectionTrait,
    operation: Uuid,
    runner: Uuid,
    state: OperationState,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let text = "UPDATE operations SET state = $3, finished_at = $4, leased_by = NULL, leased_until = NULL,
                    error = CASE WHEN $3 = 'succeeded' THEN NULL ELSE error END
                WHERE id = $1 AND leased_by = $2";
    Ok(run(conn, text, [operation.into(), runner.into(), state.as_str().into(), now.into()]).await? == 1)
}

/// The lease as a condition inside a transaction: holds the rows until commit. `false`: the saga is no longer ours.
/// Everybody locks the tenant before its operation, here as where operations are accepted.
pub(crate) async fn fence(conn: &impl ConnectionTrait, operation: Uuid, runner: Uuid) -> Result<bool, DbError> {
    let row = conn
        .query_one_raw(sql(
            "WITH tenant AS MATERIALIZED (SELECT 1 FROM tenants WHERE id = (SELECT tenant_id FROM operations WHERE id = $1) FOR NO KEY UPDATE)
             SELECT 1 FROM operations o WHERE o.id = $1 AND o.leased_by = $2 AND o.leased_until > clock_timestamp()
                                          AND (SELECT count(*) FROM tenant) >= 0 FOR NO KEY UPDATE OF o",
            [operation.into(), runner.into()],
        ))
        .await?;
    Ok(row.is_some())
}

#[derive(Debug, FromQueryResult)]
struct StepRow {
    step: String,
    state: String,
}

/// The log of a saga, in order.
pub(crate) async fn log(conn: &impl ConnectionTrait, operation: Uuid) -> Result<Vec<(Step, StepState)>, ProvisioningError> {
    StepRow::find_by_statement(sql("SELECT step, state FROM saga_steps WHERE operation_id = $1 ORDER BY position", [operation.into()]))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| Step::parse(&row.step).zip(StepState::parse(&row.state)).ok_or(ProvisioningError::Corrupt("step")))
        .collect()
}

/// How often a step was begun and how often it failed.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub(crate) struct Tries {
    pub(crate) attempts: i32,
    pub(crate) failures: i32,
    pub(crate) undo_failures: i32,
}

/// What happened to a step, beside its being begun or done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mark<'a> {
    Failed(Failure<'a>),
    GivenUp(DateTime<Utc>),
    Undone(DateTime<Utc>),
    UndoFailed(Failure<'a>),
}

/// Why a step failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failure<'a> {
    /// For whoever waits.
    pub(crate) error: &'a str,
    /// For operators.
    pub(crate) cause: Option<&'a str>,
}

/// Writes what happened to a step, but only while the saga is ours. `None`: it is not.
pub(crate) async fn mark(conn: &impl ConnectionTrait, operation: Uuid, runner: Uuid, step: Step, mark: Mark<'_>) -> Result<Option<Tries>, DbError> {
    let why = |failure: Failure<'_>| vec![Value::from(failure.error), failure.cause.map(str::to_owned).into()];
    let (set, mut values) = match mark {
        Mark::Failed(failure) => ("failures = failures + 1, error = $4, cause = $5", why(failure)),
        Mark::GivenUp(now) => ("state = 'failed', finished_at = $4", vec![now.into()]),
        Mark::Undone(now) => ("state = 'undone', finished_at = $4", vec![now.into()]),
        Mark::UndoFailed(failure) => ("undo_failures = undo_failures + 1, error = $4, cause = $5", why(failure)),
    };
    values.splice(0..0, [operation.into(), step.name().into(), runner.into()]);
    let text = format!(
        "UPDATE saga_steps SET {set} WHERE operation_id = $1 AND step = $2
         AND EXISTS (SELECT FROM operations WHERE id = $1 AND leased_by = $3 AND leased_until > clock_timestamp())
         RETURNING attempts, failures, undo_failures"
    );
    Ok(Tries::find_by_statement(sql(&text, values)).one(conn).await?)
}

/// Writes that a step was done, that the next one is begun, or both at once; but only while the saga is ours. Answers the tries of the last of them; `None`: it is
/// not ours.
///
/// The commit does not wait for the disk. What a crash of the database server takes with it is repeated by its runner, and whatever is written after it (the
/// activation, a failure, the saga's end) is on the disk only with it.
pub(crate) async fn go_on(
    conn: &impl ConnectionTrait,
    operation: Uuid,
    runner: Uuid,
    done: Option<Step>,
    begun: Option<Step>,
    now: DateTime<Utc>,
) -> Result<Option<Tries>, DbError> {
    let name = |step: Option<Step>| step.map(|step| step.name().to_owned());
    let last = begun.or(done);
    Ok(Tries::find_by_statement(sql(
        "WITH marked AS (
             UPDATE saga_steps SET state = CASE WHEN step = $3 THEN 'succeeded' ELSE 'running' END,
                    error = CASE WHEN step = $3 THEN NULL ELSE error END, cause = CASE WHEN step = $3 THEN NULL ELSE cause END,
                    finished_at = CASE WHEN step = $3 THEN $5::timestamptz ELSE finished_at END,
                    attempts = attempts + CASE WHEN step = $4 THEN 1 ELSE 0 END,
                    started_at = coalesce(started_at, $5::timestamptz)
             WHERE operation_id = $1 AND step IN ($3, $4)
             AND EXISTS (SELECT FROM operations WHERE id = $1 AND leased_by = $2 AND leased_until > clock_timestamp())
             RETURNING step, attempts, failures, undo_failures)
         SELECT attempts, failures, undo_failures, set_config('synchronous_commit', 'off', true) AS unhurried FROM marked WHERE step = $6",
        [operation.into(), runner.into(), name(done).into(), name(begun).into(), now.into(), name(last).into()],
    ))
    .one(conn)
    .await?)
}
