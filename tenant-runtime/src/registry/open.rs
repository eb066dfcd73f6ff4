//! Opening and closing one tenant's pool: the role and the unsealed password of the directory record, nothing else.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use nexus_config::{DatabaseServer, DatabaseTls, Settings, TlsMode};
use nexus_infra::directory::DirectoryRecord;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::secrets::TenantKeyring;
use nexus_infra::{ConnectSpec, Db};

use super::{LeaseError, Limits, PoolOpener};

/// Under these names the server lists them (`pg_stat_activity`): connections for one request at a time, and those of work in the background.
const REQUESTS: &str = "nexus-requests";
const WORK: &str = "nexus-work";

/// Where and as whom to connect: what makes two pools the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    tenant: nexus_core::TenantId,
    host: String,
    port: u16,
    database: String,
    role: String,
    secret_sealed: Vec<u8>,
}

impl Target {
    /// The target that a directory record names.
    pub(super) fn of(record: &DirectoryRecord) -> Self {
        Self {
            tenant: record.tenant_id,
            host: record.server_host.clone(),
            port: record.server_port,
            database: record.database.clone(),
            role: record.role.clone(),
            secret_sealed: record.secret_sealed.clone(),
        }
    }
}

/// How strict to be about TLS, by server. The directory names servers by host and port.
#[derive(Debug)]
pub(super) struct ServersTls {
    default: DatabaseTls,
    others: Vec<(String, u16, TlsMode)>,
}

impl ServersTls {
    /// What the settings say.
    pub(super) fn of(settings: &Settings) -> Self {
        let own = |server: &DatabaseServer| Some((server.host.clone(), server.port, server.tls_mode?));
        Self { default: settings.database_tls.clone(), others: settings.servers.iter().filter_map(own).collect() }
    }

    fn mode(&self, host: &str, port: u16) -> TlsMode {
        let own = self.others.iter().find(|server| (server.0.as_str(), server.1) == (host, port));
        own.map_or(self.default.mode, |server| server.2)
    }
}

/// Opens real pools. A commit that leaves work marks the tenant as dirty.
#[derive(Debug, Clone)]
pub(super) struct DbOpener {
    keyring: Arc<TenantKeyring>,
    dirty: Arc<DirtyTenants>,
    tls: Arc<ServersTls>,
    acquire_timeout: Duration,
    idle_timeout: Duration,
}

impl DbOpener {
    pub(super) fn new(keyring: Arc<TenantKeyring>, dirty: Arc<DirtyTenants>, tls: ServersTls, limits: &Limits) -> Self {
        Self { keyring, dirty, tls: Arc::new(tls), acquire_timeout: limits.acquire_timeout, idle_timeout: limits.idle_timeout }
    }
}

impl PoolOpener for DbOpener {
    type Target = Target;
    type Pool = Db;

    fn open(&self, target: Target, connections: u32) -> BoxFuture<'static, Result<Db, LeaseError>> {
        let opener = self.clone();
        Box::pin(async move {
            let secrets = opener.keyring.open_tenant(target.tenant, &target.secret_sealed)?;
            let spec = ConnectSpec::new(&target.host, target.port, &target.database, &target.role, &secrets.db_password)
                .tls(opener.tls.mode(&target.host, target.port), opener.tls.default.root_cert.as_deref())
                .application_name(if connections == 1 { REQUESTS } else { WORK })
                .max_connections(connections)
                .acquire_timeout(opener.acquire_timeout)
                .idle_timeout(opener.idle_timeout);
            // A single connection is one caller's at a time.
            let db = if connections == 1 { Db::connect_kept(&spec).await } else { Db::connect(&spec).await };
            let db = db.map_err(|error| LeaseError::Open(Arc::new(error)))?;
            Ok(db.with_wake(opener.dirty.hook(Some(target.tenant))))
        })
    }

    /// Waits without a limit of its own, unlike `Db::close`: the budget may be reused only when the last connection is gone. Nobody
    /// holds a lease by now, and what was cut off in the middle of a statement ends by the role's statement time-out.
    fn close(&self, db: Db) -> BoxFuture<'static, ()> {
        Box::pin(async move { db.close_all().await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_stricter_than_the_rest() {
        let mut settings = Settings::development();
        settings.database_tls.mode = TlsMode::Require;
        let mut strict = settings.servers[0].clone();
        (strict.host, strict.tls_mode) = ("db2.example".to_owned(), Some(TlsMode::VerifyFull));
        settings.servers.push(strict);
        let tls = ServersTls::of(&settings);
        let port = settings.servers[0].port;
        assert_eq!(tls.mode(&settings.servers[0].host, port), TlsMode::Require);
        assert_eq!(tls.mode("db2.example", port), TlsMode::VerifyFull);
        assert_eq!(tls.mode("db2.example", port + 1), TlsMode::Require);
    }
}
