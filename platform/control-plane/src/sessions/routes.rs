//! Handlers of `/sessions`.

use actix_web::{HttpRequest, delete, get, web};
use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiResult, PathId, list_params, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::wire::SessionOut;
use crate::guard::AccountAuth;
use crate::state::ControlPlane;

pub(crate) static SESSIONS: ListSpec = ListSpec {
    fields: &[
        ListField::new("created_at", "token_families.created_at", FieldKind::Timestamp),
        ListField::new("organization_id", "token_families.tenant_id", FieldKind::Uuid).nullable().filter_only(),
    ],
    default_sort: "-created_at",
    key: ListField::new("id", "token_families.id", FieldKind::Uuid),
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
list_params!(pub(crate) ListSessions => SESSIONS);

#[utoipa::path(
    tag = "sessions", operation_id = "list_sessions", summary = "List the own sessions",
    description = "The person's sessions that have not ended: where each is used, and for what. Needs an account token.",
    params(ListSessions),
    responses((status = 200, description = "A page of sessions.", body = ListEnvelope<SessionOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[get("/sessions")]
pub(crate) async fn list(auth: AccountAuth, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &SESSIONS)?;
    let listing = state.sessions.list(auth.account, &query.request).await?;
    Ok(respond::listing(&req, &query, listing.map(|session| SessionOut::new(session, auth.session))))
}

#[utoipa::path(
    tag = "sessions", operation_id = "get_session", summary = "Get an own session", description = "One of the person's sessions that has not ended. Needs an account token.",
    params(PathId),
    responses((status = 200, description = "The session.", body = Envelope<SessionOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[get("/sessions/{id}")]
pub(crate) async fn get(auth: AccountAuth, state: web::Data<ControlPlane>, id: PathId) -> ApiResult {
    let session = state.sessions.get(auth.account, id.0).await?;
    Ok(respond::ok(SessionOut::new(session, auth.session)))
}

#[utoipa::path(
    tag = "sessions", operation_id = "end_session", summary = "End an own session",
    description = "Ends one of the person's sessions, and those switched from it: their tokens are refused everywhere within a second. The one that asks may be \
                   ended, too. One that has ended is answered like one that never was. Needs an account token.",
    params(PathId), responses((status = 204, description = "The session has ended.")),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[delete("/sessions/{id}")]
pub(crate) async fn end(auth: AccountAuth, state: web::Data<ControlPlane>, id: PathId) -> ApiResult {
    state.sessions.end_own(auth.account, id.0, &auth.origin).await?;
    Ok(respond::no_content())
}

#[utoipa::path(
    tag = "sessions", operation_id = "end_other_sessions", summary = "End all other sessions",
    description = "Ends every session of the person but the one that asks, with those it was switched from and to: their tokens are refused everywhere within a \
                   second. Needs an account token.",
    responses((status = 204, description = "The other sessions have ended.")),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[delete("/sessions")]
pub(crate) async fn end_others(auth: AccountAuth, state: web::Data<ControlPlane>) -> ApiResult {
    state.sessions.end_others(auth.account, auth.session, &auth.origin).await?;
    Ok(respond::no_content())
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(get).service(end).service(end_others);
}
