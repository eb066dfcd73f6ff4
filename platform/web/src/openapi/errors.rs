//! Which errors an operation can answer, from its shape alone.

use std::collections::BTreeSet;

use nexus_core::ErrorCode;
use serde_json::{Value, json};

/// Statuses that follow from method, parameters, body and security.
pub(super) fn implied(method: &str, operation: &Value) -> BTreeSet<u16> {
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let has = |place: &str, name: Option<&str>| {
        parameters.iter().any(|parameter| {
            parameter["in"] == place && name.is_none_or(|name| parameter["name"].as_str().is_some_and(|given| given.eq_ignore_ascii_case(name)))
        })
    };
    // Unknown query parameters, long paths and long headers are refused everywhere; every operation is rate limited, can fail, can be busy.
    let mut statuses = BTreeSet::from([400, 414, 429, 431, 500, 503]);
    let secured = operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
    if secured {
        statuses.extend([401, 403]);
    }
    if has("path", None) {
        statuses.insert(404);
    }
    if operation.get("requestBody").is_some() {
        statuses.extend([408, 413, 415, 422]);
    }
    if has("header", Some("If-Match")) {
        statuses.extend([412, 428]);
    }
    if has("header", Some("Idempotency-Key")) {
        statuses.extend([409, 422]);
    }
    if matches!(method, "put" | "patch" | "delete") {
        statuses.insert(409);
    }
    statuses
}

/// Name of the shared response of a status.
pub(super) fn response_name(status: u16) -> String {
    match status {
        400 => "BadRequest".to_owned(),
        401 => "Unauthorized".to_owned(),
        402 => "QuotaExceeded".to_owned(),
        403 => "Forbidden".to_owned(),
        404 => "NotFound".to_owned(),
        405 => "MethodNotAllowed".to_owned(),
        406 => "NotAcceptable".to_owned(),
        408 => "RequestTimeout".to_owned(),
        409 => "Conflict".to_owned(),
        410 => "Gone".to_owned(),
        412 => "PreconditionFailed".to_owned(),
        413 => "PayloadTooLarge".to_owned(),
        414 => "UriTooLong".to_owned(),
        415 => "UnsupportedMediaType".to_owned(),
        422 => "ValidationFailed".to_owned(),
        428 => "PreconditionRequired".to_owned(),
        429 => "RateLimited".to_owned(),
        431 => "HeadersTooLarge".to_owned(),
        500 => "InternalError".to_owned(),
        503 => "ServiceUnavailable".to_owned(),
        other => format!("Error{other}"),
    }
}

/// The shared response of a status: which codes it carries, one example each.
pub(super) fn response(status: u16, codes: &[ErrorCode]) -> Value {
    let description = codes.iter().map(|code| format!("`{}`: {}", code.code, code.summary)).collect::<Vec<_>>().join("\n\n");
    let mut headers = headers();
    if matches!(status, 429 | 503) {
        headers["Retry-After"] = json!({ "$ref": "#/components/headers/RetryAfter" });
    }
    if status == 401 {
        headers["WWW-Authenticate"] = json!({ "$ref": "#/components/headers/WwwAuthenticate" });
    }
    json!({ "description": description, "headers": headers, "content": content(codes) })
}

/// The media type of errors with these codes.
pub(super) fn content(codes: &[ErrorCode]) -> Value {
    let mut examples = serde_json::Map::new();
    for code in codes {
        examples.insert(code.code.to_owned(), json!({ "summary": code.summary, "value": sample(code) }));
    }
    json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" }, "examples": examples } })
}

/// Headers of every answer.
pub(super) fn headers() -> Value {
    json!({
        "X-Request-Id": { "$ref": "#/components/headers/RequestId" },
        "RateLimit": { "$ref": "#/components/headers/RateLimit" },
        "RateLimit-Policy": { "$ref": "#/components/headers/RateLimitPolicy" },
    })
}

fn sample(code: &ErrorCode) -> Value {
    let mut error = json!({ "code": code.code, "message": code.summary, "request_id": "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11" });
    if code.code == "VALIDATION_FAILED" {
        error["message"] = json!("The request is refused: lines[0].quantity: must be greater than zero.");
        error["details"] = json!([{ "field": "lines[0].quantity", "code": "not_positive", "message": "must be greater than zero" }]);
    }
    json!({ "error": error })
}
