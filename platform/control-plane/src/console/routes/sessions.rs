//! `/auth/session`: people.

use actix_web::{HttpRequest, delete, get, post, web};
use nexus_core::{AccountId, Actor, Slug};
use nexus_iam::accounts::{AccountError, Login};
use nexus_iam::sessions::{Holder, Realm};
use nexus_web::console::{self, OwnPage};
use nexus_web::host::{self, HostKind};
use nexus_web::wire::Envelope;
use nexus_web::{ApiError, ApiResult, Json, respond};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::cookies::{at_apex, forgetting, jar, keeping, log_out, refresh, replace};
use crate::account::AccountOut;
use crate::console::error::not_at_an_organization;
use crate::console::wire::{ConsoleSessionOut, EnterIn, HandOverIn, HandOverOut, RefreshedOut, SessionIn};
use crate::context::{client, origin};
use crate::guard::{AccountAuth, Visitor};
use crate::state::ControlPlane;

const PEOPLE: Realm = Realm::People;

/// The person as their own session is shown them.
async fn person(state: &ControlPlane, account: AccountId, session: Uuid) -> Result<AccountOut, ApiError> {
    Ok(AccountOut::new(state.accounts.get(account).await?, state.sessions.last_log_in(session).await?))
}

#[utoipa::path(
    tag = "auth", operation_id = "open_console_session", summary = "Log in to the console",
    description = "Logs a person in at the apex host, into cookies that no script reads; no token is answered. The session is for the account itself: an \
                   organization's host is entered by `/auth/session/hand-over` there and `/auth/session/enter` here. Whoever was logged in here before is logged out.",
    params(OwnPage), request_body = SessionIn,
    responses(
        (status = 200, description = "Who is logged in, and where they belong to.", body = Envelope<ConsoleSessionOut>),
        (status = 401, description = "The credentials are not valid."),
        (status = 403, description = "Not a page of this host asks, or another host than the apex is asked."),
    )
)]
#[post("/auth/session")]
pub(super) async fn open(_: OwnPage, state: web::Data<ControlPlane>, req: HttpRequest, body: Json<SessionIn>) -> ApiResult {
    at_apex(&state, &req)?;
    let SessionIn { email, password } = body.0;
    let login = Login { email, password: password.0, organization: None };
    let tokens = state.accounts.login(login, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    let Holder::Account { id, .. } = tokens.holder else { return Err(AccountError::Unknown.into()) };
    replace(&state, &req, PEOPLE, Actor::user(id.0)).await?;
    let memberships = state.accounts.memberships(id).await?;
    let session =
        ConsoleSessionOut::of_account(&state.settings.http, person(&state, id, tokens.session_id).await?, memberships, tokens.access_expires_at);
    Ok(keeping(respond::ok(session), PEOPLE, &tokens, state.clock.now()))
}

#[utoipa::path(
    tag = "auth", operation_id = "get_console_session", summary = "Who is logged in here",
    description = "The person whose session the cookies of this host hold, with the organization that it is for, or at the apex host those the person belongs to. \
                   Without a session the account is null.",
    responses((status = 200, description = "The session, or none.", body = Envelope<ConsoleSessionOut>)),
    security((), ("bearer" = [])), extensions(("x-audience" = json!("nexus-account or nexus-tenant")))
)]
#[get("/auth/session")]
pub(super) async fn get(visitor: Visitor, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    let http = &state.settings.http;
    let at_apex = host::kind_of(&req, &http.apex_host) == HostKind::Apex;
    let Some(member) = visitor.0 else {
        let nobody = respond::ok(ConsoleSessionOut::nobody(http, at_apex));
        // Cookies that open nothing, and that nothing can be got with, are of no use.
        return Ok(if console::has_session(&req, jar(PEOPLE)) { forgetting(nobody, PEOPLE) } else { nobody });
    };
    let account = person(&state, member.account, member.session).await?;
    let session = match member.organization {
        None => ConsoleSessionOut::of_account(http, account, state.accounts.memberships(member.account).await?, member.expires_at),
        Some(organization) => {
            let membership = state.accounts.membership_in(member.account, organization).await?;
            ConsoleSessionOut::of_organization(http, account, membership, member.expires_at)
        }
    };
    Ok(respond::ok(ConsoleSessionOut { at_apex, ..session }))
}

