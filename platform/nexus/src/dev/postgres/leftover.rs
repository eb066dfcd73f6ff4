//! A server that an earlier run, killed, left on the cluster.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const STOP_WITHIN: Duration = Duration::from_secs(30);

/// Stops a server that an earlier run left on this cluster.
///
/// Postgres keeps its process id in `postmaster.pid`. The id may meanwhile belong to another program, which must neither be
/// signalled nor keep the cluster from starting: then the file is removed, but only while no process works in the cluster.
pub(super) async fn stop(cluster: &Path) -> Result<()> {
    let pid_file = cluster.join("postmaster.pid");
    let Ok(text) = std::fs::read_to_string(&pid_file) else { return Ok(()) };
    let Some(pid) = text.lines().next().and_then(|line| line.trim().parse::<i32>().ok()).filter(|pid| *pid > 1) else {
        return Ok(()); // an empty file: the server itself deals with it
    };
    if !alive(pid) {
        return Ok(()); // the server recognises and replaces the stale file, and checks for remaining backends
    }
    if !serves(pid, cluster) {
        let deadline = tokio::time::Instant::now() + STOP_WITHIN;
        while inhabited(cluster) {
            if tokio::time::Instant::now() > deadline {
                bail!("processes of an earlier Postgres still work in {}", cluster.display());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        std::fs::remove_file(&pid_file).context("a stale postmaster.pid could not be removed")?;
        return Ok(());
    }
    tracing::info!(pid, "stopping the Postgres that an earlier run left behind");
    for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGKILL] {
        let _ = kill(Pid::from_raw(pid), signal);
        let deadline = tokio::time::Instant::now() + STOP_WITHIN;
        while tokio::time::Instant::now() < deadline {
            if !alive(pid) || !serves(pid, cluster) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    bail!("the Postgres that an earlier run left behind (process {pid}) could not be stopped")
}

fn alive(pid: i32) -> bool {
    !matches!(kill(Pid::from_raw(pid), None), Err(nix::errno::Errno::ESRCH))
}

/// Whether any process has the cluster as its working directory, as every process of a Postgres has (known where there is a /proc).
fn inhabited(cluster: &Path) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    processes.flatten().any(|process| std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == cluster))
}

/// Whether a process is a Postgres on this cluster, by its command line.
fn serves(pid: i32, cluster: &Path) -> bool {
    let needle = cluster.to_string_lossy().into_owned();
    let line = match std::fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).replace('\0', " "),
        // No /proc (macOS): ask ps.
        Err(_) => match Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output() {
            Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
            Err(_) => return true, // cannot tell: let the server decide
        },
    };
    line.contains("postgres") && line.contains(&needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_no_postgres_of_this_cluster_is_not_taken_for_one() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(alive(own));
        assert!(!serves(own, Path::new("/nowhere/cluster")));
    }

    #[tokio::test]
    async fn a_stale_pid_file_with_a_reused_id_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("postmaster.pid");
        std::fs::write(&file, format!("{}\n", std::process::id())).unwrap();
        stop(dir.path()).await.unwrap();
        assert!(!file.exists());
    }
}
