//! `nexus migrate`: brings the database servers into the shape that this program needs. Idempotent; safe beside running processes and other runs.

use std::time::Duration;

use nexus_config::{DatabaseServer, Settings};
use nexus_infra::{ConnectSpec, Db};
use nexus_migration::{ClusterSpec, ControlSpec, MigrationError, bootstrap_cluster, migrate_control};
use nexus_provisioning::template;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use crate::exit::{Exit, Failed};
use crate::terminal;

/// How long the preparation of one server may take: large control databases are migrated, too.
const LONGEST: Duration = Duration::from_secs(3_600);

/// What was prepared.
#[derive(Debug)]
pub struct Prepared {
    /// Name of the control database.
    pub control_database: String,
    /// Name of the tenant template of this program's schema.
    pub tenant_template: String,
    /// Servers in the order of the settings.
    pub servers: Vec<String>,
    /// How many migrations of the control schema were applied now.
    pub applied: usize,
}

/// Prepares everything and says so.
pub async fn run(settings: &Settings, as_json: bool) -> Result<(), Failed> {
    nexus_infra::telemetry::init_tracing(&settings.log).map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
    let prepared = prepare(settings).await?;
    if as_json {
        let report = json!({
            "control_database": prepared.control_database, "tenant_template": prepared.tenant_template,
            "servers": prepared.servers, "applied": prepared.applied,
        });
        terminal::out(&report.to_string());
    } else {
        terminal::out(&format!("Control database {}: {} migrations applied now", prepared.control_database, prepared.applied));
        terminal::out(&format!("Tenant template {} on {}", prepared.tenant_template, prepared.servers.join(", ")));
    }
    Ok(())
}

/// Prepares every server: roles, closed doors, the control database on its server, the tenant template on each.
pub async fn prepare(settings: &Settings) -> Result<Prepared, Failed> {
    let control = ControlAddress::of(settings)?;
    let home = control.server(settings)?;
    let mut prepared = Prepared { control_database: control.database.clone(), tenant_template: String::new(), servers: Vec::new(), applied: 0 };
    for (index, server) in settings.servers.iter().enumerate() {
        let failed = |error: MigrationError| migration_failed(server, &error);
        let spec = admin_spec(settings, server)?;
        let admin = connect(server, &spec).await?;
        let roles =
            ControlSpec { database: &control.database, control_password: &control.control_password, directory_password: &control.directory_password };
        let is_home = index == home;
        watched(&admin, bootstrap_cluster(admin.pool(), &ClusterSpec { control: is_home.then_some(roles) })).await.map_err(failed)?;
        if is_home {
            let inside = connect(server, &spec.clone().database(&control.database)).await?;
            let applied = watched(&inside, migrate_control(inside.pool())).await;
            inside.close().await;
            prepared.applied = applied.map_err(failed)?.steps;
        }
        prepared.tenant_template =
            template::ensure(&admin, &spec).await.map_err(|error| Failed::new(Exit::Unavailable, format!("server {}: {error}", server.name)))?;
        admin.close().await;
        prepared.servers.push(server.name.clone());
    }
    Ok(prepared)
}

/// What the server answers, unless it falls silent: the administrator's sessions have no time-outs of their own.
pub async fn watched<T>(server: &Db, call: impl Future<Output = Result<T, MigrationError>>) -> Result<T, MigrationError> {
    server.bounded(LONGEST, async { Ok::<_, sqlx::Error>(call.await) }).await?
}

/// How the administrator enters a server.
pub fn admin_spec(settings: &Settings, server: &DatabaseServer) -> Result<ConnectSpec, Failed> {
    let spec = ConnectSpec::from_url(&server.admin_url)
        .map_err(|error| Failed::new(Exit::Settings, format!("servers ({}): admin_url: {error}", server.name)))?;
    let tls = &settings.database_tls;
    Ok(spec
        .tls(tls.mode_of(server), tls.root_cert.as_deref())
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .application_name("nexus-migrate"))
}

async fn connect(server: &DatabaseServer, spec: &ConnectSpec) -> Result<Db, Failed> {
    Db::connect(spec).await.map_err(|error| {
        let place = format!("{}:{}", spec.host(), spec.port());
        Failed::new(Exit::Unavailable, format!("database server {} ({place}, database {}): {error}", server.name, spec.database_name()))
    })
}

fn migration_failed(server: &DatabaseServer, error: &MigrationError) -> Failed {
    let exit = match error {
        MigrationError::ServerTooOld { .. } | MigrationError::AdministratorTooWeak { .. } => Exit::Refused,
        MigrationError::Database(_) => Exit::Unavailable,
        _ => Exit::Failure,
    };
    Failed::new(exit, format!("database server {}: {error}", server.name))
}

/// The control database and its roles' passwords, out of the URLs of the settings.
struct ControlAddress {
    host: String,
    port: u16,
    database: String,
    control_password: SecretString,
    directory_password: SecretString,
}

impl ControlAddress {
    fn of(settings: &Settings) -> Result<Self, Failed> {
        let control = parse("control_db.url", &settings.control_db.url, "nexus_control")?;
        let directory = parse("directory_db.url", &settings.directory_db.url, "nexus_directory")?;
        let database = control.path().trim_start_matches('/').to_owned();
        if directory.path().trim_start_matches('/') != database {
            return Err(Failed::new(Exit::Settings, "control_db.url and directory_db.url must name the same database"));
        }
        Ok(Self {
            host: control.host_str().unwrap_or("localhost").to_owned(),
            port: control.port().unwrap_or(5432),
            database,
            control_password: password(&control),
            directory_password: password(&directory),
        })
    }

    /// The server that holds the control database: the one at its address, or the only one there is (an address may have several names).
    fn server(&self, settings: &Settings) -> Result<usize, Failed> {
        let at_address = settings.servers.iter().position(|server| {
            admin_spec(settings, server).is_ok_and(|spec| (spec.host(), spec.port()) == (self.host.as_str(), self.port))
                || (server.host == self.host && server.port == self.port)
        });
        match at_address {
            Some(index) => Ok(index),
            None if settings.servers.len() == 1 => Ok(0),
            None => Err(Failed::new(
                Exit::Settings,
                format!(
                    "no server of the settings is at {}:{}, the address in control_db.url: `nexus migrate` needs its administrator",
                    self.host, self.port
                ),
            )),
        }
    }
}

fn parse(key: &str, url: &SecretString, role: &str) -> Result<Url, Failed> {
    let parsed = Url::parse(url.expose_secret()).map_err(|_| Failed::new(Exit::Settings, format!("{key}: not a URL")))?;
    if parsed.username() != role {
        return Err(Failed::new(Exit::Settings, format!("{key}: the role must be {role}")));
    }
    Ok(parsed)
}

fn password(url: &Url) -> SecretString {
    let encoded = url.password().unwrap_or_default();
    percent_encoding::percent_decode_str(encoded).decode_utf8_lossy().into_owned().into()
}
