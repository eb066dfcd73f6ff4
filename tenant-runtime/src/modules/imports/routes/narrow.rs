//! What a multipart form may send between its fields: separators and the headers of a part, never more.
//!
//! The parser keeps what it has not understood yet and looks through all of it again with every piece that arrives, so that a part header (or text
//! before the first part) without an end would cost the square of its length.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_multipart::Multipart;
use actix_web::error::PayloadError;
use actix_web::web::Payload;
use actix_web::{HttpMessage, HttpRequest};
use bytes::Bytes;
use futures::Stream;

/// Most bytes that may arrive while the next field is looked for: its headers, and what the connection hands over at once beyond them.
const BETWEEN_FIELDS: usize = 256 * 1024;
/// Lengths of a boundary (RFC 2046, 5.1.1, allows one character; no client sends so few, and the parser miscounts below four).
const BOUNDARY: std::ops::RangeInclusive<usize> = 4..=70;

/// Bounds the bytes that arrive between two fields.
#[derive(Debug, Clone, Default)]
pub(super) struct Gap(Rc<Cell<Option<usize>>>);

struct Narrow {
    payload: Payload,
    gap: Gap,
}

/// The form of `req`, and the bound of its gaps. `None` when its boundary can't be used.
pub(super) fn form(req: &HttpRequest, payload: Payload) -> Option<(Multipart, Gap)> {
    let kind = req.mime_type().ok().flatten();
    let boundary = kind.as_ref().and_then(|kind| kind.get_param("boundary"));
    if boundary.is_some_and(|boundary| !BOUNDARY.contains(&boundary.as_str().len())) {
        return None;
    }
    let gap = Gap::default();
    Some((Multipart::new(req.headers(), Narrow { payload, gap: gap.clone() }), gap))
}

impl Gap {
    /// From now on the next field is looked for.
    pub(super) fn begin(&self) {
        self.0.set(Some(BETWEEN_FIELDS));
    }

    /// From now on the content of a field is read; its reader bounds it.
    pub(super) fn end(&self) {
        self.0.set(None);
    }

    fn admits(&self, arrived: usize) -> bool {
        let Some(left) = self.0.get() else { return true };
        self.0.set(Some(left.saturating_sub(arrived)));
        arrived <= left
    }
}

impl Stream for Narrow {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = Pin::new(&mut self.payload).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &piece
            && !self.gap.admits(bytes.len())
        {
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
        }
        piece
    }
}
