//! Sign-up: a person founds an organization. Also how a person who is logged in opens another one, and how an operator opens one for somebody.
//!
//! One transaction writes account (if new), tenant (`pending`), membership, subscription, operation, audit entries and events; then the provisioner is nudged and
//! builds what the operation says. The answer carries a capability with which the sign-up's progress can be watched without logging in.
//!
//! - Hashing a new person's password takes half as long as building. Once nothing but a lost race can refuse the sign-up, and the hash need not wait for its turn,
//!   building is begun beside it ([`begin_ahead`](nexus_provisioning::Provisioner::begin_ahead)); nothing of it is anybody's before the transaction takes it.
//! - `/signup` is scoped by its idempotency key alone: nobody is logged in yet.
//! - Who may found is decided in one place ([`admit`]), for a sign-up and for whoever is logged in.
//! - A taken slug answers 409 `SLUG_TAKEN` whoever comes second, also when twenty come at once: the database's constraint decides.
//! - A taken address is no obstacle for its owner: with the account's password the organization becomes theirs.

mod admission;
mod error;
mod routes;
mod service;
mod wire;

pub(crate) use admission::{admit, check_open};
pub(crate) use error::{CODES, SignupError};
pub(crate) use routes::{accepted, routes};
pub(crate) use service::{Founded, NewOrganization, found};
pub(crate) use wire::FoundedOut;
