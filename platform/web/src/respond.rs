//! Answers. A handler ends in one of these.
//!
//! `If-None-Match` is answered by the server (`middleware`): a 200 with a matching ETag becomes 304.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use nexus_core::{Idempotent, Listing};
use serde::Serialize;

use crate::list::ListQuery;
use crate::wire::{Envelope, ListEnvelope};

/// Marks an answer that an earlier request with the same idempotency key made.
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// 200 with `{"data": …}`.
pub fn ok<T: Serialize>(data: T) -> HttpResponse {
    private(&mut HttpResponse::Ok()).json(Envelope { data })
}

/// 200 with an ETag made from the row's version. Not for answers that `include=` expands: the version would lie.
pub fn ok_versioned<T: Serialize>(data: T, version: i64) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag(version)))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .json(Envelope { data })
}

/// 201 with `Location`, and an ETag when the resource has a version.
pub fn created<T: Serialize>(location: &str, data: T, version: Option<i64>) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, location));
    if let Some(version) = version {
        response.insert_header((header::ETAG, etag(version)));
    }
    private(&mut response).json(Envelope { data })
}

/// 202 with `Location` of the job or operation that goes on.
pub fn accepted<T: Serialize>(location: &str, data: T) -> HttpResponse {
    private(HttpResponse::Accepted().insert_header((header::LOCATION, location))).json(Envelope { data })
}

/// 204.
#[must_use]
pub fn no_content() -> HttpResponse {
    private(&mut HttpResponse::NoContent()).finish()
}

/// 200 with one page, its metadata and `Link`.
pub fn listing<T: Serialize>(_: &HttpRequest, query: &ListQuery, listing: Listing<T>) -> HttpResponse {
    let metadata = query.metadata(&listing);
    let mut response = HttpResponse::Ok();
    if let Some(link) = query.link(&metadata) {
        response.insert_header((header::LINK, link));
    }
    let (Listing::Page { items, .. } | Listing::Cursor { items, .. }) = listing;
    private(&mut response).json(ListEnvelope { data: items, metadata })
}

/// The answer of an operation under an idempotency key, marked when it is a replay.
pub fn idempotent<T>(done: Idempotent<T>, respond: impl FnOnce(T) -> HttpResponse) -> HttpResponse {
    let mut response = respond(done.value);
    if done.replayed {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// The strong ETag of a row version.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// What a tenant or an account reads is theirs alone: nothing keeps it, but for a client that asks again by its ETag.
fn private(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response.insert_header((header::CACHE_CONTROL, "no-store"))
}

/// For personal data with an ETag: not even the client keeps it.
#[must_use]
pub fn no_store(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
