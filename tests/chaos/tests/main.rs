//! The real program under fault and load: cut off, stopped, killed, crowded, and asked afterwards for every write it acknowledged.
//!
//! Each test is a scenario. It runs short with the other tests, and long (`make chaos`, `NEXUS_CHAOS=long`) with the same code and more rounds; one that has no
//! short form is ignored by the other tests.
//! A scenario must have seen its fault bite: what hit nobody proves nothing. `docs/chaos.md` says what is injected and what is demanded.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test whose ground is missing has failed, with the place")]

mod access;
mod books;
mod control_plane_gone;
mod credentials;
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

use nexus_test_support::black_box::{contract, document, platform, uploads};
