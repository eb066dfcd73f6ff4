//! The lock on a name: who makes, changes or drops a database or role holds it.

use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Row};

use crate::MigrationError;
use crate::sql::literal;

/// First key of the locks on names (second key: hash of the name).
const NAME_LOCK: i32 = 0x6e78_0002;
/// How long a lock is waited for: this one, and those of the statements under it.
const LOCK_TIMEOUT: &str = "20s";
/// While the lock is waited for, so often its holder is looked at.
const LOOK_EVERY: &str = "2s";
const PATIENCE: Duration = Duration::from_secs(20);
/// SQLSTATE of a lock that was not granted in time.
const NOT_GRANTED: &str = "55P03";
/// A session that holds a lock and has said nothing for so long is nobody's any more: whoever holds one sends statement after statement, a few seconds apart at most. Its program is stopped
/// (SIGSTOP, a machine that was frozen), and would keep the name for as long as it is.
const FORSAKEN_AFTER: &str = "15s";

/// A connection that holds the lock on a name. [`NameLock::release`] gives both back; a lock that is dropped otherwise closes
/// its connection, which frees it too.
pub(crate) struct NameLock {
    pub(crate) connection: PoolConnection<Postgres>,
    name: String,
    is_held: bool,
}

impl NameLock {
    pub(crate) async fn take(admin: &PgPool, name: &str) -> Result<Self, MigrationError> {
        // Held from before it is asked for: a future dropped half-way must not hand a connection that has the lock back to the pool.
        let mut lock = Self { connection: admin.acquire().await?, name: literal(name), is_held: true };
        // The administrator's sessions have no limits of their own; this one ends with the lock.
        let at_once = format!("SET lock_timeout = '{LOCK_TIMEOUT}'; SELECT pg_try_advisory_lock({NAME_LOCK}, hashtext({}))", lock.name);
        let granted: Option<PgRow> = sqlx::raw_sql(AssertSqlSafe(at_once)).fetch_optional(&mut *lock.connection).await?;
        if granted.map(|row| row.try_get(0)).transpose()? == Some(true) {
            return Ok(lock);
        }
        let since = Instant::now();
        while !lock.waited(since).await? {}
        Ok(lock)
    }

    /// Waits for a while, having ended the session that holds the lock if that is nobody's any more. Says whether the lock is granted.
    async fn waited(&mut self, since: Instant) -> Result<bool, MigrationError> {
        // Whoever wakes up after that finds its connection closed, and its lease gone.
        let forsaken = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
             WHERE locktype = 'advisory' AND granted AND classid::bigint = {NAME_LOCK} AND objid::bigint = hashtext({})::bigint & 4294967295 AND objsubid = 2
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND state = 'idle' AND state_change < clock_timestamp() - interval '{FORSAKEN_AFTER}'",
            self.name
        );
        sqlx::raw_sql(AssertSqlSafe(forsaken)).execute(&mut *self.connection).await?;
        let wait = format!(
            "SET lock_timeout = '{LOOK_EVERY}'; SELECT pg_advisory_lock({NAME_LOCK}, hashtext({})); SET lock_timeout = '{LOCK_TIMEOUT}'",
            self.name
        );
        match sqlx::raw_sql(AssertSqlSafe(wait)).execute(&mut *self.connection).await {
            Ok(_) => Ok(true),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NOT_GRANTED) && since.elapsed() < PATIENCE => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn release(self) -> Result<(), MigrationError> {
        self.last("").await
    }

    /// Carries these statements out as one transaction and releases the lock, in one call. When they fail, the lock goes with its connection.
    pub(crate) async fn finish(self, statements: &str) -> Result<(), MigrationError> {
        self.last(&format!("BEGIN; {statements}; COMMIT; ")).await
    }

    async fn last(mut self, before: &str) -> Result<(), MigrationError> {
        let statement = format!("{before}SELECT pg_advisory_unlock({NAME_LOCK}, hashtext({})); RESET lock_timeout", self.name);
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *self.connection).await?;
        self.is_held = false;
        Ok(())
    }
}

impl Drop for NameLock {
    fn drop(&mut self) {
        if self.is_held {
            self.connection.close_on_drop();
        }
    }
}
