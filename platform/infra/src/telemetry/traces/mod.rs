//! Traces: which requests, jobs and events are told to an OTLP receiver, and under which ids.
//!
//! Invariants:
//! - **A trace is named by the request id.** Whatever comes of a request (jobs, events in another process, the control plane's part of a tenant's event)
//!   carries that id anyway, so nothing else has to be stored to join one trace, and whoever reads a request id in an error finds its trace. A trace id that a
//!   caller sends (`traceparent`) is linked, not joined, and their sampling is none of our business. Who sends a request id of their own names a trace by it.
//! - A trace is sent whole or not at all: sampling looks at the trace id alone.
//! - Spans hold ids, names and outcomes: no parameter of a statement, no key of an object, no address, no name of a person.
//! - Without a receiver nothing of this runs: a span costs a look at a flag. A receiver that is away or slow costs the spans that did not fit into the queue.

mod ids;
mod spans;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nexus_config::Telemetry;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags, TraceState, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use secrecy::ExposeSecret;
use tracing::{Level, Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::registry::LookupSpan;

use super::TelemetryError;
use ids::{RequestIds, Sampler};
pub(crate) use spans::{event, job, mail, object_store, redis, statement, transaction, within};

/// Target of spans that only traces want: the log's filter never sees them.
pub const TARGET: &str = "nexus_trace";

/// Longest wait for the receiver, at the end of the process too.
const PATIENCE: Duration = Duration::from_secs(3);

static ENABLED: AtomicBool = AtomicBool::new(false);

/// Sends what is left when it is dropped: hold it as long as the process serves.
#[derive(Debug, Default)]
pub struct Traces(Option<SdkTracerProvider>);

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take()
            && let Err(error) = provider.shutdown_with_timeout(PATIENCE)
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// The layer that turns spans into traces, where a receiver is named.
pub(super) fn layer<S>(settings: &Telemetry, role: &'static str) -> Result<(Option<impl Layer<S> + use<S>>, Traces), TelemetryError>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let Some(endpoint) = &settings.otlp_endpoint else { return Ok((None, Traces::default())) };
    let authorization = settings.otlp_authorization.expose_secret();
    let headers = (!authorization.is_empty()).then(|| ("authorization".to_owned(), authorization.to_owned()));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(PATIENCE)
        .with_headers(headers.into_iter().collect())
        .build()
        .map_err(|error| TelemetryError::Traces(error.to_string()))?;
    let resource = Resource::builder_empty()
        .with_service_name("nexus")
        .with_attributes([KeyValue::new("service.version", env!("CARGO_PKG_VERSION")), KeyValue::new("nexus.role", role)])
        .build();
    let provider = SdkTracerProvider::builder()
        .with_id_generator(RequestIds)
        .with_sampler(Sampler { percent: settings.sample_percent })
        .with_resource(resource)
        .with_batch_exporter(exporter)
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("nexus"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        // Asked each time: beside a filter that was asked once for all, the outcome of somebody else's look (sqlx asks whether it should log) would be taken for ours.
        .with_filter(dynamic_filter_fn(|metadata, _| wanted(metadata)));
    ENABLED.store(true, Ordering::Relaxed);
    Ok((Some(layer), Traces(Some(provider))))
}

/// Spans of ours. Events are the log's.
fn wanted(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= Level::INFO && metadata.target().starts_with("nexus")
}

/// Whether anything is traced.
#[must_use]
pub fn enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// Makes `span` the root of the trace of this request. `caller`: the `traceparent` that it came with.
pub fn begin(span: &Span, request_id: &str, caller: Option<&str>) {
    if !enabled() || span.is_disabled() {
        return;
    }
    if let Some(caller) = caller.and_then(ids::of_traceparent) {
        span.add_link(caller);
    }
    // The span is built here, under the ids that are the request's.
    let _ids = ids::assign(request_id);
    let _ = span.context();
}

/// Gives a span that was begun its name: what a request was for is known at its end.
pub fn rename(span: &Span, name: String) {
    if enabled() && !span.is_disabled() {
        span.context().span().update_name(name);
    }
}

/// Makes `span` a part of the trace of the request that caused it.
pub fn resume(span: &Span, request_id: &str) {
    if !enabled() || span.is_disabled() {
        return;
    }
    let (trace, root) = ids::of_request(request_id);
    let cause = SpanContext::new(trace, root, TraceFlags::SAMPLED, true, TraceState::NONE);
    // A span that was built already keeps its place.
    let _ = span.set_parent(Context::new().with_remote_span_context(cause));
}

/// The id under which a request is traced, for log lines; none when nothing is.
#[must_use]
pub fn trace_id(request_id: &str) -> Option<String> {
    enabled().then(|| ids::of_request(request_id).0.to_string())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
