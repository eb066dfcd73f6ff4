//! `If-None-Match`: a GET whose ETag the caller already has answers 304 without a body.
//!
//! An answer that `include=` expands loses its ETag: the version of the row says nothing about what was expanded.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;

pub(crate) async fn conditional(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    if req.method() != Method::GET {
        return Ok(next.call(req).await?.map_into_boxed_body());
    }
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let expanded = req.query_string().split('&').any(|part| part.strip_prefix("include=").is_some_and(|value| !value.is_empty()));
    let mut response = next.call(req).await?;
    if expanded {
        response.headers_mut().remove(header::ETAG);
    }
    let current = response.headers().get(header::ETAG).and_then(|value| value.to_str().ok());
    let unchanged = response.status() == StatusCode::OK && current.zip(known.as_deref()).is_some_and(|(current, known)| names(known, current));
    if !unchanged {
        return Ok(response.map_into_boxed_body());
    }
    let mut response = response.map_body(|_, _| BoxBody::new(()));
    *response.response_mut().status_mut() = StatusCode::NOT_MODIFIED;
    response.headers_mut().remove(header::CONTENT_TYPE);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(response)
}

/// Weak comparison (RFC 9110 § 13.1.2): `*` or any tag of the list.
fn names(list: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|known| opaque(known) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn tags_are_compared_weakly_within_a_list() {
        assert!(names("\"7\"", "\"7\"") && names("W/\"7\"", "\"7\"") && names("\"1\", \"7\"", "\"7\"") && names("*", "\"7\""));
        assert!(!names("\"70\"", "\"7\"") && !names("7", "\"7\""));
    }
}
