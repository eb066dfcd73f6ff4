//! A platform whose every line to another server leads through a proxy.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nexus_test_support::{Client, ControlDb, LineFault, Nexus, Process, Proxy, TestStack, eventually};
use sqlx::PgPool;
use tokio::sync::RwLock;
use url::Url;
use uuid::Uuid;

use crate::platform::watched;

/// Greatest numbers of connections to the control database, by the defaults (`control_db.max_connections`, `directory_db.max_connections`).
const CONTROL_POOL: i64 = 10;
const DIRECTORY_POOL: i64 = 4;

/// The proxies before the servers. Two ways lead to Postgres: one to the control database, which may be on a cluster of its own, and one to the tenants' databases.
pub struct Lines {
    pub control: Proxy,
    pub tenants: Proxy,
    pub redis: Proxy,
    pub s3: Proxy,
    pub smtp: Proxy,
}

/// A server that the platform depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The whole cluster.
    Postgres,
    /// The control database alone.
    Control,
    /// The tenants' databases alone.
    Tenants,
    Redis,
    S3,
    Smtp,
}

impl Lines {
    /// Writes down in the control database that the tenants' server is reached through its line.
    pub async fn named_by(&self, control: &PgPool) {
        let address = "UPDATE database_servers SET host = '127.0.0.1', port = $1";
        sqlx::query(address).bind(i32::from(self.tenants.port())).execute(control).await.unwrap();
    }

    async fn before(stack: &TestStack, control: &ControlDb) -> Self {
        let (controlling, tenants) = (control.stack().admin_spec("postgres"), stack.admin_spec("postgres"));
        let proxy = async |url: &str| {
            let url = Url::parse(url).unwrap();
            Proxy::start(url.host_str().unwrap(), url.port().unwrap()).await
        };
        Self {
            control: Proxy::start(controlling.host(), controlling.port()).await,
            tenants: Proxy::start(tenants.host(), tenants.port()).await,
            redis: proxy(&control.redis_url()).await,
            s3: proxy(stack.s3_endpoint()).await,
            smtp: proxy(stack.smtp_url()).await,
        }
    }

    fn of(&self, server: Server) -> Vec<&Proxy> {
        match server {
            Server::Postgres => vec![&self.control, &self.tenants],
            Server::Control => vec![&self.control],
            Server::Tenants => vec![&self.tenants],
            Server::Redis => vec![&self.redis],
            Server::S3 => vec![&self.s3],
            Server::Smtp => vec![&self.smtp],
        }
    }

    pub fn inject(&self, server: Server, fault: LineFault) {
        self.of(server).into_iter().for_each(|proxy| proxy.inject(fault));
    }

    /// Whether nobody listens at any of a server's doors.
    pub fn refuses(&self, server: Server) -> bool {
        self.of(server).into_iter().all(|proxy| std::net::TcpStream::connect(("127.0.0.1", proxy.port())).is_err())
    }

    pub fn heal(&self, server: Server) {
        self.of(server).into_iter().for_each(Proxy::heal);
    }

    /// How often faults met something on the way to a server.
    pub fn hits(&self, server: Server) -> u64 {
        self.of(server).into_iter().map(Proxy::hits).sum()
    }

    /// The settings that lead through the proxies.
    fn settings(&self, stack: &TestStack, control: &ControlDb) -> Vec<(String, String)> {
        let through = |url: &str, port: u16| {
            let mut url = Url::parse(url).unwrap();
            url.set_host(Some("127.0.0.1")).unwrap();
            url.set_port(Some(port)).unwrap();
            url
        };
        let database = |section: &str| {
            let mut url = through(control.stack().setting(section, "url"), self.control.port());
            url.set_path(control.name());
            url.to_string()
        };
        let settings = [
            ("CONTROL_DB__URL", database("control_db")),
            ("DIRECTORY_DB__URL", database("directory_db")),
            ("SERVERS__0__HOST", "127.0.0.1".to_owned()),
            ("SERVERS__0__PORT", self.tenants.port().to_string()),
            ("SERVERS__0__ADMIN_URL", through(stack.admin_url(), self.tenants.port()).to_string()),
            ("REDIS__URL", through(&control.redis_url(), self.redis.port()).to_string()),
            ("S3__ENDPOINT", through(stack.s3_endpoint(), self.s3.port()).to_string().trim_end_matches('/').to_owned()),
            ("S3__ACCESS_KEY", stack.s3_root().0.to_owned()),
            ("S3__SECRET_KEY", stack.s3_root().1.to_owned()),
            ("MAIL__SMTP_URL", through(stack.smtp_url(), self.smtp.port()).to_string()),
        ];
        settings.into_iter().map(|(name, value)| (format!("NEXUS__{name}"), value)).collect()
    }
}

