//! One connection of a pool, kept for statements that follow each other.
//!
//! Taking a connection and giving it back costs a round trip each time: the pool asks it whether it still answers. An answer that is made of several
//! statements pays that once. Deliberately no transaction: each statement sees what was committed before it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, Postgres};
use tokio::sync::Mutex;

use super::conn::Unanswered;
use super::watch::{STATEMENT, Silent, Watch};

/// A connection that goes back to its pool when it is dropped. Give it back before waiting for anything but the database.
#[derive(Debug)]
pub struct HeldConn {
    connection: Mutex<PoolConnection<Postgres>>,
    watch: Watch,
    /// A call was given up: nothing more is said on this connection.
    silent: AtomicBool,
}

impl HeldConn {
    pub(super) fn new(connection: PoolConnection<Postgres>, watch: Watch) -> Self {
        Self { connection: Mutex::new(connection), watch, silent: AtomicBool::new(false) }
    }

    async fn watched<T>(&self, call: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if self.silent.load(Ordering::Relaxed) {
            return Err(Silent.into());
        }
        let mut unanswered = Unanswered::on(&self.silent);
        let outcome = self.watch.call(STATEMENT, call).await;
        unanswered.settle(&outcome);
        outcome
    }
}

#[async_trait]
impl ConnectionTrait for HeldConn {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let call = async { prepared(statement).execute(&mut **self.connection.lock().await).await.map(ExecResult::from).map_err(in_execution) };
        self.watched(call).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let statement = AssertSqlSafe(sql.to_owned());
        let call = async { self.connection.lock().await.execute(sqlx::raw_sql(statement)).await.map(ExecResult::from).map_err(in_execution) };
        self.watched(call).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let call = async {
            let row = prepared(statement).fetch_optional(&mut **self.connection.lock().await).await.map_err(in_query)?;
            Ok(row.map(QueryResult::from))
        };
        self.watched(call).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let call = async {
            let rows = prepared(statement).fetch_all(&mut **self.connection.lock().await).await.map_err(in_query)?;
            Ok(rows.into_iter().map(QueryResult::from).collect())
        };
        self.watched(call).await
    }
}

/// The text is what sea-orm made of a query, or a constant of a store.
fn prepared(statement: Statement) -> sqlx::query::Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

fn in_query(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

fn in_execution(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}
