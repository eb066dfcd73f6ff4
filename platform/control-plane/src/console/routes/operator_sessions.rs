//! `/admin/auth/session`: operators, at the apex host, with cookies of their own.

use actix_web::{HttpRequest, delete, get, post, web};
use nexus_core::Actor;
use nexus_iam::operators::OperatorError;
use nexus_iam::sessions::{Holder, Realm};
use nexus_web::console::{self, OwnPage};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Json, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::cookies::{at_apex, forgetting, jar, keeping, log_out, refresh, replace};
use crate::console::wire::{ConsoleSessionIn, OperatorSessionOut, RefreshedOut};
use crate::context::{client, origin};
use crate::guard::VisitingOperator;
use crate::state::ControlPlane;

const OPERATORS: Realm = Realm::Operators;

#[utoipa::path(
    tag = "admin-auth", operation_id = "open_operator_console_session", summary = "Log an operator in to the console",
    description = "Logs an operator in at the apex host, into cookies that no script reads and that are apart from a person's; no token is answered.",
    params(OwnPage), request_body = ConsoleSessionIn,
    responses(
        (status = 200, description = "Who is logged in.", body = Envelope<OperatorSessionOut>),
        (status = 401, description = "The credentials are not valid."),
        (status = 403, description = "Not a page of this host asks, or another host than the apex is asked."),
    )
)]
#[post("/admin/auth/session")]
pub(super) async fn open(_: OwnPage, state: web::Data<ControlPlane>, req: HttpRequest, body: Json<ConsoleSessionIn>) -> ApiResult {
    at_apex(&state, &req)?;
    let ConsoleSessionIn { email, password } = body.0;
    let tokens = state.operators.login(&email, &password.0, &client(&req), &origin(&req, Actor::ANONYMOUS)).await?;
    let Holder::Operator { id, .. } = tokens.holder else { return Err(OperatorError::Unknown.into()) };
    replace(&state, &req, OPERATORS, Actor::operator(id)).await?;
    let session = OperatorSessionOut::of(state.operators.get(id).await?, tokens.access_expires_at);
    Ok(keeping(respond::ok(session), OPERATORS, &tokens, state.clock.now()))
}

#[utoipa::path(
    tag = "admin-auth", operation_id = "get_operator_console_session", summary = "Which operator is logged in here",
    description = "The operator whose session the cookies hold. Without a session the operator is null.",
    responses(
        (status = 200, description = "The session, or none.", body = Envelope<OperatorSessionOut>),
        (status = 401, description = "The access cookie has ended, or the token is not good."),
        (status = 403, description = "Another site's page asks, or the session is of another host."),
    )
)]
#[get("/admin/auth/session")]
pub(super) async fn get(visitor: VisitingOperator, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    match visitor.0 {
        Some(visiting) => Ok(respond::ok(OperatorSessionOut::of(state.operators.get(visiting.operator).await?, visiting.expires_at))),
        None if console::has_session(&req, jar(OPERATORS)) => Ok(forgetting(respond::ok(OperatorSessionOut::nobody()), OPERATORS)),
        None => Ok(respond::ok(OperatorSessionOut::nobody())),
    }
}

#[utoipa::path(
    tag = "admin-auth", operation_id = "refresh_operator_console_session", summary = "Refresh an operator's session of the console",
    description = "As for people: new cookies for the refresh cookie; where the session is over, they are removed.",
    params(OwnPage),
    responses(
        (status = 200, description = "The cookies are new.", body = Envelope<RefreshedOut>),
        (status = 401, description = "There is no session (any more): log in again."),
        (status = 403, description = "Not a page of this host asks, or another host than the apex is asked."),
    )
)]
#[post("/admin/auth/session/refresh")]
pub(super) async fn renew(_: OwnPage, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    at_apex(&state, &req)?;
    refresh(&state, &req, OPERATORS).await
}

#[utoipa::path(
    tag = "admin-auth", operation_id = "close_operator_console_session", summary = "Log an operator out of the console",
    description = "Ends the session of the refresh cookie and removes the cookies. Without a session it is answered alike.",
    params(OwnPage),
    responses(
        (status = 204, description = "No operator is logged in here any more."),
        (status = 403, description = "Not a page of this host asks."),
    )
)]
#[delete("/admin/auth/session")]
pub(super) async fn close(_: OwnPage, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    log_out(&state, &req, OPERATORS).await
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(open).service(get).service(renew).service(close);
}
