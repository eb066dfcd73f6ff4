//! The loop that takes due sagas and works on a bounded number of them at once.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::engine::{LEASE_S, drive};
use crate::provisioner::Provisioner;
use crate::store;

/// How often the log is looked at without a nudge: for back-off that ran out, and for other processes' operations.
const POLL: Duration = Duration::from_millis(500);
/// How long a stopping runner lets steps finish.
const DRAIN: Duration = Duration::from_secs(10);

/// Works on sagas. Any number of processes may run one; a saga is with one of them at a time.
pub struct Runner {
    provisioner: Provisioner,
}

impl Runner {
    /// A runner over this provisioner.
    #[must_use]
    pub fn new(provisioner: Provisioner) -> Self {
        Self { provisioner }
    }

    /// Runs until `stop`. Needs a `LocalSet`. Registers the settings' servers and warms their templates up first.
    pub async fn run(self, stop: CancellationToken) {
        let mut sagas = JoinSet::new();
        let warm = self.provisioner.clone();
        // Beside the sagas: a server that is slow to answer takes none of their slots, and is not waited for at the end.
        let _warming = AbortOnDropHandle::new(tokio::task::spawn_local(async move {
            if let Err(error) = warm.register_servers().await {
                tracing::warn!(%error, "database servers not registered; the reconciler tries again");
            }
            warm.warm_up().await;
        }));
        let mut log = LogSeen::default();
        loop {
            self.take(&mut sagas, &stop, &mut log).await;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = sagas.join_next() => {}
                () = self.provisioner.nudge.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
        if timeout(DRAIN, async { while sagas.join_next().await.is_some() {} }).await.is_err() {
            tracing::warn!(left = sagas.len(), "sagas stopped inside a step; their leases run out");
        }
    }

    /// Takes what is due, up to the bound.
    async fn take(&self, sagas: &mut JoinSet<()>, stop: &CancellationToken, log: &mut LogSeen) {
        while !stop.is_cancelled() && sagas.len() < self.provisioner.parallel {
            let (now, asked) = (self.provisioner.clock.now(), Instant::now());
            match store::claim(self.provisioner.control.conn(), self.provisioner.runner, LEASE_S, now).await {
                Ok(Some(claimed)) => {
                    log.answers();
                    let (provisioner, stop) = (self.provisioner.clone(), stop.clone());
                    sagas.spawn_local(async move {
                        if let Some(delay) = drive(&provisioner, claimed, asked, &stop).await.filter(|delay| *delay < POLL) {
                            // Outside the bound: waiting takes no slot.
                            tokio::task::spawn_local(async move {
                                tokio::time::sleep(delay).await;
                                provisioner.nudge();
                            });
                        }
                    });
                }
                Ok(None) => return log.answers(),
                Err(error) => return log.fails(&error),
            }
        }
    }
}

/// Whether the log could be read the last time: it is asked twice a second, and only a change is told.
#[derive(Default)]
struct LogSeen {
    away: bool,
}

impl LogSeen {
    fn answers(&mut self) {
        if std::mem::take(&mut self.away) {
            tracing::info!("saga log readable again");
        }
    }

    fn fails(&mut self, error: &impl std::fmt::Display) {
        if !std::mem::replace(&mut self.away, true) {
            tracing::warn!(%error, "saga log not readable; it is asked again until it answers");
        }
    }
}
