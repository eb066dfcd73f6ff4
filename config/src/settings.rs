//! The settings as types. What each means is written once, in `default.toml`; the doc comments here only name units.

mod telemetry;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use secrecy::SecretString;
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer};
use url::Url;

pub use telemetry::{Log, LogFormat, Telemetry};

/// Everything a process may be told. Build it with [`Settings::load_for`], [`Settings::from_layers`] or [`Settings::development`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How strict to be.
    pub environment: Environment,
    /// Listeners and what HTTP admits.
    pub http: Http,
    /// The control database, as `nexus_control`.
    pub control_db: Database,
    /// The control database, as `nexus_directory`.
    pub directory_db: Database,
    /// Servers of tenants' databases; the first is the default placement.
    pub servers: Vec<DatabaseServer>,
    /// TLS to databases.
    pub database_tls: DatabaseTls,
    /// Redis.
    pub redis: Redis,
    /// The object store.
    pub s3: S3,
    /// Outgoing mail.
    pub mail: Mail,
    /// The key that all others are derived from.
    pub secrets: Secrets,
    /// Access and refresh tokens.
    pub tokens: Tokens,
    /// The tenants' pools.
    pub runtime: Runtime,
    /// Building and erasing organizations.
    pub provisioning: Provisioning,
    /// Who may found an organization.
    pub signup: Signup,
    /// Limits on requests.
    pub rate_limit: RateLimit,
    /// Limits on imported files.
    pub imports: Imports,
    /// Limits on exported files.
    pub exports: Exports,
    /// Jobs.
    pub jobs: Jobs,
    /// Logging.
    pub log: Log,
    /// Traces.
    pub telemetry: Telemetry,
    /// The embedded stack of `nexus dev`.
    pub dev: Dev,
}

impl Settings {
    /// Requests under way at once in this process.
    #[must_use]
    pub fn max_requests(&self) -> usize {
        let connections = self.runtime.connection_budget.saturating_add(self.control_db.max_connections);
        self.http.max_requests.unwrap_or_else(|| usize::try_from(connections.saturating_mul(4)).unwrap_or(usize::MAX))
    }
}

/// How strict to be with settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Environment {
    /// Local use: loopback addresses, any secret.
    #[serde(rename = "development", alias = "dev")]
    Dev,
    /// Everything else.
    #[serde(rename = "production")]
    Production,
}

/// Listeners and what HTTP admits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address and port of the API.
    pub bind: SocketAddr,
    /// Address and port of `/metrics`.
    pub metrics_bind: SocketAddr,
    /// Host without scheme or port, lower case.
    pub apex_host: String,
    /// Absolute URL without a path and without a trailing slash.
    pub public_url: String,
    /// Networks whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins (`scheme://host[:port]`).
    pub cors_origins: Vec<String>,
    /// Bytes.
    pub body_limit_bytes: usize,
    /// Seconds.
    pub body_idle_timeout_s: u64,
    /// Seconds.
    pub body_timeout_s: u64,
    /// Seconds.
    pub upload_timeout_s: u64,
    /// Bytes a second.
    pub upload_min_bytes_per_s: u64,
    /// Threads; `None` is one per core.
    #[serde(deserialize_with = "zero_is_none")]
    pub workers: Option<usize>,
    /// Requests; `None` is derived ([`Settings::max_requests`]).
    #[serde(deserialize_with = "zero_is_none")]
    pub max_requests: Option<usize>,
    /// Requests; `None` is as many as may be under way.
    #[serde(deserialize_with = "zero_is_none")]
    pub max_queued_requests: Option<usize>,
    /// Milliseconds.
    pub queue_timeout_ms: u64,
    /// Connections; `None` is derived from the files that the system allows.
    #[serde(deserialize_with = "zero_is_none")]
    pub max_connections: Option<usize>,
    /// Connections.
    pub backlog: u32,
    /// Seconds.
    pub drain_delay_s: u64,
    /// Seconds.
    pub shutdown_timeout_s: u64,
}

