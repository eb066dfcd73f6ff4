//! Who may do what in a tenant. Casbin decides (subject, permission) and nothing else.
//!
//! Invariants, each with a test in `decide`:
//! - An empty, failing or unreadable policy **denies**; so does an unknown or inactive user, and a key that is not good.
//! - A deny grant wins over every allow.
//! - Subjects are prefixed (`user:`, `key:`, `role:`), because in casbin-rs `g(x, x)` is always true: a user whose id looked like a role's would hold that role.
//! - There is no owner branch, no `eval` and no wildcard.
//!
//! Casbin's cost is linear in the rules, so it never runs in a request: a person's [`PermissionSet`](crate::permissions::PermissionSet) is computed once per
//! policy epoch on a blocking thread, from the rules that concern the person alone, and a request does a set look-up. The epoch lives in the tenant's database
//! (`policy_epoch`), is bumped by trigger in the transaction that changes users, roles or grants, is announced on the Redis channel [`POLICY_CHANNEL`], and is
//! read again when what is remembered is older than 15 s, or older than the token of somebody it does not know. A database that was restored comes to the same epochs again; so what is compared is the epoch with
//! the time it was raised ([`PolicyVersion`]), and a policy from before the restore is not believed.
//!
//! API keys are subjects like people, with their scopes in place of roles; a key that is revoked or expired is not in the policy at all.
//!
//! Not here: attribute rules (a manager limited to some warehouses) and groups, which arrive with their slices.

mod cache;
mod decide;
mod snapshot;

pub use cache::{POLICY_CHANNEL, PolicyCache, PolicyChange, PolicySource, UserPolicy};
pub use decide::{Subject, decide};
pub use snapshot::{Effect, Grant, PolicyKey, PolicySnapshot, PolicyUser, PolicyVersion};

use nexus_core::Problem;
use nexus_infra::postgres::DbError;
use thiserror::Error;

/// Why no permission could be decided. The caller denies.
#[derive(Debug, Clone, Error)]
pub enum PolicyError {
    /// The tenant's database can't be read.
    #[error("the policy can't be read: {0}")]
    Unreadable(std::sync::Arc<DbError>),
    /// What was read makes no sense.
    #[error("the policy is malformed: {0}")]
    Malformed(String),
    /// Casbin refused the model or the rules, or the computation was cut off.
    #[error("the policy can't be evaluated for {subject}: {reason}")]
    Evaluation {
        /// For whom.
        subject: Subject,
        /// Casbin's words.
        reason: String,
    },
}

impl From<DbError> for PolicyError {
    fn from(error: DbError) -> Self {
        Self::Unreadable(std::sync::Arc::new(error))
    }
}

impl From<PolicyError> for Problem {
    fn from(error: PolicyError) -> Self {
        match &error {
            PolicyError::Unreadable(_) => Self::unavailable("The access policy").with_source(error),
            PolicyError::Malformed(_) | PolicyError::Evaluation { .. } => Self::internal(error),
        }
    }
}
