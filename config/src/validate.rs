//! What settings must fulfil, beyond their types.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::development::is_known;
use crate::error::{ConfigError, SettingFault};
use crate::load::Role;
use crate::settings::{Database, Environment, S3Credentials, Settings, TENANT_CONNECTION_LIMIT};

impl Settings {
    /// Checks everything, for a process that does everything.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with every fault.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.validate_for(Role::All)
    }

    /// Checks everything that does not depend on the role, and that the role has the secrets it needs.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with every fault.
    pub fn validate_for(&self, role: Role) -> Result<(), ConfigError> {
        let mut check = Check { faults: Vec::new(), production: self.environment == Environment::Production };
        self.check_http(&mut check);
        self.check_databases(&mut check, role);
        self.check_services(&mut check, role);
        self.check_keys(&mut check, role);
        self.check_limits(&mut check);
        if check.faults.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(check.faults)) }
    }

    fn check_http(&self, check: &mut Check) {
        let http = &self.http;
        for (key, address) in [("http.bind", http.bind), ("http.metrics_bind", http.metrics_bind)] {
            check.holds(
                check.production || address.ip().is_loopback(),
                key,
                "must be a loopback address while `environment` is `development`, which is for local use only",
            );
        }
        check.holds(
            matches!(Host::parse(&http.apex_host), Ok(Host::Domain(name)) if name == http.apex_host),
            "http.apex_host",
            "must be a host name without scheme and port, such as nexus.example",
        );
        match Url::parse(&http.public_url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none() && url.fragment().is_none() => {
                let local = url.host_str().is_some_and(|host| host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1");
                check.holds(
                    !check.production || local || url.scheme() == "https",
                    "http.public_url",
                    "must be https in production: sessions depend on it",
                );
            }
            _ => check.fault("http.public_url", "must be an http(s) URL without a path, such as https://nexus.example"),
        }
        for (index, origin) in http.cors_origins.iter().enumerate() {
            let good = Url::parse(origin).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == *origin);
            check.holds(good, &format!("http.cors_origins.{index}"), "must be an origin such as https://app.example, without a path or slash");
        }
        check.range("http.body_limit_bytes", http.body_limit_bytes, 1_024..=64 * 1_024 * 1_024);
        check.range("http.body_idle_timeout_s", http.body_idle_timeout_s, 1..=600);
        check.range("http.body_timeout_s", http.body_timeout_s, 1..=600);
        check.range("http.upload_timeout_s", http.upload_timeout_s, 1..=86_400);
        check.range("http.upload_min_bytes_per_s", http.upload_min_bytes_per_s, 1..=1_048_576);
        check.range("http.workers", http.workers.unwrap_or(1), 1..=1_024);
        check.range("http.max_requests", http.max_requests.unwrap_or(1), 1..=100_000);
        check.range("http.max_queued_requests", http.max_queued_requests.unwrap_or(1), 1..=100_000);
        check.range("http.queue_timeout_ms", http.queue_timeout_ms, 1..=10_000);
        check.range("http.max_connections", http.max_connections.unwrap_or(1), 1..=1_000_000);
        check.range("http.backlog", http.backlog, 1..=65_535);
        check.range("http.drain_delay_s", http.drain_delay_s, 0..=300);
        check.range("http.shutdown_timeout_s", http.shutdown_timeout_s, 1..=3_600);
    }

    fn check_databases(&self, check: &mut Check, role: Role) {
        check.database("control_db", &self.control_db, role.controls());
        check.database("directory_db", &self.directory_db, role.serves_tenants());
        check.holds(!role.controls() || !self.servers.is_empty(), "servers", "at least one server for tenants' databases is needed");
        let mut names = BTreeSet::new();
        for (index, server) in self.servers.iter().enumerate() {
            let key = |field: &str| format!("servers.{index}.{field}");
            check.name(&key("name"), &server.name);
            check.holds(names.insert(&server.name), &key("name"), "is used by two servers");
            check.holds(!server.host.is_empty(), &key("host"), "must not be empty");
            check.holds(server.port > 0, &key("port"), "must not be 0");
            check.url(&key("admin_url"), &server.admin_url, &["postgres", "postgresql"], role.controls());
        }
    }

    fn check_services(&self, check: &mut Check, role: Role) {
        check.url("redis.url", &self.redis.url, &["redis", "rediss"], true);
        check.range("redis.timeout_ms", self.redis.timeout_ms, 10..=10_000);
        check.range("redis.max_connections", self.redis.max_connections, 1..=1_024);
        if let Some(endpoint) = &self.s3.endpoint {
            check.holds(
                Url::parse(endpoint).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty()),
                "s3.endpoint",
                "must be an http(s) URL",
            );
        }
        check.holds(!self.s3.region.is_empty(), "s3.region", "must not be empty");
        let shared = self.s3.credentials == S3Credentials::Shared;
        check.holds(!(role.controls() || shared) || !self.s3.access_key.is_empty(), "s3.access_key", "must be given");
        check.secret("s3.secret_key", &self.s3.secret_key, role.controls() || shared);
        let loopback = self.s3.endpoint.as_deref().is_some_and(on_loopback);
        check.holds(
            shared || loopback,
            "s3.credentials",
            "`derived` is for the embedded store of `nexus dev`, on a loopback address: any other store knows no such keys and would refuse every organization; use `shared`",
        );
        check.range("s3.connect_timeout_ms", self.s3.connect_timeout_ms, 10..=60_000);
        check.range("s3.read_timeout_ms", self.s3.read_timeout_ms, 10..=600_000);
        check.url("mail.smtp_url", &self.mail.smtp_url, &["smtp", "smtps"], role.controls());
        check.holds(self.mail.from.contains('@'), "mail.from", "must be a mailbox, such as Nexus <no-reply@nexus.example>");
        check.range("mail.timeout_ms", self.mail.timeout_ms, 100..=60_000);
    }

    fn check_keys(&self, check: &mut Check, role: Role) {
        let secrets = &self.secrets;
        let given = |key: &SecretString| !key.expose_secret().is_empty();
        let own = given(&secrets.runtime_key);
        check.holds(
            !own || !(role.controls() || given(&secrets.master_key)),
            "secrets.runtime_key",
            "is for `nexus tenant-runtime` alone, instead of master_key, which it is derived from",
        );
        check.holds(
            role.controls() || own || given(&secrets.master_key),
            "secrets.runtime_key",
            "must be given, as a value or as runtime_key_file; `nexus admin secrets runtime-key` prints it",
        );
        check.base64_key("secrets.master_key", &secrets.master_key, role.controls());
        check.base64_key("secrets.runtime_key", &secrets.runtime_key, false);
        check.name("secrets.kek_id", &secrets.kek_id);
        check.base64_key("secrets.previous_master_key", &secrets.previous_master_key, false);
        check.base64_key("secrets.previous_runtime_key", &secrets.previous_runtime_key, false);
        let (previous, name) = match own {
            true => (&secrets.previous_runtime_key, "previous_runtime_key"),
            false => (&secrets.previous_master_key, "previous_master_key"),
        };
        check.holds(given(previous) == secrets.previous_kek_id.is_some(), "secrets.previous_kek_id", &format!("must be given together with {name}"));
        if let Some(id) = &secrets.previous_kek_id {
            check.name("secrets.previous_kek_id", id);
            check.holds(*id != secrets.kek_id, "secrets.previous_kek_id", "must differ from kek_id");
        }
        let tokens = &self.tokens;
        check.holds(!tokens.issuer.is_empty(), "tokens.issuer", "must not be empty");
        check.range("tokens.access_ttl_s", tokens.access_ttl_s, 60..=3_600);
        check.range("tokens.refresh_ttl_s", tokens.refresh_ttl_s, 3_600..=1_209_600);
        check.range("tokens.leeway_s", tokens.leeway_s, 0..=60);
    }

    fn check_limits(&self, check: &mut Check) {
        let runtime = &self.runtime;
        check.range("runtime.connection_budget", runtime.connection_budget, 1..=10_000);
        check.range("runtime.tenant_max_connections", runtime.tenant_max_connections, 1..=runtime.connection_budget.max(1));
        let to_one = runtime.connections_to_one_tenant();
        check.holds(
            to_one <= TENANT_CONNECTION_LIMIT || runtime.tenant_max_connections > runtime.connection_budget,
            "runtime.tenant_max_connections",
            &format!(
                "with {} for requests and {} for background work, this process alone could open {to_one} connections to one tenant's database; its server allows {TENANT_CONNECTION_LIMIT} to all processes together (docs/operations/limits.md)",
                runtime.tenant_max_connections,
                runtime.background_connections(),
            ),
        );
        check.range("runtime.idle_timeout_s", runtime.idle_timeout_s, 1..=86_400);
        check.range("runtime.acquire_timeout_ms", runtime.acquire_timeout_ms, 100..=60_000);
        check.range("runtime.tenant_max_waiting", runtime.tenant_max_waiting, 1..=100_000);
        if let Some(file) = &runtime.snapshot_file {
            check.holds(file.is_absolute() && file.file_name().is_some(), "runtime.snapshot_file", "must be the absolute path of a file, or empty");
        }
        check.range("provisioning.patience_s", self.provisioning.patience_s, 1..=86_400);
        check.range("provisioning.warm_pool.size", self.provisioning.warm_pool.size, 0..=1_000);
        check.range("provisioning.warm_pool.parallel", self.provisioning.warm_pool.parallel, 1..=16);
        check.name("signup.default_plan", &self.signup.default_plan);
        check.range("signup.organizations_per_account", self.signup.organizations_per_account, 1..=100_000);
        check.range("rate_limit.anonymous_per_minute", self.rate_limit.anonymous_per_minute, 1..=10_000_000);
        check.range("rate_limit.principal_per_minute", self.rate_limit.principal_per_minute, 1..=10_000_000);
        check.range("rate_limit.sign_ups_per_hour", self.rate_limit.sign_ups_per_hour, 1..=100_000);
        check.range("rate_limit.registrations_per_hour", self.rate_limit.registrations_per_hour, 1..=100_000);
        check.range("rate_limit.verification_mails_per_hour", self.rate_limit.verification_mails_per_hour, 1..=100_000);
        check.range("rate_limit.password_reset_mails_per_hour", self.rate_limit.password_reset_mails_per_hour, 1..=100_000);
        check.range("imports.max_bytes", self.imports.max_bytes, 1_024..=5 * 1_024 * 1_024 * 1_024);
        check.range("imports.max_columns", self.imports.max_columns, 1..=10_000);
        check.range("imports.max_errors", self.imports.max_errors, 1..=100_000);
        check.range("imports.max_uploads", self.imports.max_uploads, 1..=10_000);
        check.range("imports.max_uploads_per_tenant", self.imports.max_uploads_per_tenant, 1..=1_000);
        check.range("imports.max_pending", self.imports.max_pending, 1..=10_000);
        check.range("imports.max_stored_bytes", self.imports.max_stored_bytes, 1_024..=i64::MAX.unsigned_abs());
        check.range("exports.max_pending", self.exports.max_pending, 1..=10_000);
        check.range("exports.max_stored_bytes", self.exports.max_stored_bytes, 1_024..=i64::MAX.unsigned_abs());
        check.range("exports.max_downloads", self.exports.max_downloads, 1..=10_000);
        check.range("exports.max_downloads_per_tenant", self.exports.max_downloads_per_tenant, 1..=1_000);
        check.range("jobs.keep_files_days", self.jobs.keep_files_days, 1..=3_650);
        if let Some(endpoint) = &self.telemetry.otlp_endpoint {
            let good =
                Url::parse(endpoint).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.query().is_none());
            check.holds(good, "telemetry.otlp_endpoint", "must be an http(s) URL without a user or a query, such as http://127.0.0.1:4318");
        }
        check.range("telemetry.sample_percent", self.telemetry.sample_percent, 0..=100);
        check.holds(!self.log.filter.trim().is_empty(), "log.filter", "must not be empty; `info` is a good start");
    }
}

