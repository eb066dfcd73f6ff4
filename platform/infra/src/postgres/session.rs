//! Connections as they are taken for a call, or for several: from a pool, or the one that is kept.
//!
//! Giving a connection back to its pool costs a round trip: the pool asks it whether it still answers. Whoever leases a database for itself ([`Db::connect_kept`])
//! uses one connection again and again; it stays out of the pool for as long as it is in order: every call on it was answered, the last one without an error,
//! and no transaction is open. Anything else goes back to the pool, which asks, or closes it.
//!
//! [`Db::connect_kept`]: super::Db::connect_kept

use std::sync::Arc;

use futures::{Stream, TryStreamExt};
use sea_orm::{ConnAcquireErr, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, Database, Executor, PgConnection, PgPool, Postgres, Row};
use sqlx_core::transaction::TransactionManager;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use super::connect::{MAX_LIFETIME, PING_AFTER};
use super::page::FirstRows;
use super::watch::Watch;

type Transactions = <Postgres as Database>::TransactionManager;
type Pooled = PoolConnection<Postgres>;

/// Gives out connections. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pool: PgPool,
    kept: Option<Arc<Mutex<Option<Kept>>>>,
}

/// A connection that is in order, between two calls.
#[derive(Debug)]
struct Kept {
    connection: Pooled,
    taken_at: Instant,
    rests_since: Instant,
}

impl Source {
    /// Each call takes a connection of its own.
    pub(super) fn pool(pool: PgPool) -> Self {
        Self { pool, kept: None }
    }

    /// All calls use one connection, one after the other.
    pub(super) fn kept(pool: PgPool) -> Self {
        Self { pool, kept: Some(Arc::default()) }
    }

    /// The pool beneath. One whose connection is kept has none to give.
    pub(super) fn beneath(&self) -> &PgPool {
        &self.pool
    }

    pub(super) fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// Open connections, and how many of them rest.
    pub(super) fn connections(&self) -> (u32, usize) {
        let rests = self.kept.as_ref().and_then(|kept| kept.try_lock().ok()).is_some_and(|kept| kept.is_some());
        (self.pool.size(), self.pool.num_idle() + usize::from(rests))
    }

    pub(super) async fn session(&self) -> Result<Session, sqlx::Error> {
        let Some(kept) = &self.kept else { return Ok(Session::on(self.pool.acquire().await?, Instant::now(), None)) };
        let mut home = match Arc::clone(kept).try_lock_owned() {
            Ok(home) => home,
            Err(_) => {
                let patience = self.pool.options().get_acquire_timeout();
                tokio::time::timeout(patience, Arc::clone(kept).lock_owned()).await.map_err(|_| sqlx::Error::PoolTimedOut)?
            }
        };
        if let Some(Kept { mut connection, taken_at, rests_since }) = home.take() {
            if rests_since.elapsed() < PING_AFTER || Watch::answers(&mut connection).await.is_ok() {
                return Ok(Session::on(connection, taken_at, Some(home)));
            }
            connection.close_on_drop();
        }
        Ok(Session::on(self.pool.acquire().await?, Instant::now(), Some(home)))
    }

    /// Waits for calls under way, then closes every connection. Later calls fail.
    pub(super) async fn close(&self) {
        let closing = self.pool.close();
        if let Some(kept) = &self.kept {
            drop(kept.lock().await.take());
        }
        closing.await;
    }
}

/// A connection for one caller, until it is dropped.
#[derive(Debug)]
pub(super) struct Session {
    /// `None` only while it is dropped.
    connection: Option<Pooled>,
    /// Where it is kept, if it is.
    home: Option<OwnedMutexGuard<Option<Kept>>>,
    taken_at: Instant,
    /// Calls that were begun and had no answer.
    unanswered: usize,
    failed: bool,
}

impl Session {
    fn on(connection: Pooled, taken_at: Instant, home: Option<OwnedMutexGuard<Option<Kept>>>) -> Self {
        Self { connection: Some(connection), home, taken_at, unanswered: 0, failed: false }
    }

    /// For a call that must be [`heard`](Self::heard).
    fn asked(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        let connection = self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
        self.unanswered += 1;
        Ok(connection)
    }

