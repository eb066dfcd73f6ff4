//! The access log and the metrics of requests (rate, errors, duration).
//!
//! Neither holds a path, a query string, an address or a name: the route template, the method and the status say what
//! happened, the request id finds the rest. Labels are bounded.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use nexus_core::{ErrorCode, Problem};
use nexus_infra::telemetry::traces;
use tracing::{Level, Span};

/// One finished request.
pub(super) struct Served<'a> {
    pub(super) method: &'a Method,
    pub(super) route: Option<String>,
    pub(super) status: StatusCode,
    pub(super) took: Duration,
    pub(super) problem: Option<&'a Problem>,
}

/// The method as a label: callers can't invent new ones.
pub(super) fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

impl Served<'_> {
    /// Writes the log line and counts.
    pub(super) fn note(self) {
        let method = label(self.method);
        let route = self.route.unwrap_or_else(|| "unmatched".to_owned());
        let status = self.status.as_u16();
        let code = self.problem.map_or("", |problem| problem.code.code);
        let duration_us = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX);
        trace(method, &route, self.status);
        match weight(self.status, self.problem) {
            Level::DEBUG => tracing::debug!(target: "access", method, route, status, code, duration_us, "request refused"),
            Level::ERROR => {
                let cause = self.problem.map(chain).unwrap_or_default();
                tracing::error!(target: "access", method, route, status, code, duration_us, cause, "request failed");
            }
            _ => tracing::info!(target: "access", method, route, status, code, duration_us, "request"),
        }
        metrics::counter!("nexus_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
        metrics::histogram!("nexus_http_request_duration_seconds", "method" => method, "route" => route).record(self.took.as_secs_f64());
    }
}

/// Writes on the request's span how it ended.
fn trace(method: &str, route: &str, status: StatusCode) {
    if !traces::enabled() {
        return;
    }
    let span = Span::current();
    traces::rename(&span, format!("{method} {route}"));
    span.record("http.route", route).record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_counter!("nexus_http_requests_total", "Requests answered, by method, route template and status");
    describe_histogram!(
        "nexus_http_request_duration_seconds",
        Unit::Seconds,
        "Time from a request's head to its answer's, by method and route template"
    );
    describe_gauge!("nexus_http_requests_in_flight", "Requests under way");
}

/// Counts a request that was refused at the door; who refuses says why (`nexus_http_requests_shed_total`).
pub(super) fn count_refused(method: &Method) {
    metrics::counter!("nexus_http_requests_total", "method" => label(method), "route" => "refused", "status" => "503").increment(1);
}

/// How loudly a request is told of: an error is what somebody should look into.
fn weight(status: StatusCode, problem: Option<&Problem>) -> Level {
    match problem {
        // Too much is asked for, or it is not served here. A flood must not become one of log lines: whoever refuses counts, and tells now and then.
        Some(problem) if problem.code == ErrorCode::SERVICE_UNAVAILABLE && problem.source.is_none() => Level::DEBUG,
        // Nothing is at fault: it will be served later, such as an organization that is being set up.
        Some(problem) if status == StatusCode::SERVICE_UNAVAILABLE && problem.source.is_none() => Level::INFO,
        _ if status.is_server_error() => Level::ERROR,
        _ => Level::INFO,
    }
}

/// The private causes of a problem, outermost first.
fn chain(problem: &Problem) -> String {
    let mut out = String::new();
    let mut source = std::error::Error::source(problem);
    while let Some(error) = source {
        if !out.is_empty() {
            out.push_str(": ");
        }
        out.push_str(&error.to_string());
        source = error.source();
    }
    out
}

/// Counts a request as in flight until it is dropped.
pub(super) struct InFlight;

impl InFlight {
    pub(super) fn enter() -> Self {
        metrics::gauge!("nexus_http_requests_in_flight").increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("nexus_http_requests_in_flight").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_where_something_is_at_fault() {
        let later = ErrorCode { code: "NOT_YET", status: 503, summary: "" };
        let expected = Problem::new(later, "");
        let faulty = Problem::new(later, "").with_source("gone");
        let refused = Problem::unavailable("It");
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(weight(unavailable, Some(&expected)), Level::INFO);
        assert_eq!(weight(unavailable, Some(&faulty)), Level::ERROR);
        assert_eq!(weight(unavailable, Some(&refused)), Level::DEBUG);
        assert_eq!(weight(unavailable, None), Level::ERROR);
        assert_eq!(weight(StatusCode::INTERNAL_SERVER_ERROR, Some(&Problem::new(ErrorCode::INTERNAL_ERROR, ""))), Level::ERROR);
        assert_eq!(weight(StatusCode::NOT_FOUND, Some(&Problem::not_found("product"))), Level::INFO);
    }
}