/// Whether a URL names this very machine.
fn on_loopback(url: &str) -> bool {
    match Url::parse(url).ok().as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

struct Check {
    faults: Vec<SettingFault>,
    production: bool,
}

impl Check {
    fn fault(&mut self, key: &str, message: impl Into<String>) {
        self.faults.push(SettingFault { key: key.to_owned(), message: message.into() });
    }

    fn holds(&mut self, holds: bool, key: &str, message: &str) {
        if !holds {
            self.fault(key, message);
        }
    }

    fn range<T: PartialOrd + std::fmt::Display>(&mut self, key: &str, value: T, range: RangeInclusive<T>) {
        if !range.contains(&value) {
            self.fault(key, format!("{value} is not between {} and {}", range.start(), range.end()));
        }
    }

    /// Names that end up in keys, labels and file names.
    fn name(&mut self, key: &str, name: &str) {
        let good = (1..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'));
        self.holds(good, key, "must have 1 to 40 characters out of a-z, 0-9, `-` and `_`");
    }

    /// Whether there is a value to look at further.
    fn secret(&mut self, key: &str, secret: &SecretString, needed: bool) -> bool {
        if secret.expose_secret().is_empty() {
            self.holds(!needed, key, &format!("must be given, as a value or as {}_file", key.rsplit('.').next().unwrap_or(key)));
            return false;
        }
        self.holds(!self.production || !is_known(secret), key, "is the development value, which everybody knows: production refuses it");
        true
    }

    fn url(&mut self, key: &str, secret: &SecretString, schemes: &[&str], needed: bool) {
        if self.secret(key, secret, needed) {
            let good = Url::parse(secret.expose_secret())
                .is_ok_and(|url| schemes.contains(&url.scheme()) && url.host_str().is_some_and(|host| !host.is_empty()));
            self.holds(good, key, &format!("must be a URL that begins with {}:// and names a host", schemes.join(":// or ")));
        }
    }

    fn database(&mut self, key: &str, database: &Database, needed: bool) {
        self.url(&format!("{key}.url"), &database.url, &["postgres", "postgresql"], needed);
        self.range(&format!("{key}.max_connections"), database.max_connections, 1..=1_000);
        self.range(&format!("{key}.connect_timeout_ms"), database.connect_timeout_ms, 100..=60_000);
    }

    fn base64_key(&mut self, key: &str, secret: &SecretString, needed: bool) {
        if self.secret(key, secret, needed) {
            let good = STANDARD.decode(secret.expose_secret()).is_ok_and(|bytes| bytes.len() == 32);
            self.holds(good, key, "must be 32 bytes in base64; `openssl rand -base64 32` makes one");
        }
    }
}
