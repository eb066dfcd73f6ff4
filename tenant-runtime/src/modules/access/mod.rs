//! Access: the caller, the organization's people, roles and API keys, its audit log and its settings.
//!
//! Invariants: what is read here is the tenant's own truth (its `users`, `roles`, grants); nothing here decides about access, that is
//! nexus-iam's policy. E-mail addresses are shown to those who may see people and never written into audit entries or events.
//!
//! Deliberately not here: inviting and changing people and roles, log-in and accounts (control plane).

mod api_keys;
mod audit;
mod entity;
mod error;
mod me;
mod permission;
mod roles;
mod settings;
mod users;

#[cfg(test)]
mod tests;

use nexus_infra::postgres::idempotency::SECRET_NOT_REPLAYABLE;

use crate::module::Module;

/// The kinds of events of the slice.
const EVENTS: &[&str] = &[settings::EVENT, api_keys::EVENTS[0], api_keys::EVENTS[1]];

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
    .errors(&[SECRET_NOT_REPLAYABLE])
    .events(EVENTS)
    .upkeep(|| vec![Box::new(api_keys::ForgetsOldKeys)])
}
