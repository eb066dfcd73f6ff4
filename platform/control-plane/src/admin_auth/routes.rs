//! Handlers of `/admin/auth/*`.

use actix_web::{HttpRequest, post, web};
use nexus_core::Actor;
use nexus_iam::sessions::Realm;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Json, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::wire::{OperatorLoginIn, OperatorSessionIn};
use crate::auth::{TokensOut, refreshed};
use crate::context::{client, origin};
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "admin-auth", operation_id = "log_in_operator", summary = "Log in as an operator",
    description = "Tokens for the platform's own operations (`/tenants`, `/admin`). They are worthless for any organization's API.",
    request_body = OperatorLoginIn,
    responses(
        (status = 200, description = "The tokens.", body = Envelope<TokensOut>),
        (status = 401, description = "The credentials are not valid."),
    )
)]
#[post("/admin/auth/login")]
pub(crate) async fn login(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<OperatorLoginIn>) -> ApiResult {
    let OperatorLoginIn { email, password } = body.0;
    let tokens = state.operators.login(&email, &password.0, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::ok(TokensOut::from(tokens)))
}

#[utoipa::path(
    tag = "admin-auth", operation_id = "refresh_operator_session", summary = "Refresh an operator's session",
    description = "As for people: a refresh token is good once, a retry within 10 seconds by the same client gets the same successor.",
    request_body = OperatorSessionIn,
    responses(
        (status = 200, description = "New tokens.", body = Envelope<TokensOut>),
        (status = 401, description = "The refresh token is not good; log in again."),
    )
)]
#[post("/admin/auth/refresh")]
pub(crate) async fn refresh(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<OperatorSessionIn>) -> ApiResult {
    let tokens = refreshed(&state, &req, Realm::Operators, &body.0.refresh_token.0).await?;
    Ok(respond::ok(TokensOut::from(tokens)))
}

#[utoipa::path(
    tag = "admin-auth", operation_id = "log_out_operator", summary = "Log an operator out",
    description = "Ends the session of the refresh token at once. A token that is not good (any more) is answered alike.",
    request_body = OperatorSessionIn,
    responses((status = 204, description = "The session has ended."))
)]
#[post("/admin/auth/logout")]
pub(crate) async fn logout(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<OperatorSessionIn>) -> ApiResult {
    state.sessions.end_by_token(Realm::Operators, &body.0.refresh_token.0, &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::no_content())
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(login).service(refresh).service(logout);
}
