//! The console's sessions: cookies in place of a bearer token, and what keeps other sites from using them.
//!
//! A browser sends cookies with whatever asks it to, so a cookie counts only where the browser says that a page of this very host asks. The hosts of other
//! organizations are the same *site*: what cookies know of sites protects nothing from them.
//!
//! Invariants:
//! - A request with `Authorization` has nothing to do with cookies: they are not looked at, and none of these rules is asked.
//! - A cookie belongs to the host that set it (`__Host-`), and the planes compare host and session. Beside `X-Tenant` it is refused.
//! - A write needs `Origin` exactly this host, and `X-Console: 1`, which no form and no plain link can send. A read is refused where the browser names another
//!   origin or another site.
//! - No script sees the session's tokens: the cookies are `HttpOnly`, and what takes them answers no tokens, but for the one by which the holder of an
//!   invitation's link joins.
//!
//! Not here: whether a token is good and whose it is (the planes), and what sets the cookies (the control plane's `console`).

mod cookie;
mod own_page;

#[cfg(test)]
mod tests;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse};
use nexus_core::{ErrorCode, Problem};

use crate::extract::bearer;

pub use own_page::OwnPage;

/// A browser sent the console's cookies with a request that is not the console's own.
pub const CROSS_SITE: ErrorCode = ErrorCode {
    code: "CROSS_SITE",
    status: 403,
    summary: "The request shows the console's cookies and is not a page's of this host: `Origin` and `Sec-Fetch-Site` must say so, writes carry `X-Console: 1`, and `X-Tenant` does not go with cookies.",
};
/// The access cookie has ended, the session perhaps not.
pub const REFRESH_REQUIRED: ErrorCode = ErrorCode {
    code: "REFRESH_REQUIRED",
    status: 401,
    summary: "The console's access cookie has ended: refresh the session at `/auth/session/refresh` (operators: `/admin/auth/session/refresh`), and ask again.",
};

/// The two worlds of sessions, each with cookies of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jar {
    /// Accounts.
    People,
    /// Operators of the platform.
    Operators,
}

impl Jar {
    fn access(self) -> &'static str {
        match self {
            Self::People => "__Host-nexus-access",
            Self::Operators => "__Host-nexus-operator-access",
        }
    }

    fn refresh(self) -> &'static str {
        match self {
            Self::People => "__Host-nexus-refresh",
            Self::Operators => "__Host-nexus-operator-refresh",
        }
    }
}

/// What a request shows for a credential; whether it is good is still to be found out.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'r> {
    /// The token, or a key.
    pub token: &'r str,
    /// Whether it came in a cookie.
    pub by_cookie: bool,
}

/// The tokens of a session, as they go into its cookies.
pub struct Kept<'t> {
    /// The access token.
    pub access: &'t str,
    /// Seconds that it is good for.
    pub access_seconds: i64,
    /// The refresh token.
    pub refresh: &'t str,
    /// Seconds that it is good for.
    pub refresh_seconds: i64,
}

/// The bearer token, else the access cookie of the first of `jars` that has one.
///
/// # Errors
/// 403 `CROSS_SITE` for cookies of a request that is not the console's own.
pub fn shown<'r>(req: &'r HttpRequest, jars: &[Jar]) -> Result<Option<Shown<'r>>, Problem> {
    if req.headers().contains_key(AUTHORIZATION) {
        return Ok(bearer(req).map(|token| Shown { token, by_cookie: false }));
    }
    let Some(token) = jars.iter().find_map(|jar| cookie::read(req.headers(), jar.access())) else { return Ok(None) };
    own_page::check(req)?;
    Ok(Some(Shown { token, by_cookie: true }))
}

/// The refresh cookie.
#[must_use]
pub fn refresh_token(req: &HttpRequest, jar: Jar) -> Option<&str> {
    cookie::read(req.headers(), jar.refresh())
}

/// Every refresh cookie: one is what a browser has; whatever more there is was put there by somebody else.
pub fn refresh_tokens(req: &HttpRequest, jar: Jar) -> impl Iterator<Item = &str> {
    cookie::all(req.headers(), jar.refresh())
}

/// Whether a browser shows a session: its access cookie may have ended.
#[must_use]
pub fn has_session(req: &HttpRequest, jar: Jar) -> bool {
    [jar.access(), jar.refresh()].iter().any(|name| cookie::read(req.headers(), name).is_some())
}

/// A refusal as the console hears it: where no credential was good and the session may be, it is told to refresh.
#[must_use]
pub fn explained(req: &HttpRequest, jars: &[Jar], problem: Problem) -> Problem {
    let refreshable = || !req.headers().contains_key(AUTHORIZATION) && jars.iter().any(|jar| refresh_token(req, *jar).is_some());
    if problem.code == ErrorCode::UNAUTHORIZED && refreshable() {
        Problem { code: REFRESH_REQUIRED, message: "The access cookie has ended. Refresh the session and ask again.".to_owned(), ..problem }
    } else {
        problem
    }
}

/// Puts a session into the browser's cookies.
pub fn keep(response: &mut HttpResponse, jar: Jar, kept: &Kept<'_>) {
    cookie::set(response, jar.access(), kept.access, kept.access_seconds);
    cookie::set(response, jar.refresh(), kept.refresh, kept.refresh_seconds);
}

/// Takes a session out of the browser's cookies.
pub fn forget(response: &mut HttpResponse, jar: Jar) {
    cookie::set(response, jar.access(), "", 0);
    cookie::set(response, jar.refresh(), "", 0);
}

/// Whether a cookie came along that may be a credential.
pub(crate) fn shows_token(headers: &actix_web::http::header::HeaderMap) -> bool {
    [Jar::People, Jar::Operators].iter().any(|jar| cookie::read(headers, jar.access()).is_some())
}
