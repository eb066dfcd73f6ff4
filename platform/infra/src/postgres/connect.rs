//! Where a database is and how its pool behaves.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use nexus_config::TlsMode;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};

use super::DbError;
use super::address::Address;
use super::watch::{Door, Watch};

/// A connection that rested this long is pinged before it is used again: after a restart of the server, the first caller gets a new
/// connection instead of a dead one. Shorter than any restart takes; longer than a connection rests in a pool that is busy.
pub(super) const PING_AFTER: Duration = Duration::from_millis(250);
/// No connection gets older: a backend keeps what it has learnt of every table it ever saw.
pub(super) const MAX_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// How the server notices that we are gone: a statement whose caller vanished would go on, and an idle transaction hold its locks, until the server's kernel
/// gives the connection up, which takes hours. Over a Unix socket those of TCP mean nothing and do no harm.
const WATCHING_US: [(&str, &str); 5] = [
    // Milliseconds: how often a running statement looks whether somebody still waits for it.
    ("client_connection_check_interval", "2000"),
    // Seconds of silence before the first probe, between two, and how many go unanswered.
    ("tcp_keepalives_idle", "15"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    // Milliseconds that sent data may stay unacknowledged.
    ("tcp_user_timeout", "30000"),
];

/// One database, the role to enter it with, and the limits of its pool. Its `Debug` shows no password.
#[derive(Clone)]
pub struct ConnectSpec {
    options: PgConnectOptions,
    /// The URL says how, whatever the settings say.
    own_tls: bool,
    pub(super) max_connections: u32,
    pub(super) acquire_timeout: Duration,
    pub(super) idle_timeout: Duration,
    max_lifetime: Duration,
}

impl ConnectSpec {
    /// A database by its parts. SCRAM is used when the server asks for it; TLS when the server offers it, unless [`Self::tls`] says otherwise.
    #[must_use]
    pub fn new(host: &str, port: u16, database: &str, user: &str, password: &SecretString) -> Self {
        // Everything is said here, so that no PG* variable of the environment gets a word in.
        let options = PgConnectOptions::new_without_pgpass()
            .host(host)
            .port(port)
            .database(database)
            .username(user)
            .password(password.expose_secret())
            .ssl_mode(PgSslMode::Prefer)
            .application_name("nexus")
            .options(WATCHING_US);
        // sqlx logs a statement slower than a second as a warning, without its parameters: that default is ours too.
        Self {
            options,
            own_tls: false,
            max_connections: 4,
            acquire_timeout: Duration::from_secs(2),
            idle_timeout: Duration::from_secs(300),
            max_lifetime: MAX_LIFETIME,
        }
    }

    /// A database by its URL (`postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`).
    ///
    /// # Errors
    /// [`DbError::Other`] when the URL can't be read; the message does not repeat it.
    pub fn from_url(url: &SecretString) -> Result<Self, DbError> {
        let address = Address::parse(url.expose_secret())?;
        let mut spec = Self::new(&address.host, address.port, &address.database, &address.user, &address.password);
        if let Some(mode) = address.ssl_mode {
            spec.options = spec.options.ssl_mode(mode);
            spec.own_tls = true;
        }
        if let Some(root_cert) = address.root_cert {
            spec.options = spec.options.ssl_root_cert(root_cert);
        }
        Ok(spec)
    }

    /// How strict to be about TLS, and the file of the authorities that may sign the server's certificate. What the URL says for itself stands.
    #[must_use]
    pub fn tls(mut self, mode: TlsMode, root_cert: Option<&Path>) -> Self {
        if self.own_tls {
            return self;
        }
        self.options = self.options.ssl_mode(match mode {
            TlsMode::Disable => PgSslMode::Disable,
            TlsMode::Prefer => PgSslMode::Prefer,
            TlsMode::Require => PgSslMode::Require,
            TlsMode::VerifyFull => PgSslMode::VerifyFull,
        });
        if let Some(root_cert) = root_cert {
            self.options = self.options.ssl_root_cert(root_cert);
        }
        self
    }

    /// Another database of the same server, with the same role.
    #[must_use]
    pub fn database(mut self, name: &str) -> Self {
        self.options = self.options.database(name);
        self
    }

    /// Another role on the same server and database.
    #[must_use]
    pub fn role(mut self, user: &str, password: &SecretString) -> Self {
        self.options = self.options.username(user).password(password.expose_secret());
        self
    }

    /// Greatest number of connections (default 4).
    #[must_use]
    pub fn max_connections(mut self, max: u32) -> Self {
        self.max_connections = max.max(1);
        self
    }

    /// How long a caller waits for a connection, opening one included (default 2 s).
    #[must_use]
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// When an unused connection is closed (default 5 min).
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// The name shown in `pg_stat_activity` (default `nexus`).
    #[must_use]
    pub fn application_name(mut self, name: &str) -> Self {
        self.options = self.options.application_name(name);
        self
    }

    /// Server-side limits for every session: a statement's, a lock's and an idle transaction's greatest duration.
    /// Tenant roles carry theirs in the catalogue; this is for roles that do not.
    #[must_use]
    pub fn session_timeouts(mut self, statement: Duration, lock: Duration, idle_in_transaction: Duration) -> Self {
        self.options = self.options.options([
            ("statement_timeout", statement.as_millis().to_string()),
            ("lock_timeout", lock.as_millis().to_string()),
            ("idle_in_transaction_session_timeout", idle_in_transaction.as_millis().to_string()),
        ]);
        self
    }

    /// Name of the database.
    #[must_use]
    pub fn database_name(&self) -> &str {
        self.options.get_database().unwrap_or_default()
    }

    /// Name of the role.
    #[must_use]
    pub fn user(&self) -> &str {
        self.options.get_username()
    }

    /// Host of the server.
    #[must_use]
    pub fn host(&self) -> &str {
        self.options.get_host()
    }

    /// Port of the server.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.options.get_port()
    }

    pub(super) fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    pub(super) fn watch(&self) -> Watch {
        Watch::new(Some(Door { host: self.host().to_owned(), port: self.port() }))
    }

    pub(super) fn pool_options(&self, watch: Watch) -> PgPoolOptions {
        PgPoolOptions::new()
            .min_connections(0)
            .max_connections(self.max_connections)
            .acquire_timeout(self.acquire_timeout)
            .idle_timeout(self.idle_timeout)
            .max_lifetime(self.max_lifetime)
            // A ping per acquire would be a round trip per request; only a connection that has rested is pinged.
            .test_before_acquire(false)
            .before_acquire(|connection, state| {
                Box::pin(async move {
                    if state.idle_for >= PING_AFTER {
                        Watch::answers(connection).await?;
                    }
                    Ok(true)
                })
            })
            .after_release(move |connection, _| {
                let watch = watch.clone();
                Box::pin(async move { watch.take_back(connection).await })
            })
    }
}

