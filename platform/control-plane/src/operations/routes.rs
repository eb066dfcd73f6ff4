//! Handlers of `/operations`.

use std::time::Duration;

use actix_web::{HttpRequest, get, web};
use futures::stream::{self, Stream, StreamExt};
use nexus_provisioning::Operation;
use nexus_web::client::network;
use nexus_web::respond;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, PathId, client_address, sse};
use utoipa_actix_web::service_config::ServiceConfig;

use super::admin;
use super::progress::{END, Progress};
use super::seats::Seat;
use super::service;
use super::wire::OperationOut;
use crate::guard::OperationAuth;
use crate::state::ControlPlane;

/// After this a stream ends and the client reconnects with what it saw last.
const STREAM_AT_MOST: Duration = Duration::from_secs(600);

/// Path of an operation.
pub(crate) fn location(operation: uuid::Uuid) -> String {
    format!("/api/v1/operations/{operation}")
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
                   tells an event source not to come back. A silent stream carries a comment every 15 seconds, and any stream ends after 10 minutes: come back with \
                   `Last-Event-ID`. 429 and 503 tell that too many streams are open, and when to try again.",
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
    let now = service::watched(&state, auth).await?;
    let last = sse::last_event_id(&req);
    if last == Some(END) {
        return Ok(respond::no_content());
    }
    let network = client_address(&req).map_or_else(|| "unknown".to_owned(), |address| network(address).to_string());
    let seat = state.seats.take(&auth.caller(), &network)?;
    Ok(sse::respond(&req, events(&state, now, Progress::new(last), seat)))
}

/// What is new of the operation, as the process' one reader sees it, until it ends or the stream has lasted long enough.
fn events(state: &ControlPlane, now: Operation, mut progress: Progress, seat: Seat) -> impl Stream<Item = sse::Event> + 'static {
    let (first, has_ended) = progress.advance(now.clone());
    let until = tokio::time::Instant::now() + STREAM_AT_MOST;
    // The seat is held as long as there may be more to tell.
    let watching = (!has_ended).then(|| (state.watches.join(now), progress, seat));
    let rest = stream::unfold(watching, move |watching| async move {
        let (mut receiver, mut progress, seat) = watching?;
        tokio::time::timeout_at(until, receiver.changed()).await.ok()?.ok()?;
        let operation = Operation::clone(&receiver.borrow_and_update());
        let (events, has_ended) = progress.advance(operation);
        Some((stream::iter(events), (!has_ended).then_some((receiver, progress, seat))))
    });
    stream::iter(first).chain(rest.flatten())
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get).service(watch);
    admin::routes::routes(cfg);
}
