//! The error envelope: [`Problem`] → `{"error": {"code", "message", "details", "request_id"}}`.
//!
//! Invariant: what leaves the process is a problem's public half. Its `source` is logged by the access log next to the
//! request id. Errors that actix itself makes are turned into envelopes by `middleware`.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use nexus_core::{ErrorCode, FieldFault, Problem};
use serde::Serialize;
use serde_json::Value;

use crate::console::{CROSS_SITE, REFRESH_REQUIRED};
use crate::request_id;

/// What a handler answers.
pub type ApiResult = Result<HttpResponse, ApiError>;

/// Codes that belong to the HTTP layer itself, beside [`nexus_core::error::BASE_CODES`].
pub const WEB_CODES: &[ErrorCode] = &[IDEMPOTENCY_KEY_REQUIRED, REQUEST_TIMEOUT, HEADERS_TOO_LARGE, CROSS_SITE, REFRESH_REQUIRED];

/// The operation moves money or stock and has no `Idempotency-Key`.
pub const IDEMPOTENCY_KEY_REQUIRED: ErrorCode =
    ErrorCode { code: "IDEMPOTENCY_KEY_REQUIRED", status: 400, summary: "The operation moves money or stock and needs an Idempotency-Key header." };
/// The body did not arrive in time.
pub const REQUEST_TIMEOUT: ErrorCode = ErrorCode { code: "REQUEST_TIMEOUT", status: 408, summary: "The body did not arrive in time." };
/// The headers exceed the limit.
pub const HEADERS_TOO_LARGE: ErrorCode = ErrorCode { code: "HEADERS_TOO_LARGE", status: 431, summary: "The request's headers exceed the limit." };

/// A [`Problem`] on its way out of a handler. `?` turns everything that becomes a problem into one.
#[derive(Debug)]
pub struct ApiError(pub Problem);

impl<E: Into<Problem>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ApiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status_of(self.0.code)
    }

    fn error_response(&self) -> HttpResponse {
        envelope_for(&self.0, &request_id::current().unwrap_or_default())
    }
}

/// The body of every error.
#[derive(Debug, Serialize)]
struct ErrorEnvelope<'a> {
    error: ErrorBody<'a>,
}

#[derive(Debug, Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Value>,
    request_id: &'a str,
}

/// Marks, in a response's extensions, a body that already is an error envelope.
pub(crate) struct Enveloped;

/// The response of a problem: status, envelope, `Retry-After`, `WWW-Authenticate`, never cached.
pub(crate) fn envelope_for(problem: &Problem, request_id: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status_of(problem.code));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(after) = problem.retry_after {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        response.insert_header((header::RETRY_AFTER, seconds.max(1).to_string()));
    }
    if problem.code.status == 401 {
        response.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"nexus\"")));
    }
    let mut response = response.json(ErrorEnvelope {
        error: ErrorBody { code: problem.code.code, message: &problem.message, details: problem.details.as_ref(), request_id },
    });
    response.extensions_mut().insert(Enveloped);
    response
}

pub(crate) fn status_of(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A 400 about headers, query parameters or syntax, with every fault.
pub(crate) fn bad_request(faults: Vec<FieldFault>) -> Problem {
    let message = match faults.as_slice() {
        [one] if one.field.is_empty() => format!("The request is malformed: {}.", one.message),
        [one] => format!("The request is malformed: `{}` {}.", one.field, one.message),
        many => format!("The request is malformed: {} faults, see details.", many.len()),
    };
    let details = serde_json::to_value(faults).unwrap_or_default();
    Problem::new(ErrorCode::BAD_REQUEST, message).with_details(details)
}

/// 412 with the current representation, for an `If-Match` that names an older version.
pub fn precondition_failed(current: impl Serialize) -> Problem {
    Problem::new(ErrorCode::PRECONDITION_FAILED, "The resource has changed since you read it; details hold its current state.")
        .with_details(serde_json::to_value(current).unwrap_or_default())
}

/// The public problem of a response that actix or a library made without one.
pub(crate) fn problem_of_status(status: StatusCode) -> Problem {
    let code = match status.as_u16() {
        401 => ErrorCode::UNAUTHORIZED,
        403 => ErrorCode::FORBIDDEN,
        404 => ErrorCode::NOT_FOUND,
        405 => ErrorCode::METHOD_NOT_ALLOWED,
        406 => ErrorCode::NOT_ACCEPTABLE,
        408 => REQUEST_TIMEOUT,
        409 => ErrorCode::CONFLICT,
        412 => ErrorCode::PRECONDITION_FAILED,
        413 => ErrorCode::PAYLOAD_TOO_LARGE,
        414 => ErrorCode::URI_TOO_LONG,
        415 => ErrorCode::UNSUPPORTED_MEDIA_TYPE,
        422 => ErrorCode::VALIDATION_FAILED,
        428 => ErrorCode::PRECONDITION_REQUIRED,
        429 => ErrorCode::RATE_LIMITED,
        431 => HEADERS_TOO_LARGE,
        503 => ErrorCode::SERVICE_UNAVAILABLE,
        400..=499 => ErrorCode::BAD_REQUEST,
        _ => ErrorCode::INTERNAL_ERROR,
    };
    Problem::new(code, code.summary)
}
