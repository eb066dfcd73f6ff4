//! Reading a body: bounded in size and time.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use bytes::{Bytes, BytesMut};
use nexus_core::{ErrorCode, Problem};

use super::arrival::BodyDeadline;
use crate::admission;
use crate::state::WebState;

/// Greatest body where neither the server nor the route sets another limit.
const DEFAULT_LIMIT: usize = 1024 * 1024;

/// A route's own limit in bytes, set as `app_data` of a scope or resource; without it the server's setting holds.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

/// The whole body.
///
/// # Errors
/// 413 above the limit, 408 when it does not arrive in time, 415 when it is compressed, 400 when it breaks off, 503 when too many are waited for.
pub async fn read(req: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    let limit =
        req.app_data::<BodyLimit>().map(|limit| limit.0).or_else(|| WebState::of(req).map(|state| state.options.body_limit)).unwrap_or(DEFAULT_LIMIT);
    read_up_to(req, payload, limit).await
}

/// The whole body, of an operation that takes no more than `limit` bytes.
///
/// # Errors
/// As [`read`].
pub async fn read_up_to(req: &HttpRequest, payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    admission::arriving(req, read_all(req, payload, limit)).await
}

async fn read_all(req: &HttpRequest, mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let encoded = req.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity");
    if encoded {
        return Err(Problem::new(ErrorCode::UNSUPPORTED_MEDIA_TYPE, "Compressed bodies are not accepted: leave out Content-Encoding."));
    }
    let announced = req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let deadline = BodyDeadline::of_body(req);
    let mut body = BytesMut::with_capacity(announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(0));
    while let Some(chunk) = deadline.next(&mut payload).await? {
        let chunk = chunk.map_err(|error| broken(&error, limit))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(ErrorCode::PAYLOAD_TOO_LARGE, format!("The body may have at most {limit} bytes."))
        .with_details(serde_json::json!({ "limit_bytes": limit }))
}

fn broken(error: &PayloadError, limit: usize) -> Problem {
    match error {
        PayloadError::Overflow => too_large(limit),
        _ => Problem::new(ErrorCode::BAD_REQUEST, "The body broke off or is wrongly framed."),
    }
}
