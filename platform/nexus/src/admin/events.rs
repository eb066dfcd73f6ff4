//! `nexus admin events …`: what is not delivered, and another round for what was given up.

use chrono::{DateTime, TimeDelta, Utc};
use nexus_control_plane::{ControlPlane, EventRow, Outboxes, RequeuedRow, Unreached};
use nexus_core::SystemClock;
use serde_json::json;

use crate::cli::{EventsCommand, EventsListArgs, EventsRequeueArgs};
use crate::exit::{Exit, Failed};
use crate::terminal;

/// The platform's own outbox, where a tenant's name would stand.
const PLATFORM: &str = "(platform)";

/// Runs one command.
pub async fn run(control: &ControlPlane, command: EventsCommand, as_json: bool) -> Result<(), Failed> {
    match command {
        EventsCommand::List(args) => list(control, args, as_json).await,
        EventsCommand::Requeue(args) => requeue(control, args, as_json).await,
    }
}

async fn outboxes(control: &ControlPlane, tenant: Option<&str>) -> Result<Outboxes, Failed> {
    Ok(match tenant {
        Some(reference) => Outboxes::Of(control.tenant_id(reference).await?),
        None => Outboxes::All,
    })
}

async fn list(control: &ControlPlane, args: EventsListArgs, as_json: bool) -> Result<(), Failed> {
    let of = outboxes(control, args.tenant.as_deref()).await?;
    let found = control.list_events(of, args.dead, args.limit).await?;
    if as_json {
        terminal::out(&json!({ "data": found.rows, "unreached": found.unreached }).to_string());
    } else {
        let now = SystemClock::shared().now();
        let rows: Vec<Vec<String>> = found.rows.iter().map(|found| row(found, now)).collect();
        terminal::out(&terminal::columns(&["TENANT", "STATE", "AGE", "EVENT", "KIND", "SUBSCRIBER", "TRIES", "LAST ERROR"], &rows));
    }
    all_reached(&found.unreached)
}

fn row(found: &EventRow, now: DateTime<Utc>) -> Vec<String> {
    let event = &found.event;
    vec![
        found.tenant.clone().unwrap_or_else(|| PLATFORM.to_owned()),
        found.state.to_owned(),
        age(now - event.occurred_at),
        event.event_id.to_string(),
        event.kind.clone(),
        event.subscriber.clone().unwrap_or_else(|| "-".to_owned()),
        event.attempts.to_string(),
        event.last_error.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

/// How long ago it happened, in the largest unit that says something.
fn age(since: TimeDelta) -> String {
    let seconds = since.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

async fn requeue(control: &ControlPlane, args: EventsRequeueArgs, as_json: bool) -> Result<(), Failed> {
    let of = outboxes(control, args.tenant.as_deref()).await?;
    let done = control.requeue_events(of, args.event).await?;
    if as_json {
        terminal::out(&json!({ "data": done.rows, "unreached": done.unreached }).to_string());
    } else {
        let rows: Vec<Vec<String>> = done.rows.iter().map(requeued_row).collect();
        terminal::out(&terminal::columns(&["TENANT", "EVENT", "SUBSCRIBER"], &rows));
        terminal::out(&format!("{} dead letters are tried again; a serving process takes them up within a minute.", done.rows.len()));
    }
    all_reached(&done.unreached)
}

fn requeued_row(done: &RequeuedRow) -> Vec<String> {
    let tenant = done.tenant.clone().unwrap_or_else(|| PLATFORM.to_owned());
    vec![tenant, done.requeued.event_id.to_string(), done.requeued.subscriber.clone()]
}

fn all_reached(unreached: &[Unreached]) -> Result<(), Failed> {
    if unreached.is_empty() {
        return Ok(());
    }
    let each: Vec<String> = unreached.iter().map(|one| format!("{}: {}", one.tenant, one.reason)).collect();
    Err(Failed::new(Exit::Unavailable, format!("the outboxes of {} tenants could not be reached ({})", each.len(), each.join("; "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let told = |seconds| age(TimeDelta::seconds(seconds));
        assert_eq!([told(-3), told(59), told(60), told(7_199), told(90_000), told(200_000)], ["0 s", "59 s", "1 min", "1 h", "25 h", "2 d"]);
    }
}
