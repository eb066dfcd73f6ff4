//! Postgres: connections, transactions, idempotency, lists and advisory locks.
//!
//! Invariants:
//! - The only home of pool creation; whoever holds a [`Db`] holds the right to one database and no other.
//! - A [`Tx`] carries audit entries and events; they reach their tables in the transaction that caused them or not
//!   at all.
//! - No call waits for a server that has fallen silent (`watch`); its connection is closed, never used again.
//! - A transaction is repeated as a whole after a serialization failure or a deadlock, never in part.
//!
//! Deliberately not here: queries of any slice, and the choice of the database (registry of the tenant runtime).

mod address;
pub mod advisory;
mod conn;
mod connect;
pub mod copy;
mod db;
mod error;
mod flush;
pub mod idempotency;
pub mod list;
mod page;
mod session;
mod time_zones;
pub mod turns;
mod tx;
mod watch;

pub use advisory::PinnedLock;
pub use conn::{HeldConn, PoolConn, TxConn};
pub use connect::ConnectSpec;
pub use db::{Db, WriteError};
pub use error::DbError;
pub use idempotency::{IdempotencyError, IdempotencyKey};
pub use page::{FirstRows, PageConn};
pub use time_zones::knows_time_zone;
pub use tx::Tx;
pub use watch::Silent;
