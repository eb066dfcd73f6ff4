//! Servers of a test's own, so that they can be broken without hurting other tests.
//!
//! A second `nexus test-stack` runs a command that writes its environment to a file and then waits for the end of its input, which
//! this process holds: however this process ends, the servers are stopped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::PgPool;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::{ControlDb, Nexus, TestStack, eventually, try_connect};

/// Tells the environment of the stack in the file `$1`, and waits.
const COMMAND: &str = r#"env | grep '^NEXUS_TEST_' >"$1.new" && mv "$1.new" "$1" && exec cat >/dev/null"#;

/// Postgres, Redis, S3 and mail sink of one test, and a control database on them.
#[derive(Debug)]
pub struct OwnStack {
    stack: Arc<TestStack>,
    control: Arc<ControlDb>,
    servers: Servers,
}

impl OwnStack {
    /// Starts the servers with the program of the shared stack.
    ///
    /// # Panics
    /// When they do not start, with what they said.
    pub async fn start(shared: &TestStack) -> Self {
        let mut servers = Servers::start(shared.nexus_bin());
        let environment = servers.environment().await;
        let stack = Arc::new(TestStack::told_by(|name| environment.get(name).cloned(), false));
        let control = ControlDb::new(&stack).await;
        Self { stack, control, servers }
    }

    /// The program with these arguments, on these servers.
    #[must_use]
    pub fn nexus(&self, args: &[&str]) -> Nexus {
        Nexus::command(&self.stack, args).on(&self.stack, &self.control)
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

    /// Makes Redis forget everything it holds.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn redis_flush(&self) {
        let url = url::Url::parse(self.stack.redis_url()).expect("a URL");
        let place = (url.host_str().expect("a host").to_owned(), url.port().expect("a port"));
        let mut connection = BufReader::new(tokio::net::TcpStream::connect(place).await.expect("Redis"));
        for command in [format!("AUTH {}\r\n", url.password().expect("a password")), "FLUSHALL\r\n".to_owned()] {
            connection.write_all(command.as_bytes()).await.expect("Redis");
            let mut answer = String::new();
            connection.read_line(&mut answer).await.expect("Redis");
            assert_eq!(answer.trim_end(), "+OK");
        }
    }

    /// Kills one of Postgres' processes with SIGKILL: it drops every connection and starts over from its log.
    ///
    /// # Panics
    /// When the process may not be killed.
    pub async fn crash_postgres(&self) {
        let pool = self.admin_pool("postgres").await;
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&pool).await.expect("a backend");
        kill(Pid::from_raw(backend), Signal::SIGKILL).expect("root, or the user that Postgres runs as");
    }

    /// Whether Postgres accepts a new connection.
    pub async fn ping_postgres(&self) -> bool {
        let spec = self.stack.admin_spec("postgres").max_connections(1).acquire_timeout(Duration::from_millis(500));
        try_connect(&spec).await.is_ok()
    }

    /// What the servers' program has said.
    #[must_use]
    pub fn log(&self) -> String {
        self.servers.log()
    }
}

/// The process of the servers.
#[derive(Debug)]
struct Servers {
    child: Child,
    folder: tempfile::TempDir,
}

impl Servers {
    fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = std::fs::File::create(folder.path().join("log")).expect("the log");
        let mut command = Command::new(program);
        command.args(["test-stack", "--", "sh", "-c", COMMAND, "own-stack"]).arg(folder.path().join("environment"));
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

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Servers {
    /// The end of its input ends the waiting command, and with it the servers.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
