//! Operations as operators see them: which of them want a look, and what comes next of one.

use std::time::Duration;

use crate::model::{Direction, OperationKind, StepState};
use crate::plan::{self, Next, Step};

/// An operation that is under way for longer wants a look. Sign-ups take seconds.
pub const STUCK_AFTER: Duration = Duration::from_secs(120);

/// SQL: whether a row of `operations` is under way for longer than [`STUCK_AFTER`], by the database's clock, as leases. What waits for its time, such as the end
/// of an undelete window, is not under way.
pub const IS_STUCK: &str = "(operations.state IN ('pending', 'running') \
     AND coalesce(operations.started_at, operations.due_at) < clock_timestamp() - interval '120 seconds')";

/// SQL: whether a row of `operations` is under way and the last try of a step failed.
pub const IS_FAILING: &str = "(operations.state IN ('pending', 'running') AND operations.error IS NOT NULL)";

/// What a runner does next with an operation that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// Takes this step.
    Act(&'static str),
    /// Takes this step back.
    Undo(&'static str),
    /// Ends it: nothing is left to do.
    Finish,
}

/// What comes next, by what is written: the operation's kind and direction, and its steps with their states in order. `None` where something is written that this
/// program does not know.
#[must_use]
pub fn next_action<'s>(kind: &str, direction: &str, steps: impl IntoIterator<Item = (&'s str, &'s str)>) -> Option<NextAction> {
    let log: Option<Vec<(Step, StepState)>> = steps.into_iter().map(|(step, state)| Step::parse(step).zip(StepState::parse(state))).collect();
    Some(match plan::next(OperationKind::parse(kind)?, Direction::parse(direction)?, &log?) {
        Next::Act(step) => NextAction::Act(step.name()),
        Next::Undo(step) => NextAction::Undo(step.name()),
        Next::Finish(_) => NextAction::Finish,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_condition_waits_as_long_as_it_says() {
        assert!(IS_STUCK.contains(&format!("interval '{} seconds'", STUCK_AFTER.as_secs())));
    }

    #[test]
    fn what_comes_next_is_read_from_what_is_written() {
        let fence = |state| [("fence", state), ("drop_database", "pending")];
        assert_eq!(next_action("delete", "forward", fence("pending")), Some(NextAction::Act("fence")));
        assert_eq!(next_action("delete", "forward", fence("succeeded")), Some(NextAction::Act("drop_database")));
        assert_eq!(next_action("provision", "undo", [("reserve", "succeeded"), ("database", "failed")]), Some(NextAction::Undo("database")));
        assert_eq!(next_action("provision", "forward", [("reserve", "succeeded")]), Some(NextAction::Finish));
        assert_eq!(next_action("provision", "forward", [("juggle", "pending")]), None);
    }
}
