//! Handler of `/signup`, and the answer of everything that founds an organization.

use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, post, web};
use nexus_core::{Actor, Idempotent, Problem};
use nexus_iam::derived::Purpose;
use nexus_web::respond::{self, IDEMPOTENCY_REPLAYED};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Idempotency, Json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service::{self, Founded};
use super::wire::{FoundedOut, SignupIn};
use crate::context::{client, locale, origin};
use crate::operations;
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "signup", operation_id = "sign_up", summary = "Sign an organization up",
    description = "Founds an organization and starts building its database, role and bucket. Watch the operation in `Location` (or its `/events`) with the \
                   capability as bearer token; log in once it has succeeded. Retry with the same Idempotency-Key: the answer is the same and nothing is founded twice. \
                   A plan with a price begins with its trial; unpaid, it falls back to the free plan. `Accept-Language` chooses the language of a new founder's mails and \
                   of the organization.",
    params(Idempotency), request_body = SignupIn,
    responses(
        (status = 202, description = "The organization is being built.", body = Envelope<FoundedOut>),
        (status = 402, description = "The plan is not had by self-service."),
        (status = 403, description = "The platform is closed to new organizations, wants a proved address first, or the person owns as many as one may."),
        (status = 409, description = "The slug or the address is taken, or the same request is in flight."),
    )
)]
#[post("/signup")]
pub(crate) async fn sign_up(state: web::Data<ControlPlane>, req: HttpRequest, idempotency: Idempotency, body: Json<SignupIn>) -> ApiResult {
    let (key, origin) = (state.keyed(idempotency.key()), origin(&req, Actor::ANONYMOUS));
    let founded = service::sign_up(&state, body.0, locale(&req), &client(&req), &origin, key.as_ref()).await?;
    let Idempotent { value, replayed } = founded;
    accepted(&state, value, replayed).await
}

/// 202 of everything that founds an organization: the operation as it stands now, and the capability to watch it.
pub(crate) async fn accepted(state: &ControlPlane, founded: Founded, replayed: bool) -> ApiResult {
    let operation = state.provisioner.operation(founded.operation_id).await?.ok_or_else(|| Problem::not_found("operation"))?;
    let out = FoundedOut {
        organization_id: founded.organization_id.0,
        slug: founded.slug,
        account_id: founded.account_id.0,
        operation: operation.into(),
        capability: state.derived.mint(Purpose::OperationCapability, founded.operation_id, 0),
    };
    let mut answer = respond::accepted(&operations::location(founded.operation_id), out);
    if replayed {
        answer.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(sign_up);
}
