//! Roles, as nexus-iam keeps them, and the permissions there are: seeing them, and the organization's own roles.
//!
//! Invariants: built-in roles are the product's; nobody changes a role that is stronger than they are, nor puts into one what they don't hold (`reach`); no role
//! of an organization's own owns it; what gives access is never denied, so that no role can lock everybody out; a role that somebody holds is not deleted.

mod grants;
mod matrix;
pub(super) mod routes;
mod service;
#[cfg(test)]
mod tests;
mod wire;
