//! `nexus doctor`: asks every dependency and says what is wrong, in words that help. Changes nothing.
//!
//! Each finding stands alone: what comes after a failed one is still asked, so that one run shows everything.

use std::time::Duration;

use nexus_config::{DatabaseServer, Role, Settings};
use nexus_infra::mail::Mailer;
use nexus_infra::object_store::ObjectStore;
use nexus_infra::redis::Redis;
use nexus_infra::{ConnectSpec, Db};
use nexus_migration::{CONTROL_SCHEMA_VERSION, ServerFacts, TENANT_SCHEMA_VERSION, template_name};
use serde::Serialize;
use serde_json::json;

use crate::exit::{Exit, Failed};
use crate::migrate::{admin_spec, watched};
use crate::roles::{control_spec, keyring};
use crate::terminal;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    /// Works, but something is missing that will be wanted.
    Warning,
    Failed,
}

/// One answer.
#[derive(Debug, Serialize)]
struct Finding {
    check: String,
    verdict: Verdict,
    message: String,
}

/// Everything found so far.
#[derive(Debug, Default)]
struct Report(Vec<Finding>);

impl Report {
    fn ok(&mut self, check: impl Into<String>, message: impl Into<String>) {
        self.0.push(Finding { check: check.into(), verdict: Verdict::Ok, message: message.into() });
    }

    fn warn(&mut self, check: impl Into<String>, message: impl Into<String>) {
        self.0.push(Finding { check: check.into(), verdict: Verdict::Warning, message: message.into() });
    }

    fn failed(&mut self, check: impl Into<String>, message: impl Into<String>) {
        self.0.push(Finding { check: check.into(), verdict: Verdict::Failed, message: message.into() });
    }
}

/// Asks everything; exits with 8 when something does not work.
pub async fn run(as_json: bool) -> Result<(), Failed> {
    let settings = Settings::load_for(Role::ControlPlane).map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
    let mut report = Report::default();
    report.ok("settings", "complete and valid");
    match keyring(&settings) {
        Ok(_) => report.ok("master key", format!("readable (key {})", settings.secrets.kek_id)),
        Err(failed) => report.failed("master key", failed.message),
    }
    for server in &settings.servers {
        database_server(&mut report, &settings, server).await;
    }
    control_database(&mut report, &settings).await;
    redis(&mut report, &settings).await;
    object_store(&mut report, &settings).await;
    mail(&mut report, &settings).await;
    tell(&report, as_json)
}

async fn database_server(report: &mut Report, settings: &Settings, server: &DatabaseServer) {
    let check = format!("database server {}", server.name);
    let spec = match admin_spec(settings, server) {
        Ok(spec) => spec.acquire_timeout(Duration::from_secs(5)),
        Err(failed) => return report.failed(check, failed.message),
    };
    let place = format!("{}:{} as {}", spec.host(), spec.port(), spec.user());
    let admin = match Db::connect(&spec).await {
        Ok(admin) => admin,
        Err(error) => return report.failed(check, format!("{place}: {error}")),
    };
    let facts = async {
        let mut connection = admin.pool().acquire().await?;
        ServerFacts::read(&mut connection).await
    };
    match watched(&admin, facts).await {
        Ok(facts) if facts.version < 15 => report.failed(&check, format!("Postgres {} at {place} is too old: 15 or newer is needed", facts.version)),
        Ok(facts) => {
            let rights = if facts.superuser { "a superuser" } else { "not a superuser" };
            report.ok(&check, format!("Postgres {} at {place}, {rights}", facts.version));
            if facts.logs_values {
                let remedy = "run `nexus migrate` as a superuser, or set log_error_verbosity = terse";
                report.warn(format!("{check}: log"), format!("errors are logged with values of rows, personal data among them: {remedy}"));
            }
        }
        Err(error) => report.failed(&check, format!("{place}: {error}")),
    }
    match template_stands(&admin).await {
        Ok(true) => report.ok(format!("{check}: template"), format!("{} (tenant schema {TENANT_SCHEMA_VERSION})", template_name())),
        Ok(false) => report.warn(format!("{check}: template"), format!("{} is missing: run `nexus migrate`", template_name())),
        Err(error) => report.failed(format!("{check}: template"), error.to_string()),
    }
    admin.close().await;
}

async fn template_stands(admin: &Db) -> Result<bool, nexus_migration::MigrationError> {
    use nexus_migration::database::{DatabaseState, state};
    let look = async {
        let mut connection = admin.pool().acquire().await?;
        state(&mut connection, &template_name()).await
    };
    Ok(watched(admin, look).await? == DatabaseState::Present { template: true })
}

