//! Prometheus: the recorder, its listener, and what the metrics of this package mean.

use std::net::SocketAddr;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::TelemetryError;

/// Upper bounds of the buckets of every duration, in seconds: from a cached read to a slow import step.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Collects the process' metrics and serves them on a listener of their own, which is not for the public. Once per process, inside a Tokio runtime.
///
/// # Errors
/// [`TelemetryError::Listener`], [`TelemetryError::Installed`].
pub fn install_metrics(address: SocketAddr) -> Result<PrometheusHandle, TelemetryError> {
    let failed = |error: BuildError| TelemetryError::Listener { address, reason: error.to_string() };
    let (recorder, exporter) = PrometheusBuilder::new()
        .with_http_listener(address)
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
        .map_err(failed)?
        .build()
        .map_err(failed)?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| TelemetryError::Installed(error.to_string()))?;
    tokio::spawn(async move {
        if exporter.await.is_err() {
            tracing::error!("the metrics listener ended");
        }
    });
    describe_metrics();
    Ok(handle)
}

/// Says what the metrics of this package mean. Other packages describe theirs at start-up, with the same macros.
pub fn describe_metrics() {
    describe_counter!("nexus_redis_failures_total", "Calls of Redis that ended without an answer");
    describe_counter!("nexus_worker_restarts_total", "Background loops that ended or panicked and were started again, by worker");
    describe_counter!("nexus_directory_lookups_total", "Look-ups of tenants, by where the answer came from");
    describe_counter!("nexus_directory_failures_total", "Reads of the directory view that failed");
    describe_gauge!("nexus_directory_tenants", "Tenants of which this process knows the directory record");
    describe_counter!("nexus_mails_total", "Mails, by outcome");
    describe_counter!("nexus_jobs_total", "Jobs that ended, by kind and state");
    describe_counter!("nexus_jobs_given_back_total", "Jobs that were taken up by a process which stopped, and were given back to be taken up again");
    describe_counter!("nexus_outbox_announced_total", "Events announced to the subscribers' streams, by plane");
    describe_counter!("nexus_outbox_deliveries_total", "Tries to deliver an event, by subscriber and outcome");
    describe_histogram!(
        "nexus_outbox_delivery_seconds",
        Unit::Seconds,
        "Time from an event's transaction to its being handed to a subscriber the first time, by subscriber"
    );
    describe_counter!("nexus_db_silent_calls_total", "Calls of a database that were given up because nothing came back");
    describe_counter!("nexus_object_store_silent_calls_total", "Calls of the object store that requests gave up because nothing came back");
    describe_counter!("nexus_db_transaction_retries_total", "Transactions repeated after a serialization failure or a deadlock, by name");
    describe_histogram!(
        "nexus_db_transaction_seconds",
        Unit::Seconds,
        "Duration of transactions, repetitions included, by name: the action of the audit log, or what is named like one"
    );
}
