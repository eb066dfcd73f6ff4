//! The transaction as services and stores see it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_core::{AuditEntry, Event, Origin, SharedClock};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use super::advisory::{self, LockClass};
use super::flush::Buffered;
use super::{DbError, TxConn};

/// An open transaction, its clock, and who writes in it.
///
/// Audit entries and events are buffered and written in one statement at commit; they vanish with a rollback. No
/// call that leaves the process may be made while a `Tx` is open.
pub struct Tx {
    conn: TxConn,
    clock: SharedClock,
    now: DateTime<Utc>,
    origin: Origin,
    buffered: Mutex<Buffered>,
}

impl Tx {
    pub(super) fn new(conn: TxConn, clock: &SharedClock, origin: &Origin) -> Self {
        Self { conn, clock: Arc::clone(clock), now: clock.now(), origin: origin.clone(), buffered: Mutex::default() }
    }

    /// The connection, for stores.
    #[must_use]
    pub fn conn(&self) -> &TxConn {
        &self.conn
    }

    /// The instant of this transaction: the same for everything written in it.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// A new UUIDv7.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.clock.new_id()
    }

    /// Who writes.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Notes who did what; written at commit.
    pub fn audit(&self, entry: AuditEntry) {
        let id = self.new_id();
        self.with_buffer(|buffered| buffered.audit.push((id, entry)));
    }

    /// Notes an event; written at commit. Lock the aggregate's row first: that is what keeps its events in order.
    pub fn emit(&self, event: Event) {
        self.with_buffer(|buffered| buffered.events.push(event));
    }

    /// [`Self::emit`] with a fresh id.
    pub fn emit_new(&self, kind: &'static str, aggregate_type: &'static str, aggregate_id: Uuid, payload: serde_json::Value) {
        self.emit(Event { id: self.new_id(), kind, aggregate_type, aggregate_id, payload });
    }

    /// Says that background work waits in this database once the transaction is committed (a job, for example).
    pub fn wake(&self) {
        self.with_buffer(|buffered| buffered.wake = true);
    }

    /// Holds an advisory lock until the transaction ends.
    ///
    /// # Errors
    /// When the lock is not granted within `lock_timeout`, or the database fails.
    pub async fn lock(&self, class: LockClass, name: &str) -> Result<(), DbError> {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock($1)", [advisory::key(class, name).into()]);
        self.conn.execute_raw(statement).await?;
        Ok(())
    }

    /// Lets every further statement of this transaction take so long, instead of what the role allows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn allow_statements(&self, limit: Duration) -> Result<(), DbError> {
        self.conn.execute_unprepared(&format!("SET LOCAL statement_timeout = {}", limit.as_millis())).await?;
        // The server is the first to end it.
        self.conn.allow(limit + Duration::from_secs(5));
        Ok(())
    }

    pub(super) fn with_buffer<T>(&self, f: impl FnOnce(&mut Buffered) -> T) -> T {
        f(&mut self.buffered.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) async fn commit(self) -> Result<(), DbError> {
        Ok(self.conn.commit().await?)
    }

    /// A transaction that can't be rolled back is on a broken connection, which ends it just as well.
    pub(super) async fn rollback(self) {
        if let Err(error) = self.conn.rollback().await {
            tracing::debug!(%error, "rollback failed; the connection is dropped");
        }
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("now", &self.now).field("origin", &self.origin).finish_non_exhaustive()
    }
}
