//! What the operations of the slice ask for.

use crate::context::permissions;

permissions! {
    /// Sees background jobs and their results.
    JobsRead = "jobs.read";
}
