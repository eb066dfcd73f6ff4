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
    let refused = || bad_request(vec![FieldFault::new("", "syntax", "the query string is not form-encoded UTF-8")]);
    // The decoder would put a replacement character where the bytes are no text.
    if !is_utf8(text) {
        return Err(refused());
    }
    serde_urlencoded::from_str(text).map_err(|_| refused())
}

/// Whether the bytes that a query stands for are UTF-8.
fn is_utf8(query: &str) -> bool {
    let bytes = query.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let value = escaped.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(value.unwrap_or(*byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    std::str::from_utf8(&decoded).is_ok()
}

/// Whether `query` names a parameter. (`?` alone names none.)
#[must_use]
pub fn names_any(query: &str) -> bool {
    query.split('&').any(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_query_is_text() {
        let read = |query: &str| pairs(&TestRequest::with_uri(&format!("/things?{query}")).to_http_request());
        assert_eq!(read("q=caf%C3%A9&n=50%").unwrap(), [("q".to_owned(), "café".to_owned()), ("n".to_owned(), "50%".to_owned())]);
        for bad in ["q=%ff", "q=a%C3", "%fe=1", "q=%C3%28"] {
            assert_eq!(read(bad).unwrap_err().code, nexus_core::ErrorCode::BAD_REQUEST, "{bad}");
        }
    }
}
