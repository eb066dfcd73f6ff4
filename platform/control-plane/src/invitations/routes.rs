//! Handlers of `/auth/invitations/*`.

use actix_web::{HttpRequest, post, web};
use nexus_core::Actor;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Json, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{FollowInvitationIn, LookAtInvitationIn, SeenInvitationOut};
use crate::auth::TokensOut;
use crate::context::{client, origin};
use crate::guard::{MemberAuth, Visitor};
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "auth", operation_id = "look_at_invitation", summary = "Look at an invitation",
    description = "What the link in an invitation's mail is to: who invites, which address, and whether that address has an account. It changes nothing.",
    request_body = LookAtInvitationIn,
    responses((status = 200, description = "The invitation.", body = Envelope<SeenInvitationOut>))
)]
#[post("/auth/invitations/look")]
pub(crate) async fn look(state: web::Data<ControlPlane>, req: HttpRequest, body: Json<LookAtInvitationIn>) -> ApiResult {
    let seen = service::look(&state, &body.0.token.0, &client(&req)).await?;
    Ok(respond::ok(SeenInvitationOut::from(seen)))
}

#[utoipa::path(
    tag = "auth", operation_id = "follow_invitation", summary = "Follow an invitation",
    description = "Accepts for the account with the invited address: known by its password, by its account token or by the console's cookies; where the address has no account, one is made \
                   with the password and `display_name` given. The link proves the address. The answer is a session for the organization whose access token is good \
                   for the organization's own `POST /invitations/accept` and nothing else; refresh the session afterwards, and it is one like all others.",
    request_body = FollowInvitationIn,
    responses(
        (status = 200, description = "The tokens of a session in which the person may join.", body = Envelope<TokensOut>),
        (status = 401, description = "The password is not that of the account with the invited address, or the token is not good."),
        (status = 403, description = "The token is not an account token, or of an account with another address than the invited one."),
        (status = 409, description = "The address got an account meanwhile: send its password."),
    ),
    security((), ("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[post("/auth/invitations/accept")]
pub(crate) async fn accept(auth: Visitor, state: web::Data<ControlPlane>, req: HttpRequest, body: Json<FollowInvitationIn>) -> ApiResult {
    let who = auth.0.map(MemberAuth::into_account).transpose()?;
    let tokens = service::accept(&state, body.0, who, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    Ok(respond::ok(TokensOut::from(tokens)))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(look).service(accept);
}
