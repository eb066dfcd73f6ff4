//! The queries on the table `jobs`.
//!
//! Leases go by the database's clock, which all runners share; schedules go by the context's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value as SqlValue};
use serde_json::Value;
use uuid::Uuid;

use super::{Job, NewJob};
use crate::postgres::{Db, DbError, Tx, advisory};

const ENQUEUE: &str = "\
INSERT INTO jobs (id, kind, state, payload, progress_done, attempts, max_attempts, run_at, dedupe_key, created_by_kind, created_by, request_id, created_at, version)
VALUES ($1, $2, 'queued', $3, 0, 0, $4, $5, $6, $7, $8, $9, $10, 1)
ON CONFLICT (kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state IN ('queued', 'running') DO NOTHING
RETURNING *";

const UNFINISHED: &str = "SELECT * FROM jobs WHERE kind = $1 AND dedupe_key = $2 AND state IN ('queued', 'running')";

/// Fails what died with its last try, then takes the job that has waited longest. What stands under this worker's own name nobody works on: its visits to a
/// database follow each other, and one that lost the database on the way could not write down how the job ended.
const CLAIM: &str = "\
WITH buried AS (
    UPDATE jobs SET state = 'failed', error = coalesce(error, 'The job did not finish in any of its tries.'), finished_at = $3, leased_until = NULL, version = version + 1
    WHERE kind = ANY ($1) AND state = 'running' AND leased_until < clock_timestamp() AND attempts >= max_attempts
), picked AS (
    SELECT id FROM jobs
    WHERE kind = ANY ($1) AND attempts < max_attempts
      AND ((state = 'queued' AND run_at <= $3) OR (state = 'running' AND (leased_until < clock_timestamp() OR worker = $2)))
    ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE jobs j
SET state = 'running', attempts = j.attempts + 1, worker = $2, leased_until = clock_timestamp() + $4 * interval '1 millisecond',
    started_at = coalesce(j.started_at, $3), version = j.version + 1
FROM picked WHERE j.id = picked.id
RETURNING j.*";

const NEXT: &str = "\
SELECT least(
    (SELECT min(run_at) FROM jobs WHERE kind = ANY ($1) AND state = 'queued'),
    (SELECT min(leased_until) FROM jobs WHERE kind = ANY ($1) AND state = 'running')) AS at";

const HELD: &str = "id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'";

fn statement<const N: usize>(sql: impl Into<String>, values: [SqlValue; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

async fn one(conn: &impl ConnectionTrait, statement: Statement) -> Result<Option<Job>, DbError> {
    let row = conn.query_one_raw(statement).await?;
    Ok(row.map(|row| Job::from_query_result(&row, "")).transpose()?)
}

/// Enqueues a job in the caller's transaction; it may start once that is committed. When an unfinished job of the
/// same kind and dedupe key exists, that one is returned.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &Tx, new: NewJob) -> Result<Job, DbError> {
    tx.wake();
    let origin = tx.origin();
    // Between a conflict and the look at what conflicts, the other may have finished: then there is room again.
    for _ in 0..3 {
        let insert = statement(
            ENQUEUE,
            [
                new.id.unwrap_or_else(|| tx.new_id()).into(),
                new.kind.into(),
                new.payload.clone().into(),
                new.max_attempts.into(),
                new.run_at.unwrap_or_else(|| tx.now()).into(),
                new.dedupe_key.clone().into(),
                origin.actor.kind.as_str().into(),
                origin.actor.id.into(),
                origin.request_id.as_str().into(),
                tx.now().into(),
            ],
        );
        if let Some(job) = one(tx.conn(), insert).await? {
            return Ok(job);
        }
        let existing = statement(UNFINISHED, [new.kind.into(), new.dedupe_key.clone().into()]);
        if let Some(job) = one(tx.conn(), existing).await? {
            return Ok(job);
        }
    }
    Err(DbError::Serialization)
}

/// How many jobs of a kind wait or run, as the caller's transaction sees it. Others who ask wait until it has ended: so a bound on them holds.
///
/// # Errors
/// When the database fails.
pub async fn unfinished(tx: &Tx, kind: &str) -> Result<u64, DbError> {
    tx.lock(advisory::QUOTA, kind).await?;
    let sql = "SELECT count(*) AS count FROM jobs WHERE kind = $1 AND state IN ('queued', 'running')";
    let row = tx.conn().query_one_raw(statement(sql, [kind.into()])).await?.ok_or(DbError::NotFound)?;
    Ok(row.try_get::<i64>("", "count")?.unsigned_abs())
}

/// The job, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &impl ConnectionTrait, id: Uuid) -> Result<Option<Job>, DbError> {
    one(conn, statement("SELECT * FROM jobs WHERE id = $1", [id.into()])).await
}

