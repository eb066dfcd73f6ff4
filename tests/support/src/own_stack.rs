//! Servers of a test's own, so that they can be broken without hurting other tests.
//!
//! A second `nexus test-stack` runs a command that writes its environment to a file and then waits for the end of its input, which
//! this process holds: however this process ends, the servers are stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use nexus_infra::{ConnectSpec, Db};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::PgPool;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::{ControlDb, Nexus, TestStack, eventually, try_connect};

/// Tells the environment of the stack in the file `$1`, and waits.
const COMMAND: &str = r#"env | grep '^NEXUS_TEST_' >"$1.new" && mv "$1.new" "$1" && exec cat >/dev/null"#;

/// A server that is stopped at once closes its port within this time.
const DOWN_WITHIN: Duration = Duration::from_secs(10);
/// What Postgres may need until it accepts connections again: it reads its log and syncs every file of every database.
const UP_WITHIN: Duration = Duration::from_secs(60);

/// Postgres, Redis, S3 and mail sink of one test, and a control database on them.
#[derive(Debug)]
pub struct OwnStack {
    stack: Arc<TestStack>,
    control: Arc<ControlDb>,
    servers: Servers,
}

/// A server that was away.
#[derive(Debug)]
pub struct Outage {
    /// How many attempts to connect found nobody there; never 0.
    pub refused: u32,
    /// Since when connections are accepted again.
    pub accepting: Instant,
}

impl OwnStack {
    /// Starts the servers with the program of the shared stack.
    ///
    /// # Panics
    /// When they do not start, with what they said.
    pub async fn start(shared: &TestStack) -> Self {
        let mut servers = Servers::start(shared);
        let environment = servers.environment().await;
        let stack = Arc::new(TestStack::told_by(|name| environment.get(name).cloned(), false));
        let control = ControlDb::new(&stack).await;
        Self { stack, control, servers }
    }

    /// The program with these arguments, on these servers. It writes down which events of tenants it delivers.
    #[must_use]
    pub fn nexus(&self, args: &[&str]) -> Nexus {
        Nexus::command(&self.stack, args).on(&self.stack, &self.control).env("NEXUS_FAILPOINT_EVENTS", self.events_file().to_string_lossy())
    }

    /// The ids of the tenants' events that programs on these servers have delivered.
    ///
    /// # Panics
    /// When what was written down is not one id a line.
    #[must_use]
    pub fn delivered_events(&self) -> BTreeSet<Uuid> {
        let text = std::fs::read_to_string(self.events_file()).unwrap_or_default();
        // Of the last line half may be written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| line.parse().expect("an id")).collect()
    }

    fn events_file(&self) -> PathBuf {
        self.servers.folder.path().join("events")
    }

    /// The servers, as other fixtures want them.
    #[must_use]
    pub fn stack(&self) -> &Arc<TestStack> {
        &self.stack
    }

    /// The control database.
    #[must_use]
    pub fn control(&self) -> &Arc<ControlDb> {
        &self.control
    }

    /// The folder of the mail sink.
    #[must_use]
    pub fn mail_dir(&self) -> PathBuf {
        self.stack.mail_dir().to_path_buf()
    }

    /// A superuser's connections to a database.
    pub async fn admin_pool(&self, database: &str) -> PgPool {
        self.stack.admin_db(database).await.pool().clone()
    }

