//! The words every crate of Nexus shares: ids, time, money, quantities, errors, events and lists.
//!
//! Invariant: no I/O happens here, and nothing here knows Postgres, Redis or HTTP. Time and ids come
//! through [`Clock`], so that tests drive them.

pub mod clock;
pub mod email;
pub mod entitlements;
pub mod error;
pub mod event;
pub mod ids;
pub mod invisible;
pub mod language;
pub mod list;
pub mod money;
pub mod network;
pub mod origin;
#[cfg(test)]
mod properties;
pub mod quantity;
pub mod slug;
pub mod tenant_state;

pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use email::Email;
pub use entitlements::Entitlements;
pub use error::{ErrorCode, Faults, FieldFault, Problem};
pub use event::{AuditEntry, Event, EventEnvelope, Idempotent};
pub use ids::{AccountId, TenantId};
pub use list::{ListRequest, ListSpec, Listing};
pub use money::{Currency, Money};
pub use origin::{Actor, ActorKind, Origin};
pub use quantity::Quantity;
pub use slug::Slug;
pub use tenant_state::TenantState;
