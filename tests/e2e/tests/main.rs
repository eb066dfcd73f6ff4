//! The real program, from outside: sign-up to stock, isolation derived from the OpenAPI document, faults.
//!
//! Every test starts its own `nexus` on its own control database (`platform::Platform`) and ends it by process id. What the program
//! answers is compared with its OpenAPI document on the way (`contract::Contract`), whatever a test is about.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test whose ground is missing has failed, with the place")]

mod bad_files;
mod bad_requests;
mod contention;
mod contract;
mod document;
mod fixtures;
mod isolation;
mod operators;
mod platform;
mod provisioning_faults;
mod real_data;
mod roles;
mod server_faults;
mod sessions;
mod sign_up;
mod uploads;
