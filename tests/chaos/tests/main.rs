//! The real program under fault and load: cut off, stopped, killed, crowded, and asked afterwards for every write it acknowledged.
//!
//! Each test is a scenario. It runs short with the other tests, and long (`make chaos`, `NEXUS_CHAOS=long`) with the same code and more rounds.
//! A scenario must have seen its fault bite: what hit nobody proves nothing. `docs/chaos.md` says what is injected and what is demanded.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test whose ground is missing has failed, with the place")]

// What every answer is compared with, and the first steps on a platform, are the end-to-end tests'.
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
#[path = "../../e2e/tests/contract.rs"]
mod contract;
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
#[path = "../../e2e/tests/document.rs"]
mod document;
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
#[path = "../../e2e/tests/platform.rs"]
mod platform;
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
#[path = "../../e2e/tests/uploads.rs"]
mod uploads;

mod books;
mod control_plane_gone;
mod crowd;
mod dependencies;
mod disk_full;
mod ground;
mod idempotency;
mod kill_matrix;
mod load;
mod neighbour;
mod outage;
mod overload;
mod report;
mod self_check;
mod stop;
mod strangers;
mod workers;
