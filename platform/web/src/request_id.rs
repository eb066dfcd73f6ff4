//! The id that finds a request in the logs: taken from `X-Request-Id` when it is harmless, else a new UUIDv7.
//!
//! It travels in the request's extensions (for handlers) and in a task-local (for error envelopes, which actix builds
//! without the request at hand).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use nexus_core::Clock;

/// Name of the header.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Greatest length of an id that is taken over from a caller.
const MAX_LENGTH: usize = 128;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// A request's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// The caller's id when it is 1 to 128 characters of `A–Z a–z 0–9 . _ : -`, else a new one.
    pub(crate) fn accept(headers: &HeaderMap, clock: &dyn Clock) -> Self {
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|text| is_harmless(text));
        Self(given.map_or_else(|| clock.new_id().to_string(), str::to_owned))
    }

    /// The id of `req`; empty where the request did not pass the server's middleware.
    #[must_use]
    pub fn of(req: &HttpRequest) -> Self {
        req.extensions().get::<Self>().cloned().or_else(|| CURRENT.try_with(Clone::clone).ok()).unwrap_or_else(|| Self(String::new()))
    }

    /// Runs `work` with this id as the current one.
    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}

fn is_harmless(text: &str) -> bool {
    (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

/// The id of the request being served by this task.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(|id| id.0.clone()).ok()
}

impl FromRequest for RequestId {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(req)))
    }
}
