//! The organization's people, as nexus-iam keeps them: seeing them, giving and taking roles, shutting them out and ending memberships.
//!
//! Invariants: nobody touches a person who is stronger than they are (`reach`); an organization keeps an active owner; every change bites everywhere within a
//! second, by the policy's epoch. Roles and memberships have no version to match: what changes is a difference, and doing it twice is the same as once.

mod changes;
pub(super) mod quota;
pub(super) mod routes;
pub(super) mod service;
#[cfg(test)]
mod tests;
pub(super) mod wire;
