//! Keeping the replica complete: an outline of the view is read again and again, and the records that have changed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_core::TenantId;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Directory, DirectoryError, DirectorySnapshot};

/// How often the view is read. With what memory and Redis keep, a change that nobody announced bites within 15 s.
const POLL_EVERY: Duration = Duration::from_secs(5);
/// While it is away its return is looked for this often.
const AWAY_EVERY: Duration = Duration::from_secs(2);
/// Announcements that come one after the other are followed up together.
const AT_MOST_EVERY: Duration = Duration::from_millis(500);
/// So many reads go by the outline; then every record is read, whatever the outline says.
const FULL_EVERY: u32 = 120;
/// Records that are read at once.
const PORTION: usize = 250;

/// How current the directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryStatus {
    /// When the whole view was read last, by this process or, if there is only a snapshot, by whoever made that.
    pub read_at: Option<DateTime<Utc>>,
    /// Nothing but a snapshot is known: this process has not read the view yet.
    pub from_snapshot: bool,
    /// Since when the view can't be read.
    pub away_since: Option<DateTime<Utc>>,
}

impl DirectoryStatus {
    /// Whether every tenant can be found.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.read_at.is_some()
    }
}

impl Directory {
    /// Keeps the replica complete until `shutdown`. Run it once per process.
    pub async fn poll(&self, shutdown: CancellationToken) {
        let _polled = Polled::of(self);
        let mut round = 0;
        loop {
            let began = Instant::now();
            let outcome = shutdown.run_until_cancelled(self.refresh(round % FULL_EVERY == 0)).await;
            let pause = match outcome {
                None => return,
                Some(Ok(())) => {
                    round = round.wrapping_add(1);
                    POLL_EVERY
                }
                // The view says itself that it is away.
                Some(Err(error)) => {
                    tracing::debug!(%error, "the directory was not read");
                    AWAY_EVERY
                }
            };
            let due = async {
                tokio::select! {
                    () = tokio::time::sleep_until(began + pause) => {}
                    () = self.outdated.notified() => tokio::time::sleep_until(began + AT_MOST_EVERY).await,
                }
            };
            if shutdown.run_until_cancelled(due).await.is_none() {
                return;
            }
        }
    }

    /// Reads the whole view: the outline, and the records that have changed, or all of them.
    ///
    /// # Errors
    /// [`DirectoryError::Unavailable`]; what was read so far is kept.
    pub async fn refresh(&self, every_record: bool) -> Result<(), DirectoryError> {
        let (at, known) = (self.clock.now(), self.replica.tenants());
        let heads = self.view.heads().await?;
        let outdated = if every_record { heads.iter().map(|head| head.tenant).collect() } else { self.replica.outdated(&heads) };
        for portion in outdated.chunks(PORTION) {
            let floors = |tenant: TenantId| (self.announced.floor(tenant), self.replica.floor(tenant));
            let before: Vec<_> = portion.iter().map(|tenant| (*tenant, floors(*tenant))).collect();
            for record in self.view.records(portion).await? {
                let Some((tenant, before)) = before.iter().find(|(tenant, _)| *tenant == record.tenant_id) else { continue };
                self.announced.settle(*tenant, record.epoch, before.0);
                self.replica.put(record, before.1);
            }
        }
        self.replica.complete(&known, &heads, at);
        self.loaded.send_replace(true);
        metrics::gauge!("nexus_directory_tenants").set(self.replica.len() as f64);
        Ok(())
    }

    /// The tenants whose background work should run: those in use, read-only ones included. When the view can't be read, as they were last.
    ///
    /// # Errors
    /// [`DirectoryError::Unavailable`] when the view can't be read and never could.
    pub async fn list_active(&self) -> Result<Vec<TenantId>, DirectoryError> {
        let known = self.replica.active();
        if known.is_none() || !self.view.has_poller() {
            match self.refresh(false).await {
                Err(error) if known.is_none() => return Err(error),
                _ => {}
            }
        }
        self.replica.active().ok_or_else(|| DirectoryError::Unavailable("it was not read yet".to_owned()))
    }

    /// Waits until every tenant can be found: the view was read, or a snapshot.
    pub async fn loaded(&self) {
        // Fails only when the directory is gone, and this borrows it.
        let _ = self.loaded.subscribe().wait_for(|loaded| *loaded).await;
    }

    /// How current it is.
    #[must_use]
    pub fn status(&self) -> DirectoryStatus {
        let (read_at, from_snapshot) = self.replica.read_at();
        DirectoryStatus { read_at, from_snapshot, away_since: self.view.away_since() }
    }

    /// Everything, to be kept on disk; `None` as long as that is not known.
    #[must_use]
    pub fn snapshot(&self) -> Option<DirectorySnapshot> {
        self.replica.snapshot()
    }

    /// Raised by every change of [`Self::snapshot`].
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.replica.changes()
    }

    /// Takes what a snapshot says of tenants of which nothing is known yet. Call it at the start: once the view has been read, it changes nothing.
    pub fn restore(&self, snapshot: DirectorySnapshot) {
        self.replica.restore(snapshot);
        self.loaded.send_replace(true);
    }
}

/// Tells the view that somebody polls it, until it is dropped.
struct Polled<'a>(&'a Directory);

impl<'a> Polled<'a> {
    fn of(directory: &'a Directory) -> Self {
        directory.view.set_poller(true);
        Self(directory)
    }
}

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        self.0.view.set_poller(false);
    }
}
