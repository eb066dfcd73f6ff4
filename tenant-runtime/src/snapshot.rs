//! What the runtime must know to serve while the control database is away, kept in one sealed file (`runtime.snapshot_file`): the directory, the keys that sign
//! tokens, the sessions that were ended.
//!
//! The file is read once, at the start, and serves until the views can be read; for how long that is makes no difference. It is written a moment after
//! something has changed, and every minute as long as the views answer. Losing it costs nothing while they do.
//!
//! Invariants: what a view has said is never replaced by a snapshot; a record that is older than an announcement, and a session that was ended, are as little
//! believed after a restart as before it; a file that can't be used is told in one warning and ignored.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use metrics::{describe_counter, describe_gauge, gauge};
use nexus_config::Settings;
use nexus_iam::tokens::{Jwk, Revocation};
use nexus_infra::ConnectSpec;
use nexus_infra::directory::DirectorySnapshot;
use nexus_infra::secrets::TenantKeyring;
use nexus_infra::snapshot::{SnapshotError, SnapshotFile};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::state::Runtime;

/// What the file's key is for.
const LABEL: &str = "tenant-runtime";
/// How often it is looked for changes.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Changes that come one after the other are written together.
const AT_MOST_EVERY: Duration = Duration::from_secs(3);
/// Without changes it is written this often, so that it tells when the views were read last; and after a failure it is tried again.
const AT_LEAST_EVERY: Duration = Duration::from_secs(60);
/// How long a write may take. A disk that gives no answer keeps nobody, least of all the end of the process.
const WRITE_WITHIN: Duration = Duration::from_secs(3);
/// How often the log is reminded that the control database is away.
const REMIND_EVERY: Duration = Duration::from_secs(600);

#[derive(Serialize, Deserialize)]
struct Content {
    directory: DirectorySnapshot,
    jwks: Vec<Jwk>,
    revocations: Vec<Revocation>,
}

/// The file of the settings, for this platform's control database. A warning where there is none to be had.
pub(crate) fn file(settings: &Settings, keyring: &TenantKeyring) -> Option<Arc<SnapshotFile>> {
    let path = settings.runtime.snapshot_file.as_deref()?;
    let database = ConnectSpec::from_url(&settings.directory_db.url).map(|spec| spec.database_name().to_owned()).unwrap_or_default();
    let scope = format!("{}|{database}", settings.tokens.issuer);
    match SnapshotFile::new(path, keyring, LABEL, &scope) {
        Ok(file) => Some(Arc::new(file)),
        Err(error) => {
            tracing::warn!(file = %path.display(), %error, "there will be no snapshot");
            None
        }
    }
}

impl Runtime {
    /// Takes what the snapshot says, for a start while the control database is away. Call it before anything is served.
    pub fn restore_snapshot(&self) {
        let Some(file) = &self.snapshot else { return };
        match read(file) {
            Ok(None) => tracing::info!(file = %file.path().display(), "no snapshot yet"),
            Ok(Some(content)) => {
                let age_s = age(self, content.directory.read_at).as_secs();
                tracing::info!(file = %file.path().display(), tenants = content.directory.len(), age_s, "a snapshot serves until the control database is read");
                self.verifier.restore(content.jwks);
                self.verifier.revocations().add(content.revocations);
                self.directory.restore(content.directory);
            }
            Err(error) => refused(file.path(), &error),
        }
    }
}

