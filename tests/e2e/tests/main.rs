//! The real program, from outside: sign-up to stock, isolation derived from the OpenAPI document, faults.
//!
//! Every test starts its own `nexus` on its own control database (`platform::Platform`) and ends it by process id. What the program
//! answers is compared with its OpenAPI document on the way (`contract::Contract`), whatever a test is about.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test whose ground is missing has failed, with the place")]

mod accepted;
mod api_keys;
mod audit;
mod bad_files;
mod bad_requests;
mod command_line;
mod console_sessions;
mod contention;
mod control_plane;
mod examples;
mod fixtures;
mod flood;
mod foreign_ids;
mod founding;
mod guessing;
mod heard_later;
mod imports_gate;
mod imports_killed;
mod imports_large;
mod imports_limits;
mod invitation_links;
mod invitations;
mod isolation;
mod keys;
mod limits;
mod load;
mod nonsense;
mod operator_roles;
mod operator_views;
mod operators;
mod own_account;
mod passwords;
mod people;
mod permissions;
mod platform_dev;
mod platform_start;
mod provisioning_faults;
mod rates;
mod real_data;
mod revalidation;
mod roles;
mod server_faults;
mod sessions;
mod shutdown;
mod sign_up;
mod static_stability;
mod token_reach;
mod traces;
mod trials;
mod verification;
mod warm_pool;
mod watching;

use nexus_test_support::black_box::{contract, document, platform, uploads};