/// Calls a job off, unless it has ended; a running handler is stopped at its next heartbeat. `None` when there is no
/// such unfinished job.
///
/// # Errors
/// When the database fails.
pub async fn cancel(tx: &Tx, id: Uuid) -> Result<Option<Job>, DbError> {
    let sql = "UPDATE jobs SET state = 'cancelled', finished_at = $2, leased_until = NULL, version = version + 1 WHERE id = $1 AND state IN ('queued', 'running') RETURNING *";
    one(tx.conn(), statement(sql, [id.into(), tx.now().into()])).await
}

/// Gives a failed or cancelled job another round of tries. `None` when there is no such job.
///
/// # Errors
/// When the database fails; a unique violation of `jobs_dedupe` when another job took its place.
pub async fn requeue(tx: &Tx, id: Uuid) -> Result<Option<Job>, DbError> {
    tx.wake();
    let sql = "UPDATE jobs SET state = 'queued', attempts = 0, error = NULL, run_at = $2, finished_at = NULL, version = version + 1 WHERE id = $1 AND state IN ('failed', 'cancelled') RETURNING *";
    one(tx.conn(), statement(sql, [id.into(), tx.now().into()])).await
}

pub(super) async fn claim(db: &Db, kinds: &[String], worker: &str, now: DateTime<Utc>, lease: Duration) -> Result<Option<Job>, DbError> {
    one(db.conn(), statement(CLAIM, [kinds.to_vec().into(), worker.into(), now.into(), millis(lease).into()])).await
}

/// When the next job is due.
pub(super) async fn next_due(db: &Db, kinds: &[String]) -> Result<Option<DateTime<Utc>>, DbError> {
    let row = db.conn().query_one_raw(statement(NEXT, [kinds.to_vec().into()])).await?.ok_or(DbError::NotFound)?;
    Ok(row.try_get("", "at")?)
}

/// Who holds a job: the claim, not only the process.
#[derive(Debug, Clone)]
pub(super) struct Hold {
    pub(super) id: Uuid,
    pub(super) worker: String,
    pub(super) attempt: i32,
}

impl Hold {
    async fn update<const N: usize>(&self, db: &Db, set: &str, more: [SqlValue; N]) -> Result<bool, DbError> {
        let mut values: Vec<SqlValue> = vec![self.id.into(), self.worker.as_str().into(), self.attempt.into()];
        values.extend(more);
        let sql = format!("UPDATE jobs SET {set} WHERE {HELD}");
        let done = db.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Renews the lease. `false`: the job is somebody else's, or cancelled.
    pub(super) async fn renew(&self, db: &Db, lease: Duration) -> Result<bool, DbError> {
        self.update(db, "leased_until = clock_timestamp() + $4 * interval '1 millisecond'", [millis(lease).into()]).await
    }

    pub(super) async fn progress(&self, db: &Db, done: i64, total: Option<i64>) -> Result<bool, DbError> {
        self.update(db, "progress_done = $4, progress_total = $5, version = version + 1", [done.into(), total.into()]).await
    }

    pub(super) async fn succeed(&self, db: &Db, now: DateTime<Utc>, result: &Value) -> Result<bool, DbError> {
        let set = "state = 'succeeded', result = $4, error = NULL, finished_at = $5, leased_until = NULL, version = version + 1";
        self.update(db, set, [result.clone().into(), now.into()]).await
    }

    pub(super) async fn fail(&self, db: &Db, now: DateTime<Utc>, reason: &str) -> Result<bool, DbError> {
        let set = "state = 'failed', error = $4, finished_at = $5, leased_until = NULL, version = version + 1";
        self.update(db, set, [reason.into(), now.into()]).await
    }

    pub(super) async fn retry(&self, db: &Db, at: DateTime<Utc>, reason: &str) -> Result<bool, DbError> {
        let set = "state = 'queued', error = $4, run_at = $5, leased_until = NULL, worker = NULL, version = version + 1";
        self.update(db, set, [reason.into(), at.into()]).await
    }

    /// Gives the job back as if it had not been taken.
    pub(super) async fn release(&self, db: &Db) -> Result<bool, DbError> {
        self.update(db, "state = 'queued', attempts = attempts - 1, leased_until = NULL, worker = NULL, version = version + 1", []).await
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