fn refused(path: &Path, error: &dyn std::fmt::Display) {
    tracing::warn!(file = %path.display(), %error, "the snapshot is refused and ignored; without the control database nobody can be served");
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    File(#[from] SnapshotError),
    #[error("its content is not what this program keeps: {0}")]
    Content(#[from] serde_json::Error),
}

fn read(file: &SnapshotFile) -> Result<Option<Content>, ReadError> {
    Ok(file.read()?.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// Writes the snapshot whenever there is reason to, until `shutdown`; tells how old things are.
pub(crate) async fn keep(runtime: &Runtime, shutdown: CancellationToken) {
    describe_gauge!("nexus_directory_age_seconds", "Time since the views of the control database were read last");
    describe_gauge!("nexus_directory_away_seconds", "For how long the control database has been away; 0 while it answers");
    describe_gauge!("nexus_snapshot_age_seconds", "Age of what the snapshot on disk says");
    describe_counter!("nexus_snapshot_writes_total", "Writes of the snapshot, by outcome");
    if let Some(file) = &runtime.snapshot {
        file.tidy();
    }
    let mut last = Last::default();
    let mut tick = tokio::time::interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
        last.tell(runtime);
        last.write(runtime, false).await;
    }
    last.write(runtime, true).await;
}

/// What was written last, and when.
#[derive(Default)]
struct Last {
    tried: Option<Instant>,
    failed: bool,
    changes: Option<(u64, u64, Vec<Jwk>)>,
    read_at: Option<DateTime<Utc>>,
    reminded: Option<Instant>,
    /// A write that was given up and may still be under way: there is never a second one beside it.
    given_up: Option<JoinHandle<Result<(), ReadError>>>,
}

impl Last {
    /// Writes what is known, if that is anything and there is reason to.
    async fn write(&mut self, runtime: &Runtime, at_the_end: bool) {
        let Some(file) = runtime.snapshot.clone() else { return };
        if self.given_up.as_ref().is_some_and(|write| !write.is_finished()) {
            return;
        }
        let revocations = runtime.verifier.revocations();
        let changes = (runtime.directory.changes(), revocations.changes(), runtime.verifier.published());
        let read_at = runtime.directory.status().read_at;
        let is_new = self.changes.as_ref() != Some(&changes);
        let rested = |rest: Duration| self.tried.is_none_or(|at| at.elapsed() >= rest);
        let due = match (is_new, at_the_end) {
            (true, true) => true,
            (true, false) => rested(if self.failed { AT_LEAST_EVERY } else { AT_MOST_EVERY }),
            (false, _) => read_at != self.read_at && rested(AT_LEAST_EVERY),
        };
        // Without keys no token could be checked: the views were not read yet.
        let (true, false, Some(directory)) = (due, changes.2.is_empty(), runtime.directory.snapshot()) else { return };
        let content = Content { directory, jwks: changes.2.clone(), revocations: revocations.known() };
        let (tenants, ended_sessions) = (content.directory.len(), content.revocations.len());
        self.tried = Some(Instant::now());
        let mut write = tokio::task::spawn_blocking(move || {
            let bytes = serde_json::to_vec(&content).map_err(ReadError::from)?;
            Ok::<_, ReadError>(file.write(&bytes)?)
        });
        let outcome = match tokio::time::timeout(WRITE_WITHIN, &mut write).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(error.to_string()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => {
                self.given_up = Some(write);
                Err(format!("it took longer than {} s", WRITE_WITHIN.as_secs()))
            }
        };
        if outcome.is_ok() {
            tracing::debug!(tenants, ended_sessions, "the snapshot is written");
        }
        self.note(runtime, outcome, changes, read_at);
    }

    fn note(&mut self, runtime: &Runtime, outcome: Result<(), String>, changes: (u64, u64, Vec<Jwk>), read_at: Option<DateTime<Utc>>) {
        let label = if outcome.is_ok() { "ok" } else { "error" };
        metrics::counter!("nexus_snapshot_writes_total", "outcome" => label).increment(1);
        let path = runtime.snapshot.as_ref().map(|file| file.path().display().to_string()).unwrap_or_default();
        match outcome {
            Ok(()) => {
                if std::mem::take(&mut self.failed) {
                    tracing::info!(file = path, "the snapshot is written again");
                }
                self.changes = Some(changes);
                self.read_at = read_at;
            }
            Err(error) if !std::mem::replace(&mut self.failed, true) => {
                tracing::warn!(
                    file = path,
                    error,
                    "runtime.snapshot_file can't be written: a process that starts while the control database is away can't serve"
                );
            }
            Err(error) => tracing::debug!(file = path, error, "the snapshot can't be written"),
        }
    }

    /// How old what is known is, and what is on disk.
    fn tell(&mut self, runtime: &Runtime) {
        let status = runtime.directory.status();
        let seconds = |at: Option<DateTime<Utc>>| at.map_or(0.0, |at| age(runtime, at).as_secs_f64());
        gauge!("nexus_directory_age_seconds").set(seconds(status.read_at));
        gauge!("nexus_directory_away_seconds").set(seconds(status.away_since));
        gauge!("nexus_snapshot_age_seconds").set(seconds(self.read_at));
        let Some(since) = status.away_since else {
            self.reminded = None;
            return;
        };
        // The beginning is told by whoever finds it.
        let reminded = *self.reminded.get_or_insert_with(Instant::now);
        if reminded.elapsed() >= REMIND_EVERY {
            self.reminded = Some(Instant::now());
            let age_s = status.read_at.map(|at| age(runtime, at).as_secs());
            tracing::warn!(%since, age_s, "the control database is still away; tenants are served as they were known then");
        }
    }
}

fn age(runtime: &Runtime, at: DateTime<Utc>) -> Duration {
    (runtime.clock.now() - at).to_std().unwrap_or_default()
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
