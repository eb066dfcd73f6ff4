//! Handlers of forgotten passwords.

use actix_web::{HttpRequest, post, web};
use nexus_core::{Actor, Email, Problem};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Json, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::wire::{ForgotPasswordIn, ForgotPasswordOut, ResetPasswordIn};
use crate::context::{client, origin};
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "auth", operation_id = "forgot_password", summary = "Ask for a link to set a new password",
    description = "Mails a link, good for an hour and once, if the address has an account. The answer is the same, in the same time, for every address. Earlier links are good no more.",
    request_body = ForgotPasswordIn,
    responses((status = 202, description = "If there is an account, a link is on its way.", body = Envelope<ForgotPasswordOut>))
)]
#[post("/auth/forgot-password")]
pub(crate) async fn forgot(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<ForgotPasswordIn>) -> ApiResult {
    let email = Email::parse(&body.0.email).map_err(|fault| Problem::validation(vec![fault]))?;
    state.accounts.forgot_password(&email, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::accepted("/api/v1/account", ForgotPasswordOut { status: "reset_sent" }))
}

#[utoipa::path(
    tag = "auth", operation_id = "reset_password", summary = "Set a new password by a link",
    description = "Takes the token of the link in a mail. It proves the address, too, and ends every session of the account within a second; log in anew. A mail tells of it.",
    request_body = ResetPasswordIn,
    responses(
        (status = 204, description = "The password is set."),
        (status = 422, description = "The link is not good (any more), or the password is too weak."),
    )
)]
#[post("/auth/reset-password")]
pub(crate) async fn reset(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<ResetPasswordIn>) -> ApiResult {
    let ResetPasswordIn { token, password } = body.0;
    state.accounts.reset_password(&token.0, &password.0, &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::no_content())
}

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(forgot).service(reset);
}
