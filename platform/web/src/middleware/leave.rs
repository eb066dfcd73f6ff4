//! Large answers on their way to a client that may not read them.
//!
//! Such an answer is handed to the connection piece by piece, so that it is in memory once, and counted to whom it is for until the last piece is taken
//! (`admission`). Its client must read it at a pace; one that reads nothing at all loses its connection earlier ([`crate::server`]).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::Error;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use bytes::Bytes;
use thiserror::Error;
use tokio::time::Instant;

use crate::admission::{Leaving, leaving};
use crate::error::ApiError;

/// Up to here an answer is no burden: the system's buffers take it.
const SMALL: u64 = 64 * 1_024;
/// What the connection gets at once.
const PIECE: usize = 32 * 1_024;
/// How long a client may take, beside the time for reading at [`SLOWEST`].
const GRACE: Duration = Duration::from_secs(20);
/// Bytes a second that a client must read.
const SLOWEST: u64 = 32 * 1_024;

#[derive(Debug, Error)]
#[error("the client did not read the answer in time")]
struct TooSlow;

/// The content of an answer.
enum Content {
    Whole { rest: Bytes, _leaving: Option<Leaving> },
    Stream(BoxBody),
}

/// An answer that is to be read within a time.
struct Paced {
    content: Content,
    size: u64,
    until: Instant,
}

pub(crate) async fn leave(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    // What was changed is told, whoever waits for how much.
    let owed = req.method() != Method::GET;
    let response = next.call(req).await?.map_into_boxed_body();
    let size = match response.response().body().size() {
        BodySize::Sized(size) if size > SMALL => size,
        _ => return Ok(response),
    };
    let (req, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let content = match body.try_into_bytes() {
        Ok(rest) => match leaving(&req, rest.len(), owed) {
            Ok(_leaving) => Content::Whole { rest, _leaving },
            Err(problem) => return Ok(ServiceResponse::from_err(ApiError(problem), req)),
        },
        Err(stream) => Content::Stream(stream),
    };
    let until = Instant::now() + GRACE + Duration::from_secs(size / SLOWEST);
    Ok(ServiceResponse::new(req, response.set_body(Paced { content, size, until }.boxed())))
}

impl MessageBody for Paced {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.size)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.until < Instant::now() {
            return Poll::Ready(Some(Err(Box::new(TooSlow))));
        }
        match &mut self.content {
            Content::Whole { rest, .. } if rest.is_empty() => Poll::Ready(None),
            Content::Whole { rest, .. } => Poll::Ready(Some(Ok(rest.split_to(rest.len().min(PIECE))))),
            Content::Stream(stream) => Pin::new(stream).poll_next(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_comes_in_pieces_and_not_for_ever() {
        let size = 100 * 1_024;
        let content = Content::Whole { rest: Bytes::from(vec![7; size]), _leaving: None };
        let mut body = Paced { content, size: size as u64, until: Instant::now() + Duration::from_secs(23) };
        let mut next = async || poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await;
        for expected in [PIECE, PIECE, PIECE] {
            assert_eq!(next().await.unwrap().unwrap().len(), expected);
        }
        tokio::time::sleep(Duration::from_secs(24)).await;
        assert!(next().await.unwrap().is_err());
    }
}
