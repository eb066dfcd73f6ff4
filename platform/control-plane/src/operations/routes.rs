//! Handlers of `/operations`.

use std::time::Duration;

use actix_web::{HttpRequest, get, web};
use futures::stream::{self, Stream, StreamExt};
use nexus_core::Problem;
use nexus_iam::derived::Purpose;
use nexus_web::respond::{self, IDEMPOTENCY_REPLAYED};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, PathId, sse};
use utoipa_actix_web::service_config::ServiceConfig;

use super::progress::{END, Progress};
use super::service;
use super::wire::OperationOut;
use crate::guard::OperationAuth;
use crate::signup::{Founded, FoundedOut};
use crate::state::ControlPlane;

/// How often a watched operation is read. Steps take tens of milliseconds to seconds.
const READ_EVERY: Duration = Duration::from_millis(250);
/// After this a stream ends and the client reconnects with what it saw last.
const STREAM_AT_MOST: Duration = Duration::from_secs(600);

/// Path of an operation.
pub(crate) fn location(operation: uuid::Uuid) -> String {
    format!("/api/v1/operations/{operation}")
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
    let mut answer = respond::accepted(&location(founded.operation_id), out);
    if replayed {
        answer.headers_mut().insert(IDEMPOTENCY_REPLAYED, actix_web::http::header::HeaderValue::from_static("true"));
    }
    Ok(answer)
}

#[utoipa::path(
    tag = "operations", operation_id = "get_operation", summary = "Get an operation",
    description = "An operation with its steps. The bearer is the capability from the answer that started it, a token of the organization's owner, or an operator's.",
    params(PathId),
    responses((status = 200, description = "The operation.", body = Envelope<OperationOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("capability, owner or operator")))
)]
#[get("/operations/{id}")]
pub(crate) async fn get(auth: OperationAuth, state: web::Data<ControlPlane>) -> ApiResult {
    let operation = service::watched(&state, auth).await?;
    Ok(respond::ok(OperationOut::from(operation)))
}

#[utoipa::path(
    tag = "operations", operation_id = "watch_operation", summary = "Watch an operation",
    description = "Server-sent events: `step` for every begin and end of a step (`{step, position, of, state, attempt, error, at}`), and last `operation` with the \
                   whole operation, after which the stream ends. With `Last-Event-ID` only what followed is sent; after the last event the answer is 204, which \
                   tells an event source not to come back.",
    params(PathId, ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event seen.")),
    responses(
        (status = 200, description = "The events.", body = String, content_type = "text/event-stream"),
        (status = 204, description = "Everything was seen."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("capability, owner or operator")))
)]
#[get("/operations/{id}/events")]
pub(crate) async fn watch(auth: OperationAuth, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    // Refusals are answers, not events.
    service::watched(&state, auth).await?;
    let last = sse::last_event_id(&req);
    if last == Some(END) {
        return Ok(respond::no_content());
    }
    Ok(sse::respond(&req, events(ControlPlane::clone(&state), auth, Progress::new(last))))
}

/// Reads the operation again and again and tells what is new. A read that fails is tried again: the client waits anyway.
fn events(state: ControlPlane, auth: OperationAuth, progress: Progress) -> impl Stream<Item = sse::Event> + 'static {
    let mut tick = tokio::time::interval(READ_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let until = tokio::time::Instant::now() + STREAM_AT_MOST;
    stream::unfold(Some((state, progress, tick)), move |watching| async move {
        let (state, mut progress, mut tick) = watching?;
        if tick.tick().await >= until {
            return None;
        }
        let (events, ended) = match state.provisioner.operation(auth.operation).await {
            Ok(Some(operation)) => progress.advance(operation),
            Ok(None) => (Vec::new(), true),
            Err(error) => {
                tracing::debug!(%error, "a watched operation can't be read just now");
                (Vec::new(), false)
            }
        };
        Some((stream::iter(events), (!ended).then_some((state, progress, tick))))
    })
    .flatten()
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get).service(watch);
}
