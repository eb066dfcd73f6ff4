//! Logs, metrics and traces of the process.
//!
//! Redaction, in three layers:
//! 1. **Discipline.** Log what happened to which id. Never log a secret, a token, a body, an address (e-mail, client) or a name. A value that may
//!    contain one is not logged; errors of other systems are logged by code where their text may repeat input.
//! 2. **Spans.** Of a span's fields only those in [`lines::SPAN_FIELDS`] reach a line, whatever a library records.
//! 3. **Names.** A field of an event whose name says that it is a secret or personal is replaced by `[redacted]`. That is a net, not a licence.
//!
//! A line carries `request_id` and `tenant_id` whenever the code runs inside a request's or a job's span, however deep.
//! Metrics are labelled by route template, outcome and plan class, never by tenant or person.
//!
//! Deliberately not here: the access log (package `nexus-web`) and the audit log, which is data.

mod lines;
mod metrics_listener;
pub mod traces;

use nexus_config::{Log, Telemetry};
use thiserror::Error;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub use lines::SPAN_FIELDS;
pub use metrics_exporter_prometheus::PrometheusHandle;
pub use metrics_listener::{describe_metrics, install_metrics};

/// Why logs or metrics can't be set up.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// `log.filter` is malformed.
    #[error("log.filter is malformed: {0}")]
    Filter(String),
    /// Somebody set up logging or metrics before.
    #[error("telemetry is installed already: {0}")]
    Installed(String),
    /// The metrics' address can't be used.
    #[error("the metrics listener can't use {address}: {reason}")]
    Listener {
        /// Address of the settings.
        address: std::net::SocketAddr,
        /// The system's reason.
        reason: String,
    },
    /// Traces can't be sent as the settings say.
    #[error("telemetry.otlp_endpoint can't be used: {0}")]
    Traces(String),
}

/// Sends the process' log to standard error. Once per process, before anything else starts.
///
/// # Errors
/// [`TelemetryError::Filter`], [`TelemetryError::Installed`].
pub fn init_tracing(settings: &Log) -> Result<(), TelemetryError> {
    tracing_subscriber::registry().with(log(settings)?).try_init().map_err(|error| TelemetryError::Installed(error.to_string()))
}

/// [`init_tracing`], and sends traces where a receiver is named. `role`: what the process does.
///
/// # Errors
/// Those of [`init_tracing`]; [`TelemetryError::Traces`].
pub fn init_serving(log_settings: &Log, traces: &Telemetry, role: &'static str) -> Result<traces::Traces, TelemetryError> {
    let (layer, sending) = traces::layer(traces, role)?;
    tracing_subscriber::registry().with(log(log_settings)?).with(layer).try_init().map_err(|error| TelemetryError::Installed(error.to_string()))?;
    Ok(sending)
}

fn log<S>(settings: &Log) -> Result<impl Layer<S> + use<S>, TelemetryError>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let filter =
        EnvFilter::try_new(format!("{},{}=off", settings.filter, traces::TARGET)).map_err(|error| TelemetryError::Filter(error.to_string()))?;
    let lines = tracing_subscriber::fmt::layer().event_format(lines::Lines { format: settings.format }).with_writer(std::io::stderr);
    Ok(lines::SpanFields.and_then(lines).with_filter(filter))
}
