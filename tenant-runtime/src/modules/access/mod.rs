//! Access: the caller, the organization's people, roles and API keys, its audit log and its settings.
//!
//! Invariants: what is read here is the tenant's own truth (its `users`, `roles`, grants); nothing here decides about access, that is
//! nexus-iam's policy. E-mail addresses are shown to those who may see people and never written into audit entries or events.
//!
//! Facade for other slices, below: settings they go by, and which time zones there are.
//!
//! Deliberately not here: inviting and changing people and roles, log-in and accounts (control plane).

mod api_keys;
mod audit;
mod entity;
mod error;
mod me;
mod milestones;
mod permission;
mod roles;
mod settings;
mod users;

#[cfg(test)]
mod tests;

pub use milestones::{second_user_at, settings_chosen_at};
pub use settings::{currency, knows_time_zone, time_zone};

use crate::module::Module;

/// The slice.
#[must_use]
pub fn module() -> Module {
    Module::new("access", |cfg| {
        me::routes::routes(cfg);
        users::routes::routes(cfg);
        roles::routes::routes(cfg);
        audit::routes::routes(cfg);
        settings::routes::routes(cfg);
        api_keys::routes::routes(cfg);
    })
    .errors(error::CODES)
    .upkeep(|| vec![Box::new(api_keys::ForgetsOldKeys)])
}
