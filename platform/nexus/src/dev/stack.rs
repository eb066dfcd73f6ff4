//! The embedded servers together: started in order, stopped in reverse, described as settings for the platform on top.
//!
//! The description is a settings file (`nexus.toml` in the data directory, mode 0600), the same form an operator writes, so that
//! `NEXUS_CONFIG=.nexus/nexus.toml nexus admin …` works on a running development stack.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nexus_config::DevServers;
use secrecy::ExposeSecret;
use toml::{Table, Value};

use super::files;
use super::location::DataDir;
use super::mail::{self, MailFolder};
use super::ports::Ports;
use super::postgres::{EmbeddedPostgres, SUPERUSER};
use super::redis::EmbeddedRedis;
use super::s3::EmbeddedS3;
use super::secrets::DevSecrets;

/// What a stack is for; decides how much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// `nexus dev`.
    Development,
    /// `nexus test-stack`.
    Tests {
        /// Whether Postgres waits for the disk. Its data outlives no run: what a crash of the machine would lose, nobody misses.
        fsync: bool,
    },
}

impl Purpose {
    fn fsync(self) -> bool {
        matches!(self, Self::Development | Self::Tests { fsync: true })
    }
}

/// The running servers.
#[derive(Debug)]
pub struct EmbeddedStack {
    data: DataDir,
    secrets: DevSecrets,
    postgres: Option<EmbeddedPostgres>,
    redis: Option<EmbeddedRedis>,
    s3: EmbeddedS3,
    admin_url: String,
    redis_url: String,
    smtp_url: String,
    mails: MailFolder,
}

impl EmbeddedStack {
    /// Starts every server; when one fails, those already running are stopped before the error is returned.
    pub async fn start(data: DataDir, outside: &DevServers, purpose: Purpose) -> Result<Self> {
        let (secrets, is_new) = DevSecrets::load_or_generate(data.path())?;
        let mut ports = Ports::load(data.path());

        let postgres = match &outside.postgres_url {
            Some(_) => None,
            None if is_new => Some(EmbeddedPostgres::start_anew(&data, &mut ports, &secrets.postgres_password, purpose.fsync()).await?),
            None => Some(EmbeddedPostgres::start(&data, &mut ports, &secrets.postgres_password, purpose.fsync()).await?),
        };
        let rest = Self::start_rest(&data, outside, purpose, &secrets, &mut ports).await;
        let (redis, s3, smtp_url, mails) = match rest {
            Ok(rest) => rest,
            Err(error) => {
                if let Some(postgres) = postgres {
                    postgres.stop().await;
                }
                return Err(error);
            }
        };
        let admin_url = match (&outside.postgres_url, &postgres) {
            (Some(url), _) => url.expose_secret().to_owned(),
            (None, Some(server)) => database_url(SUPERUSER, &secrets.postgres_password, server.port, "postgres"),
            (None, None) => String::new(),
        };
        let redis_url = match (&outside.redis_url, &redis) {
            (Some(url), _) => url.expose_secret().to_owned(),
            (None, Some(server)) => format!("redis://:{}@127.0.0.1:{}/0", secrets.redis_password, server.port),
            (None, None) => String::new(),
        };
        Ok(Self { data, secrets, postgres, redis, s3, admin_url, redis_url, smtp_url, mails })
    }

    async fn start_rest(
        data: &DataDir,
        outside: &DevServers,
        purpose: Purpose,
        secrets: &DevSecrets,
        ports: &mut Ports,
    ) -> Result<(Option<EmbeddedRedis>, EmbeddedS3, String, MailFolder)> {
        // The servers in this process first: they leave nothing behind when a later one fails.
        let objects = data.subdir("objects")?;
        let s3 = EmbeddedS3::start(&objects, ports.bind("s3")?, &secrets.s3_access_key, &secrets.s3_secret_key)?;
        let keep = if matches!(purpose, Purpose::Tests { .. }) { 20_000 } else { 500 };
        let mails = MailFolder::open(&data.subdir("mails")?, keep)?;
        let smtp_url = mail::start(mails.clone(), ports.bind("smtp")?)?;
        let redis = match &outside.redis_url {
            Some(_) => None,
            None => Some(EmbeddedRedis::start(data, ports, &secrets.redis_password).await?),
        };
        Ok((redis, s3, smtp_url, mails))
    }

    /// The generated secrets.
    #[must_use]
    pub fn secrets(&self) -> &DevSecrets {
        &self.secrets
    }

    /// The data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// The folder of the mail sink.
    #[must_use]
    pub fn mails(&self) -> &MailFolder {
        &self.mails
    }

    /// The administrator's URL of the Postgres server.
    #[must_use]
    pub fn admin_url(&self) -> &str {
        &self.admin_url
    }

