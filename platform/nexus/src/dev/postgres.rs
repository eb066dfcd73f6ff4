//! The embedded Postgres: the machine's server programs on a cluster of our own.
//!
//! Invariants: SCRAM only and a generated superuser password; loopback and a private socket directory; `fsync` on, but for tests; no statement
//! that writes is sent before the server reached has proved to be the one started (`SHOW data_directory`): another cluster may
//! own the port. What an earlier `kill -9` left running is stopped first.

mod leftover;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sqlx::{ConnectOptions, Connection};

use super::child::{ChildSpec, StopSignal, Supervised};
use super::location::{ClusterHome, DataDir, cluster_home};
use super::ports::Ports;
use super::programs::{self, PostgresInstall};

/// The superuser of the embedded cluster.
pub const SUPERUSER: &str = "postgres";
const READY_WITHIN: Duration = Duration::from_secs(90);
/// Longest path of a Unix socket on the systems we run on, less the name Postgres appends.
const SOCKET_DIR_LIMIT: usize = 80;

/// The running cluster.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    /// Loopback port.
    pub port: u16,
    /// Major version of the server.
    pub major: u32,
    server: Supervised,
}

impl EmbeddedPostgres {
    /// As [`Self::start`], for a data directory whose password was just generated. A cluster that lies there nevertheless belonged to a directory that was
    /// deleted and made anew (its cluster may live outside): nobody has its password any more, so it is set aside as `cluster.old`.
    pub async fn start_anew(data: &DataDir, ports: &mut Ports, password: &str, fsync: bool) -> Result<Self> {
        let home = cluster_home(data)?;
        let (cluster, old) = (home.path.join("cluster"), home.path.join("cluster.old"));
        if cluster.exists() {
            leftover::stop(&cluster).await?;
            if old.exists() {
                std::fs::remove_dir_all(&old).with_context(|| format!("{} could not be removed", old.display()))?;
            }
            std::fs::rename(&cluster, &old).context("the cluster of a deleted data directory could not be set aside")?;
            crate::terminal::note(&format!("  A database of a deleted data directory was set aside: {}", old.display()));
        }
        Self::start(data, ports, password, fsync).await
    }

    /// Makes the cluster when there is none, stops what an earlier run left, starts the server and waits until it answers.
    pub async fn start(data: &DataDir, ports: &mut Ports, password: &str, fsync: bool) -> Result<Self> {
        let home = cluster_home(data)?;
        let cluster = home.path.join("cluster");
        let install = programs::find_postgres(version_of(&cluster)?)?;
        if !cluster.join("PG_VERSION").is_file() {
            initialise(&install, &home, &cluster, password)?;
        }
        leftover::stop(&cluster).await?;
        if let Some(port) = ports.remembered("postgres") {
            super::ports::wait_free(port, Duration::from_secs(3)).await; // processes of a killed server hold it for a moment
        }
        let mut port = ports.take("postgres")?;
        for attempt in 1..=5 {
            let server = Supervised::start(spec(&install, &home, &cluster, port, fsync)?)?;
            match wait_ready(&server, port, password, &cluster).await {
                Ok(()) => return Ok(Self { port, major: install.major, server }),
                Err(NotReady::PortTaken) if attempt < 5 => {
                    server.stop().await;
                    port = ports.replace("postgres")?;
                }
                Err(reason) => {
                    server.stop().await;
                    bail!("the embedded Postgres did not start: {reason}; its log is {}", log_path(&home).display());
                }
            }
        }
        bail!("no free port for the embedded Postgres")
    }

