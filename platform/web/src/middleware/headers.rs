//! Security headers of every answer, and limits on what a request's head may hold.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use nexus_core::{ErrorCode, Problem};

use crate::error::HEADERS_TOO_LARGE;

/// Longest path and query, in bytes.
const MAX_TARGET: usize = 8 * 1024;
/// Largest sum of header names and values, in bytes.
const MAX_HEADERS: usize = 16 * 1024;
/// Greatest number of header fields.
const MAX_FIELDS: usize = 100;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Policy of answers that are data.
const CSP: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// Policy of the documentation page: its own files, and the inline styles Swagger UI sets.
pub(crate) const CSP_DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Sets what is not set yet: files of the console bring policies of their own.
pub(crate) fn secure(headers: &mut HeaderMap, path: &str, hsts: bool) {
    let csp = if path == "/docs" || path.starts_with("/docs/") { CSP_DOCS } else { CSP };
    let defaults = [
        (header::CONTENT_SECURITY_POLICY, csp),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
    ];
    for (name, value) in defaults {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    if path.starts_with("/api/") {
        headers.append(header::VARY, HeaderValue::from_static("Authorization, Cookie, X-Tenant"));
    }
    merge_vary(headers);
}

/// One `Vary` of what every layer added, each name once: some caches read only the first field.
fn merge_vary(headers: &mut HeaderMap) {
    let mut names: Vec<String> = Vec::new();
    for value in headers.get_all(header::VARY).filter_map(|value| value.to_str().ok()) {
        for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name.to_owned());
            }
        }
    }
    if let Ok(merged) = HeaderValue::from_str(&names.join(", "))
        && !names.is_empty()
    {
        headers.insert(header::VARY, merged);
    }
}

/// Refuses a request line or headers beyond the limits.
pub(crate) fn check_head(req: &ServiceRequest) -> Result<(), Problem> {
    let target = req.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > MAX_TARGET {
        return Err(Problem::new(ErrorCode::URI_TOO_LONG, format!("Path and query may have at most {MAX_TARGET} bytes.")));
    }
    let size: usize = req.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MAX_HEADERS || req.headers().len() > MAX_FIELDS {
        return Err(Problem::new(HEADERS_TOO_LARGE, format!("Headers may have at most {MAX_FIELDS} fields and {MAX_HEADERS} bytes.")));
    }
    Ok(())
}