async fn control_database(report: &mut Report, settings: &Settings) {
    for (check, key, database) in
        [("control database", "control_db.url", &settings.control_db), ("tenant directory", "directory_db.url", &settings.directory_db)]
    {
        let spec = match control_spec(settings, key, database, "nexus-doctor") {
            Ok(spec) => spec.max_connections(1).acquire_timeout(Duration::from_secs(5)),
            Err(failed) => {
                report.failed(check, failed.message);
                continue;
            }
        };
        match enter(&spec).await {
            Ok(()) => report.ok(check, format!("{}:{}/{} as {}", spec.host(), spec.port(), spec.database_name(), spec.user())),
            Err(error) => {
                report.failed(check, format!("{}:{}/{} as {}: {}", spec.host(), spec.port(), spec.database_name(), spec.user(), refusal(&error)))
            }
        }
    }
    report.ok(
        "program",
        format!("nexus {}, control schema {CONTROL_SCHEMA_VERSION}, tenant schema {TENANT_SCHEMA_VERSION}", env!("CARGO_PKG_VERSION")),
    );
}

/// Why a database does not let us in, in the server's words, and what helps.
pub fn refusal(error: &(dyn std::error::Error + 'static)) -> String {
    let found = std::iter::successors(Some(error), |error| error.source()).find_map(|error| match error.downcast_ref::<sqlx::Error>() {
        Some(sqlx::Error::Database(told)) => Some((told.code().unwrap_or_default().into_owned(), told.message().to_owned())),
        _ => None,
    });
    match found {
        Some((code, words)) => format!("{words}{}", remedy(&code)),
        None => error.to_string(),
    }
}

/// What helps, by the SQLSTATE of a refused connection.
fn remedy(code: &str) -> &'static str {
    match code {
        "3D000" => "; `nexus migrate` makes it and its roles",
        "28000" | "28P01" | "42501" => "; `nexus migrate` makes its roles with the passwords of the settings",
        "55000" => "; it is there and lets nobody in (ALTER DATABASE … ALLOW_CONNECTIONS true opens it)",
        _ => "",
    }
}

async fn enter(spec: &ConnectSpec) -> Result<(), nexus_infra::DbError> {
    Db::connect(spec).await?.close().await;
    Ok(())
}

async fn redis(report: &mut Report, settings: &Settings) {
    let answer = match Redis::new(&settings.redis) {
        Ok(redis) => redis.ping().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(()) => report.ok("redis", "answers"),
        Err(error) => report.failed("redis", format!("{error}; requests are served without it, more slowly, and changes bite later")),
    }
}

async fn object_store(report: &mut Report, settings: &Settings) {
    let place = settings.s3.endpoint.as_deref().unwrap_or("AWS");
    match ObjectStore::admin(&settings.s3).list_buckets("nxt-").await {
        Ok(buckets) => report.ok("object store", format!("{place}: {} buckets", buckets.len())),
        Err(error) => report.failed("object store", format!("{place}: {error}")),
    }
}

async fn mail(report: &mut Report, settings: &Settings) {
    if let Err(error) = Mailer::new(&settings.mail) {
        return report.failed("mail", error.to_string());
    }
    // The server is only greeted: a check must not send anything.
    let url = secrecy::ExposeSecret::expose_secret(&settings.mail.smtp_url);
    let Ok(url) = url::Url::parse(url) else { return report.failed("mail", "mail.smtp_url is no URL") };
    let host = url.host_str().unwrap_or("localhost").trim_matches(['[', ']']).to_owned();
    let port = url.port().unwrap_or(if url.scheme() == "smtps" { 465 } else { 587 });
    let connect = tokio::net::TcpStream::connect((host.as_str(), port));
    match tokio::time::timeout(Duration::from_secs(5), connect).await {
        Ok(Ok(_)) => report.ok("mail", format!("{host}:{port} accepts connections")),
        Ok(Err(error)) => report.failed("mail", format!("{host}:{port}: {error}")),
        Err(_) => report.failed("mail", format!("{host}:{port} does not answer within 5 s")),
    }
}

fn tell(report: &Report, as_json: bool) -> Result<(), Failed> {
    if as_json {
        terminal::out(&json!({ "data": report.0 }).to_string());
    } else {
        for finding in &report.0 {
            let mark = match finding.verdict {
                Verdict::Ok => "ok    ",
                Verdict::Warning => "warn  ",
                Verdict::Failed => "FAILED",
            };
            terminal::out(&format!("{mark}  {}: {}", finding.check, finding.message));
        }
    }
    match report.0.iter().filter(|finding| finding.verdict == Verdict::Failed).count() {
        0 => Ok(()),
        1 => Err(Failed::new(Exit::CheckFailed, "one check failed")),
        count => Err(Failed::new(Exit::CheckFailed, format!("{count} checks failed"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_from_what_refuses() {
        assert!(remedy("3D000").contains("nexus migrate") && remedy("28P01").contains("nexus migrate"));
        assert!(remedy("55000").contains("ALLOW_CONNECTIONS") && remedy("53300").is_empty());
        assert_eq!(refusal(&nexus_infra::DbError::PoolTimeout), "no database connection became free in time");
    }
}
