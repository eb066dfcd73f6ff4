//! `nexus admin events …`: what is not delivered, and another round for what was given up.

use nexus_control_plane::{ControlPlane, EventRow, Outboxes, RequeuedRow, Unreached};
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
        let rows: Vec<Vec<String>> = found.rows.iter().map(row).collect();
        terminal::out(&terminal::columns(&["TENANT", "STATE", "EVENT", "KIND", "SUBSCRIBER", "TRIES", "LAST ERROR"], &rows));
    }
    all_reached(&found.unreached)
}

fn row(found: &EventRow) -> Vec<String> {
    let event = &found.event;
    vec![
        found.tenant.clone().unwrap_or_else(|| PLATFORM.to_owned()),
        found.state.to_owned(),
        event.event_id.to_string(),
        event.kind.clone(),
        event.subscriber.clone().unwrap_or_else(|| "-".to_owned()),
        event.attempts.to_string(),
        event.last_error.clone().unwrap_or_else(|| "-".to_owned()),
    ]
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
