//! Connections as stores see them: sea-orm's interface, with every call under the watch over the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::Mutex;

use super::page::{FirstRows, PageConn};
use super::session::{Session, Source, in_acquisition};
use super::watch::{Doubt, STATEMENT, Silent, Watch};
use crate::telemetry::traces;

/// A database outside any transaction: each call takes a connection of its own.
#[derive(Debug, Clone)]
pub struct PoolConn {
    pub(super) source: Source,
    pub(super) watch: Watch,
}

impl PoolConn {
    async fn session(&self) -> Result<Session, DbErr> {
        self.source.session().await.map_err(in_acquisition)
    }

    pub(super) async fn hold(&self) -> Result<HeldConn, DbErr> {
        let session = self.watch.call(STATEMENT, self.session()).await?;
        Ok(HeldConn { session: Mutex::new(session), watch: self.watch.clone(), silent: AtomicBool::new(false) })
    }

    pub(super) async fn begin(&self) -> Result<TxConn, DbErr> {
        let mut doubt = Doubt::of(&self.watch);
        let begun = async {
            let mut session = self.session().await?;
            let depth = session.begin().await?;
            Ok(Open::new(Arc::new(Mutex::new(session)), depth))
        };
        match traces::within(traces::statement("BEGIN"), self.watch.call(STATEMENT, begun)).await {
            Ok(open) => Ok(TxConn::new(open, doubt, &self.watch, STATEMENT)),
            Err(error) => doubt.settle(Err(error)),
        }
    }
}

#[async_trait]
impl ConnectionTrait for PoolConn {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, self.watch.call(STATEMENT, async { self.session().await?.execute(statement).await })).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        traces::within(traces::statement(sql), self.watch.call(STATEMENT, async { self.session().await?.execute_unprepared(sql).await })).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, self.watch.call(STATEMENT, async { self.session().await?.query_one(statement).await })).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, self.watch.call(STATEMENT, async { self.session().await?.query_all(statement).await })).await
    }
}

#[async_trait]
impl PageConn for PoolConn {
    async fn query_first(&self, statement: Statement, most: usize) -> Result<FirstRows, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, self.watch.call(STATEMENT, async { self.session().await?.query_first(statement, most).await })).await
    }
}

/// One connection for statements that follow each other: an answer that is made of several takes a connection once. Deliberately no transaction: each
/// statement sees what was committed before it.
///
/// It goes back when it is dropped. Give it back before waiting for anything but the database.
#[derive(Debug)]
pub struct HeldConn {
    session: Mutex<Session>,
    watch: Watch,
    /// A call was given up: nothing more is said on this connection.
    silent: AtomicBool,
}

#[async_trait]
impl ConnectionTrait for HeldConn {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, watched(&self.watch, &self.silent, STATEMENT, async { self.session.lock().await.execute(statement).await })).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        traces::within(
            traces::statement(sql),
            watched(&self.watch, &self.silent, STATEMENT, async { self.session.lock().await.execute_unprepared(sql).await }),
        )
        .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, watched(&self.watch, &self.silent, STATEMENT, async { self.session.lock().await.query_one(statement).await })).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, watched(&self.watch, &self.silent, STATEMENT, async { self.session.lock().await.query_all(statement).await })).await
    }
}

#[async_trait]
impl PageConn for HeldConn {
    async fn query_first(&self, statement: Statement, most: usize) -> Result<FirstRows, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, watched(&self.watch, &self.silent, STATEMENT, async { self.session.lock().await.query_first(statement, most).await }))
            .await
    }
}

/// An open transaction, or a part of one that can be undone by itself ([`TxConn::begin`]).
#[derive(Debug)]
pub struct TxConn {
    /// Goes before the connection does: a transaction that is dropped while it is open may be on a connection that does not answer.
    doubt: Doubt,
    open: Open,
    watch: Watch,
    /// Milliseconds that a statement may take.
    limit: AtomicU64,
    /// A call was given up: nothing more is said on this connection.
    silent: AtomicBool,
}

impl TxConn {
    fn new(open: Open, doubt: Doubt, watch: &Watch, limit: Duration) -> Self {
        Self { doubt, open, watch: watch.clone(), limit: AtomicU64::new(millis(limit)), silent: AtomicBool::new(false) }
    }

