//! Handlers of `/account`.

mod avatar;

use actix_web::{HttpRequest, get, patch, post, web};
use nexus_iam::accounts::{Account, AccountError, PasswordChange};
use nexus_web::wire::Envelope;
use nexus_web::{ApiError, ApiResult, IfMatch, Json, precondition_failed, respond};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::wire::{AccountOut, AccountPatch, PasswordChangeIn};
use crate::context::client;
use crate::guard::{AccountAuth, MemberAuth};
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "account", operation_id = "get_account", summary = "Get the own account", description = "The account of the person who is logged in. A token for one organization may read it, too.",
    responses((status = 200, description = "The account.", body = Envelope<AccountOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account or nexus-tenant")))
)]
#[get("/account")]
pub(crate) async fn get(auth: MemberAuth, state: web::Data<ControlPlane>) -> ApiResult {
    let found = state.accounts.get(auth.account).await;
    shown(&state, auth.session, found).await
}

#[utoipa::path(
    tag = "account", operation_id = "edit_account", summary = "Change the own account",
    description = "Changes the given fields; needs the version last read in If-Match, and an account token. Which languages mails and the console speak (`en`, `de`, `ar`) may grow; another \
                   is kept and answered in the nearest.",
    params(IfMatch), request_body = AccountPatch,
    responses((status = 200, description = "The changed account.", body = Envelope<AccountOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[patch("/account")]
pub(crate) async fn edit(auth: AccountAuth, state: web::Data<ControlPlane>, version: IfMatch, body: Json<AccountPatch>) -> ApiResult {
    let edited = state.accounts.edit(auth.account, version.0, body.0.into(), &auth.origin).await;
    shown(&state, auth.session, edited).await
}

/// The account as its holder is shown it; the present one, too, where another was to be edited.
async fn shown(state: &ControlPlane, session: Uuid, account: Result<Account, AccountError>) -> ApiResult {
    let (account, is_stale) = match account {
        Ok(account) => (account, false),
        Err(AccountError::Stale(current)) => (*current, true),
        Err(other) => return Err(other.into()),
    };
    let version = account.version;
    let account = AccountOut::new(account, state.sessions.last_log_in(session).await?);
    if is_stale { Err(ApiError(precondition_failed(account))) } else { Ok(respond::ok_versioned(account, version)) }
}

#[utoipa::path(
    tag = "account", operation_id = "change_password", summary = "Change the own password",
    description = "Takes the present password and another. A wrong one counts like a wrong one at log-in. The session that asks goes on, with those it was switched \
                   from and to; every other session of the account ends within a second. A mail tells of it.",
    request_body = PasswordChangeIn,
    responses(
        (status = 204, description = "The password is changed."),
        (status = 422, description = "The present password is wrong, or the new one is too weak or the same."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[post("/account/password")]
pub(crate) async fn change_password(auth: AccountAuth, state: web::Data<ControlPlane>, req: HttpRequest, body: Json<PasswordChangeIn>) -> ApiResult {
    let change = PasswordChange { current: body.0.current_password.0, new: body.0.new_password.0 };
    state.accounts.change_password(auth.account, auth.session, change, &client(&req), &auth.origin).await?;
    Ok(respond::no_content())
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get).service(edit).service(change_password);
    avatar::routes(cfg);
}
