//! `nexus admin warm-pool …`

use std::time::Duration;

use nexus_control_plane::ControlPlane;
use nexus_core::Origin;
use nexus_infra::worker;
use nexus_provisioning::{PoolEntry, WarmPool};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::cli::WarmPoolCommand;
use crate::exit::{Exit, Failed};
use crate::terminal;

/// How long a command waits for what it took out. A serving control plane goes on without the command.
const WAIT: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);

/// Runs one command.
pub async fn run(control: &ControlPlane, command: WarmPoolCommand, as_json: bool) -> Result<(), Failed> {
    match command {
        WarmPoolCommand::List => {
            let entries = entries(control).await?;
            if as_json {
                terminal::out(&json!({ "data": entries }).to_string());
            } else {
                terminal::out(&listed(&entries));
            }
            Ok(())
        }
        WarmPoolCommand::Drain => drain(control, as_json).await,
    }
}

async fn entries(control: &ControlPlane) -> Result<Vec<PoolEntry>, Failed> {
    control.provisioner.warm_pool().await.map_err(|error| Failed::new(Exit::Unavailable, format!("the warm pool can't be read: {error}")))
}

fn listed(entries: &[PoolEntry]) -> String {
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let since = entry.ready_at.unwrap_or(entry.created_at).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let held = entry.error.clone().unwrap_or_else(|| "-".to_owned());
            vec![entry.id.to_string(), entry.state.clone(), entry.server.clone(), entry.fingerprint.clone(), since, entry.failures.to_string(), held]
        })
        .collect();
    terminal::columns(&["ID", "STATE", "SERVER", "SCHEMA", "SINCE", "FAILURES", "ERROR"], &rows)
}

/// Marks the entries and takes them down here as well: no control plane need be running, and beside one the leases decide who does.
async fn drain(control: &ControlPlane, as_json: bool) -> Result<(), Failed> {
    let origin = Origin::system("admin warm-pool drain");
    let marked = control.provisioner.drain_warm_pool(&origin).await;
    let marked = marked.map_err(|error| Failed::new(Exit::Unavailable, format!("the warm pool can't be drained: {error}")))?;
    let stop = CancellationToken::new();
    let keeper = worker::spawn("admin-warm-pool", stop.clone(), {
        let (provisioner, stop) = (control.provisioner.clone(), stop.clone());
        move || {
            let (pool, stop) = (WarmPool::new(provisioner.clone()), stop.clone());
            async move {
                while !stop.is_cancelled() {
                    if let Err(error) = pool.work_off(&stop).await {
                        tracing::warn!(%error, "the warm pool can't be read");
                    }
                    stop.run_until_cancelled(tokio::time::sleep(LOOK)).await;
                }
            }
        }
    });
    let left = left(control).await;
    stop.cancel();
    keeper.join().await;
    let left = left?;
    if as_json {
        terminal::out(&json!({ "data": { "drained": marked, "left": left } }).to_string());
    } else {
        terminal::out(&format!("{marked} taken out, {left} of them still to be taken down."));
    }
    if left == 0 {
        return Ok(());
    }
    Err(Failed::new(
        Exit::Unavailable,
        format!("{left} entries are not taken down within {} s; a serving control plane goes on with them", WAIT.as_secs()),
    ))
}

/// How many are draining when there is none left, or the time is over.
async fn left(control: &ControlPlane) -> Result<usize, Failed> {
    let deadline = tokio::time::Instant::now() + WAIT;
    loop {
        let left = entries(control).await?.iter().filter(|entry| entry.state == "draining").count();
        if left == 0 || tokio::time::Instant::now() > deadline {
            return Ok(left);
        }
        tokio::time::sleep(LOOK).await;
    }
}
