//! Servers that the development stack is to use instead of starting its own.

use secrecy::SecretString;

/// Where they are: from the environment alone, since a program's arguments can be read by everybody on the machine.
#[derive(Debug, Clone, Default)]
pub struct DevServers {
    /// `NEXUS_DEV_POSTGRES_URL`: the administrator's URL of a Postgres server.
    pub postgres_url: Option<SecretString>,
    /// `NEXUS_DEV_REDIS_URL`: the URL of a Redis server.
    pub redis_url: Option<SecretString>,
}

impl DevServers {
    /// What the environment names. An empty variable names nothing.
    #[must_use]
    pub fn from_environment() -> Self {
        Self { postgres_url: named("NEXUS_DEV_POSTGRES_URL"), redis_url: named("NEXUS_DEV_REDIS_URL") }
    }
}

#[expect(clippy::disallowed_methods, reason = "this crate is the environment's reader")]
fn named(variable: &str) -> Option<SecretString> {
    std::env::var(variable).ok().filter(|url| !url.is_empty()).map(SecretString::from)
}
