//! The control plane: sign-up, log-in, accounts, organizations, tenants, plans, operators.
//!
//! Each area is a folder `routes → service → store`; the rules about people are `nexus-iam`'s, those about plans `nexus-billing`'s, and building tenants is
//! `nexus-provisioning`'s. What must happen together happens in one transaction of the control database; the control plane is where the three meet.
//!
//! Invariants:
//! - Every operation names in its signature who may call it ([`guard`]): a person ([`guard::AccountAuth`], [`guard::MemberAuth`]), an operator with a permission
//!   ([`guard::OperatorAuth`]), the holder of a capability ([`guard::OperationAuth`]), or nobody (sign-up, log-in, plans, keys).
//! - Mails leave from subscribers of the outbox, never from a request.
//! - Nothing here reads a tenant's database, but for its outbox when an operator looks for what is not delivered (`events`).
//!
//! Deliberately not here: the tenants' API (the tenant runtime), payment providers, impersonation, platform settings.

mod account;
mod admin_auth;
mod auth;
mod billing;
mod context;
mod events;
pub mod guard;
mod mails;
mod operations;
mod organizations;
mod secrets;
mod signup;
mod state;
mod tenants;
mod well_known;
mod workers;

pub use events::{EventRow, Outboxes, RequeuedRow, Unreached, Visited};
pub use secrets::RewrapReport;
pub use state::{ControlPlane, ControlPlaneDeps, Inner, StartError};
pub use tenants::{EndOfTenancy, NewTenantCommand};
pub use workers::workers;

use nexus_core::ErrorCode;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts the routes below `/api/v1`. The application needs `web::Data<ControlPlane>`: [`ControlPlane::data`].
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    signup::routes(cfg);
    operations::routes(cfg);
    auth::routes(cfg);
    account::routes(cfg);
    organizations::routes(cfg);
    tenants::routes(cfg);
    billing::routes(cfg);
    admin_auth::routes(cfg);
}

/// Mounts the routes at the root of the host (`/.well-known/…`).
pub fn root_routes(cfg: &mut ServiceConfig<'_>) {
    well_known::routes(cfg);
}

/// The error codes of the control plane's operations, for the catalogue.
pub fn codes() -> Vec<ErrorCode> {
    [
        nexus_iam::accounts::CODES,
        nexus_iam::operators::CODES,
        nexus_billing::CODES,
        nexus_provisioning::CODES,
        guard::CODES,
        signup::CODES,
        billing::CODES,
    ]
    .concat()
}