    /// Makes Redis forget everything it holds, and answers how many keys that were.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn redis_flush(&self) -> u64 {
        let url = url::Url::parse(&self.control.redis_url()).expect("a URL");
        let place = (url.host_str().expect("a host").to_owned(), url.port().expect("a port"));
        let mut connection = BufReader::new(TcpStream::connect(place).await.expect("Redis"));
        let authenticate = format!("AUTH {}", url.password().expect("a password"));
        let select = format!("SELECT {}", url.path().trim_start_matches('/'));
        // In one transaction: what is counted is what is forgotten.
        let commands = [authenticate.as_str(), select.as_str(), "MULTI", "DBSIZE", "FLUSHALL SYNC", "EXEC"];
        connection.write_all((commands.join("\r\n") + "\r\n").as_bytes()).await.expect("Redis");
        let mut answers = Vec::new();
        for _ in 0..8 {
            let mut line = String::new();
            connection.read_line(&mut line).await.expect("Redis");
            answers.push(line.trim_end().to_owned());
        }
        let [.., "*2", keys, "+OK"] = &answers.iter().map(String::as_str).collect::<Vec<_>>()[..] else { panic!("{answers:?}") };
        keys.trim_start_matches(':').parse().expect("a number")
    }

    /// Stops Postgres at once, as `pg_ctl stop -m immediate` does: every session is cut, the port is closed, nothing is written down. What watches over the
    /// server starts it again, and it recovers from its log. Comes back when it accepts connections again.
    ///
    /// # Panics
    /// When nobody was refused meanwhile, so that it was not down, or when the server that answers is the old one.
    pub async fn restart_postgres(&self) -> Outage {
        let spec = self.stack.admin_spec("postgres").acquire_timeout(Duration::from_secs(1));
        let place = (spec.host().to_owned(), spec.port());
        let (postmaster, began) = told(&spec).await;
        kill(Pid::from_raw(postmaster), Signal::SIGQUIT).expect("root, or the user that Postgres runs as");
        let mut refused = 0;
        let mut is_refused = async || {
            let refusal = TcpStream::connect(&place).await.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused);
            refused += u32::from(refusal);
            refusal
        };
        eventually(DOWN_WITHIN, async || is_refused().await.then_some(())).await;
        eventually(UP_WITHIN, async || (!is_refused().await && try_connect(&spec).await.is_ok()).then_some(())).await;
        let outage = Outage { refused, accepting: Instant::now() };
        let (successor, begins) = told(&spec).await;
        assert!(successor != postmaster && begins > began, "Postgres was not started again");
        outage
    }

    /// Stops Postgres at once and keeps it down until [`Self::start_postgres`]: the program that would start it again is stopped meanwhile, and with it the
    /// object store and the mail sink. Redis goes on.
    ///
    /// # Panics
    /// When it does not close its port.
    pub async fn stop_postgres(&self) {
        let spec = self.stack.admin_spec("postgres").acquire_timeout(Duration::from_secs(1));
        let (postmaster, _) = told(&spec).await;
        self.servers.signal(Signal::SIGSTOP);
        kill(Pid::from_raw(postmaster), Signal::SIGQUIT).expect("root, or the user that Postgres runs as");
        let place = (spec.host().to_owned(), spec.port());
        eventually(DOWN_WITHIN, async || TcpStream::connect(&place).await.is_err().then_some(())).await;
    }

    /// Has Postgres started again. Comes back when it accepts connections.
    ///
    /// # Panics
    /// When it does not.
    pub async fn start_postgres(&self) {
        self.servers.signal(Signal::SIGCONT);
        let spec = self.stack.admin_spec("postgres").acquire_timeout(Duration::from_secs(1));
        eventually(UP_WITHIN, async || try_connect(&spec).await.ok()).await;
    }

    /// What the servers' program has said.
    #[must_use]
    pub fn log(&self) -> String {
        self.servers.log()
    }
}

/// The process of the Postgres server that answers, and since when it runs. Neither changes when it only recovers from a crash of a session.
async fn told(spec: &ConnectSpec) -> (i32, DateTime<Utc>) {
    let mut connection = Db::single(spec).await.expect("Postgres");
    let (folder, began): (String, DateTime<Utc>) =
        sqlx::query_as("SELECT current_setting('data_directory'), pg_postmaster_start_time()").fetch_one(&mut connection).await.expect("Postgres");
    let file = std::fs::read_to_string(Path::new(&folder).join("postmaster.pid")).expect("root, or the user that Postgres runs as");
    (file.lines().next().and_then(|line| line.parse().ok()).expect("a process id"), began)
}

/// The process of the servers.
#[derive(Debug)]
struct Servers {
    child: Child,
    folder: tempfile::TempDir,
}

impl Servers {
    fn start(shared: &TestStack) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = std::fs::File::create(folder.path().join("log")).expect("the log");
        let mut command = Command::new(shared.nexus_bin());
        command.arg("test-stack").args(shared.syncs().then_some("--fsync"));
        command.args(["--", "sh", "-c", COMMAND, "own-stack"]).arg(folder.path().join("environment"));
        command.stdin(Stdio::piped()).stdout(log.try_clone().expect("the log")).stderr(log);
        Self { child: command.spawn().expect("the program"), folder }
    }

    async fn environment(&mut self) -> BTreeMap<String, String> {
        let file = self.folder.path().join("environment");
        let text = eventually(Duration::from_secs(120), async || {
            let ended = self.child.try_wait().expect("the servers");
            assert!(ended.is_none(), "the servers ended:\n{}", self.log());
            std::fs::read_to_string(&file).ok()
        })
        .await;
        text.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn signal(&self, signal: Signal) {
        let _ = kill(Pid::from_raw(i32::try_from(self.child.id()).expect("a process id")), signal);
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Servers {
    /// The end of its input ends the waiting command, and with it the servers.
    fn drop(&mut self) {
        self.signal(Signal::SIGCONT);
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
