//! One reader for everything that is watched: however many watch, and however many operations, a look costs two queries every [`READ_EVERY`].
//!
//! An operation is read as long as somebody watches it and until it has ended. Nothing is kept beyond that: a client may come back to any process.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nexus_provisioning::Operation;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Steps take tens of milliseconds to seconds.
const READ_EVERY: Duration = Duration::from_millis(250);

/// What is watched in this process.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    watched: Mutex<HashMap<Uuid, watch::Sender<Arc<Operation>>>>,
    joined: Notify,
}

impl Watches {
    /// What becomes of an operation from `now` on. The channel closes after the operation has ended.
    pub(crate) fn join(&self, now: Operation) -> watch::Receiver<Arc<Operation>> {
        let mut receiver = self.lock().entry(now.id).or_insert_with(|| watch::Sender::new(Arc::new(now))).subscribe();
        // What the reader has seen already may be newer than what the watcher has.
        receiver.mark_changed();
        self.joined.notify_one();
        receiver
    }

    /// Reads what is watched until `stop`, and rests while nothing is. A read that fails is tried again: whoever watches waits anyway.
    pub(crate) async fn run<E: Display>(&self, read: impl AsyncFn(&[Uuid]) -> Result<Vec<Operation>, E>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let ids = self.watched();
            let pause = async { if ids.is_empty() { self.joined.notified().await } else { tokio::time::sleep(READ_EVERY).await } };
            if !ids.is_empty() {
                match read(&ids).await {
                    Ok(found) => self.tell(&ids, found),
                    Err(error) => tracing::debug!(%error, "watched operations can't be read just now"),
                }
            }
            stop.run_until_cancelled(pause).await;
        }
    }

    /// Forgets what nobody watches any more; answers the rest.
    fn watched(&self) -> Vec<Uuid> {
        let mut watched = self.lock();
        watched.retain(|_, sender| sender.receiver_count() > 0);
        watched.keys().copied().collect()
    }

    fn tell(&self, asked: &[Uuid], found: Vec<Operation>) {
        let mut watched = self.lock();
        let mut found: HashMap<Uuid, Operation> = found.into_iter().map(|operation| (operation.id, operation)).collect();
        for id in asked {
            let is_over = match (watched.get(id), found.remove(id)) {
                (Some(sender), Some(operation)) => {
                    let is_over = operation.finished_at.is_some();
                    sender.send_if_modified(|known| {
                        let is_new = **known != operation;
                        if is_new {
                            *known = Arc::new(operation);
                        }
                        is_new
                    });
                    is_over
                }
                _ => true,
            };
            if is_over {
                watched.remove(id);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<Arc<Operation>>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "watching_tests.rs"]
mod tests;