    /// Begins a part that can be undone by itself (a savepoint).
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(&self) -> Result<Self, DbErr> {
        let mut doubt = Doubt::of(&self.watch);
        match self.watched(async { self.open.session.lock().await.begin().await }).await {
            Ok(depth) => Ok(Self::new(Open::new(Arc::clone(&self.open.session), depth), doubt, &self.watch, self.limit())),
            Err(error) => doubt.settle(Err(error)),
        }
    }

    /// Ends it, keeping its changes.
    ///
    /// # Errors
    /// The database's. When the server falls silent, it is unknown whether the changes were kept. It is refused, and undone, when its last call failed or a
    /// part of it is still open: the server would end another transaction than this one, and report no error.
    pub async fn commit(self) -> Result<(), DbErr> {
        let Self { mut doubt, mut open, watch, limit, silent } = self;
        if silent.into_inner() {
            drop(doubt);
            return Err(Silent.into());
        }
        let done = traces::within(traces::statement("COMMIT"), watch.call(Duration::from_millis(limit.into_inner()), open.commit())).await;
        doubt.settle(done)
    }

    /// Ends it without its changes. A connection on which a call was given up is left to the pool, which closes it.
    ///
    /// # Errors
    /// The database's.
    pub async fn rollback(self) -> Result<(), DbErr> {
        let Self { mut doubt, mut open, watch, silent, .. } = self;
        if silent.into_inner() {
            drop(doubt);
            return Ok(());
        }
        let done = watch.call(STATEMENT, open.rollback()).await;
        doubt.settle(done)
    }

    pub(super) fn allow(&self, statement: Duration) {
        self.limit.store(millis(statement), Ordering::Relaxed);
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(self.limit.load(Ordering::Relaxed))
    }

    async fn watched<T>(&self, call: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        watched(&self.watch, &self.silent, self.limit(), call).await
    }
}

#[async_trait]
impl ConnectionTrait for TxConn {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, self.watched(async { self.open.session.lock().await.execute(statement).await })).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        traces::within(traces::statement(sql), self.watched(async { self.open.session.lock().await.execute_unprepared(sql).await })).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, self.watched(async { self.open.session.lock().await.query_one(statement).await })).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, self.watched(async { self.open.session.lock().await.query_all(statement).await })).await
    }
}

#[async_trait]
impl PageConn for TxConn {
    async fn query_first(&self, statement: Statement, most: usize) -> Result<FirstRows, DbErr> {
        let span = traces::statement(&statement.sql);
        traces::within(span, self.watched(async { self.open.session.lock().await.query_first(statement, most).await })).await
    }
}

/// A transaction that has been begun. Dropped without an end, it is rolled back.
#[derive(Debug)]
struct Open {
    session: Arc<Mutex<Session>>,
    /// How many are open on the session with this one.
    depth: usize,
    ended: bool,
}

impl Open {
    fn new(session: Arc<Mutex<Session>>, depth: usize) -> Self {
        Self { session, depth, ended: false }
    }

    async fn commit(&mut self) -> Result<(), DbErr> {
        self.session.lock().await.commit(self.depth).await?;
        self.ended = true;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), DbErr> {
        self.session.lock().await.rollback(self.depth).await?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // Nobody else speaks on it now; if somebody did, its session would see that a transaction is open, and close the connection.
        if !self.ended
            && let Ok(mut session) = self.session.try_lock()
        {
            session.start_rollback(self.depth);
        }
    }
}

/// A call on a connection that has been taken, unless one on it was given up before.
async fn watched<T>(watch: &Watch, silent: &AtomicBool, limit: Duration, call: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    if silent.load(Ordering::Relaxed) {
        return Err(Silent.into());
    }
    let mut unanswered = Unanswered(silent, true);
    let outcome = watch.call(limit, call).await;
    unanswered.1 = matches!(&outcome, Err(error) if super::watch::is_silence(error));
    outcome
}

/// Notes on its way out that no answer came, also when the caller is dropped.
struct Unanswered<'a>(&'a AtomicBool, bool);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if self.1 {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
