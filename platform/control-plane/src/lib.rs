//! The control plane: sign-up, log-in, accounts, organizations, tenants, plans, operators.
//!
//! Each area is a folder `routes → service → store`; the rules about people are `nexus-iam`'s, those about plans `nexus-billing`'s, and building tenants is
//! `nexus-provisioning`'s. What must happen together happens in one transaction of the control database; the control plane is where the three meet.
//!
//! Invariants:
//! - Every operation names in its signature who may call it ([`guard`]): a person ([`guard::AccountAuth`], [`guard::MemberAuth`]), an operator with a permission
//!   ([`guard::OperatorAuth`]), the holder of a capability ([`guard::OperationAuth`]), or nobody (sign-up, log-in, plans, keys).
//! - The console's cookies stand for a bearer token, on the host that set them, for pages of that host alone ([`guard`], `nexus_web::console`).
//! - Mails leave from subscribers of the outbox, never from a request.
//! - Nothing here reads a tenant's database, but for its outbox (`events`): what the control plane is told by it, and what an operator looks for in it.
//!
//! Deliberately not here: the tenants' API (the tenant runtime), payment providers, impersonation, platform settings.

mod account;
mod admin_auth;
mod audit;
mod auth;
mod billing;
mod console;
mod context;
mod events;
pub mod guard;
mod invitations;
mod mails;
mod operations;
mod organizations;
mod overview;
mod secrets;
mod sessions;
mod signup;
mod state;
mod tenancy;
mod tenants;
mod well_known;
mod workers;

pub use events::{EventRow, Outboxes, RequeuedRow, Unreached, Visited};
pub use secrets::RewrapReport;
pub use state::{ControlPlane, ControlPlaneDeps, Inner, StartError};
pub use tenants::{EndOfTenancy, NewTenantCommand};
pub use workers::workers;

use nexus_web::Slice;

/// The areas under `/api/v1`, each with the codes of the rules that it asks. The application needs their state: [`ControlPlane::state`].
#[must_use]
pub fn slices() -> Vec<Slice> {
    use nexus_iam::{accounts, operators};
    use nexus_provisioning as provisioning;
    vec![
        Slice::new("signup", signup::routes).codes(signup::CODES).codes(accounts::CODES).codes(nexus_billing::CODES).codes(provisioning::CODES),
        Slice::new("operations", operations::routes).codes(guard::CODES),
        Slice::new("auth", auth::routes).codes(guard::CODES).codes(accounts::CODES),
        Slice::new("console", console::people).codes(guard::CODES).codes(console::CODES).codes(accounts::CODES),
        Slice::new("invitations", invitations::routes).codes(guard::CODES).codes(invitations::CODES).codes(accounts::CODES),
        Slice::new("account", account::routes).codes(guard::CODES).codes(accounts::CODES),
        Slice::new("sessions", sessions::routes).codes(guard::CODES),
        Slice::new("organizations", organizations::routes)
            .codes(guard::CODES)
            .codes(signup::CODES)
            .codes(accounts::CODES)
            .codes(nexus_billing::CODES)
            .codes(provisioning::CODES),
        Slice::new("tenants", tenants::routes).codes(accounts::CODES).codes(nexus_billing::CODES).codes(provisioning::CODES),
        Slice::new("billing", billing::routes).codes(guard::CODES).codes(billing::CODES).codes(accounts::CODES).codes(nexus_billing::CODES),
        Slice::new("admin_auth", admin_auth::routes).codes(operators::CODES),
        Slice::new("admin_console", console::operators).codes(console::CODES).codes(operators::CODES),
        Slice::new("overview", overview::routes),
        Slice::new("audit", audit::routes),
    ]
}

/// The areas at the root of the host (`/.well-known/…`).
#[must_use]
pub fn root_slices() -> Vec<Slice> {
    vec![Slice::new("well_known", well_known::routes)]
}
