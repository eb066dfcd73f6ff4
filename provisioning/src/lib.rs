//! Building and taking down tenants: a durable saga per tenant, and a reconciler that repairs what crashes left.
//!
//! ```text
//! reserve → database → role_and_grants → bucket → seed → directory → activate → welcome      (provision)
//! fence → drop_database → drop_role → remove_bucket → forget                                 (delete)
//! ```
//!
//! Invariants:
//! - The intent is in the control database before anything exists outside: whatever carries our prefix and is unknown
//!   there is an orphan.
//! - A step may be repeated, run twice at once, or be killed: it looks at the catalogue of the database and at the
//!   object store, never at what it remembers. Each step up to `activate` has an undo of the same kind.
//! - Two runners never work on one saga (leases in the row, checked by every write of the engine; who can't confirm his
//!   lease stops). A saga that has to wait frees its slot, and one server never takes all slots: none blocks another.
//! - What has once been active is never dropped by an undo or by the reconciler; only the deletion saga erases. Its
//!   database says so itself, and is looked at under its lock before a DROP.
//! - What the warm pool prepared is a sign-up's from the start; the steps that made it are noted as done, and `seed` makes anew
//!   what of it has vanished.
//! - Steps may be helped: what is made beside another step, or ahead of the sign-up's commit, its own step finds there. Nothing but the time depends on it, and
//!   the undo of whoever may have begun it removes it too.
//! - After `activate` there is no way back: what follows is repeated until it works.
//!
//! Deliberately not here: HTTP, plans, subscriptions and sessions (the control plane passes entitlements in, and what
//! ends with a tenant), mails (a subscriber of `tenancy.tenant.activated.v1`), fleet migrations.

mod cause;
mod engine;
mod entering;
mod error;
pub mod failpoint;
mod inspection;
mod lifecycle;
mod model;
mod notice;
mod outside;
mod plan;
mod provisioner;
mod reach;
mod reconciler;
mod retry;
mod rewrap;
mod runner;
mod servers;
mod steps;
mod store;
pub mod template;
mod tenancy_end;
mod visit;
mod warm_pool;

pub use error::{CODES, OPERATION_IN_PROGRESS, ProvisioningError, SLUG_TAKEN, TENANT_STATE_CONFLICT};
pub use inspection::{IS_FAILING, IS_STUCK, NextAction, STUCK_AFTER, next_action};
pub use lifecycle::Erase;
pub use model::{Direction, NewTenant, Operation, OperationError, OperationKind, OperationState, OperationStep, StepState};
pub use notice::operation_channel;
pub use provisioner::{Provisioner, ProvisionerSpec};
pub use reconciler::{Orphan, OrphanKind, ReconcileReport, Reconciler};
pub use runner::Runner;
pub use tenancy_end::{InTx, TenancyEnd};
pub use warm_pool::{Begun, PoolEntry, WarmPool};
