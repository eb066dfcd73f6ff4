//! The organization's settings: locale, currency and time zone.
//!
//! Each setting is a row of its own; the version of the whole is the sum of theirs, which only grows.

pub(super) mod routes;
mod service;
mod store;
mod wire;

pub use nexus_infra::postgres::knows_time_zone;
pub(super) use service::locale;
pub use service::{currency, time_zone};
pub(super) use wire::language_tag;