impl fmt::Debug for ConnectSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectSpec")
            .field("host", &self.host())
            .field("port", &self.port())
            .field("database", &self.database_name())
            .field("user", &self.user())
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_never_shows_its_password() {
        let spec = ConnectSpec::from_url(&SecretString::from("postgres://nx:s3cret@db.example:6432/nxt_1")).unwrap();
        let shown = format!("{spec:?}");
        assert!(shown.contains("db.example") && shown.contains("6432") && shown.contains("nxt_1"));
        assert!(!shown.contains("s3cret"));
    }

    #[test]
    fn a_malformed_url_is_refused_without_being_repeated() {
        for url in ["mysql//:s3cret@", "mysql://nx:s3cret@db/nxt_1", "postgres://nx:s3cret@db/nxt_1?sslmode=perhaps"] {
            let error = ConnectSpec::from_url(&SecretString::from(url)).unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn tls_is_as_strict_as_the_settings_say_unless_the_url_says_for_itself() {
        let mode = |url: &str, mode| {
            let spec = ConnectSpec::from_url(&SecretString::from(url)).unwrap();
            spec.tls(mode, None).connect_options().get_ssl_mode()
        };
        let plain = "postgres://nx:s3cret@db/nxt_1";
        assert!(matches!(ConnectSpec::from_url(&SecretString::from(plain)).unwrap().options.get_ssl_mode(), PgSslMode::Prefer));
        assert!(matches!(mode(plain, TlsMode::Disable), PgSslMode::Disable));
        assert!(matches!(mode(plain, TlsMode::Require), PgSslMode::Require));
        assert!(matches!(mode(plain, TlsMode::VerifyFull), PgSslMode::VerifyFull));
        assert!(matches!(mode("postgres://nx:s3cret@db/nxt_1?sslmode=verify-full", TlsMode::Disable), PgSslMode::VerifyFull));
    }

    #[test]
    fn parts_and_overrides_end_up_in_the_options() {
        let password = SecretString::from("p");
        let spec = ConnectSpec::new("127.0.0.1", 5433, "nexus_control", "nexus_control", &password).database("other").max_connections(0);
        assert_eq!((spec.host(), spec.port(), spec.database_name(), spec.user()), ("127.0.0.1", 5433, "other", "nexus_control"));
        assert_eq!(spec.max_connections, 1);
    }
}
