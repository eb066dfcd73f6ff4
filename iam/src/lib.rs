//! Identity and access: people, credentials, sessions, tokens, permissions.
//!
//! Invariants:
//! - Accounts (global, control database), tenant users (tenant database) and operators (other tables, other token audience) are three realms; no function takes
//!   one for another.
//! - Nothing secret is stored readable: passwords as argon2id, private keys sealed, refresh and verification tokens derived by HMAC and never kept.
//! - Time, ids and randomness come through the context.
//!
//! Deliberately not here: HTTP (the routes are in the control plane and in the tenant runtime's slice `access`), mails, and tenants.

pub mod api_keys;
pub mod permissions;
pub mod policy;
pub mod tokens;

pub mod accounts;
pub mod derived;
pub mod heard;
pub mod housekeeping;
pub mod operators;
pub mod password;
pub mod picture;
pub mod sessions;
pub mod signing_keys;
pub mod sources;
pub mod tenant_users;
pub mod throttle;

/// Says what the metrics of this package mean. Once per process, after the recorder is there.
pub fn describe_metrics() {
    metrics::describe_counter!("nexus_logins_total", "Tries to log in, by outcome");
    metrics::describe_counter!("nexus_sessions_ended_total", "Sessions ended before their time, by reason");
    metrics::describe_counter!("nexus_password_checks_refused_total", "Checks of a password that were refused because too many waited");
    metrics::describe_counter!("nexus_attempts_throttled_total", "Tries to log in that were refused or slowed because too many were wrong");
}
