//! The two sagas as data: which steps, in which order, and what comes next. No I/O.

use chrono::TimeDelta;

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

    /// Whether it is done on the tenant's database server, taken back or not.
    pub(crate) fn is_on_server(self) -> bool {
        matches!(self, Self::Database | Self::RoleAndGrants | Self::Seed | Self::Directory | Self::Fence | Self::DropDatabase | Self::DropRole)
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

/// Notes in a log that a step was done, or taken back.
pub(crate) fn note(log: &mut [(Step, StepState)], done: Step, direction: Direction) {
    let state = match direction {
        Direction::Forward => StepState::Succeeded,
        Direction::Undo => StepState::Undone,
    };
    for (_, noted) in log.iter_mut().filter(|(step, _)| *step == done) {
        *noted = state;
    }
}

/// How a step's last failure stands in the row of its failures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failing {
    /// Repeating can't help.
    pub(crate) permanent: bool,
    /// How often it failed.
    pub(crate) times: i32,
    /// Since it first failed.
    pub(crate) since: TimeDelta,
}

/// Whether a failure ends the way forward. Outages pass, so it is time that decides; the number of tries only keeps a
/// program that was down for long from giving up at its first. A deletion is never given up over an outage.
pub(crate) fn gives_up(step: Step, failing: Failing, patience: TimeDelta) -> bool {
    const TRIES: i32 = 5;
    match step {
        _ if step.is_final() => false,
        Step::Fence => failing.permanent,
        _ => failing.permanent || (failing.times >= TRIES && failing.since >= patience),
    }
}

/// Whether a step seems to take its process down each time: begun again and again, and neither done nor failed. A
/// machine that dies often must not cost a sign-up, such a step must.
pub(crate) fn brings_down(step: Step, attempts: i32, failures: i32) -> bool {
    const CRASHES: i32 = 30;
    !step.is_final() && step != Step::Fence && attempts.saturating_sub(failures) > CRASHES
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

    fn ends(step: Step, permanent: bool, times: i32, seconds: i64) -> bool {
        gives_up(step, Failing { permanent, times, since: TimeDelta::seconds(seconds) }, TimeDelta::seconds(300))
    }

    #[test]
    fn a_step_of_a_sign_up_is_given_up_by_time_and_not_by_the_number_of_tries() {
        for step in Step::of(OperationKind::Provision).iter().filter(|step| **step != Step::Welcome) {
            assert!(ends(*step, true, 1, 0) && ends(*step, false, 5, 300));
            assert!(!ends(*step, false, 1000, 299), "an outage that passes");
            assert!(!ends(*step, false, 4, 100_000), "a program that was down in between");
            assert!(brings_down(*step, 31, 0) && !brings_down(*step, 30, 0) && !brings_down(*step, 1000, 980));
        }
    }

    #[test]
    fn nothing_gives_up_past_the_point_of_no_return_and_no_deletion_over_an_outage() {
        for step in [Step::Welcome, Step::DropDatabase, Step::Forget] {
            assert!(!ends(step, true, 1000, 100_000) && !brings_down(step, 1000, 0));
        }
        assert!(ends(Step::Fence, true, 1, 0));
        assert!(!ends(Step::Fence, false, 1000, 100_000) && !brings_down(Step::Fence, 1000, 0));
    }
}