#[utoipa::path(
    tag = "auth", operation_id = "refresh_console_session", summary = "Refresh the console's session",
    description = "Trades the refresh cookie for new cookies, by the rules of `/auth/refresh`: two tabs that ask at once get the same ones. Where the session is over, \
                   the cookies are removed.",
    params(OwnPage),
    responses(
        (status = 200, description = "The cookies are new.", body = Envelope<RefreshedOut>),
        (status = 401, description = "There is no session (any more): log in again."),
        (status = 403, description = "Not a page of this host asks, or the session is of another host."),
    )
)]
#[post("/auth/session/refresh")]
pub(super) async fn renew(_: OwnPage, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    refresh(&state, &req, PEOPLE).await
}

#[utoipa::path(
    tag = "auth", operation_id = "close_console_session", summary = "Log out of the console",
    description = "Ends the session of the refresh cookie and all that came of the same log-in, on every host, and removes the cookies. Without a session it is \
                   answered alike.",
    params(OwnPage),
    responses(
        (status = 204, description = "Nobody is logged in here any more."),
        (status = 403, description = "Not a page of this host asks."),
    )
)]
#[delete("/auth/session")]
pub(super) async fn close(_: OwnPage, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    log_out(&state, &req, PEOPLE).await
}

#[utoipa::path(
    tag = "auth", operation_id = "hand_over_console_session", summary = "Go on to an organization's host",
    description = "A code that opens a session at the host of one of the person's organizations: good there, once, within a minute (`/auth/session/enter`). Give it \
                   to the page there in the fragment of its address, which no server sees. Needs an account token, or the apex host's cookies.",
    request_body = HandOverIn,
    responses(
        (status = 200, description = "The code, and where it is good.", body = Envelope<HandOverOut>),
        (status = 403, description = "The account does not belong to the organization, or the token is for one organization."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[post("/auth/session/hand-over")]
pub(super) async fn hand_over(auth: AccountAuth, state: web::Data<ControlPlane>, body: Json<HandOverIn>) -> ApiResult {
    let handed = state.accounts.hand_over(auth.session, auth.account, &body.0.organization, &auth.origin).await?;
    Ok(respond::ok(HandOverOut::of(&state.settings.http, &handed)))
}

#[utoipa::path(
    tag = "auth", operation_id = "enter_console_session", summary = "Enter an organization's host",
    description = "Takes the code of a hand-over at the host of its organization and opens a session there, into cookies of that host. A code that was shown is gone, \
                   whatever came of it. The session ends with the log-in it came from. Whoever was logged in here before is logged out here.",
    params(OwnPage), request_body = EnterIn,
    responses(
        (status = 200, description = "Who is logged in, and where.", body = Envelope<ConsoleSessionOut>),
        (status = 401, description = "The code is not good (any more), or not here."),
        (status = 403, description = "Not a page of this host asks, or the host is no organization's."),
    )
)]
#[post("/auth/session/enter")]
pub(super) async fn enter(_: OwnPage, state: web::Data<ControlPlane>, req: HttpRequest, body: Json<EnterIn>) -> ApiResult {
    let http = &state.settings.http;
    let HostKind::Tenant(slug) = host::kind_of(&req, &http.apex_host) else { return Err(not_at_an_organization().into()) };
    let slug = Slug::parse(&slug).map_err(|_| not_at_an_organization())?;
    let entered = state.accounts.enter(&body.0.code.0, &slug, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    let Holder::Account { id, .. } = entered.tokens.holder else { return Err(AccountError::Unknown.into()) };
    replace(&state, &req, PEOPLE, Actor::user(id.0)).await?;
    let account = person(&state, id, entered.tokens.session_id).await?;
    let session = ConsoleSessionOut::of_organization(http, account, entered.organization, entered.tokens.access_expires_at);
    Ok(keeping(respond::ok(session), PEOPLE, &entered.tokens, state.clock.now()))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(open).service(get).service(renew).service(close).service(hand_over).service(enter);
}
