//! One database: its pool, and the only ways to open a transaction on it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nexus_core::{Idempotent, Origin, Problem, SharedClock};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{Connection, PgConnection, PgPool};

use super::flush::{Stored, flush};
use super::idempotency::{self, Claim, IdempotencyError, IdempotencyKey};
use super::session::Source;
use super::watch::Silent;
use super::{ConnectSpec, DbError, HeldConn, PoolConn, Tx};
use crate::Backoff;
use crate::telemetry::traces;

/// Tries of one transaction, the first included.
const ATTEMPTS: u32 = 5;
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(10), Duration::from_millis(250));
/// A cancelled or stuck statement must not hold up a shutdown longer.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// Lets [`Db::write`] see whether a service's error is a database fault that a repetition can cure.
pub trait WriteError {
    /// The database error inside, if that is what it is.
    fn db_error(&self) -> Option<&DbError>;
}

impl WriteError for DbError {
    fn db_error(&self) -> Option<&DbError> {
        Some(self)
    }
}

impl WriteError for Problem {
    fn db_error(&self) -> Option<&DbError> {
        self.source.as_deref().and_then(|source| source.downcast_ref())
    }
}

type Wake = Arc<dyn Fn() + Send + Sync>;

/// A pool on one database. Cheap to clone; clones share the pool.
#[derive(Clone)]
pub struct Db {
    conn: PoolConn,
    wake: Option<Wake>,
}

impl Db {
    /// Opens the pool and one connection, to learn at once whether the database can be entered.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it can't.
    pub async fn connect(spec: &ConnectSpec) -> Result<Self, DbError> {
        Self::proven(Self::lazy(spec), spec).await
    }

    /// Opens one connection that all calls use, one after the other: for who leases the database for itself. Taking it costs nothing, as a connection of a
    /// pool does. Its [`pool`](Self::pool) has none to give.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the database can't be entered.
    pub async fn connect_kept(spec: &ConnectSpec) -> Result<Self, DbError> {
        let watch = spec.watch();
        let pool = spec.clone().max_connections(1).pool_options(watch.clone()).connect_lazy_with(spec.connect_options());
        Self::proven(Self { conn: PoolConn { source: Source::kept(pool), watch }, wake: None }, spec).await
    }

    async fn proven(db: Self, spec: &ConnectSpec) -> Result<Self, DbError> {
        match db.ping(spec.acquire_timeout.max(Duration::from_secs(1))).await {
            Ok(()) => Ok(db),
            Err(error) => {
                db.close().await;
                Err(error)
            }
        }
    }

    /// The pool without a connection; the first use opens one.
    #[must_use]
    pub fn lazy(spec: &ConnectSpec) -> Self {
        let watch = spec.watch();
        let pool = spec.pool_options(watch.clone()).connect_lazy_with(spec.connect_options());
        Self { conn: PoolConn { source: Source::pool(pool), watch }, wake: None }
    }

    /// A connection outside any pool, for what must not run in one (`CREATE DATABASE`, sessions that change role).
    ///
    /// # Errors
    /// When it can't be opened within the spec's acquire time-out.
    pub async fn single(spec: &ConnectSpec) -> Result<PgConnection, DbError> {
        let options = spec.connect_options();
        let opening = PgConnection::connect_with(&options);
        tokio::time::timeout(spec.acquire_timeout, opening)
            .await
            .map_err(|_| DbError::PoolTimeout)?
            .map_err(|error| DbError::Unavailable(Box::new(error)))
    }

    /// Calls `wake` after every commit that leaves work for the relay or the job runner: see
    /// [`DirtyTenants::hook`](crate::dirty::DirtyTenants::hook). It must not block.
    #[must_use]
    pub fn with_wake(mut self, wake: impl Fn() + Send + Sync + 'static) -> Self {
        self.wake = Some(Arc::new(wake));
        self
    }

    /// The connection for reads outside a transaction.
    #[must_use]
    pub fn conn(&self) -> &PoolConn {
        &self.conn
    }

    /// One connection for statements outside a transaction that follow each other.
    ///
    /// # Errors
    /// When none can be had in time.
    pub async fn hold(&self) -> Result<HeldConn, DbError> {
        Ok(self.conn.hold().await?)
    }

