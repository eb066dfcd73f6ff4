//! An operation's life as a sequence of events, derived from its rows: nothing is kept for a stream, so a client may reconnect to any process.
//!
//! Each state of each step is one event with an id of its own (`3.running.1`: position, state, attempt); the stream ends with the event `operation`, id `end`. A
//! reconnecting client names the last id it saw. The ids are ordered ([`Place`]) by what they say, so that this holds when the rows say something newer of that
//! step by then: nothing up to the last id is sent again, whatever was retried meanwhile.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use nexus_provisioning::{Operation, StepState};
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

/// Where an event stands: forward in the order of the steps and of their tries, then back again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Steps are undone after all that was done.
    is_undo: bool,
    /// The step, counted in the direction of the work.
    step: usize,
    attempt: i32,
    /// A try begins before it ends.
    is_over: bool,
}

impl Place {
    fn of(position: usize, state: &str, attempt: i32, steps: usize) -> Self {
        let is_undo = state == StepState::Undone.as_str();
        let step = if is_undo { steps.saturating_sub(position) } else { position };
        Self { is_undo, step, attempt, is_over: state != StepState::Running.as_str() }
    }

    /// The place of an event of an operation with so many steps, by its id; nothing for an id that is none of ours.
    fn read(id: &str, steps: usize) -> Option<Self> {
        let mut parts = id.split('.');
        let (position, state, attempt) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?.parse().ok()?);
        let known = StepState::parse(state).is_some() && (1..=steps).contains(&position) && parts.next().is_none();
        known.then(|| Self::of(position, state, attempt, steps))
    }
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
        if let Some(last) = self.resume_after.take().and_then(|last| Place::read(&last, operation.steps.len())) {
            self.told.extend(facts.iter().filter(|(place, ..)| *place <= last).map(|(_, id, _)| id.clone()));
        }
        let mut events: Vec<Event> = Vec::new();
        for (_, id, data) in facts {
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

/// Every step's begin and end so far, in order: place, id and data.
fn facts(operation: &Operation) -> Vec<(Place, String, String)> {
    let of = operation.steps.len();
    let mut facts: Vec<(Place, String, StepEvent<'_>)> = Vec::new();
    for (position, step) in (1..).zip(&operation.steps) {
        let mut tell = |state: &'static str, at: DateTime<Utc>| {
            let attempt = step.attempts;
            let error = step.error.as_deref().filter(|_| state != "succeeded");
            let event = StepEvent { step: &step.step, position, of, state, attempt, error, at };
            facts.push((Place::of(position, state, attempt, of), format!("{position}.{state}.{attempt}"), event));
        };
        if let Some(at) = step.started_at {
            tell(StepState::Running.as_str(), at);
        }
        if let Some(at) = step.finished_at.filter(|_| !matches!(step.state, StepState::Pending | StepState::Running)) {
            tell(step.state.as_str(), at);
        }
    }
    facts.sort_by_key(|(place, ..)| *place);
    facts.into_iter().filter_map(|(place, id, event)| Some((place, id, serde_json::to_string(&event).ok()?))).collect()
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
