//! How long a body may take to arrive: all of it, and each piece of it.
//!
//! Without both bounds a client that sends a byte now and then keeps a request, its memory and its temporary files for ever.

use std::cell::Cell;
use std::time::Duration;

use actix_web::HttpRequest;
use futures::{Stream, StreamExt};
use nexus_core::Problem;
use tokio::time::Instant;

use crate::admission;
use crate::error::REQUEST_TIMEOUT;
use crate::options::BodyTimeouts;
use crate::state::WebState;

/// How long a body may arrive at any rate.
const UNHURRIED: Duration = Duration::from_secs(30);

/// The bounds of one body on its way in. They count from when it is made.
#[derive(Debug)]
pub struct BodyDeadline {
    idle: Duration,
    total: Duration,
    since: Instant,
    /// Bytes a second that must have come on average; 0 is any.
    rate: u64,
    received: Cell<u64>,
}

impl BodyDeadline {
    /// The bounds of a body that is read whole, such as JSON.
    #[must_use]
    pub fn of_body(req: &HttpRequest) -> Self {
        let BodyTimeouts { idle, body, .. } = timeouts(req);
        Self::new(idle, body)
    }

    /// The bounds of an upload: a multipart form, read piece by piece. From now on the request holds no place: uploads are counted by whoever takes them.
    #[must_use]
    pub fn of_upload(req: &HttpRequest) -> Self {
        admission::upload(req);
        let BodyTimeouts { idle, upload, upload_rate, .. } = timeouts(req);
        Self { rate: upload_rate, ..Self::new(idle, upload) }
    }

    /// At most `idle` for each piece and `total` for all of them, from now on.
    #[must_use]
    pub fn new(idle: Duration, total: Duration) -> Self {
        Self { idle, total, since: Instant::now(), rate: 0, received: Cell::new(0) }
    }

    /// Counts what came of an upload.
    ///
    /// # Errors
    /// 408 `REQUEST_TIMEOUT` when it comes too slowly: bytes that trickle in keep a place from others for as long as the whole may take.
    pub fn arrived(&self, bytes: usize) -> Result<(), Problem> {
        let received = self.received.get().saturating_add(bytes as u64);
        self.received.set(received);
        let elapsed = self.since.elapsed();
        if elapsed <= UNHURRIED || received >= self.rate.saturating_mul(elapsed.as_secs()) {
            return Ok(());
        }
        Err(Problem::new(REQUEST_TIMEOUT, format!("The body arrived at less than {} bytes a second.", self.rate)))
    }

    /// The next item of `pieces`: the next chunk of a payload or of a multipart field, or the next field of a form. `None` at its end.
    ///
    /// # Errors
    /// 408 `REQUEST_TIMEOUT` when it does not come in time; the body must not be read further then.
    pub async fn next<S: Stream + Unpin>(&self, pieces: &mut S) -> Result<Option<S::Item>, Problem> {
        let (pause_ends, until) = (Instant::now() + self.idle, self.since + self.total);
        tokio::time::timeout_at(pause_ends.min(until), pieces.next()).await.map_err(|_| {
            if pause_ends < until {
                Problem::new(REQUEST_TIMEOUT, format!("Nothing of the body arrived for {}.", shown(self.idle)))
            } else {
                Problem::new(REQUEST_TIMEOUT, format!("The body did not arrive within {}.", shown(self.total)))
            }
        })
    }
}

fn timeouts(req: &HttpRequest) -> BodyTimeouts {
    WebState::of(req).map_or_else(BodyTimeouts::default, |state| state.options.timeouts)
}

fn shown(duration: Duration) -> String {
    format!("{} seconds", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    const IDLE: Duration = Duration::from_secs(10);
    const TOTAL: Duration = Duration::from_secs(30);

    /// A piece every `pause`, for ever.
    fn drip(pause: Duration) -> impl Stream<Item = u8> + Unpin {
        Box::pin(stream::unfold((), move |()| async move {
            tokio::time::sleep(pause).await;
            Some((b'x', ()))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_bounded() {
        let started = Instant::now();
        let deadline = BodyDeadline::new(IDLE, TOTAL);
        let refused = deadline.next(&mut drip(Duration::from_secs(11))).await.unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), (REQUEST_TIMEOUT, "Nothing of the body arrived for 10 seconds."));
        assert_eq!(started.elapsed(), IDLE);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_that_trickles_is_given_up_after_a_while() {
        let deadline = BodyDeadline { rate: 1_000, ..BodyDeadline::new(IDLE, Duration::from_secs(3600)) };
        let started = Instant::now();
        let refused = loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if let Err(refused) = deadline.arrived(999) {
                break refused;
            }
        };
        assert_eq!((refused.code, refused.message.as_str()), (REQUEST_TIMEOUT, "The body arrived at less than 1000 bytes a second."));
        assert!(started.elapsed() > UNHURRIED && started.elapsed() < UNHURRIED * 2, "{:?}", started.elapsed());
        let steady = BodyDeadline { rate: 1_000, ..BodyDeadline::new(IDLE, Duration::from_secs(3600)) };
        for _ in 0..300 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            steady.arrived(1_000).unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_whole_is_bounded_however_steadily_it_drips() {
        let started = Instant::now();
        let deadline = BodyDeadline::new(IDLE, TOTAL);
        let mut pieces = drip(Duration::from_secs(7));
        let mut count = 0;
        let refused = loop {
            match deadline.next(&mut pieces).await {
                Ok(piece) => count += piece.map_or(0, |_| 1),
                Err(refused) => break refused,
            }
        };
        assert_eq!((refused.code, refused.message.as_str()), (REQUEST_TIMEOUT, "The body did not arrive within 30 seconds."));
        assert_eq!((count, started.elapsed()), (4, TOTAL));
        assert_eq!(BodyDeadline::new(IDLE, TOTAL).next(&mut stream::empty::<u8>()).await.unwrap(), None);
    }
}
