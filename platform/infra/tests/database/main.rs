//! The promises of the database layer, on a real Postgres and with a real Redis: idempotency, lists, outbox, jobs.
//!
//! Needs the test stack (`make test`), which says in the environment where its servers are.

#![expect(clippy::unwrap_used, reason = "in a test, a fault is a failure")]

mod connections;
mod consumers;
mod elsewhere;
mod fair_jobs;
mod idempotency;
mod jobs;
mod kept;
mod lists;
mod outbox;
mod stack;