    /// One line per server, for people.
    ///
    /// # Errors
    /// When the URL of a server that was named can't be read.
    pub fn describe(&self) -> Result<Vec<String>> {
        let postgres = match &self.postgres {
            Some(server) => format!("Postgres {} on 127.0.0.1:{}, started here", server.major, server.port),
            None => format!("Postgres at {}, named by NEXUS_DEV_POSTGRES_URL", place("NEXUS_DEV_POSTGRES_URL", &self.admin_url, 5432)?),
        };
        let redis = match &self.redis {
            Some(server) => format!("Redis on 127.0.0.1:{}, started here", server.port),
            None => format!("Redis at {}, named by NEXUS_DEV_REDIS_URL", place("NEXUS_DEV_REDIS_URL", &self.redis_url, 6379)?),
        };
        Ok(vec![postgres, redis, format!("S3 at {}", self.s3.endpoint), format!("SMTP sink at {}", self.smtp_url)])
    }

    /// Writes the settings of a platform on these servers, with these additions, and answers where.
    pub fn write_settings(&self, additions: Table) -> Result<PathBuf> {
        let server = url::Url::parse(&self.admin_url).context("the administrator's URL of Postgres")?;
        let host = server.host_str().unwrap_or("127.0.0.1").to_owned();
        let port = server.port().unwrap_or(5432);
        let role = |name: &str, password: &str| {
            let mut url = server.clone();
            // An URL with a host takes a user; only special schemes without one refuse.
            let _ = url.set_username(name);
            let _ = url.set_password(Some(password));
            url.set_path("/nexus_control");
            url.to_string()
        };
        let mut settings = table([
            ("environment", "development".into()),
            // Nobody balances load between the processes of one developer.
            ("http", table([("drain_delay_s", Value::Integer(0))]).into()),
            ("control_db", table([("url", role("nexus_control", &self.secrets.control_password).into())]).into()),
            ("directory_db", table([("url", role("nexus_directory", &self.secrets.directory_password).into())]).into()),
            (
                "servers",
                Value::Array(vec![
                    table([
                        ("name", "primary".into()),
                        ("host", host.into()),
                        ("port", Value::Integer(port.into())),
                        ("admin_url", self.admin_url.as_str().into()),
                    ])
                    .into(),
                ]),
            ),
            ("redis", table([("url", self.redis_url.as_str().into())]).into()),
            (
                "s3",
                table([
                    ("endpoint", self.s3.endpoint.as_str().into()),
                    ("region", "us-east-1".into()),
                    ("access_key", self.secrets.s3_access_key.as_str().into()),
                    ("secret_key", self.secrets.s3_secret_key.as_str().into()),
                    ("force_path_style", true.into()),
                    ("credentials", "derived".into()),
                ])
                .into(),
            ),
            ("mail", table([("smtp_url", self.smtp_url.as_str().into())]).into()),
            ("secrets", table([("master_key", self.secrets.master_key.as_str().into())]).into()),
        ]);
        merge(&mut settings, additions);
        let file = self.data.path().join("nexus.toml");
        let text = format!("# Written at every start of the development stack; edits are lost.\n{}", toml::to_string_pretty(&settings)?);
        files::write_private(&file, text.as_bytes())?;
        Ok(file)
    }

    /// Stops every server, the ones that others need last.
    pub async fn stop(self) {
        self.s3.stop().await;
        if let Some(redis) = self.redis {
            redis.stop().await;
        }
        if let Some(postgres) = self.postgres {
            postgres.stop().await;
        }
    }
}

fn database_url(user: &str, password: &str, port: u16, database: &str) -> String {
    format!("postgres://{user}:{password}@127.0.0.1:{port}/{database}")
}

/// Host and port of a server, without its password.
fn place(variable: &str, url: &str, usual_port: u16) -> Result<String> {
    let url = url::Url::parse(url).with_context(|| format!("{variable} is no URL"))?;
    Ok(format!("{}:{}", url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(usual_port)))
}

/// A table from pairs.
pub fn table<const N: usize>(pairs: [(&str, Value); N]) -> Table {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Lays one table over another, section by section.
fn merge(base: &mut Table, over: Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_server_is_told_without_its_password() {
        assert_eq!(place("X", "postgres://postgres:secret@db.example/postgres", 5432).unwrap(), "db.example:5432");
        assert_eq!(place("X", "redis://:secret@127.0.0.1:6380/0", 6379).unwrap(), "127.0.0.1:6380");
        let fault = format!("{:#}", place("X", "no url: secret", 1).unwrap_err());
        assert!(fault.starts_with("X is no URL") && !fault.contains("secret"), "{fault}");
    }

    #[test]
    fn additions_are_laid_over_section_by_section() {
        let mut base = table([("http", table([("bind", "a".into()), ("apex_host", "b".into())]).into())]);
        merge(&mut base, table([("http", table([("bind", "c".into())]).into()), ("log", table([("format", "json".into())]).into())]));
        assert_eq!(base["http"]["bind"].as_str(), Some("c"));
        assert_eq!(base["http"]["apex_host"].as_str(), Some("b"));
        assert_eq!(base["log"]["format"].as_str(), Some("json"));
    }
}