    /// The pool beneath, for what needs sqlx itself: work in the background, which leases several connections.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        debug_assert!(!self.conn.source.keeps(), "a request's lease has no pool: use conn(), hold() or a transaction");
        self.conn.source.beneath()
    }

    /// The outcome of a call on [`Self::pool`], unless the server falls silent or the call takes longer than `limit`.
    ///
    /// # Errors
    /// The call's; [`DbError::Unavailable`] when it is given up.
    pub async fn bounded<T, E: From<Silent>>(&self, limit: Duration, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        self.conn.watch.call(limit, call).await
    }

    /// Open connections, and how many of them rest.
    #[must_use]
    pub fn connections(&self) -> (u32, usize) {
        self.conn.source.connections()
    }

    /// Whether the database answers within `timeout`. A pool whose connections are all in use has none left to ask with: then it counts whether the server
    /// opens its door.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self, timeout: Duration) -> Result<(), DbError> {
        let source = &self.conn.source;
        let (open, resting) = source.connections();
        if resting == 0 && open >= source.beneath().options().get_max_connections() && self.conn.watch.opens().await {
            return Ok(());
        }
        let asking = async { source.session().await?.ping().await };
        Ok(self.bounded(timeout, asking).await?)
    }

    /// Waits for statements under way (at most 10 s), then closes every connection. Later calls fail.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSE_WITHIN, self.close_all()).await.is_err() {
            tracing::warn!("a pool did not close in time; its connections are abandoned");
        }
    }

    /// [`Self::close`], however long it takes: until the last connection is gone.
    pub async fn close_all(&self) {
        self.conn.source.close().await;
    }

    /// Runs `f` in a transaction (READ COMMITTED) and commits it with its audit entries and events. After a
    /// serialization failure or deadlock the whole of it is repeated, up to five times: `f` must have no effect
    /// outside the transaction. `name` appears in metrics and logs: the action of the audit log (`products.update`); what leaves no entry
    /// there is named like one, and what a job writes by the job's kind.
    ///
    /// # Errors
    /// What `f` fails with, or the database's error. When the connection breaks during COMMIT, it is unknown
    /// whether the change was made; callers with an idempotency key find out by trying again.
    pub async fn write<T, E, F>(&self, name: &'static str, clock: &SharedClock, origin: &Origin, f: F) -> Result<T, E>
    where
        F: AsyncFn(&Tx) -> Result<T, E>,
        E: From<DbError> + WriteError,
    {
        repeat(
            name,
            |error: &E| retryable(error, false),
            async || {
                let tx = self.begin(clock, origin).await?;
                match f(&tx).await {
                    Ok(value) => self.finish(tx, None).await.map(|()| value).map_err(E::from),
                    Err(error) => {
                        tx.rollback().await;
                        Err(error)
                    }
                }
            },
        )
        .await
    }

    /// [`Self::write`] under an idempotency key: the first result is stored with the effect and replayed to later
    /// tries. Without a key it is a plain write. Keep secrets out of `T`: answer a replay of one with
    /// [`IdempotencyError::SecretNotReplayable`].
    ///
    /// # Errors
    /// [`IdempotencyError`] when the key is in use or belongs to another request; otherwise like [`Self::write`].
    pub async fn write_once<T, E, F>(
        &self,
        name: &'static str,
        clock: &SharedClock,
        origin: &Origin,
        key: Option<&IdempotencyKey>,
        f: F,
    ) -> Result<Idempotent<T>, E>
    where
        F: AsyncFn(&Tx) -> Result<T, E>,
        T: Serialize + DeserializeOwned,
        E: From<DbError> + From<IdempotencyError> + WriteError,
    {
        let Some(key) = key else {
            return self.write(name, clock, origin, f).await.map(Idempotent::fresh);
        };
        repeat(
            name,
            |error: &E| retryable(error, true),
            async || {
                let tx = self.begin(clock, origin).await?;
                match once(&tx, key, &f).await {
                    Ok(Outcome::Fresh { value, response }) => {
                        self.finish(tx, Some(Stored { key, response })).await?;
                        Ok(Idempotent::fresh(value))
                    }
                    Ok(Outcome::Replay(value)) => {
                        tx.rollback().await;
                        Ok(Idempotent { value, replayed: true })
                    }
                    Err(error) => {
                        tx.rollback().await;
                        Err(error)
                    }
                }
            },
        )
        .await
    }

    /// Runs `f` on one unchanging view of the database (REPEATABLE READ, READ ONLY): for answers that need several
    /// queries to agree.
    ///
    /// # Errors
    /// What `f` fails with, or the database's error; also when `f` tried to audit or emit.
    pub async fn read_snapshot<T, E, F>(&self, name: &'static str, clock: &SharedClock, origin: &Origin, f: F) -> Result<T, E>
    where
        F: AsyncFn(&Tx) -> Result<T, E>,
        E: From<DbError> + WriteError,
    {
        repeat(
            name,
            |error: &E| retryable(error, false),
            async || {
                let tx = self.begin(clock, origin).await?;
                tx.conn().execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await.map_err(DbError::from)?;
                let done = f(&tx).await;
                let silent = tx.with_buffer(|buffered| buffered.audit.is_empty() && !buffered.wakes());
                tx.rollback().await;
                if silent { done } else { Err(DbError::other(format!("`{name}` writes in a read-only transaction")).into()) }
            },
        )
        .await
    }

    async fn begin(&self, clock: &SharedClock, origin: &Origin) -> Result<Tx, DbError> {
        Ok(Tx::new(self.conn.begin().await?, clock, origin))
    }

    async fn finish(&self, tx: Tx, stored: Option<Stored<'_>>) -> Result<(), DbError> {
        let buffered = tx.with_buffer(std::mem::take);
        if let Err(error) = flush(tx.conn(), tx.origin(), tx.now(), &buffered, stored).await {
            tx.rollback().await;
            return Err(error);
        }
        tx.commit().await?;
        if let Some(wake) = self.wake.as_ref().filter(|_| buffered.wakes()) {
            wake();
        }
        Ok(())
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("connections", &self.connections()).finish_non_exhaustive()
    }
}

enum Outcome<T> {
    Fresh { value: T, response: serde_json::Value },
    Replay(T),
}

async fn once<T, E, F>(tx: &Tx, key: &IdempotencyKey, f: &F) -> Result<Outcome<T>, E>
where
    F: AsyncFn(&Tx) -> Result<T, E>,
    T: Serialize + DeserializeOwned,
    E: From<DbError> + From<IdempotencyError>,
{
    match idempotency::claim(tx.conn(), key).await? {
        Claim::InFlight => Err(IdempotencyError::InFlight.into()),
        Claim::Done { fingerprint, response } => Ok(Outcome::Replay(idempotency::replay(key, &fingerprint, response)??)),
        Claim::Fresh => {
            let value = f(tx).await?;
            let response = serde_json::to_value(&value).map_err(DbError::other)?;
            Ok(Outcome::Fresh { value, response })
        }
    }
}

/// `keyed`: a try that did not see the other's result finds it the next time.
fn retryable(error: &impl WriteError, keyed: bool) -> bool {
    error.db_error().is_some_and(|error| error.is_retryable() || (keyed && error.violates(idempotency::PRIMARY_KEY)))
}

async fn repeat<T, E>(name: &'static str, again: impl Fn(&E) -> bool, attempt: impl AsyncFn() -> Result<T, E>) -> Result<T, E> {
    let started = Instant::now();
    let mut number = 1;
    let span = traces::transaction(name);
    let done = loop {
        match traces::within(span.clone(), attempt()).await {
            Err(error) if number < ATTEMPTS && again(&error) => {
                metrics::counter!("nexus_db_transaction_retries_total", "name" => name).increment(1);
                tracing::debug!(name, number, "transaction is repeated");
                tokio::time::sleep(BACKOFF.jittered(number)).await;
                number += 1;
            }
            done => break done,
        }
    };
    let outcome = if done.is_ok() { "ok" } else { "error" };
    metrics::histogram!("nexus_db_transaction_seconds", "name" => name, "outcome" => outcome).record(started.elapsed());
    done
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn tries(error: fn() -> DbError, keyed: bool) -> u32 {
        let count = Cell::new(0);
        let done: Result<(), DbError> = repeat(
            "test",
            |error| retryable(error, keyed),
            async || {
                count.set(count.get() + 1);
                Err(error())
            },
        )
        .await;
        assert!(done.is_err());
        count.get()
    }

    #[tokio::test]
    async fn only_what_a_repetition_can_cure_is_repeated() {
        assert_eq!(tries(|| DbError::Serialization, false).await, ATTEMPTS);
        assert_eq!(tries(|| DbError::Deadlock, false).await, ATTEMPTS);
        assert_eq!(tries(|| DbError::PoolTimeout, false).await, 1);
        let stored_meanwhile = || DbError::UniqueViolation { constraint: idempotency::PRIMARY_KEY.into() };
        assert_eq!(tries(stored_meanwhile, false).await, 1);
        assert_eq!(tries(stored_meanwhile, true).await, ATTEMPTS);
    }

    #[test]
    fn a_problem_remembers_its_database_error() {
        assert!(retryable(&Problem::internal(DbError::Deadlock), false));
        assert!(!retryable(&Problem::not_found("product"), false));
    }
}
