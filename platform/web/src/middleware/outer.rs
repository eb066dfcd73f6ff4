//! The outermost layer: every answer leaves through here with a request id, security headers and, if it is an error,
//! an envelope.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use futures::FutureExt;
use nexus_core::Problem;
use nexus_infra::telemetry::traces;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::access::{InFlight, Served, label};
use super::frame::Frame;
use super::headers;
use super::unread::Held;
use crate::client::{self, ClientAddress};
use crate::error::{ApiError, Enveloped, envelope_for, problem_of_status};
use crate::state::WebState;

/// A fault after which the request itself is gone: a panic, or an error of a layer below that was not an answer.
#[derive(Debug)]
struct Fatal {
    frame: Frame,
    problem: Problem,
    body: Held,
}

impl fmt::Display for Fatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for Fatal {
    fn status_code(&self) -> StatusCode {
        crate::error::status_of(self.problem.code)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = envelope_for(&self.problem, &self.frame.id.0);
        self.frame.decorate(response.headers_mut());
        self.frame.close_if_ending(response.head_mut());
        self.body.clone().until_sent(response)
    }
}

pub(crate) async fn outer(mut req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = WebState::of_service(&req) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let started = Instant::now();
    let body = Held::of(&mut req);
    let in_flight = InFlight::enter();
    let method = req.method().clone();
    let frame = Frame::of(&req, &state);
    let address = client::resolve(req.peer_addr().map(|peer| peer.ip()), req.headers(), &state.options.trusted_proxies);
    {
        let mut extensions = req.extensions_mut();
        extensions.insert(frame.id.clone());
        if let Some(address) = address {
            extensions.insert(ClientAddress(address));
        }
    }
    if let Err(problem) = headers::check_head(&req) {
        let response = req.into_response(envelope_for(&problem, &frame.id.0));
        return Ok(body.until_answered(finish(response, &frame, &method, started, Some(&problem))));
    }
    if method == Method::HEAD {
        // Answered as GET; the encoder leaves the body out.
        req.head_mut().method = Method::GET;
    }
    let span = request_span(&frame.id.0, &method, req.headers());
    let work = AssertUnwindSafe(next.call(req)).catch_unwind();
    let served = frame.id.clone().scope(work).instrument(span.clone()).await;
    let _entered = span.entered();
    drop(in_flight);
    let problem = match served {
        Ok(Ok(response)) => return Ok(body.until_answered(settle(response.map_into_boxed_body(), &frame, &method, started))),
        Ok(Err(error)) => match error.as_error::<ApiError>() {
            Some(ApiError(problem)) => {
                let mut public = Problem::new(problem.code, problem.message.clone());
                public.details.clone_from(&problem.details);
                public.retry_after = problem.retry_after;
                public.with_source(error.to_string())
            }
            None => problem_of_status(error.as_response_error().status_code()).with_source(error.to_string()),
        },
        Err(panic) => Problem::internal(format!("panic: {}", words(panic.as_ref()))),
    };
    let status = crate::error::status_of(problem.code);
    Served { method: &method, route: None, status, took: started.elapsed(), problem: Some(&problem) }.note();
    Err(Fatal { frame, problem, body }.into())
}

/// Turns a foreign error into an envelope, then finishes.
fn settle(response: ServiceResponse<BoxBody>, frame: &Frame, method: &Method, started: Instant) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if failed && response.response().extensions().get::<Enveloped>().is_none() {
        let (request, foreign) = response.into_parts();
        let mut problem = problem_of_status(status);
        if let Some(error) = foreign.error() {
            problem = problem.with_source(error.to_string());
        }
        let mut own = envelope_for(&problem, &frame.id.0);
        for name in [header::ALLOW, header::RETRY_AFTER, header::VARY, header::ACCESS_CONTROL_ALLOW_ORIGIN, header::WWW_AUTHENTICATE] {
            for value in foreign.headers().get_all(&name) {
                own.headers_mut().insert(name.clone(), value.clone());
            }
        }
        return finish(ServiceResponse::new(request, own), frame, method, started, Some(&problem));
    }
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let served = Served { method, route: response.request().match_pattern(), status, took: started.elapsed(), problem: error.map(|error| &error.0) };
    served.note();
    frame.decorated(response)
}

fn finish(
    response: ServiceResponse<BoxBody>,
    frame: &Frame,
    method: &Method,
    started: Instant,
    problem: Option<&Problem>,
) -> ServiceResponse<BoxBody> {
    let route = response.request().match_pattern();
    Served { method, route, status: response.status(), took: started.elapsed(), problem }.note();
    frame.decorated(response)
}

/// The span of a request: ids for the log, and the root of its trace.
fn request_span(request_id: &str, method: &Method, headers: &HeaderMap) -> Span {
    let span = tracing::info_span!(
        "request",
        request_id,
        method = label(method),
        tenant_id = Empty,
        trace_id = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        http.route = Empty,
        http.response.status_code = Empty
    );
    if let Some(trace) = traces::trace_id(request_id) {
        span.record("trace_id", trace);
        traces::begin(&span, request_id, headers.get("traceparent").and_then(|value| value.to_str().ok()));
    }
    span
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "of unknown kind".to_owned())
}
