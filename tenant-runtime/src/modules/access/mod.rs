//! Access: the caller, the organization's people, invitations, roles and API keys, its audit log and its settings.
//!
//! Invariants: what is read and written here is the tenant's own truth (its `users`, `roles`, grants); nothing here decides about access, that is
//! nexus-iam's policy. Nobody gives, takes or touches more than they hold (`reach`). E-mail addresses are shown to those who may see people and never
//! written into audit entries; of the events only the one that asks for an invitation's mail has one.
//!
//! Facade for other slices, below: settings they go by, and which time zones there are.
//!
//! Deliberately not here: log-in and accounts, mails and their links (control plane).

mod api_keys;
mod audit;
mod entity;
mod error;
mod invitations;
mod me;
mod milestones;
mod permission;
mod reach;
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
        invitations::routes::routes(cfg);
        roles::routes::routes(cfg);
        audit::routes::routes(cfg);
        settings::routes::routes(cfg);
        api_keys::routes::routes(cfg);
    })
    .errors(error::CODES)
    .upkeep(|| vec![Box::new(api_keys::ForgetsOldKeys), Box::new(invitations::ForgetsOldInvitations)])
}
