//! A connection whose body nobody read to its end is closed after the answer.
//!
//! The server would otherwise go on reading a chunked body that the handler dropped, for as long and as much as the client likes. It closes when
//! the body is still held while the answer leaves, so it is held here: until the answer is written, or given up.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::{HttpMessage, HttpResponse};
use bytes::Bytes;
use futures::Stream;

/// The body of a request, shared with whoever reads it. Nothing for a request without one.
#[derive(Clone, Default)]
pub(super) struct Held(Option<Rc<RefCell<Payload>>>);

/// What the handler reads.
struct Shared(Rc<RefCell<Payload>>);

/// An answer that keeps the request's body until it is written.
struct Answer {
    body: BoxBody,
    _held: Held,
}

impl Held {
    /// Takes hold of the body of `req`; extractors read it as before.
    pub(super) fn of(req: &mut ServiceRequest) -> Self {
        match req.take_payload() {
            Payload::None => Self::default(),
            payload => {
                let payload = Rc::new(RefCell::new(payload));
                let shared: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(Shared(Rc::clone(&payload)));
                req.set_payload(shared.into());
                Self(Some(payload))
            }
        }
    }

    pub(super) fn until_answered(self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        if self.0.is_none() { response } else { response.map_body(|_, body| Answer { body, _held: self }.boxed()) }
    }

    pub(super) fn until_sent(self, response: HttpResponse) -> HttpResponse {
        if self.0.is_none() { response } else { response.map_body(|_, body| Answer { body, _held: self }.boxed()) }
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Held").field(&self.0.is_some()).finish()
    }
}

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

impl MessageBody for Answer {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
