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
pub mod housekeeping;
pub mod operators;
pub mod password;
pub mod sessions;
pub mod signing_keys;
pub mod sources;
pub mod tenant_users;
pub mod throttle;
