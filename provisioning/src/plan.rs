//! The two sagas as data: which steps, in which order, and what comes next. No I/O.

use crate::model::{Direction, OperationKind, OperationState, StepState};

macro_rules! steps {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// A step of a saga.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Step { $($variant),* }

        impl Step {
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub(crate) fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

steps! {
    Reserve = "reserve",
    Database = "database",
    RoleAndGrants = "role_and_grants",
    Bucket = "bucket",
    Seed = "seed",
    Directory = "directory",
    Activate = "activate",
    Welcome = "welcome",
    Fence = "fence",
    DropDatabase = "drop_database",
    DropRole = "drop_role",
    RemoveBucket = "remove_bucket",
    Forget = "forget",
}

impl Step {
    /// The steps of a saga, in order.
    pub(crate) fn of(kind: OperationKind) -> &'static [Self] {
        match kind {
            OperationKind::Provision => {
                &[Self::Reserve, Self::Database, Self::RoleAndGrants, Self::Bucket, Self::Seed, Self::Directory, Self::Activate, Self::Welcome]
            }
            OperationKind::Delete => &[Self::Fence, Self::DropDatabase, Self::DropRole, Self::RemoveBucket, Self::Forget],
        }
    }

    /// Past the point of no return: repeated until it works.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Welcome | Self::DropDatabase | Self::DropRole | Self::RemoveBucket | Self::Forget)
    }
}

/// What a saga does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Act(Step),
    Undo(Step),
    Finish(OperationState),
}

/// Decides by what the log says. `steps` are in order of their position.
pub(crate) fn next(kind: OperationKind, direction: Direction, steps: &[(Step, StepState)]) -> Next {
    match direction {
        Direction::Forward => steps
            .iter()
            .find(|(_, state)| *state != StepState::Succeeded)
            .map_or(Next::Finish(OperationState::Succeeded), |(step, _)| Next::Act(*step)),
        Direction::Undo if kind == OperationKind::Delete => Next::Finish(OperationState::Failed),
        Direction::Undo => steps
            .iter()
            .rev()
            .find(|(_, state)| !matches!(state, StepState::Pending | StepState::Undone))
            .map_or(Next::Finish(OperationState::Undone), |(step, _)| Next::Undo(*step)),
    }
}

/// Whether a failure ends the way forward. A crash counts as a begun try but not as a failure: a machine that dies often
/// must not cost a sign-up, a step that takes its process down each time must.
pub(crate) fn gives_up(step: Step, permanent: bool, failures: i32, attempts: i32) -> bool {
    const FAILURES: i32 = 5;
    const ATTEMPTS: i32 = 30;
    if step.is_final() { false } else { permanent || failures >= FAILURES || attempts >= ATTEMPTS }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(states: &[StepState]) -> Vec<(Step, StepState)> {
        Step::of(OperationKind::Provision).iter().copied().zip(states.iter().copied()).collect()
    }

    #[test]
    fn names_are_read_back() {
        for kind in [OperationKind::Provision, OperationKind::Delete] {
            for step in Step::of(kind) {
                assert_eq!(Step::parse(step.name()), Some(*step));
            }
        }
        assert_eq!(Step::parse("nothing"), None);
    }

    #[test]
    fn forward_takes_the_first_step_that_is_not_done_and_repeats_one_that_was_interrupted() {
        use StepState::{Pending, Running, Succeeded};
        let kind = OperationKind::Provision;
        assert_eq!(next(kind, Direction::Forward, &log(&[Pending; 8])), Next::Act(Step::Reserve));
        let interrupted = log(&[Succeeded, Running, Pending, Pending, Pending, Pending, Pending, Pending]);
        assert_eq!(next(kind, Direction::Forward, &interrupted), Next::Act(Step::Database));
        assert_eq!(next(kind, Direction::Forward, &log(&[Succeeded; 8])), Next::Finish(OperationState::Succeeded));
    }

    #[test]
    fn undo_goes_backwards_and_includes_the_step_that_failed() {
        use StepState::{Failed, Pending, Succeeded, Undone};
        let kind = OperationKind::Provision;
        let failed = log(&[Succeeded, Succeeded, Failed, Pending, Pending, Pending, Pending, Pending]);
        assert_eq!(next(kind, Direction::Undo, &failed), Next::Undo(Step::RoleAndGrants));
        let half = log(&[Succeeded, Undone, Undone, Pending, Pending, Pending, Pending, Pending]);
        assert_eq!(next(kind, Direction::Undo, &half), Next::Undo(Step::Reserve));
        let done = log(&[Undone, Undone, Undone, Pending, Pending, Pending, Pending, Pending]);
        assert_eq!(next(kind, Direction::Undo, &done), Next::Finish(OperationState::Undone));
    }

    #[test]
    fn nothing_gives_up_past_the_point_of_no_return() {
        for step in Step::of(OperationKind::Provision).iter().filter(|step| **step != Step::Welcome) {
            assert!(gives_up(*step, true, 0, 1) && gives_up(*step, false, 5, 5) && gives_up(*step, false, 0, 30));
            assert!(!gives_up(*step, false, 4, 29));
        }
        for step in [Step::Welcome, Step::DropDatabase, Step::Forget] {
            assert!(!gives_up(step, true, 1000, 1000));
        }
    }
}
