//! Logs and metrics of the process.
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

use nexus_config::Log;
use thiserror::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

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
}

/// Sends the process' log to standard error. Once per process, before anything else starts.
///
/// # Errors
/// [`TelemetryError::Filter`], [`TelemetryError::Installed`].
pub fn init_tracing(settings: &Log) -> Result<(), TelemetryError> {
    let filter = EnvFilter::try_new(&settings.filter).map_err(|error| TelemetryError::Filter(error.to_string()))?;
    tracing_subscriber::registry()
        .with(filter)
        .with(lines::SpanFields)
        .with(tracing_subscriber::fmt::layer().event_format(lines::Lines { format: settings.format }).with_writer(std::io::stderr))
        .try_init()
        .map_err(|error| TelemetryError::Installed(error.to_string()))
}
