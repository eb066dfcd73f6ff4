//! `nexus admin reconcile`: one pass of the reconciler, now.

use nexus_control_plane::ControlPlane;
use nexus_provisioning::{Orphan, ReconcileReport};
use serde_json::json;

use crate::exit::{Exit, Failed};
use crate::terminal;

/// Runs one pass and says what it did.
pub async fn run(control: &ControlPlane, as_json: bool) -> Result<(), Failed> {
    let Some(report) = control.reconcile().await? else {
        return Err(Failed::new(Exit::Conflict, "another process is reconciling just now; try again in a moment"));
    };
    if as_json {
        terminal::out(&json!({ "data": report }).to_string());
    } else {
        terminal::out(&told(&report));
    }
    if report.lost.is_empty() && report.faults.is_empty() {
        return Ok(());
    }
    let message = format!("{} lost things need a person, {} could not be looked at or done", report.lost.len(), report.faults.len());
    Err(Failed::new(Exit::CheckFailed, message))
}

fn told(report: &ReconcileReport) -> String {
    let left: Vec<Orphan> = report.orphans.iter().filter(|orphan| !report.removed.contains(orphan)).cloned().collect();
    let groups = [
        ("repaired", &report.repaired),
        ("removed", &report.removed),
        ("thrown away with what was prepared along with it", &report.discarded),
        ("left for now", &left),
        ("left: in use, but unknown to the control database", &report.protected),
        ("LOST", &report.lost),
    ];
    let mut lines = Vec::new();
    for (what, things) in groups {
        lines.extend(things.iter().map(|thing| format!("{what}: {} {} ({})", thing.kind.as_str(), thing.name, thing.place)));
    }
    lines.extend(report.open_to_public.iter().map(|name| format!("open to everybody who can log in, and not ours to close: database {name}")));
    lines.extend(report.faults.iter().map(|fault| format!("FAILED: {fault}")));
    if lines.is_empty() {
        lines.push("Nothing to repair, nothing to remove.".to_owned());
    }
    lines.join("\n")
}
