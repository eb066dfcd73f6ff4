//! The sagas against real Postgres, Redis and S3: every step failed, repeated and undone; nothing leaks.
//!
//! `nexus test-stack -- cargo nextest run --workspace --features nexus/failpoints`

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod ahead;
mod bench;
mod deletion;
mod faults;
mod leases;
mod reconciler;
mod servers;
mod sign_up;
mod warm_pool;
mod warm_pool_faults;
