//! Handlers of the console's sessions.

mod cookies;
mod operator_sessions;
mod sessions;

pub(crate) use operator_sessions::routes as operators;
pub(crate) use sessions::routes as people;
