//! The organization's API keys, as nexus-iam keeps them: making, seeing and revoking them.
//!
//! Invariants: a key is made by a person with a proved address, for what that person may do at that moment, and shown once; what it may do
//! never changes; a revoked key stays revoked. A key belongs to the organization: it goes on when its maker leaves or is deactivated.

pub(super) mod routes;
pub(super) mod service;
mod upkeep;
pub(super) mod wire;

#[cfg(test)]
mod tests;

pub(super) use upkeep::ForgetsOldKeys;
