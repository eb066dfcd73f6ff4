//! Extractors: what a handler takes from a request, checked before the handler runs.
//!
//! Each waits for the request's guards ([`crate::gate`]) and fails with an envelope that says what is wrong and where.

mod arrival;
mod body;
mod idempotency;
mod if_match;
mod json;
mod objects;
mod params;
mod patch;
mod path;
mod query;
mod strict;
mod wording;

use actix_web::HttpRequest;
use actix_web::http::header;

pub use arrival::BodyDeadline;
pub use body::{BodyLimit, read as read_body, read_up_to as read_body_up_to};
pub use idempotency::{Idempotency, RequiredIdempotency, fingerprint};
pub use if_match::IfMatch;
#[cfg(test)]
pub(crate) use if_match::parse_tag;
pub use json::Json;
pub use params::Params;
pub use patch::Patch;
pub use path::{PathId, path_id, path_text};
pub use query::{names_any, pairs};

/// The token of an `Authorization: Bearer …` header; `None` when there is none or it is not exactly one.
#[must_use]
pub fn bearer(req: &HttpRequest) -> Option<&str> {
    let mut values = req.headers().get_all(header::AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}
