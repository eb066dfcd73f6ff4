//! Listening on channels, for as long as the process lives, through any number of lost connections.

use std::time::Duration;

use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::wire::{self as redis, Msg};
use super::{Redis, RedisError};
use crate::Backoff;

/// Messages that wait for a slow listener. What comes on top is lost, and [`Incoming::Connected`] says so.
const BUFFER: usize = 1_024;
/// A connection that has been silent for this long is asked whether it lives: a half-open one would stay silent for ever.
const PING_EVERY: Duration = Duration::from_secs(5);
/// Waits between two attempts to connect.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(2));

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// The subscription has begun, or begun anew: whatever was told before this moment may have been missed. Flush caches that rely on messages.
    Connected,
    /// The connection is lost: from now on nothing is heard until the next [`Incoming::Connected`].
    Lost,
    /// A message.
    Message {
        /// The channel.
        channel: String,
        /// What was told.
        payload: String,
    },
}

/// A listener on some channels. Ends when it is dropped.
#[derive(Debug)]
pub struct Subscription {
    incoming: mpsc::Receiver<Incoming>,
    task: AbortHandle,
}

impl Subscription {
    /// Waits for what comes next. `None` only when the runtime is going down.
    pub async fn next(&mut self) -> Option<Incoming> {
        self.incoming.recv().await
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Redis {
    /// Listens on `channels` over a connection of its own. Call it inside a Tokio runtime.
    #[must_use]
    pub fn subscribe(&self, channels: &[&str]) -> Subscription {
        let (sender, incoming) = mpsc::channel(BUFFER);
        let channels = channels.iter().map(|channel| (*channel).to_owned()).collect();
        let task = tokio::spawn(listen(self.clone(), channels, sender)).abort_handle();
        Subscription { incoming, task }
    }
}

async fn listen(redis: Redis, channels: Vec<String>, sender: mpsc::Sender<Incoming>) {
    let mut failures = 0_u32;
    while !sender.is_closed() {
        match listen_once(&redis, &channels, &sender).await {
            Ok(()) => {
                failures = 0;
                tracing::warn!(?channels, "lost the subscription to Redis; connecting again");
            }
            Err(error) => tracing::debug!(?channels, %error, "can't subscribe"),
        }
        if sender.send(Incoming::Lost).await.is_err() {
            return;
        }
        failures = failures.saturating_add(1);
        tokio::time::sleep(BACKOFF.spread(failures)).await;
    }
}

/// `Ok` when a subscription that had begun is lost.
async fn listen_once(redis: &Redis, channels: &[String], sender: &mpsc::Sender<Incoming>) -> Result<(), RedisError> {
    let limit = redis.timeout();
    let connect = async {
        let mut connection = redis.0.client.get_async_pubsub().await?;
        for channel in channels {
            connection.subscribe(channel.as_str()).await?;
        }
        Ok::<_, redis::RedisError>(connection)
    };
    let connection = tokio::time::timeout(limit.max(Duration::from_secs(1)), connect).await.map_err(|_| RedisError::Timeout)??;
    let (mut sink, mut messages) = connection.split();
    if sender.send(Incoming::Connected).await.is_err() {
        return Ok(());
    }
    // A full buffer loses messages; the listener is told as soon as there is room.
    let mut lossy = false;
    loop {
        match tokio::time::timeout(PING_EVERY, messages.next()).await {
            Ok(Some(message)) => {
                if lossy {
                    match sender.try_send(Incoming::Connected) {
                        Ok(()) => lossy = false,
                        Err(mpsc::error::TrySendError::Closed(_)) => return Ok(()),
                        Err(mpsc::error::TrySendError::Full(_)) => continue,
                    }
                }
                match sender.try_send(incoming(&message)) {
                    Ok(()) => {}
                    Err(mpsc::error::TrySendError::Closed(_)) => return Ok(()),
                    Err(mpsc::error::TrySendError::Full(_)) => lossy = true,
                }
            }
            Ok(None) => return Ok(()),
            Err(_silent) => {
                match tokio::time::timeout(limit.max(Duration::from_secs(1)), sink.ping::<redis::Value>()).await {
                    Ok(Ok(_)) => {}
                    _ => return Ok(()),
                }
                if lossy && sender.try_send(Incoming::Connected).is_ok() {
                    lossy = false;
                }
            }
        }
    }
}

fn incoming(message: &Msg) -> Incoming {
    Incoming::Message { channel: message.get_channel_name().to_owned(), payload: String::from_utf8_lossy(message.get_payload_bytes()).into_owned() }
}