impl Http {
    /// Address of an organization's host: `https://acme.nexus.example`, with the scheme and port of the public URL.
    #[must_use]
    pub fn organization_url(&self, slug: &str) -> String {
        let host = format!("{slug}.{}", self.apex_host);
        let Ok(mut url) = Url::parse(&self.public_url) else { return format!("https://{host}") };
        match url.set_host(Some(&host)) {
            Ok(()) => url.as_str().trim_end_matches('/').to_owned(),
            Err(_) => format!("https://{host}"),
        }
    }
}

/// One database and its pool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `postgres://user:password@host:port/database`; empty in roles that do not need it.
    #[serde(default)]
    pub url: SecretString,
    /// Connections of this process.
    pub max_connections: u32,
    /// Milliseconds.
    pub connect_timeout_ms: u64,
}

/// A server of tenants' databases.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseServer {
    /// Stable name.
    pub name: String,
    /// Host as the runtime reaches it.
    pub host: String,
    /// Port as the runtime reaches it.
    pub port: u16,
    /// The administrator's URL; empty outside the control plane.
    #[serde(default)]
    pub admin_url: SecretString,
    /// `None` is the default of [`DatabaseTls`].
    #[serde(default, deserialize_with = "empty_mode_is_none")]
    pub tls_mode: Option<TlsMode>,
}

/// TLS to databases.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseTls {
    /// How strict.
    pub mode: TlsMode,
    /// PEM file; `None` is the usual authorities.
    #[serde(deserialize_with = "empty_path_is_none")]
    pub root_cert: Option<PathBuf>,
}

impl DatabaseTls {
    /// How strict to be about this server.
    #[must_use]
    pub fn mode_of(&self, server: &DatabaseServer) -> TlsMode {
        server.tls_mode.unwrap_or(self.mode)
    }
}

/// How strict to be about TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Never.
    Disable,
    /// When the server offers it.
    Prefer,
    /// Always, whoever the server is.
    Require,
    /// Always, with a certificate for the server's name.
    VerifyFull,
}

/// Redis.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// `redis://` or `rediss://`.
    #[serde(default)]
    pub url: SecretString,
    /// Milliseconds, for a connection and for an answer.
    pub timeout_ms: u64,
    /// Connections of this process.
    pub max_connections: usize,
}

/// The object store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// `None` is AWS.
    #[serde(deserialize_with = "empty_is_none")]
    pub endpoint: Option<String>,
    /// Region.
    pub region: String,
    /// The administrator's access key.
    pub access_key: String,
    /// Its secret.
    #[serde(default)]
    pub secret_key: SecretString,
    /// Buckets by path instead of by host name.
    pub force_path_style: bool,
    /// How a tenant's bucket is entered.
    pub credentials: S3Credentials,
    /// Milliseconds.
    pub connect_timeout_ms: u64,
    /// Milliseconds to the first byte of an answer.
    pub read_timeout_ms: u64,
}

/// How a tenant's bucket is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum S3Credentials {
    /// A key per bucket, computed from the administrator's secret: the embedded store.
    Derived,
    /// The administrator's key.
    Shared,
}

/// Outgoing mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `smtp://` or `smtps://`.
    #[serde(default)]
    pub smtp_url: SecretString,
    /// Mailbox.
    pub from: String,
    /// Milliseconds for each answer.
    pub timeout_ms: u64,
}

/// The key that all others are derived from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// 32 bytes in base64; empty in a tenant runtime that has its own.
    #[serde(default)]
    pub master_key: SecretString,
    /// 32 bytes in base64; empty where the master key is.
    #[serde(default)]
    pub runtime_key: SecretString,
    /// Name of the key.
    pub kek_id: String,
    /// The key before; empty when there is none.
    #[serde(default)]
    pub previous_master_key: SecretString,
    /// The runtime's key before; empty when there is none.
    #[serde(default)]
    pub previous_runtime_key: SecretString,
    /// Its name; `None` when there is none.
    #[serde(deserialize_with = "empty_is_none")]
    pub previous_kek_id: Option<String>,
}

/// Access and refresh tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// `iss`; after loading never empty (`http.public_url` unless set).
    pub issuer: String,
    /// Seconds.
    pub access_ttl_s: u64,
    /// Seconds.
    pub refresh_ttl_s: u64,
    /// Seconds.
    pub leeway_s: u64,
}

