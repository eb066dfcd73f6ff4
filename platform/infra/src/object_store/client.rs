//! Clients, all on one pool of connections.

use std::sync::LazyLock;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use nexus_config::S3;

/// Attempts of one call, the first included.
const ATTEMPTS: u32 = 3;
/// A transfer of a file gets the time of an answer, and a second for each of these many bytes.
const SLOWEST_BYTES_PER_SECOND: u64 = 512 * 1_024;

static CONNECTIONS: LazyLock<SharedHttpClient> =
    LazyLock::new(|| aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https());

pub(super) fn client(settings: &S3, access_key: &str, secret_key: &str) -> Client {
    let mut builder = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .credentials_provider(Credentials::new(access_key, secret_key, None, None, "nexus"))
        .force_path_style(settings.force_path_style)
        .http_client(CONNECTIONS.clone())
        .timeout_config(time_outs(settings, 0))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        // Stores other than AWS do not all know the newer checksum trailers.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    Client::from_conf(builder.build())
}

/// Time-outs of a call that sends `bytes`. The time for an answer begins when the request begins, so that an upload needs more of it.
pub(super) fn time_outs(settings: &S3, bytes: u64) -> TimeoutConfig {
    let connect = Duration::from_millis(settings.connect_timeout_ms);
    let read = Duration::from_millis(settings.read_timeout_ms) + Duration::from_secs(bytes / SLOWEST_BYTES_PER_SECOND);
    let attempt = connect + read;
    TimeoutConfig::builder()
        .connect_timeout(connect)
        .read_timeout(read)
        .operation_attempt_timeout(attempt)
        .operation_timeout(attempt * ATTEMPTS + Duration::from_secs(5))
        .build()
}
