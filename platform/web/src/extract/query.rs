//! Query strings as decoded pairs, bounded in number.

use actix_web::HttpRequest;
use nexus_core::{FieldFault, Problem};

use crate::error::bad_request;

/// Greatest number of parameters.
const MAX_PAIRS: usize = 100;

/// The decoded query parameters in the order given.
///
/// # Errors
/// 400 when there are too many.
pub fn pairs(req: &HttpRequest) -> Result<Vec<(String, String)>, Problem> {
    let text = req.query_string();
    if text.split('&').count() > MAX_PAIRS {
        return Err(bad_request(vec![FieldFault::new("", "too_many", format!("at most {MAX_PAIRS} query parameters"))]));
    }
    serde_urlencoded::from_str(text).map_err(|_| bad_request(vec![FieldFault::new("", "syntax", "the query string is not form-encoded UTF-8")]))
}

/// Whether `query` names a parameter. (`?` alone names none.)
#[must_use]
pub fn names_any(query: &str) -> bool {
    query.split('&').any(|part| !part.is_empty())
}
