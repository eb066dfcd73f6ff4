//! Jobs: work that outlives a request, as rows in the database it belongs to.
//!
//! Invariants:
//! - A job is enqueued in the transaction that calls for it, and found through the dirty list or the sweep.
//! - One runner at a time holds a job, by a lease that it renews; a job whose runner died is taken up again. So a
//!   handler runs at least once, and is written to be repeated.
//! - A job ends as succeeded, failed (the dead letter: with the reason) or cancelled, and then never changes again
//!   but by [`requeue`].
//!
//! Deliberately not here: the jobs' own logic, their HTTP routes, and fairness between tenants (see [`crate::pump`]).

mod handler;
mod runner;
mod store;

pub use handler::{JobContext, JobError, JobHandler};
pub use runner::{JobRun, JobRunner, RunnerOptions};
pub use store::{cancel, enqueue, find, requeue, unfinished};

use chrono::{DateTime, Utc};
use nexus_core::{Actor, ActorKind, Origin};
use sea_orm::{DeriveActiveEnum, EnumIter, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its time or for a runner.
    #[sea_orm(string_value = "queued")]
    Queued,
    /// A runner holds it.
    #[sea_orm(string_value = "running")]
    Running,
    /// Done, with a result.
    #[sea_orm(string_value = "succeeded")]
    Succeeded,
    /// Given up, with a reason.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// Called off.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
}

impl JobState {
    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// The value stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job, as stored.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct Job {
    /// UUIDv7.
    pub id: Uuid,
    /// Which handler it is for, such as `imports.run`.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// The handler's input.
    pub payload: Value,
    /// The handler's output, once succeeded.
    pub result: Option<Value>,
    /// Why the last try failed, fit to be shown.
    pub error: Option<String>,
    /// Units done.
    pub progress_done: i64,
    /// Units in all, when known.
    pub progress_total: Option<i64>,
    /// Tries begun.
    pub attempts: i32,
    /// Tries allowed.
    pub max_attempts: i32,
    /// Not before this.
    pub run_at: DateTime<Utc>,
    /// Until when its runner holds it.
    pub leased_until: Option<DateTime<Utc>>,
    /// Who holds it.
    pub worker: Option<String>,
    /// At most one unfinished job per kind and key.
    pub dedupe_key: Option<String>,
    /// What kind of caller asked for it.
    pub created_by_kind: String,
    /// Who asked for it.
    pub created_by: Option<Uuid>,
    /// The request that asked for it.
    pub request_id: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When its first try began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Changes with every change of state.
    pub version: i64,
}

impl Job {
    /// Who its writes are made for: whoever asked for it, under its own id.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let kind = match self.created_by_kind.as_str() {
            "user" => ActorKind::User,
            "api_key" => ActorKind::ApiKey,
            "operator" => ActorKind::Operator,
            "anonymous" => ActorKind::Anonymous,
            _ => ActorKind::System,
        };
        Origin { actor: Actor { kind, id: self.created_by }, request_id: format!("job-{}", self.id) }
    }
}

/// A job to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Which handler it is for.
    pub kind: &'static str,
    /// The handler's input: ids and values, no secret.
    pub payload: Value,
    /// While an unfinished job of this kind and key exists, that one is returned instead.
    pub dedupe_key: Option<String>,
    /// Not before this; none is at once.
    pub run_at: Option<DateTime<Utc>>,
    /// Tries allowed.
    pub max_attempts: i32,
    /// Its id, when it has to be known beforehand.
    pub id: Option<Uuid>,
}

impl NewJob {
    /// A job to be done at once, in up to five tries.
    #[must_use]
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self { kind, payload, dedupe_key: None, run_at: None, max_attempts: 5, id: None }
    }

    /// At most one unfinished job of this kind and key.
    #[must_use]
    pub fn dedupe(mut self, key: impl Into<String>) -> Self {
        self.dedupe_key = Some(key.into());
        self
    }

    /// Not before `at`.
    #[must_use]
    pub fn run_at(mut self, at: DateTime<Utc>) -> Self {
        self.run_at = Some(at);
        self
    }

    /// Other than five tries.
    #[must_use]
    pub fn max_attempts(mut self, max: i32) -> Self {
        self.max_attempts = max.max(1);
        self
    }

    /// With an id chosen by the caller.
    #[must_use]
    pub fn with_id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveEnum, Iterable};

    use super::*;

    #[test]
    fn a_state_is_stored_as_it_is_shown() {
        for state in JobState::iter() {
            assert_eq!(state.to_value(), state.as_str());
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
