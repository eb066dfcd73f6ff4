//! What happens around every request, from the outside in:
//!
//! 1. [`outer`]: request id, client address, limits of request line and headers, HEAD, panics, envelopes for foreign
//!    errors, security headers, access log, metrics, connections closed where a body was left unread;
//! 2. CORS (actix);
//! 3. [`admit`]: a place among the requests under way, or 503 (see [`crate::admission`]);
//! 4. compression (actix);
//! 5. [`conditional`]: `If-None-Match` → 304;
//! 6. [`limit`]: rate limits;
//! 7. [`query`]: unknown parameters of operations that take none.
//!
//! No middleware keeps a clone of the request while it calls the next: actix's router needs it unshared.

mod access;
pub(crate) mod admit;
pub(crate) mod conditional;
pub(crate) mod headers;
pub(crate) mod limit;
pub(crate) mod outer;
pub(crate) mod query;
mod unread;

use actix_cors::Cors;
use actix_web::http::{Method, header};

use crate::options::WebOptions;
use crate::request_id::X_REQUEST_ID;
use crate::respond::IDEMPOTENCY_REPLAYED;

/// Cross-origin requests from configured origins only, without cookies: the console is same-origin.
pub(crate) fn cors(options: &WebOptions) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION.as_str(),
            header::CONTENT_TYPE.as_str(),
            header::ACCEPT.as_str(),
            header::IF_MATCH.as_str(),
            header::IF_NONE_MATCH.as_str(),
            "idempotency-key",
            "last-event-id",
            "traceparent",
            "x-request-id",
            "x-tenant",
        ])
        .expose_headers([
            header::ETAG.as_str(),
            header::LOCATION.as_str(),
            header::LINK.as_str(),
            header::RETRY_AFTER.as_str(),
            IDEMPOTENCY_REPLAYED.as_str(),
            X_REQUEST_ID.as_str(),
            limit::RATE_LIMIT.as_str(),
            limit::RATE_LIMIT_POLICY.as_str(),
            "deprecation",
            "sunset",
        ])
        .max_age(3600);
    options.cors_origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
