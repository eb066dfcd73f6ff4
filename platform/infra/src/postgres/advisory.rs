//! Advisory locks: who may do a thing, agreed on through the database.
//!
//! Invariants:
//! - A key is the hash of a class and a name, so that classes never collide by chance of numbering.
//! - A session lock lives on a connection of its own ([`PinnedLock`]). When its holder is dropped without
//!   [`PinnedLock::release`], the connection is closed, never pooled: a forgotten lock ends with its session.

use aws_lc_rs::digest::{SHA256, digest};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};

use super::watch::{STATEMENT, Silent};
use super::{Db, DbError};

/// What a lock is about. The text is part of the hash: never change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockClass(&'static str);

impl LockClass {
    /// A class of locks of one's own.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }
}

/// One request per idempotency key at a time.
pub const IDEMPOTENCY: LockClass = LockClass("idempotency");
/// One relay per database.
pub const RELAY: LockClass = LockClass("relay");
/// One reconciler at a time.
pub const RECONCILER: LockClass = LockClass("reconciler");
/// One count of the warm pool's entries at a time.
pub const WARM_POOL: LockClass = LockClass("warm_pool");
/// One rotation of signing keys at a time.
pub const SIGNING_KEYS: LockClass = LockClass("signing_keys");
/// Countable limits (users, products): one counter at a time.
pub const QUOTA: LockClass = LockClass("quota");

/// The lock's number. Two names share one with a probability of 2⁻⁶⁴, and then merely wait for each other.
#[must_use]
pub fn key(class: LockClass, name: &str) -> i64 {
    let mut text = Vec::with_capacity(class.0.len() + 1 + name.len());
    text.extend_from_slice(class.0.as_bytes());
    text.push(0);
    text.extend_from_slice(name.as_bytes());
    let mut head = [0_u8; 8];
    head.copy_from_slice(&digest(&SHA256, &text).as_ref()[..8]);
    i64::from_be_bytes(head)
}

/// A session advisory lock and the connection that holds it.
#[derive(Debug)]
pub struct PinnedLock {
    connection: Option<PoolConnection<Postgres>>,
    key: i64,
}

impl PinnedLock {
    /// Takes the lock if nobody holds it.
    ///
    /// # Errors
    /// When no connection can be had or the database fails.
    pub async fn try_acquire(db: &Db, class: LockClass, name: &str) -> Result<Option<Self>, DbError> {
        let mut lock = Self { connection: Some(db.pool().acquire().await?), key: key(class, name) };
        let asking = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(lock.key).fetch_one(lock.connection()?);
        let granted: bool = db.bounded(STATEMENT, asking).await?;
        if granted {
            return Ok(Some(lock));
        }
        // Nothing is held: the connection may go back as it is.
        drop(lock.connection.take());
        Ok(None)
    }

    /// The pinned connection, for statements that belong to the lock's holder.
    ///
    /// # Errors
    /// Never in practice: the connection is there until [`Self::release`].
    pub fn connection(&mut self) -> Result<&mut PgConnection, DbError> {
        self.connection.as_deref_mut().ok_or_else(|| DbError::other("the pinned connection is gone"))
    }

    /// Gives the lock back and the connection to its pool.
    ///
    /// # Errors
    /// When the database fails; the connection is closed then, which frees the lock too.
    pub async fn release(mut self) -> Result<(), DbError> {
        let key = self.key;
        let unlocking = sqlx::query("SELECT pg_advisory_unlock($1)").bind(key).execute(self.connection()?);
        tokio::time::timeout(STATEMENT, unlocking).await.map_err(|_| DbError::from(Silent))??;
        drop(self.connection.take());
        Ok(())
    }
}

impl Drop for PinnedLock {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            connection.close_on_drop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_class_and_name_and_are_stable() {
        assert_eq!(key(RELAY, "tenant"), key(RELAY, "tenant"));
        assert_ne!(key(RELAY, "tenant"), key(QUOTA, "tenant"));
        assert_ne!(key(RELAY, "a"), key(RELAY, "b"));
        assert_ne!(key(LockClass::new("ab"), "c"), key(LockClass::new("a"), "bc"));
    }
}
