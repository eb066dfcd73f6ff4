//! The outboxes of both planes, for the operators' command line: what is not delivered yet, and another round for what was given up.
//!
//! The one place of the control plane that looks into tenants' databases: as each tenant's own role, at its outbox and nothing else, when an operator asks.

mod service;
mod store;

pub use service::{EventRow, Outboxes, RequeuedRow, Unreached, Visited};
