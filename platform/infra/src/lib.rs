//! Everything Nexus says to the outside world: Postgres, Redis, object store, mail, secrets, telemetry.
//!
//! Invariants:
//! - Every call that leaves the process has a time-out.
//! - A change, its audit entries, its events and its idempotency result share one transaction ([`postgres::Tx`]).
//! - Redis carries and caches; losing it at any moment loses nothing ([`outbox`]).
//! - Nothing in here logs a secret or personal data.
//!
//! Deliberately not here: business rules, HTTP, and the schema (package `nexus-migration`).

mod backoff;
mod circuit;
pub mod databases;
pub mod directory;
pub mod dirty;
pub mod jobs;
pub mod mail;
pub mod object_store;
pub mod outbox;
pub mod postgres;
pub mod pump;
pub mod redis;
pub mod secrets;
pub mod shutdown;
mod silence;
pub mod snapshot;
pub mod telemetry;
pub mod worker;

pub use backoff::Backoff;
pub use postgres::{ConnectSpec, Db, DbError, IdempotencyError, IdempotencyKey, PageConn, Tx, WriteError, advisory, list};