    fn heard<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        self.unanswered -= 1;
        self.failed = outcome.is_err();
        outcome
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let outcome = prepared(statement).execute(self.asked().map_err(in_execution)?).await;
        self.heard(outcome).map(ExecResult::from).map_err(in_execution)
    }

    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let outcome = self.asked().map_err(in_execution)?.execute(sql).await;
        self.heard(outcome).map(ExecResult::from).map_err(in_execution)
    }

    pub(super) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let outcome = prepared(statement).fetch_optional(self.asked().map_err(in_query)?).await;
        Ok(self.heard(outcome).map_err(in_query)?.map(QueryResult::from))
    }

    pub(super) async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let outcome = prepared(statement).fetch_all(self.asked().map_err(in_query)?).await;
        Ok(self.heard(outcome).map_err(in_query)?.into_iter().map(QueryResult::from).collect())
    }

    pub(super) async fn query_first(&mut self, statement: Statement, most: usize) -> Result<FirstRows, DbErr> {
        let rows = prepared(statement).fetch(self.asked().map_err(in_query)?);
        let outcome = first_rows(rows, most).await;
        self.heard(outcome).map_err(in_query)
    }

    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        let outcome = self.asked()?.ping().await;
        self.heard(outcome)
    }

    /// How many transactions are open: one, and its parts.
    fn depth(&self) -> usize {
        self.connection.as_deref().map_or(0, Transactions::get_transaction_depth)
    }

    /// Begins a transaction, or a part of one that can be undone by itself. Answers how many are open with it.
    pub(super) async fn begin(&mut self) -> Result<usize, DbErr> {
        let outcome = Transactions::begin(self.asked().map_err(in_query)?, None).await;
        self.heard(outcome).map_err(in_query)?;
        Ok(self.depth())
    }

    /// Commits the last of `depth`. Refused where the server would report a commit that is none: it answers the COMMIT of a transaction in which something
    /// failed with a rollback, and with a part still open only that would be released.
    pub(super) async fn commit(&mut self, depth: usize) -> Result<(), DbErr> {
        if self.depth() != depth {
            return Err(DbErr::Custom(format!("a transaction is committed while {} are open instead of {depth}", self.depth())));
        }
        if self.failed {
            return Err(DbErr::Custom("a transaction is committed in which the last statement failed".to_owned()));
        }
        let outcome = Transactions::commit(self.asked().map_err(in_query)?).await;
        self.heard(outcome).map_err(in_query)
    }

    /// Undoes the last of `depth`, with its parts that are still open.
    pub(super) async fn rollback(&mut self, depth: usize) -> Result<(), DbErr> {
        while self.depth() >= depth.max(1) {
            let outcome = Transactions::rollback(self.asked().map_err(in_query)?).await;
            self.heard(outcome).map_err(in_query)?;
        }
        Ok(())
    }

    /// Has the rollback precede whatever the connection is asked next.
    pub(super) fn start_rollback(&mut self, depth: usize) {
        while self.depth() >= depth.max(1)
            && let Ok(connection) = self.asked()
        {
            Transactions::start_rollback(connection);
            // What failed is undone by then.
            self.failed = false;
        }
    }

    /// Whether the next caller may have it without asking. What is old goes back to the pool, which closes it.
    fn is_in_order(&self) -> bool {
        self.unanswered == 0 && !self.failed && self.taken_at.elapsed() < MAX_LIFETIME
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if Transactions::get_transaction_depth(&connection) > 0 {
            // Nobody began to end it.
            connection.close_on_drop();
        } else if self.is_in_order()
            && let Some(home) = &mut self.home
        {
            **home = Some(Kept { connection, taken_at: self.taken_at, rests_since: Instant::now() });
        }
    }
}

/// The text is what sea-orm made of a query, or a constant of a store.
fn prepared(statement: Statement) -> sqlx::query::Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// What follows the kept rows is read to its end and forgotten: the connection is needed again.
async fn first_rows(mut rows: impl Stream<Item = Result<PgRow, sqlx::Error>> + Unpin, most: usize) -> Result<FirstRows, sqlx::Error> {
    let mut first = FirstRows { rows: Vec::new(), is_cut: false };
    let mut weight = 0;
    while let Some(row) = rows.try_next().await? {
        weight += weight_of(&row);
        first.is_cut = first.is_cut || (weight > most && !first.rows.is_empty());
        if !first.is_cut {
            first.rows.push(row.into());
        }
    }
    Ok(first)
}

/// Bytes of a row's values, as they came.
fn weight_of(row: &PgRow) -> usize {
    let bytes = |place| row.try_get_raw(place).ok().and_then(|value| value.as_bytes().ok()).map_or(0, <[u8]>::len);
    (0..row.len()).map(bytes).sum()
}

fn in_query(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

fn in_execution(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

/// Why no connection could be had.
pub(super) fn in_acquisition(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))),
    }
}
