//! An operation's life as a sequence of events, derived from its rows: nothing is kept for a stream, so a client may reconnect to any process.
//!
//! Each state of each step is one event with an id of its own (`3.running.1`: position, state, attempt); the stream ends with the event `operation`, id `end`. A
//! reconnecting client names the last id it saw; what lies before it in the order of happening is not sent again.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use nexus_provisioning::Operation;
use nexus_web::sse::Event;
use serde::Serialize;

use super::wire::OperationOut;

/// The id of the last event.
pub(super) const END: &str = "end";

/// The data of an event `step`.
#[derive(Debug, Serialize)]
struct StepEvent<'a> {
    step: &'a str,
    position: usize,
    of: usize,
    state: &'static str,
    attempt: i32,
    error: Option<&'a str>,
    at: DateTime<Utc>,
}

/// What one client has been told.
#[derive(Debug, Default)]
pub(super) struct Progress {
    told: HashSet<String>,
    resume_after: Option<String>,
}

impl Progress {
    /// For a client that has seen nothing, or everything up to `last_event_id`.
    pub(super) fn new(last_event_id: Option<&str>) -> Self {
        Self { told: HashSet::new(), resume_after: last_event_id.map(str::to_owned) }
    }

    /// The events that this state of the operation adds, and whether the stream ends with them.
    pub(super) fn advance(&mut self, operation: Operation) -> (Vec<Event>, bool) {
        let finished = operation.finished_at.is_some();
        let facts = facts(&operation);
        if let Some(last) = self.resume_after.take()
            && let Some(seen) = facts.iter().position(|(id, _)| *id == last)
        {
            self.told.extend(facts.iter().take(seen + 1).map(|(id, _)| id.clone()));
        }
        let mut events: Vec<Event> = Vec::new();
        for (id, data) in facts {
            if self.told.insert(id.clone()) {
                events.push(Event { id: Some(id), name: Some("step".into()), data, retry: None });
            }
        }
        if finished && let Ok(end) = Event::json(END, "operation", &OperationOut::from(operation)) {
            events.push(end);
        }
        (events, finished)
    }
}

/// Every step's begin and end so far, in the order in which they happened.
fn facts(operation: &Operation) -> Vec<(String, String)> {
    let of = operation.steps.len();
    let mut facts: Vec<(DateTime<Utc>, usize, String, StepEvent<'_>)> = Vec::new();
    for (position, step) in (1..).zip(&operation.steps) {
        let event = |state: &'static str, at: DateTime<Utc>| StepEvent {
            step: &step.step,
            position,
            of,
            state,
            attempt: step.attempts,
            error: step.error.as_deref().filter(|_| state != "succeeded"),
            at,
        };
        if let Some(at) = step.started_at {
            facts.push((at, 2 * position, format!("{position}.running.{}", step.attempts), event("running", at)));
        }
        if let Some(at) = step.finished_at.filter(|_| !matches!(step.state.as_str(), "pending" | "running")) {
            facts.push((at, 2 * position + 1, format!("{position}.{}.{}", step.state.as_str(), step.attempts), event(step.state.as_str(), at)));
        }
    }
    facts.sort_by_key(|(at, order, ..)| (*at, *order));
    facts.into_iter().filter_map(|(_, _, id, event)| Some((id, serde_json::to_string(&event).ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use nexus_core::TenantId;
    use nexus_provisioning::{Direction, OperationKind, OperationState, OperationStep, StepState};
    use uuid::Uuid;

    use super::*;

    fn operation(states: &[(StepState, i32)], state: OperationState) -> Operation {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let finished = !matches!(state, OperationState::Pending | OperationState::Running);
        Operation {
            id: Uuid::from_u128(1),
            kind: OperationKind::Provision,
            tenant_id: TenantId(Uuid::from_u128(2)),
            state,
            direction: Direction::Forward,
            error: None,
            created_by_kind: "anonymous".into(),
            created_by: None,
            due_at: start,
            created_at: start,
            updated_at: start,
            finished_at: finished.then_some(start),
            steps: (0_i64..)
                .zip(states)
                .map(|(index, (state, attempts))| OperationStep {
                    step: format!("step{index}"),
                    state: *state,
                    attempts: *attempts,
                    error: None,
                    started_at: (*state != StepState::Pending).then(|| start + TimeDelta::seconds(2 * index)),
                    finished_at: (*state == StepState::Succeeded).then(|| start + TimeDelta::seconds(2 * index + 1)),
                })
                .collect(),
        }
    }

    fn ids(events: &[Event]) -> Vec<&str> {
        events.iter().filter_map(|event| event.id.as_deref()).collect()
    }

    #[test]
    fn every_step_is_told_once_and_the_end_ends_the_stream() {
        use StepState::{Pending, Running, Succeeded};
        let mut progress = Progress::new(None);
        let (events, ended) = progress.advance(operation(&[(Pending, 0), (Pending, 0)], OperationState::Pending));
        assert!(events.is_empty() && !ended);
        let (events, _) = progress.advance(operation(&[(Succeeded, 1), (Running, 1)], OperationState::Running));
        assert_eq!(ids(&events), ["1.running.1", "1.succeeded.1", "2.running.1"]);
        let (events, ended) = progress.advance(operation(&[(Succeeded, 1), (Succeeded, 2)], OperationState::Succeeded));
        assert_eq!(ids(&events), ["2.running.2", "2.succeeded.2", END]);
        assert!(ended);
    }

    #[test]
    fn a_client_that_reconnects_hears_only_what_it_missed() {
        use StepState::{Running, Succeeded};
        let now = || operation(&[(Succeeded, 1), (Running, 1)], OperationState::Running);
        assert_eq!(ids(&Progress::new(Some("1.succeeded.1")).advance(now()).0), ["2.running.1"]);
        assert_eq!(ids(&Progress::new(Some("nonsense")).advance(now()).0), ["1.running.1", "1.succeeded.1", "2.running.1"]);
    }
}
