//! Reading and writing single cookies. Their values are tokens: letters, digits, `.`, `-` and `_`, which need no quoting.

use actix_web::HttpResponse;
use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

/// The value of a cookie; none where it is empty, or there twice: a browser sends a `__Host-` cookie once.
pub(super) fn read<'r>(headers: &'r HeaderMap, name: &'r str) -> Option<&'r str> {
    let mut values = all(headers, name);
    let value = values.next().filter(|value| !value.is_empty())?;
    values.next().is_none().then_some(value)
}

/// Every value of a cookie. What other cookies hold, which anybody below the domain may have set, is not looked at: it need not even be text.
pub(super) fn all<'r>(headers: &'r HeaderMap, name: &'r str) -> impl Iterator<Item = &'r str> {
    let pairs = headers.get_all(COOKIE).flat_map(|field| field.as_bytes().split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
    pairs.filter_map(move |pair| str::from_utf8(pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?).ok())
}

/// Sets a cookie of this host alone, which no script reads and no other site sends. No seconds left removes it.
pub(super) fn set(response: &mut HttpResponse, name: &str, value: &str, seconds: i64) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict", seconds.max(0));
    if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