/// Connections to one tenant's database over all processes: the limit of its role and of the database.
pub const TENANT_CONNECTION_LIMIT: u32 = 40;
/// Least number of connections of a tenant's background work: a relay pins one, a job's transaction holds another, and both ask beside it.
const LEAST_FOR_BACKGROUND: u32 = 3;

/// The tenants' pools.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// Connections of this process to all tenants' databases.
    pub connection_budget: u32,
    /// Connections of this process to one tenant's database for requests.
    pub tenant_max_connections: u32,
    /// Seconds.
    pub idle_timeout_s: u64,
    /// Milliseconds.
    pub acquire_timeout_ms: u64,
    /// Uses of one tenant's pool.
    pub tenant_max_waiting: usize,
    /// Absolute path; `None` keeps nothing.
    #[serde(deserialize_with = "empty_path_is_none")]
    pub snapshot_file: Option<PathBuf>,
}

impl Runtime {
    /// Connections of this process to one tenant's database for background work.
    #[must_use]
    pub fn background_connections(&self) -> u32 {
        self.tenant_max_connections.max(LEAST_FOR_BACKGROUND)
    }

    /// Connections of this process to one tenant's database, for whatever use.
    #[must_use]
    pub fn connections_to_one_tenant(&self) -> u32 {
        self.tenant_max_connections.saturating_add(self.background_connections()).min(self.connection_budget)
    }
}

/// Building and erasing organizations.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisioning {
    /// Seconds.
    pub patience_s: u64,
    /// What is prepared for organizations to come.
    pub warm_pool: WarmPool,
}

/// Databases, roles and buckets prepared for organizations to come.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmPool {
    /// Entries; 0 turns it off.
    pub size: u32,
    /// Entries that a process prepares at once.
    pub parallel: u32,
}

/// Who may found an organization.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signup {
    /// The mode.
    pub mode: SignupMode,
    /// Key of the plan.
    pub default_plan: String,
    /// Organizations.
    pub organizations_per_account: u32,
}

/// Modes of sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignupMode {
    /// Anybody, rate-limited.
    Open,
    /// After the e-mail address is verified; answers are uniform.
    VerifyFirst,
    /// With an invitation only.
    InviteOnly,
}

/// Limits on requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Whether requests are limited at all.
    pub enabled: bool,
    /// Requests a minute of one client address.
    pub anonymous_per_minute: u32,
    /// Requests a minute of one principal.
    pub principal_per_minute: u32,
    /// Sign-ups an hour of one client address.
    pub sign_ups_per_hour: u32,
    /// Registrations an hour of one network.
    pub registrations_per_hour: u32,
    /// Mails an hour of one network.
    pub verification_mails_per_hour: u32,
    /// Mails an hour of one network.
    pub password_reset_mails_per_hour: u32,
}

/// Limits on imported files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imports {
    /// Bytes.
    pub max_bytes: u64,
    /// Columns.
    pub max_columns: usize,
    /// Faults reported.
    pub max_errors: usize,
    /// Uploads at once in this process.
    pub max_uploads: usize,
    /// Uploads at once of one organization.
    pub max_uploads_per_tenant: usize,
    /// Imports of one organization that wait or run.
    pub max_pending: u32,
    /// Bytes.
    pub max_stored_bytes: u64,
}

/// Limits on exported files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exports {
    /// Exports of one organization that wait or run.
    pub max_pending: u32,
    /// Bytes.
    pub max_stored_bytes: u64,
    /// Downloads at once in this process.
    pub max_downloads: usize,
    /// Downloads at once of one organization.
    pub max_downloads_per_tenant: usize,
}

/// What becomes of jobs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Days.
    pub keep_files_days: u32,
}

/// The embedded stack.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dev {
    /// `None` is a place per checkout.
    #[serde(deserialize_with = "empty_path_is_none")]
    pub data_dir: Option<PathBuf>,
}

fn empty_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(|text| Some(text).filter(|text| !text.is_empty()))
}

fn empty_mode_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TlsMode>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { TlsMode::deserialize(text.into_deserializer()).map(Some) }
}

fn empty_path_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    empty_is_none(deserializer).map(|path| path.map(PathBuf::from))
}

fn zero_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    usize::deserialize(deserializer).map(|number| Some(number).filter(|number| *number > 0))
}
