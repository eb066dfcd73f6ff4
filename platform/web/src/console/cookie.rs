//! Reading and writing single cookies. Their values are tokens: letters, digits, `.`, `-` and `_`, which need no quoting.

use actix_web::HttpResponse;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

/// The value of a cookie; none where it is empty, or there twice: a browser sends a `__Host-` cookie once.
pub(super) fn read<'r>(headers: &'r HeaderMap, name: &str) -> Option<&'r str> {
    let fields = headers.get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let value = values.next().filter(|value| !value.is_empty())?;
    values.next().is_none().then_some(value)
}

/// Sets a cookie of this host alone, which no script reads and no other site sends. No seconds left removes it.
pub(super) fn set(response: &mut HttpResponse, name: &str, value: &str, seconds: i64) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict", seconds.max(0));
    if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
