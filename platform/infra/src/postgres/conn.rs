//! Connections as stores see them: sea-orm's, with every call under the watch over the server.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement, TransactionTrait};

use super::watch::{Doubt, STATEMENT, Silent, Watch};

/// A pool: each call takes a connection of its own.
#[derive(Debug, Clone)]
pub struct PoolConn {
    pub(super) inner: DatabaseConnection,
    pub(super) watch: Watch,
}

#[async_trait]
impl ConnectionTrait for PoolConn {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.watch.call(STATEMENT, self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watch.call(STATEMENT, self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.watch.call(STATEMENT, self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.watch.call(STATEMENT, self.inner.query_all_raw(statement)).await
    }
}

impl PoolConn {
    pub(super) async fn begin(&self) -> Result<TxConn, DbErr> {
        let doubt = Doubt::of(&self.watch);
        let inner = self.watch.call(STATEMENT, self.inner.begin()).await;
        TxConn::new(inner, doubt, &self.watch, STATEMENT)
    }
}

/// An open transaction, or a part of one that can be undone by itself ([`TxConn::begin`]).
#[derive(Debug)]
pub struct TxConn {
    /// Goes before the connection does: a transaction that is dropped while it is open may be on a connection that does not answer.
    doubt: Doubt,
    inner: DatabaseTransaction,
    watch: Watch,
    /// Milliseconds that a statement may take.
    limit: AtomicU64,
    /// A call was given up: nothing more is said on this connection.
    silent: AtomicBool,
}

impl TxConn {
    fn new(begun: Result<DatabaseTransaction, DbErr>, mut doubt: Doubt, watch: &Watch, limit: Duration) -> Result<Self, DbErr> {
        match begun {
            Ok(inner) => {
                let limit = AtomicU64::new(millis(limit));
                Ok(Self { doubt, inner, watch: watch.clone(), limit, silent: AtomicBool::new(false) })
            }
            Err(error) => doubt.settle(Err(error)),
        }
    }

    /// Begins a part that can be undone by itself (a savepoint).
    ///
    /// # Errors
    /// The database's.
    pub async fn begin(&self) -> Result<Self, DbErr> {
        let doubt = Doubt::of(&self.watch);
        let begun = self.watched(self.inner.begin()).await;
        Self::new(begun, doubt, &self.watch, self.limit())
    }

    /// Ends it, keeping its changes.
    ///
    /// # Errors
    /// The database's. When the server falls silent, it is unknown whether the changes were kept.
    pub async fn commit(self) -> Result<(), DbErr> {
        let Self { mut doubt, inner, watch, limit, silent, .. } = self;
        if silent.into_inner() {
            drop(doubt);
            return Err(Silent.into());
        }
        let done = watch.call(Duration::from_millis(limit.into_inner()), inner.commit()).await;
        doubt.settle(done)
    }

    /// Ends it without its changes. A connection on which a call was given up is left to the pool, which closes it.
    ///
    /// # Errors
    /// The database's.
    pub async fn rollback(self) -> Result<(), DbErr> {
        let Self { mut doubt, inner, watch, silent, .. } = self;
        if silent.into_inner() {
            drop(doubt);
            return Ok(());
        }
        let done = watch.call(STATEMENT, inner.rollback()).await;
        doubt.settle(done)
    }

    pub(super) fn allow(&self, statement: Duration) {
        self.limit.store(millis(statement), Ordering::Relaxed);
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(self.limit.load(Ordering::Relaxed))
    }

    async fn watched<T>(&self, call: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if self.silent.load(Ordering::Relaxed) {
            return Err(Silent.into());
        }
        let mut unanswered = Unanswered::on(&self.silent);
        let outcome = self.watch.call(self.limit(), call).await;
        unanswered.settle(&outcome);
        outcome
    }
}

/// Notes on its way out that no answer came, also when the caller is dropped.
pub(super) struct Unanswered<'a>(&'a AtomicBool, bool);

impl<'a> Unanswered<'a> {
    pub(super) fn on(silent: &'a AtomicBool) -> Self {
        Self(silent, true)
    }

    pub(super) fn settle<T>(&mut self, outcome: &Result<T, DbErr>) {
        self.1 = matches!(outcome, Err(error) if super::watch::is_silence(error));
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if self.1 {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[async_trait]
impl ConnectionTrait for TxConn {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.watched(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watched(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.watched(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.watched(self.inner.query_all_raw(statement)).await
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
