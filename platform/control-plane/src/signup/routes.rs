//! Handler of `/signup`.

use actix_web::{HttpRequest, post, web};
use nexus_core::{Actor, Idempotent};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Idempotency, Json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{FoundedOut, SignupIn};
use crate::context::{client, origin};
use crate::operations;
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "signup", operation_id = "sign_up", summary = "Sign an organization up",
    description = "Founds an organization and starts building its database, role and bucket. Watch the operation in `Location` (or its `/events`) with the \
                   capability as bearer token; log in once it has succeeded. Retry with the same Idempotency-Key: the answer is the same and nothing is founded twice. \
                   A plan with a price begins with its trial; unpaid, it falls back to the free plan.",
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
    let founded = service::sign_up(&state, body.0, &client(&req), &origin(&req, Actor::ANONYMOUS), state.keyed(idempotency.key()).as_ref()).await?;
    let Idempotent { value, replayed } = founded;
    operations::accepted(&state, value, replayed).await
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(sign_up);
}
