//! Handlers of `/auth/*`.

mod passwords;

use actix_web::{HttpRequest, post, web};
use nexus_core::{Actor, Email, ErrorCode, Problem};
use nexus_iam::accounts::{Login, NewAccount, Proof};
use nexus_iam::sessions::{Realm, Tokens};
use nexus_web::wire::Envelope;
use nexus_web::{ApiError, ApiResult, Json, identity, respond};
use secrecy::SecretString;
use utoipa_actix_web::service_config::ServiceConfig;

use super::wire::{LoginIn, LogoutIn, RefreshIn, RegisterIn, RegisteredOut, ResendVerificationIn, SwitchIn, TokensOut, VerifiedOut, VerifyEmailIn};
use crate::context::{client, locale, origin};
use crate::guard::OptionalAuth;
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "auth", operation_id = "register_account", summary = "Register a person",
    description = "Makes an account and mails a link to prove the address. It grants no access to any organization. A taken address answers 409 where the \
                   platform is open; where addresses are verified first, the answer is the same for every address. `Accept-Language` chooses the language \
                   of the account's mails.",
    request_body = RegisterIn,
    responses(
        (status = 202, description = "The link is on its way.", body = Envelope<RegisteredOut>),
        (status = 403, description = "The platform takes new people by invitation only."),
        (status = 409, description = "The address has an account already."),
    )
)]
#[post("/auth/register")]
pub(crate) async fn register(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<RegisterIn>) -> ApiResult {
    let RegisterIn { email, password, display_name } = body.0;
    let email = Email::parse(&email).map_err(|fault| Problem::validation(vec![fault]))?;
    let new = NewAccount { email, display_name, locale: locale(&req) };
    let account = state.accounts.register(new, &password.0, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::accepted("/api/v1/account", RegisteredOut::from(account)))
}

#[utoipa::path(
    tag = "auth", operation_id = "verify_email", summary = "Prove an e-mail address",
    description = "Takes the token of the link in a verification mail. Following a link twice is no fault.",
    request_body = VerifyEmailIn,
    responses((status = 200, description = "The address is proved.", body = Envelope<VerifiedOut>))
)]
#[post("/auth/verify-email")]
pub(crate) async fn verify_email(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<VerifyEmailIn>) -> ApiResult {
    let account = state.accounts.verify_email(&body.0.token.0, &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::ok(VerifiedOut { account_id: account.id, email_verified_at: account.email_verified_at }))
}

#[utoipa::path(
    tag = "auth", operation_id = "resend_verification", summary = "Ask for another verification mail",
    description = "Mails a new link, if the address has an account that has not proved it. The answer is the same, in the same time, for every address. Earlier \
                   links stay good until they expire.",
    request_body = ResendVerificationIn,
    responses((status = 202, description = "If there is something to prove, a link is on its way.", body = Envelope<RegisteredOut>))
)]
#[post("/auth/verify-email/resend")]
pub(crate) async fn resend_verification(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<ResendVerificationIn>) -> ApiResult {
    let email = Email::parse(&body.0.email).map_err(|fault| Problem::validation(vec![fault]))?;
    state.accounts.resend_verification(&email, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::accepted("/api/v1/account", RegisteredOut::from(None)))
}

#[utoipa::path(
    tag = "auth", operation_id = "log_in", summary = "Log in",
    description = "With `organization` the tokens are for that organization's API; without, for the account itself: `/account`, `/organizations`, \
                   `/auth/switch`. An unknown address and a wrong password get the same answer in the same time.",
    request_body = LoginIn,
    responses(
        (status = 200, description = "The tokens.", body = Envelope<TokensOut>),
        (status = 401, description = "The credentials are not valid."),
        (status = 403, description = "The account does not belong to the organization."),
    )
)]
#[post("/auth/login")]
pub(crate) async fn login(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<LoginIn>) -> ApiResult {
    let LoginIn { email, password, organization } = body.0;
    let login = Login { email, password: password.0, organization };
    let tokens = state.accounts.login(login, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::ok(TokensOut::from(tokens)))
}

#[utoipa::path(
    tag = "auth", operation_id = "refresh_session", summary = "Refresh a session",
    description = "Trades a refresh token for new tokens. A retry by the same client within 10 seconds gets the same refresh token again; any other use of a \
                   spent token ends the session.",
    request_body = RefreshIn,
    responses(
        (status = 200, description = "New tokens.", body = Envelope<TokensOut>),
        (status = 401, description = "The refresh token is not good; log in again."),
    )
)]
#[post("/auth/refresh")]
pub(crate) async fn refresh(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<RefreshIn>) -> ApiResult {
    let tokens = refreshed(&state, &req, Realm::People, &body.0.refresh_token.0).await?;
    Ok(respond::ok(TokensOut::from(tokens)))
}

/// Trades a refresh token for new tokens, in either realm. The session is charged before the database is asked: a refused refresh spends and ends nothing.
pub(crate) async fn refreshed(state: &ControlPlane, req: &HttpRequest, realm: Realm, token: &SecretString) -> Result<Tokens, ApiError> {
    if let Some(session) = state.sessions.named_by(realm, token) {
        identity::establish_session(req, session)?;
    }
    Ok(state.sessions.refresh(realm, token, &client(req), &origin(req, Actor::ANONYMOUS)).await?)
}

#[utoipa::path(
    tag = "auth", operation_id = "log_out", summary = "Log out",
    description = "Ends the session of the refresh token, and those switched from it, at once: their access tokens are refused everywhere within a second. A token that is not good (any more) is \
                   answered alike.",
    request_body = LogoutIn,
    responses((status = 204, description = "The session has ended."))
)]
#[post("/auth/logout")]
pub(crate) async fn logout(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<LogoutIn>) -> ApiResult {
    state.sessions.end_by_token(Realm::People, &body.0.refresh_token.0, &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::no_content())
}

#[utoipa::path(
    tag = "auth", operation_id = "switch_organization", summary = "Switch to an organization",
    description = "Tokens of a new session for an organization of the same person, or for the account itself. It takes an account token, or in the body the refresh \
                   token of any of the person's sessions, which is not spent; a token for one organization does not do. The present session goes on. The new one \
                   ends when the present one does (by log-out, or because its refresh token was stolen), and at the latest 30 days after the log-in.",
    request_body = SwitchIn,
    responses(
        (status = 200, description = "The tokens.", body = Envelope<TokensOut>),
        (status = 401, description = "No account token and no refresh token, or none that is good."),
        (status = 403, description = "The account does not belong to the organization, or the token is for one organization."),
    ),
    security((), ("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[post("/auth/switch")]
pub(crate) async fn switch(auth: OptionalAuth, state: web::Data<ControlPlane>, req: HttpRequest, body: Json<SwitchIn>) -> ApiResult {
    let SwitchIn { organization, refresh_token } = body.0;
    let (proof, origin) = match (&refresh_token, auth.0) {
        (Some(token), _) => (Proof::RefreshToken(&token.0), origin(&req, Actor::ANONYMOUS)),
        (None, Some(member)) => {
            let auth = member.into_account()?;
            (Proof::AccountToken { session: auth.session, account: auth.account }, auth.origin)
        }
        (None, None) => return Err(Problem::new(ErrorCode::UNAUTHORIZED, "Send an account token, or the session's refresh_token.").into()),
    };
    let tokens = state.accounts.switch(proof, organization.as_deref(), &client(&req), &origin).await?;
    Ok(respond::ok(TokensOut::from(tokens)))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(register).service(verify_email).service(resend_verification).service(login).service(refresh).service(logout).service(switch);
    passwords::routes(cfg);
}
