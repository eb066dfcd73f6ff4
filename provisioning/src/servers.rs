//! The database servers that tenants live on: the administrator's way in, and where a new tenant goes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use nexus_config::{Settings, TlsMode};
use nexus_infra::{ConnectSpec, Db, DbError};
use sea_orm::{ConnectionTrait, FromQueryResult};
use secrecy::SecretString;
use tokio::sync::{OnceCell, Semaphore};
use uuid::Uuid;

use crate::error::{ProvisioningError, StepError};
use crate::store::{run, sql};

/// One server. Opened on first use, so that a server which is down does not keep the others from starting.
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    tls: (TlsMode, Option<PathBuf>),
    spec: ConnectSpec,
    admin: OnceCell<Db>,
    /// Sagas that may work on it at once.
    pub(crate) slots: Semaphore,
    places: usize,
}

impl Server {
    /// The administrator's pool on the maintenance database.
    pub(crate) async fn admin(&self) -> Result<&Db, DbError> {
        self.admin.get_or_try_init(|| Db::connect(&self.spec)).await
    }

    /// Whether a saga of this process is at work on it.
    pub(crate) fn is_busy(&self) -> bool {
        self.slots.available_permits() < self.places
    }

    /// How a tenant's role enters its database on this server.
    pub(crate) fn way_in(&self, database: &str, role: &str, password: &SecretString) -> ConnectSpec {
        ConnectSpec::new(&self.host, self.port, database, role, password)
            .tls(self.tls.0, self.tls.1.as_deref())
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .application_name("nexus-provisioning")
    }

    /// How the administrator enters this server.
    pub(crate) fn spec(&self) -> &ConnectSpec {
        &self.spec
    }
}

/// A tenant whose directory record has changed.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Told {
    pub(crate) id: Uuid,
    pub(crate) epoch: i64,
}

/// The servers named in the settings.
pub(crate) struct Servers {
    by_name: BTreeMap<String, Server>,
}

impl Servers {
    pub(crate) fn new(settings: &Settings, connections: u32, slots: usize) -> Result<Self, DbError> {
        let mut by_name = BTreeMap::new();
        for server in &settings.servers {
            let (tls_mode, root_cert) = (settings.database_tls.mode_of(server), settings.database_tls.root_cert.clone());
            let spec = ConnectSpec::from_url(&server.admin_url)?
                .tls(tls_mode, root_cert.as_deref())
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(10))
                .idle_timeout(Duration::from_secs(60))
                .application_name("nexus-provisioning");
            let entry = Server {
                name: server.name.clone(),
                host: server.host.clone(),
                port: server.port,
                tls: (tls_mode, root_cert),
                spec,
                admin: OnceCell::new(),
                slots: Semaphore::new(slots),
                places: slots,
            };
            by_name.insert(server.name.clone(), entry);
        }
        Ok(Self { by_name })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Server> {
        self.by_name.values()
    }

    /// The names of all of them.
    pub(crate) fn names(&self) -> Vec<String> {
        self.by_name.keys().cloned().collect()
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Server, StepError> {
        self.by_name.get(name).ok_or_else(|| {
            StepError::told("SERVICE_UNAVAILABLE", "The tenant's database server is not configured here.", format!("no settings for server `{name}`"))
        })
    }

    /// Writes the settings' servers into the control database: new ones appear, moved ones change address, which raises the epochs of their tenants. Answers
    /// these, with the epochs they have now.
    pub(crate) async fn register(&self, conn: &impl ConnectionTrait, new_id: impl Fn() -> Uuid) -> Result<Vec<Told>, ProvisioningError> {
        let mut told = Vec::new();
        for server in self.all() {
            let written = run(
                conn,
                "INSERT INTO database_servers (id, name, host, port) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (name) DO UPDATE SET host = excluded.host, port = excluded.port
                 WHERE (database_servers.host, database_servers.port) IS DISTINCT FROM (excluded.host, excluded.port)",
                [new_id().into(), server.name.clone().into(), server.host.clone().into(), i32::from(server.port).into()],
            )
            .await?;
            if written > 0 {
                let text =
                    "SELECT t.id, t.epoch FROM tenants t JOIN database_servers s ON s.id = t.server_id WHERE s.name = $1 AND t.state <> 'deleted'";
                told.extend(Told::find_by_statement(sql(text, [server.name.clone().into()])).all(conn).await?);
            }
        }
        Ok(told)
    }

    /// The open server with the fewest tenants that has room.
    pub(crate) async fn place(&self, conn: &impl ConnectionTrait) -> Result<Uuid, StepError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
        }
        let row = Row::find_by_statement(sql(
            "SELECT s.id FROM database_servers s LEFT JOIN tenants t ON t.server_id = s.id AND t.state <> 'deleted'
             WHERE s.state = 'open' AND s.name = ANY ($1) GROUP BY s.id HAVING count(t.id) < s.max_tenants
             ORDER BY count(t.id), s.name LIMIT 1",
            [self.names().into()],
        ))
        .one(conn)
        .await?;
        row.map(|row| row.id).ok_or_else(|| {
            StepError::told("SERVICE_UNAVAILABLE", "No database server has room for another organization.", "no open database server with room")
        })
    }
}