/// Imports that the load may have waiting.
pub const MAX_PENDING: usize = 60;

/// A program behind proxies, on the shared servers and a control database of its own.
pub struct Ground {
    pub stack: Arc<TestStack>,
    pub control: Arc<ControlDb>,
    pub lines: Lines,
    /// The program; another one after it was killed.
    pub process: RwLock<Process>,
    /// Without credentials; its answers are compared with the document.
    client: RwLock<Client>,
    environment: Vec<(String, String)>,
    folder: tempfile::TempDir,
}

impl Ground {
    /// On the servers that all tests share.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        Self::on(stack, control, settings).await
    }

    /// On these servers. The control database may be on others.
    pub async fn on(stack: Arc<TestStack>, control: Arc<ControlDb>, settings: &[(&str, &str)]) -> Self {
        let lines = Lines::before(&stack, &control).await;
        let folder = tempfile::tempdir().unwrap();
        let mut environment = lines.settings(&stack, &control);
        environment.push(("NEXUS_FAILPOINT_EVENTS".to_owned(), events_in(folder.path()).to_string_lossy().into_owned()));
        // Long enough for a long run without a new log-in.
        environment.push(("NEXUS__TOKENS__ACCESS_TTL_S".to_owned(), "3600".to_owned()));
        // An organization that may have few waiting would have to be left alone, when faults come one after the other, and so could not be refused.
        environment.push(("NEXUS__IMPORTS__MAX_PENDING".to_owned(), (MAX_PENDING * 2).to_string()));
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let process = program(&stack, &control, &environment, "serve").spawn().await;
        let (client, _) = watched(&process).await;
        Self { stack, control, lines, process: RwLock::new(process), client: RwLock::new(client), environment, folder }
    }

    /// A client of the program, without credentials.
    pub async fn client(&self) -> Client {
        self.client.read().await.clone()
    }

    /// The command line of a role, for one more program.
    pub fn program(&self, role: &str) -> Nexus {
        program(&self.stack, &self.control, &self.environment, role)
    }

    /// `kill -9` of the program; a client of its successor.
    pub async fn killed(&self) -> Client {
        let next = self.program("serve").spawn_unready();
        let mut process = self.process.write().await;
        std::mem::replace(&mut *process, next).kill9().await;
        process.wait_ready(Duration::from_secs(60)).await;
        let (client, _) = watched(&process).await;
        client.clone_into(&mut *self.client.write().await);
        client
    }

    /// The ids of the tenants' events that programs here have delivered.
    pub fn delivered(&self) -> BTreeSet<Uuid> {
        let text = std::fs::read_to_string(events_in(self.folder.path())).unwrap_or_default();
        // Of the last line half may be written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| line.parse().expect("an id")).collect()
    }

    /// A superuser's connections to a database, beside the proxies.
    pub async fn behind(&self, database: &str) -> PgPool {
        self.stack.admin_db(database).await.pool().clone()
    }

    /// Sessions that programs under test hold in a database.
    pub async fn sessions(&self, database: &str) -> i64 {
        let admin = self.behind("postgres").await;
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name NOT LIKE 'nexus-test%' AND backend_type = 'client backend'";
        sqlx::query_scalar(count).bind(database).fetch_one(&admin).await.unwrap()
    }

    /// Nothing is held any more: no connection to a tenant's database, none reserved of the budget, and the control database has no more than its pools may
    /// open. Wants a short `runtime.idle_timeout_s`.
    pub async fn assert_nothing_leaked(&self, tenant_database: &str) -> i64 {
        eventually(Duration::from_secs(60), async || {
            let reserved = self.process.read().await.metric("nexus_tenant_pool_connections_reserved").await;
            let sessions = self.sessions(tenant_database).await;
            (reserved == 0 && sessions == 0).then_some(())
        })
        .await;
        eventually(Duration::from_secs(30), async || {
            let pools = [("nexus-control-plane", CONTROL_POOL), ("nexus-directory", DIRECTORY_POOL)];
            let mut all = 0;
            for (name, most) in pools {
                let open = self.control_sessions_of(name).await;
                if open > most {
                    return None;
                }
                all += open;
            }
            Some(all)
        })
        .await
    }

    async fn control_sessions_of(&self, application: &str) -> i64 {
        let admin = self.control.admin().await;
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name = $2";
        sqlx::query_scalar(count).bind(self.control.name()).bind(application).fetch_one(admin.pool()).await.unwrap()
    }
}

fn program(stack: &TestStack, control: &ControlDb, environment: &[(String, String)], role: &str) -> Nexus {
    let command = Nexus::command(stack, &[role]).on(stack, control);
    environment.iter().fold(command, |command, (name, value)| command.env(name, value))
}

fn events_in(folder: &Path) -> PathBuf {
    folder.join("events")
}