    /// Fast shutdown; returns when the server has ended.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

fn log_path(home: &ClusterHome) -> PathBuf {
    home.path.join("postgres.log")
}

fn version_of(cluster: &Path) -> Result<Option<u32>> {
    match std::fs::read_to_string(cluster.join("PG_VERSION")) {
        Ok(text) => Ok(Some(text.trim().parse().context("PG_VERSION of the development database is damaged")?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("the development database cannot be read"),
    }
}

/// `initdb` into a directory beside the final one, renamed when it is complete: a crash in between leaves no half cluster.
fn initialise(install: &PostgresInstall, home: &ClusterHome, cluster: &Path, password: &str) -> Result<()> {
    let fresh = home.path.join("cluster.new");
    for leftover in [&fresh, &cluster.to_path_buf()] {
        if leftover.exists() {
            std::fs::remove_dir_all(leftover).with_context(|| format!("{} could not be removed", leftover.display()))?;
        }
    }
    let password_file = home.path.join("initdb-password");
    super::files::write_private(&password_file, password.as_bytes())?;
    if let Some(identity) = home.identity {
        nix::unistd::chown(&password_file, Some(identity.uid.into()), Some(identity.gid.into()))
            .context("the password file could not be handed over")?;
    }
    let mut command = as_user(&install.bin.join("initdb"), home);
    command
        .arg("-D")
        .arg(&fresh)
        .args(["-E", "UTF8", "--locale=C.UTF-8", "-U", SUPERUSER, "--data-checksums"])
        .args(["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"])
        .arg("--pwfile")
        .arg(&password_file);
    let output = command.output().context("initdb could not be run");
    std::fs::remove_file(&password_file).context("the password file could not be removed")?;
    let output = output?;
    if !output.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    std::fs::rename(&fresh, cluster).context("the new cluster could not be put in place")
}

fn as_user(program: &Path, home: &ClusterHome) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.current_dir(&home.path).stdin(Stdio::null());
    if let Some(identity) = home.identity {
        command.uid(identity.uid).gid(identity.gid);
    }
    command
}

fn spec(install: &PostgresInstall, home: &ClusterHome, cluster: &Path, port: u16, fsync: bool) -> Result<ChildSpec> {
    let sockets = socket_dir(home)?;
    let mut args: Vec<OsString> = vec!["-D".into(), cluster.into()];
    for setting in [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={sockets}"),
        "unix_socket_permissions=0700".to_owned(),
        "max_connections=300".to_owned(),
        "password_encryption=scram-sha-256".to_owned(),
        format!("fsync={}", if fsync { "on" } else { "off" }),
        "shared_buffers=256MB".to_owned(),
        "max_wal_size=2GB".to_owned(),
        "logging_collector=off".to_owned(),
        // Without DETAIL, which names values.
        "log_error_verbosity=terse".to_owned(),
        "log_line_prefix=%m [%p] %d ".to_owned(),
        "cluster_name=nexus-dev".to_owned(),
    ] {
        args.push("-c".into());
        args.push(setting.into());
    }
    Ok(ChildSpec {
        name: "Postgres",
        program: install.bin.join("postgres"),
        args,
        cwd: home.path.clone(),
        log: log_path(home),
        identity: home.identity,
        stop: StopSignal::Int,
    })
}

/// A private directory for the Unix socket, or none where the path would be too long for one.
fn socket_dir(home: &ClusterHome) -> Result<String> {
    let path = home.path.join("socket");
    let Some(text) = path.to_str().filter(|text| text.len() <= SOCKET_DIR_LIMIT && !text.contains([',', '"', '\''])) else {
        return Ok(String::new());
    };
    super::files::private_dir(&path)?;
    if let Some(identity) = home.identity {
        nix::unistd::chown(&path, Some(identity.uid.into()), Some(identity.gid.into())).context("the socket directory could not be handed over")?;
    }
    Ok(text.to_owned())
}

#[derive(Debug, thiserror::Error)]
enum NotReady {
    #[error("its port is taken")]
    PortTaken,
    #[error("the server that answers on its port is another one (data directory {0})")]
    Foreign(String),
    #[error("the password that was generated for it is refused; clear the development data with `make reset`")]
    Password,
    #[error("it did not answer within 90 s ({last})")]
    Silent { last: String },
}

async fn wait_ready(server: &Supervised, port: u16, password: &str, cluster: &Path) -> Result<(), NotReady> {
    let deadline = tokio::time::Instant::now() + READY_WITHIN;
    let mut last = "no connection".to_owned();
    let mut pause = Duration::from_millis(20);
    while tokio::time::Instant::now() < deadline {
        match data_directory(port, password).await {
            Ok(found) if same_directory(&found, cluster) => return Ok(()),
            Ok(found) => return Err(NotReady::Foreign(found)),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("28P01") => return Err(NotReady::Password),
            Err(error) => last = error.to_string(),
        }
        // Started again while nobody holds our port: recovery after a crash (remaining processes must end first), so wait on.
        // Started again while the port is occupied: it cannot bind.
        if server.starts() > 2 && !super::ports::is_free(port) && data_directory(port, password).await.is_err() {
            return Err(NotReady::PortTaken);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
    }
    Err(NotReady::Silent { last })
}

/// Asks the server on a port where its data is. One plain connection: the pools of the platform begin only after this check.
async fn data_directory(port: u16, password: &str) -> Result<String, sqlx::Error> {
    let options = sqlx::postgres::PgConnectOptions::new()
        .host("127.0.0.1")
        .port(port)
        .username(SUPERUSER)
        .password(password)
        .database("postgres")
        .ssl_mode(sqlx::postgres::PgSslMode::Disable)
        .disable_statement_logging();
    let connect = async {
        let mut connection = sqlx::PgConnection::connect_with(&options).await?;
        let directory: String = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(directory)
    };
    tokio::time::timeout(Duration::from_secs(5), connect).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

fn same_directory(reported: &str, cluster: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    real(Path::new(reported)) == real(cluster)
}
