//! `/invitations`.

use actix_web::{HttpRequest, delete, get, post};
use nexus_iam::tenant_users::INVITATIONS;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, Idempotency, Json, PathId, list_params, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{AcceptInvitationIn, InvitationIn, InvitationOut};
use crate::context::{Guard, Invited};
use crate::modules::access::permission::{InvitationsRead, UsersWrite};
use crate::modules::access::users::wire::UserOut;

list_params!(pub ListInvitations => INVITATIONS);

#[utoipa::path(
    tag = "invitations", operation_id = "list_invitations", summary = "List invitations",
    description = "Invitations of the organization, newest first. Those that ended are shown for 90 days.",
    params(ListInvitations),
    responses((status = 200, description = "A page of invitations.", body = ListEnvelope<InvitationOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("users.read")))
)]
#[get("/invitations")]
pub async fn list(guard: Guard<InvitationsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &INVITATIONS)?;
    let invitations = service::list(&guard, &query.request).await?;
    Ok(respond::listing(&req, &query, invitations))
}

#[utoipa::path(
    tag = "invitations", operation_id = "create_invitation", summary = "Invite a person",
    description = "Adds a person as `invited`, with roles, and mails them a link that is good for seven days. Only people with a proved e-mail address invite \
(403 `EMAIL_NOT_VERIFIED`), and only with roles that hold nothing that they don't. At most 200 mails go out a day (UTC).",
    params(Idempotency), request_body = InvitationIn,
    responses(
        (status = 201, description = "The invitation.", body = Envelope<InvitationOut>),
        (status = 402, description = "As many people are active or invited as the plan allows; a larger plan helps."),
        (status = 409, description = "The address is a user's (`USER_EXISTS`): active, deactivated, or invited before."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.write")))
)]
#[post("/invitations")]
pub async fn create(guard: Guard<UsersWrite>, idempotency: Idempotency, body: Json<InvitationIn>) -> ApiResult {
    let done = service::create(&guard, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, |invitation| respond::created(&format!("/api/v1/invitations/{}", invitation.id), invitation, None)))
}

#[utoipa::path(
    tag = "invitations", operation_id = "get_invitation", summary = "Get an invitation", description = "One invitation; never its link.",
    params(PathId),
    responses((status = 200, description = "The invitation.", body = Envelope<InvitationOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("users.read")))
)]
#[get("/invitations/{id}")]
pub async fn get(guard: Guard<InvitationsRead>, id: PathId) -> ApiResult {
    Ok(respond::ok(service::get(&guard, id.0).await?))
}

#[utoipa::path(
    tag = "invitations", operation_id = "resend_invitation", summary = "Send an invitation again",
    description = "Mails another link, good for seven days from now, of a pending or an expired invitation. Links of former mails open nothing any more.",
    params(PathId, Idempotency),
    responses(
        (status = 200, description = "The invitation.", body = Envelope<InvitationOut>),
        (status = 409, description = "It was accepted (`INVITATION_ACCEPTED`) or revoked (`INVITATION_REVOKED`)."),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.write")))
)]
#[post("/invitations/{id}/resend")]
pub async fn resend(guard: Guard<UsersWrite>, id: PathId, idempotency: Idempotency) -> ApiResult {
    let done = service::resend(&guard, idempotency.key(), id.0).await?;
    Ok(respond::idempotent(done, respond::ok))
}

#[utoipa::path(
    tag = "invitations", operation_id = "revoke_invitation", summary = "Take an invitation back",
    description = "Ends an invitation that was not accepted, and forgets the invited person: the address can be invited anew. Taking it back again changes nothing. \
Nothing of an invitation is edited, so there is no version to match.",
    params(PathId),
    responses((status = 204, description = "Taken back."), (status = 409, description = "It was accepted (`INVITATION_ACCEPTED`).")),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.write")))
)]
#[delete("/invitations/{id}")]
pub async fn revoke(guard: Guard<UsersWrite>, id: PathId) -> ApiResult {
    service::revoke(&guard, id.0).await?;
    Ok(respond::no_content())
}

#[utoipa::path(
    tag = "invitations", operation_id = "accept_invitation", summary = "Join by an invitation",
    description = "Makes the bearer a user of the organization. Takes only the token that the link of an invitation's mail gives, which opens nothing else; \
take a new token afterwards, by its refresh token.",
    params(Idempotency), request_body = AcceptInvitationIn,
    responses(
        (status = 200, description = "The person, as a user of the organization.", body = Envelope<UserOut>),
        (status = 404, description = "There is no such invitation (any more)."),
        (status = 409, description = "It was accepted (`INVITATION_ACCEPTED`), revoked (`INVITATION_REVOKED`) or sent again since (`INVITATION_SUPERSEDED`), it has \
expired (`INVITATION_EXPIRED`), or the account is a user under another address (`USER_EXISTS`)."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("the token of an invitation's link")))
)]
#[post("/invitations/accept")]
pub async fn accept(invited: Invited, idempotency: Idempotency, body: Json<AcceptInvitationIn>) -> ApiResult {
    let done = service::accept(&invited, &invited.invitation, idempotency.key(), body.0).await?;
    Ok(respond::idempotent(done, respond::ok))
}

/// Mounts the operations. The fixed path stands before the one with an id.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(create).service(accept).service(get).service(resend).service(revoke);
}
