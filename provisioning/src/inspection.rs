//! Operations as operators see them: beside what everybody sees, who is at work, what comes next, how often each step failed and why.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::error::ProvisioningError;
use crate::model::{Operation, StepState};
use crate::plan::{self, Next, Step};
use crate::provisioner::Provisioner;
use crate::store::{self, Inspected, InspectedStep};

/// An operation that is under way for longer wants a look. Sign-ups take seconds.
pub const STUCK_AFTER: Duration = Duration::from_secs(120);

/// SQL: whether a row of `operations` is under way for longer than [`STUCK_AFTER`], by the database's clock, as leases. What waits for its time, such as the end
/// of an undelete window, is not under way.
pub const IS_STUCK: &str = "(operations.state IN ('pending', 'running') \
     AND coalesce(operations.started_at, operations.due_at) < clock_timestamp() - interval '120 seconds')";

/// SQL: whether a row of `operations` is under way and the last try of a step failed.
pub const IS_FAILING: &str = "(operations.state IN ('pending', 'running') AND operations.error IS NOT NULL)";

/// An operation as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What everybody sees of it.
    pub operation: Operation,
    /// The request that asked for it; its lines in the log carry the id.
    pub request_id: String,
    /// Since when the step that holds it up has been failing.
    pub failing_since: Option<DateTime<Utc>>,
    /// Who is at work on it just now.
    pub lease: Option<Lease>,
    /// What comes next; nothing when it has ended.
    pub next: Option<NextAction>,
    /// How its steps failed, in their order.
    pub failures: Vec<StepFailures>,
}

/// Who is at work, and until when nobody else may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The runner, by its process' id of its own.
    pub runner: Uuid,
    /// When it runs out unless it is renewed.
    pub until: DateTime<Utc>,
}

/// What a runner will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextAction {
    /// What.
    pub action: Action,
    /// With which step; none for an end.
    pub step: Option<&'static str>,
    /// Not before.
    pub due_at: DateTime<Utc>,
}

/// What can be done with a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Take a step.
    Act,
    /// Take one back.
    Undo,
    /// End it: there is nothing left to do.
    Finish,
}

impl Action {
    /// The value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Undo => "undo",
            Self::Finish => "finish",
        }
    }
}

/// How a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFailures {
    /// Tries that ended with an error.
    pub failures: i32,
    /// Tries to take it back that did.
    pub undo_failures: i32,
    /// Why the last of them did, in words for operators. No secret, no value of a row.
    pub cause: Option<String>,
}

impl Provisioner {
    /// An operation as operators see it.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`].
    pub async fn inspect(&self, id: Uuid) -> Result<Option<Inspection>, ProvisioningError> {
        let Some(operation) = self.operation(id).await? else { return Ok(None) };
        let Some((found, steps)) = store::inspected(self.control.conn(), id).await? else { return Ok(None) };
        let Inspected { request_id, failing_since, runner, leased_until } = found;
        let lease = runner.zip(leased_until).map(|(runner, until)| Lease { runner, until });
        let next = next(&operation)?;
        let failures = steps.into_iter().map(|InspectedStep { failures, undo_failures, cause }| StepFailures { failures, undo_failures, cause });
        Ok(Some(Inspection { failures: failures.collect(), request_id, failing_since, lease, next, operation }))
    }
}

fn next(operation: &Operation) -> Result<Option<NextAction>, ProvisioningError> {
    if operation.finished_at.is_some() {
        return Ok(None);
    }
    let log: Option<Vec<(Step, StepState)>> = operation.steps.iter().map(|step| Step::parse(&step.step).map(|known| (known, step.state))).collect();
    let log = log.ok_or(ProvisioningError::Corrupt("step"))?;
    let (action, step) = match plan::next(operation.kind, operation.direction, &log) {
        Next::Act(step) => (Action::Act, Some(step.name())),
        Next::Undo(step) => (Action::Undo, Some(step.name())),
        Next::Finish(_) => (Action::Finish, None),
    };
    Ok(Some(NextAction { action, step, due_at: operation.due_at }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_condition_waits_as_long_as_it_says() {
        assert!(IS_STUCK.contains(&format!("interval '{} seconds'", STUCK_AFTER.as_secs())));
    }
}
