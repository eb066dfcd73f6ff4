//! The access log and the metrics of requests (rate, errors, duration).
//!
//! Neither holds a path, a query string, an address or a name: the route template, the method and the status say what
//! happened, the request id finds the rest. Labels are bounded.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use nexus_core::{ErrorCode, Problem};

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
        if self.problem.is_some_and(is_refusal) {
            // A flood must not become one of log lines: whoever refuses counts, and tells now and then.
            tracing::debug!(target: "access", method, route, status, code, duration_us, "request refused");
        } else if self.status.is_server_error() {
            let cause = self.problem.map(chain).unwrap_or_default();
            tracing::error!(target: "access", method, route, status, code, duration_us, cause, "request failed");
        } else {
            tracing::info!(target: "access", method, route, status, code, duration_us, "request");
        }
        metrics::counter!("nexus_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
        metrics::histogram!("nexus_http_request_duration_seconds", "method" => method, "route" => route).record(self.took.as_secs_f64());
    }
}

/// Counts a request that was refused at the door; who refuses says why (`nexus_http_requests_shed_total`).
pub(super) fn count_refused(method: &Method) {
    metrics::counter!("nexus_http_requests_total", "method" => label(method), "route" => "refused", "status" => "503").increment(1);
}

/// 503 without a fault behind it: too much is asked for, or it is not served here.
fn is_refusal(problem: &Problem) -> bool {
    problem.code == ErrorCode::SERVICE_UNAVAILABLE && problem.source.is_none()
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
