//! What a client of the stream is told, at once and after it came back.

use nexus_provisioning::OperationState;

use super::super::samples::operation;
use super::*;

fn running(steps: &[(StepState, i32)]) -> Operation {
    operation(1, OperationState::Running, steps)
}

fn ids(events: &[Event]) -> Vec<&str> {
    events.iter().filter_map(|event| event.id.as_deref()).collect()
}

#[test]
fn every_step_is_told_once_and_the_end_ends_the_stream() {
    use StepState::{Pending, Running, Succeeded};
    let mut progress = Progress::new(None);
    let (events, ended) = progress.advance(operation(1, OperationState::Pending, &[(Pending, 0), (Pending, 0)]));
    assert!(events.is_empty() && !ended);
    let (events, _) = progress.advance(running(&[(Succeeded, 1), (Running, 1)]));
    assert_eq!(ids(&events), ["1.running.1", "1.succeeded.1", "2.running.1"]);
    let (events, ended) = progress.advance(operation(1, OperationState::Succeeded, &[(Succeeded, 1), (Succeeded, 2)]));
    assert_eq!(ids(&events), ["2.running.2", "2.succeeded.2", END]);
    assert!(ended);
}

#[test]
fn a_client_that_reconnects_hears_only_what_it_missed() {
    use StepState::{Running, Succeeded};
    let now = || running(&[(Succeeded, 1), (Running, 1)]);
    assert_eq!(ids(&Progress::new(Some("1.succeeded.1")).advance(now()).0), ["2.running.1"]);
    for none_of_ours in ["nonsense", "0.running.1", "3.running.1", "1.odd.1", "1.running.1.1", "1.running.x"] {
        let told = Progress::new(Some(none_of_ours)).advance(now()).0;
        assert_eq!(ids(&told), ["1.running.1", "1.succeeded.1", "2.running.1"], "{none_of_ours}");
    }
}

#[test]
fn what_was_seen_before_a_retry_is_not_told_again() {
    use StepState::{Running, Succeeded};
    // The client saw the first try; by the time it is back there have been two more, and the rows tell of the last alone.
    let again = |last: &str, steps: &[(StepState, i32)]| ids(&Progress::new(Some(last)).advance(running(steps)).0).join(" ");
    assert_eq!(again("2.running.1", &[(Succeeded, 1), (Running, 3)]), "2.running.3");
    assert_eq!(again("2.running.3", &[(Succeeded, 1), (Running, 3)]), "");
    assert_eq!(again("2.running.1", &[(Succeeded, 1), (Succeeded, 3), (Running, 1)]), "2.running.3 2.succeeded.3 3.running.1");
}

#[test]
fn steps_are_undone_after_all_that_was_done_and_the_last_one_first() {
    use StepState::{Failed, Succeeded, Undone};
    let told = |last: Option<&str>, steps: &[(StepState, i32)]| ids(&Progress::new(last).advance(running(steps)).0).join(" ");
    assert_eq!(told(Some("2.running.1"), &[(Succeeded, 1), (Failed, 5)]), "2.running.5 2.failed.5");
    assert_eq!(told(Some("2.failed.5"), &[(Succeeded, 1), (Undone, 5)]), "2.undone.5");
    assert_eq!(told(Some("2.undone.5"), &[(Undone, 1), (Undone, 5)]), "1.undone.1");
    assert_eq!(told(None, &[(Undone, 1), (Undone, 5)]), "1.running.1 2.running.5 2.undone.5 1.undone.1");
}
