//! Server-sent events: heartbeats keep proxies from closing the stream, compression stays off, and the stream ends
//! when the server shuts down (clients are told when to reconnect, with `Last-Event-ID`).

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::state::WebState;

/// Over how many seconds the clients of a server that ends are told to come back.
const BACK_WITHIN_S: u64 = 4;
/// Time between two comments on a silent stream.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Tells nginx not to hold events back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Id that a reconnecting client names in `Last-Event-ID`.
    pub id: Option<String>,
    /// Name of the event; `message` without one.
    pub name: Option<String>,
    /// Content, usually JSON.
    pub data: String,
    /// How long the client waits before it reconnects.
    pub retry: Option<Duration>,
}

impl Event {
    /// An event with JSON content.
    ///
    /// # Errors
    /// When `data` can't be written as JSON.
    pub fn json(id: impl Into<String>, name: impl Into<String>, data: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { id: Some(id.into()), name: Some(name.into()), data: serde_json::to_string(data)?, retry: None })
    }

    fn encode(&self) -> Bytes {
        let mut out = String::new();
        for (field, value) in [("id", &self.id), ("event", &self.name)] {
            if let Some(value) = value {
                let line: String = value.chars().filter(|letter| !letter.is_control()).collect();
                out.push_str(&format!("{field}: {line}\n"));
            }
        }
        if let Some(retry) = self.retry {
            out.push_str(&format!("retry: {}\n", retry.as_millis()));
        }
        for line in self.data.split(['\n', '\r']) {
            out.push_str(&format!("data: {line}\n"));
        }
        out.push('\n');
        Bytes::from(out)
    }
}

/// The id of the last event a reconnecting client has seen.
#[must_use]
pub fn last_event_id(req: &HttpRequest) -> Option<&str> {
    req.headers().get("last-event-id").and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty() && text.len() <= 128)
}

/// A 200 that lives as long as `events`, the client and the server do.
pub fn respond(req: &HttpRequest, events: impl Stream<Item = Event> + 'static) -> HttpResponse {
    let closing = WebState::of(req).map_or_else(CancellationToken::new, |state| state.closing.clone());
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("identity")))
        .insert_header((X_ACCEL_BUFFERING, HeaderValue::from_static("no")))
        .streaming(encoded(events, HEARTBEAT, closing))
}

struct Source {
    events: Pin<Box<dyn Stream<Item = Event>>>,
    beat: Interval,
    closing: CancellationToken,
    ended: bool,
}

/// Tells a client when to come back: not all at once.
fn farewell() -> Bytes {
    static SAID: AtomicU64 = AtomicU64::new(0);
    let seconds = 1 + SAID.fetch_add(1, Ordering::Relaxed) % BACK_WITHIN_S;
    Bytes::from(format!("retry: {}\n: the server ends, reconnect with Last-Event-ID\n\n", seconds * 1000))
}

fn encoded(
    events: impl Stream<Item = Event> + 'static,
    heartbeat: Duration,
    closing: CancellationToken,
) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let opening = stream::once(async { Ok(Bytes::from_static(b": connected\n\n")) });
    let source = Source { events: Box::pin(events), beat, closing, ended: false };
    opening.chain(stream::unfold(source, |mut source| async move {
        if source.ended {
            return None;
        }
        let chunk = tokio::select! {
            biased;
            () = source.closing.cancelled() => {
                source.ended = true;
                Some(farewell())
            }
            event = source.events.next() => event.map(|event| event.encode()),
            _ = source.beat.tick() => Some(Bytes::from_static(b": heartbeat\n\n")),
        };
        chunk.map(|chunk| (Ok(chunk), source))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn collect(stream: impl Stream<Item = Result<Bytes, std::convert::Infallible>>) -> String {
        let chunks: Vec<Bytes> = stream.map(|chunk| chunk.unwrap()).collect().await;
        String::from_utf8(chunks.concat()).unwrap()
    }

    #[tokio::test]
    async fn events_are_framed_and_can_not_break_out_of_their_frame() {
        let event = Event { id: Some("7\nevent: forged".into()), name: Some("moved".into()), data: "a\nb".into(), retry: None };
        let text = collect(encoded(stream::iter([event]), HEARTBEAT, CancellationToken::new())).await;
        assert_eq!(text, ": connected\n\nid: 7event: forged\nevent: moved\ndata: a\ndata: b\n\n");
    }

    #[tokio::test]
    async fn a_silent_stream_beats_until_the_server_stops() {
        let shutdown = CancellationToken::new();
        let mut stream = Box::pin(encoded(stream::pending(), Duration::from_millis(1), shutdown.clone()));
        assert_eq!(stream.next().await.unwrap().unwrap(), ": connected\n\n");
        assert_eq!(stream.next().await.unwrap().unwrap(), ": heartbeat\n\n");
        shutdown.cancel();
        let farewell = stream.next().await.unwrap().unwrap();
        assert!(farewell.starts_with(b"retry: ") && farewell.ends_with(b"\n\n"), "{farewell:?}");
        assert!(stream.next().await.is_none());
    }
}
