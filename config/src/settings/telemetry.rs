//! What the process tells of itself.

use secrecy::SecretString;
use serde::Deserialize;

use super::empty_is_none;

/// Logging.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// A tracing filter.
    pub filter: String,
}

/// Traces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Base of the receiver's URL; `None` sends nothing.
    #[serde(deserialize_with = "empty_is_none")]
    pub otlp_endpoint: Option<String>,
    /// Content of the header `Authorization`; empty sends none.
    #[serde(default)]
    pub otlp_authorization: SecretString,
    /// 0 to 100.
    pub sample_percent: u8,
}

/// Form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}
