//! The outboxes of both planes, for the operators' command line: what is not delivered yet, and another round for what was given up. And the way into tenants'
//! outboxes for those who hear their events here.
//!
//! The one place of the control plane that looks into tenants' databases: as each tenant's own role, at its outbox and nothing else.

mod outboxes;
mod service;
mod store;

pub(crate) use outboxes::TenantOutboxes;
pub use service::{EventRow, Outboxes, RequeuedRow, Unreached, Visited};
