//! Invitations to organizations, as the control plane has to do with them: their mails, and following the link. `/auth/invitations/*`.
//!
//! Who is invited, by whom and to what is the tenant's business; its events tell the control plane, which keeps an index ([`store`]), mails the links and opens a
//! session for whoever follows one. What that person then becomes is decided in the tenant again: the access token carries the invitation, and the tenant's own
//! `POST /invitations/accept` looks at it.
//!
//! Invariants:
//! - A link proves the address that it was mailed to, and no other. It is derived from an id that is drawn for one address and one mail, and never stored.
//! - Only the link of an invitation's last mail is good, until it is accepted, revoked or expired.
//! - Whoever accepts is the account of that very address: known by its password or by its own token, or made now.
//! - An event's tenant is the one whose database it was read in; what its payload says is checked as what a stranger says.
//! - Nobody comes to belong to an organization by its word alone: the account has accepted its invitation here, or founded it.

mod error;
mod heard;
mod routes;
mod service;
mod store;
mod wire;

pub(crate) use error::CODES;
pub(crate) use heard::subscribers;
pub(crate) use routes::routes;
pub(crate) use store::{end_all_of, purge};
