//! Log-in of people: `/auth/*`. The rules are `nexus_iam::accounts` and `nexus_iam::sessions`.
//!
//! None of these takes an idempotency key: they hand out secrets, which are never stored.

mod routes;
mod wire;

pub(crate) use routes::{refreshed, routes};
pub(crate) use wire::{NewPasswordIn, PasswordIn, TokenIn, TokensOut, email, slug};
