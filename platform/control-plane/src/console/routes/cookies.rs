//! Tokens into cookies and out of them, alike in both realms.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use nexus_core::{Actor, Problem};
use nexus_iam::accounts::NOT_A_MEMBER;
use nexus_iam::sessions::{EndReason, Holder, INVALID_REFRESH_TOKEN, Presented, Realm, SessionError, Tokens};
use nexus_web::console::{self, Jar, Kept};
use nexus_web::host::{self, HostKind};
use nexus_web::{ApiError, ApiResult, identity, respond};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::console::error::not_at_apex;
use crate::console::wire::RefreshedOut;
use crate::context::{client, origin};
use crate::guard::at_home;
use crate::state::ControlPlane;

/// How many cookies of one name are looked at.
const MOST_COOKIES: usize = 8;

/// The cookies of a realm.
pub(super) fn jar(realm: Realm) -> Jar {
    match realm {
        Realm::People => Jar::People,
        Realm::Operators => Jar::Operators,
    }
}

/// Refuses a request to another host than the apex.
pub(super) fn at_apex(state: &ControlPlane, req: &HttpRequest) -> Result<(), ApiError> {
    let http = &state.settings.http;
    if host::kind_of(req, &http.apex_host) == HostKind::Apex { Ok(()) } else { Err(not_at_apex(&http.public_url).into()) }
}

/// The session of the refresh cookie, if it is one of ours.
pub(super) fn held(state: &ControlPlane, req: &HttpRequest, realm: Realm) -> Option<Uuid> {
    state.sessions.named_by(realm, &SecretString::from(console::refresh_token(req, jar(realm))?))
}

/// The answer, with the session in its cookies.
pub(super) fn keeping(mut response: HttpResponse, realm: Realm, tokens: &Tokens, now: DateTime<Utc>) -> HttpResponse {
    let kept = Kept {
        access: tokens.access_token.expose_secret(),
        access_seconds: (tokens.access_expires_at - now).num_seconds(),
        refresh: tokens.refresh_token.expose_secret(),
        refresh_seconds: (tokens.refresh_expires_at - now).num_seconds(),
    };
    console::keep(&mut response, jar(realm), &kept);
    response
}

/// The answer, with the cookies removed.
pub(super) fn forgetting(mut response: HttpResponse, realm: Realm) -> HttpResponse {
    console::forget(&mut response, jar(realm));
    response
}

/// A browser has one session of a realm on a host: the one that another takes the place of ends.
pub(super) async fn replace(state: &ControlPlane, req: &HttpRequest, realm: Realm, actor: Actor) -> Result<(), ApiError> {
    match held(state, req, realm) {
        Some(before) => Ok(state.sessions.end(realm, before, EndReason::LoggedOut, &origin(req, actor)).await?),
        None => Ok(()),
    }
}

/// Trades the refresh cookie for a new session's cookies. A session that is over takes its cookies with it.
pub(super) async fn refresh(state: &ControlPlane, req: &HttpRequest, realm: Realm) -> ApiResult {
    match refreshed(state, req, realm).await {
        Ok(tokens) => Ok(keeping(respond::ok(RefreshedOut::from(&tokens)), realm, &tokens, state.clock.now())),
        Err(ApiError(problem)) if problem.code == INVALID_REFRESH_TOKEN => Ok(forgetting(HttpResponse::from_error(ApiError(problem)), realm)),
        Err(error) => Err(error),
    }
}

/// The session is charged before the database is asked, as where the token comes in a body.
async fn refreshed(state: &ControlPlane, req: &HttpRequest, realm: Realm) -> Result<Tokens, ApiError> {
    let token = console::refresh_token(req, jar(realm)).ok_or_else(|| Problem::new(INVALID_REFRESH_TOKEN, "Nobody is logged in here."))?;
    let (token, client, origin) = (SecretString::from(token), client(req), origin(req, Actor::ANONYMOUS));
    if let Some(session) = state.sessions.named_by(realm, &token) {
        identity::establish_session(req, session)?;
    }
    if realm == Realm::People {
        // Before anything is spent: a cookie is of the host that set it. Why one is no good is said by the refresh.
        match state.sessions.prove(&token, &client, &origin).await {
            Ok(Presented { holder: Holder::Account { id, tenant, .. }, .. }) => {
                at_home(state, req, id, tenant).await.map_err(over_where_nobody_belongs)?
            }
            Ok(Presented { holder: Holder::Operator { .. }, .. }) | Err(SessionError::Refused(_) | SessionError::Unknown) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(state.sessions.refresh(realm, &token, &client, &origin).await?)
}

/// Whoever does not belong to the organization any more has no session at its host either.
fn over_where_nobody_belongs(problem: Problem) -> Problem {
    if problem.code == NOT_A_MEMBER { Problem::new(INVALID_REFRESH_TOKEN, "You do not belong to this organization any more.") } else { problem }
}

/// Ends the session of the cookies, and all that came of the same log-in; removes the cookies, whether or not there was one.
pub(super) async fn log_out(state: &ControlPlane, req: &HttpRequest, realm: Realm) -> ApiResult {
    // Of several cookies any may be the browser's own: whoever logs out is out.
    let tokens = console::refresh_tokens(req, jar(realm)).take(MOST_COOKIES);
    let sessions: BTreeSet<Uuid> = tokens.filter_map(|token| state.sessions.named_by(realm, &SecretString::from(token))).collect();
    for session in sessions {
        identity::establish_session(req, session)?;
        state.sessions.end_log_in(realm, session, EndReason::LoggedOut, &origin(req, Actor::ANONYMOUS)).await?;
    }
    Ok(forgetting(respond::no_content(), realm))
}
