//! What happens around every request, from the outside in:
//!
//! 1. [`admit`]: a place among the requests under way, or 503 (see [`crate::admission`]);
//! 2. [`outer`]: request id, client address, limits of request line and headers, HEAD, panics, envelopes for foreign
//!    errors, security headers, access log, metrics, connections closed where a body was left unread;
//! 3. CORS (actix);
//! 4. compression (actix);
//! 5. [`leave`]: large answers piece by piece, counted until they are sent;
//! 6. [`conditional`]: `If-None-Match` → 304;
//! 7. [`limit`]: rate limits;
//! 8. [`query`]: unknown parameters of operations that take none.
//!
//! No middleware keeps a clone of the request while it calls the next: actix's router needs it unshared.

pub(crate) mod access;
pub(crate) mod admit;
pub(crate) mod conditional;
mod frame;
pub(crate) mod headers;
pub(crate) mod leave;
pub(crate) mod limit;
pub(crate) mod outer;
pub(crate) mod query;
mod unread;

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

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
        .expose_headers(exposed())
        .max_age(3600);
    options.cors_origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// The same for an answer that is made before CORS is looked at: without them, a page's script could not read why it was refused.
fn cors_headers(answer: &mut HeaderMap, asked: &HeaderMap, options: &WebOptions) {
    answer.append(header::VARY, HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
    let Some(origin) = asked.get(header::ORIGIN).filter(|origin| options.cors_origins.iter().any(|known| known.as_bytes() == origin.as_bytes()))
    else {
        return;
    };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    if let Ok(names) = HeaderValue::from_str(&exposed().each_ref().map(HeaderName::as_str).join(", ")) {
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, names);
    }
}

/// What a script of another origin may read.
fn exposed() -> [HeaderName; 10] {
    [
        header::ETAG,
        header::LOCATION,
        header::LINK,
        header::RETRY_AFTER,
        IDEMPOTENCY_REPLAYED,
        X_REQUEST_ID,
        limit::RATE_LIMIT,
        limit::RATE_LIMIT_POLICY,
        HeaderName::from_static("deprecation"),
        HeaderName::from_static("sunset"),
    ]
}
