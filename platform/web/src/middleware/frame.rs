//! What every answer carries, whoever made it.

use std::sync::atomic::Ordering;

use actix_web::body::BoxBody;
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Data;

use super::headers;
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::state::WebState;

/// What decorates an answer.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) id: RequestId,
    path: String,
    state: Data<WebState>,
}

impl Frame {
    /// Of the answer to `req`.
    pub(super) fn of(req: &ServiceRequest, state: &Data<WebState>) -> Self {
        Self { id: RequestId::accept(req.headers(), state.clock.as_ref()), path: req.match_info().as_str().to_owned(), state: Data::clone(state) }
    }

    pub(super) fn decorated(&self, mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        self.decorate(response.headers_mut());
        self.close_if_ending(response.response_mut().head_mut());
        response
    }

    pub(super) fn decorate(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(&self.id.0) {
            headers.insert(X_REQUEST_ID, id);
        }
        headers::secure(headers, &self.path, self.state.options.hsts);
        // "identity" only told the compressor to keep off (event streams).
        if headers.get(header::CONTENT_ENCODING).is_some_and(|value| value == "identity") {
            headers.remove(header::CONTENT_ENCODING);
        }
    }

    /// While the server ends, every answer is the last on its connection: the client's next request goes elsewhere.
    pub(super) fn close_if_ending(&self, head: &mut ResponseHead) {
        if self.state.draining.load(Ordering::Relaxed) {
            head.set_connection_type(ConnectionType::Close);
        }
    }
}
