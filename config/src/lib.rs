//! The settings of Nexus: typed, layered, validated before anything starts.
//!
//! Layers, the later wins: `default.toml` (embedded; every setting is in it, with its meaning) ← the TOML file named by `NEXUS_CONFIG`
//! ← environment variables `NEXUS__SECTION__KEY`.
//!
//! Invariants:
//! - This is the only home of reading the process environment.
//! - An error names the key and the fault, every fault at once, and never repeats a secret.
//! - A secret is a [`SecretString`](secrecy::SecretString): `Debug` does not show it.
//! - In production an empty secret that the role needs, and any secret of [`Settings::development`], is refused.
//!
//! Deliberately not here: reloading (a changed setting is a restart) and anything that a tenant may change.

mod dev_servers;
mod development;
mod environment;
mod error;
mod layers;
mod load;
mod settings;
mod table;
mod validate;

pub use dev_servers::DevServers;
pub use environment::without_postgres_variables;
pub use error::{ConfigError, SettingFault};
pub use load::Role;
pub use settings::{
    Database, DatabaseServer, DatabaseTls, Dev, Environment, Exports, Http, Imports, Jobs, Log, LogFormat, Mail, Provisioning, RateLimit, Redis,
    Runtime, S3, S3Credentials, Secrets, Settings, Signup, SignupMode, TENANT_CONNECTION_LIMIT, Telemetry, TlsMode, Tokens, WarmPool,
};
pub use table::settings_table;

/// The embedded defaults, with a comment for every setting.
pub const DEFAULTS: &str = include_str!("../default.toml");

/// Settings that are secrets: no default, `<key>_file` accepted, never shown.
pub(crate) const SECRETS: &[&str] = &[
    "control_db.url",
    "directory_db.url",
    "servers.admin_url",
    "redis.url",
    "s3.secret_key",
    "mail.smtp_url",
    "secrets.master_key",
    "secrets.runtime_key",
    "secrets.previous_master_key",
    "secrets.previous_runtime_key",
    "telemetry.otlp_authorization",
];

/// Whether the setting at `path` is a secret. Indexes in the path do not count: `servers.0.admin_url` is one.
pub(crate) fn is_secret(path: &[String]) -> bool {
    let key = path.iter().filter(|part| part.parse::<usize>().is_err()).map(String::as_str).collect::<Vec<_>>().join(".");
    SECRETS.contains(&key.as_str())
}
