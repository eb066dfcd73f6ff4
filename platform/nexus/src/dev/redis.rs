//! The embedded Redis: the machine's `redis-server`, in memory only, with a generated password.
//!
//! Redis is transport and cache here, so nothing is persisted. The server reached must be the one started (its `dir`), as for
//! Postgres. Not here: the client; the platform's is in nexus-infra. The few commands below are spoken directly, because they
//! are about the server and not about its data.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::child::{ChildSpec, StopSignal, Supervised};
use super::files;
use super::location::DataDir;
use super::ports::Ports;
use super::programs;

const READY_WITHIN: Duration = Duration::from_secs(20);
/// The oldest Redis with what the event transport needs (XAUTOCLAIM).
const MINIMUM: (u32, u32) = (6, 2);

/// The running server.
#[derive(Debug)]
pub struct EmbeddedRedis {
    /// Loopback port.
    pub port: u16,
    server: Supervised,
}

impl EmbeddedRedis {
    /// Stops what an earlier run left, starts the server and waits until it answers.
    pub async fn start(data: &DataDir, ports: &mut Ports, password: &str) -> Result<Self> {
        let program = programs::find_redis()?;
        let dir = data.subdir("redis")?;
        if let Some(port) = ports.remembered("redis") {
            stop_leftover(port, password, &dir).await;
        }
        let mut port = ports.take("redis")?;
        for attempt in 1..=5 {
            let server = Supervised::start(spec(&program, &dir, port, password)?)?;
            match wait_ready(&server, port, password, &dir).await {
                Ok(()) => return Ok(Self { port, server }),
                Err(error) => {
                    server.stop().await;
                    if attempt == 5 {
                        return Err(error).with_context(|| format!("the embedded Redis did not start; its log is {}", log_path(&dir).display()));
                    }
                    port = ports.replace("redis")?;
                }
            }
        }
        bail!("no free port for the embedded Redis")
    }

    /// Stops the server.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

fn log_path(dir: &Path) -> PathBuf {
    dir.join("redis.log")
}

fn spec(program: &Path, dir: &Path, port: u16, password: &str) -> Result<ChildSpec> {
    // In a file, because arguments show in the process list.
    let config = dir.join("redis.conf");
    let text = format!(
        "bind 127.0.0.1\nport {port}\nprotected-mode yes\nrequirepass {password}\ndir \"{}\"\nsave \"\"\nappendonly no\n\
         daemonize no\ndatabases 1024\nmaxclients 4000\n",
        dir.display()
    );
    files::write_private(&config, text.as_bytes())?;
    Ok(ChildSpec {
        name: "Redis",
        program: program.to_path_buf(),
        args: vec![config.into()],
        cwd: dir.to_path_buf(),
        log: log_path(dir),
        identity: None,
        stop: StopSignal::Term,
    })
}

async fn wait_ready(server: &Supervised, port: u16, password: &str, dir: &Path) -> Result<()> {
    let deadline = tokio::time::Instant::now() + READY_WITHIN;
    loop {
        match Probe::connect(port, password).await {
            Ok(mut probe) => {
                let found = probe.directory().await?;
                if !same(&found, dir) {
                    bail!("the server that answers on its port is another one (directory {found})");
                }
                let (major, minor) = probe.version().await?;
                if (major, minor) < MINIMUM {
                    bail!("Redis {major}.{minor} is too old: {}.{} or newer is needed", MINIMUM.0, MINIMUM.1);
                }
                return Ok(());
            }
            Err(error) if server.starts() > 2 || tokio::time::Instant::now() > deadline => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Stops a server of an earlier run, recognised by password and directory; whatever else owns the port is left alone.
async fn stop_leftover(port: u16, password: &str, dir: &Path) {
    let Ok(mut probe) = Probe::connect(port, password).await else { return };
    if !probe.directory().await.is_ok_and(|found| same(&found, dir)) {
        return;
    }
    tracing::info!(port, "stopping the Redis that an earlier run left behind");
    let _ = probe.send(&["SHUTDOWN", "NOSAVE"]).await;
    super::ports::wait_free(port, Duration::from_secs(10)).await;
}

fn same(found: &str, dir: &Path) -> bool {
    Path::new(found).canonicalize().is_ok_and(|found| dir.canonicalize().is_ok_and(|dir| found == dir))
}

/// A connection for a handful of administrative commands.
struct Probe {
    stream: BufReader<TcpStream>,
}

impl Probe {
    async fn connect(port: u16, password: &str) -> Result<Self> {
        let connect = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        let stream = tokio::time::timeout(Duration::from_secs(2), connect).await.context("Redis does not answer")??;
        let mut probe = Self { stream: BufReader::new(stream) };
        probe.send(&["AUTH", password]).await?;
        Ok(probe)
    }

    async fn directory(&mut self) -> Result<String> {
        let reply = self.send(&["CONFIG", "GET", "dir"]).await?;
        reply.get(1).cloned().context("Redis does not tell its directory")
    }

    async fn version(&mut self) -> Result<(u32, u32)> {
        let reply = self.send(&["INFO", "server"]).await?.join("\n");
        let line = reply.lines().find_map(|line| line.strip_prefix("redis_version:")).context("Redis does not tell its version")?;
        let mut parts = line.trim().split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        Ok((parts.next().unwrap_or(0), parts.next().unwrap_or(0)))
    }

    /// Sends a command; answers the reply's strings (one for a scalar, all for a flat list).
    async fn send(&mut self, command: &[&str]) -> Result<Vec<String>> {
        let mut request = format!("*{}\r\n", command.len());
        for part in command {
            request.push_str(&format!("${}\r\n{part}\r\n", part.len()));
        }
        let talk = async {
            self.stream.get_mut().write_all(request.as_bytes()).await?;
            let first = self.line().await?;
            match first.split_at_checked(1) {
                Some(("*", count)) => {
                    let mut items = Vec::new();
                    for _ in 0..count.parse::<usize>().context("a malformed reply of Redis")? {
                        let header = self.line().await?;
                        items.push(self.bulk(&header).await?);
                    }
                    Ok(items)
                }
                Some(("$", _)) => Ok(vec![self.bulk(&first).await?]),
                Some(("+" | ":", text)) => Ok(vec![text.to_owned()]),
                Some(("-", text)) => bail!("Redis: {text}"),
                _ => bail!("a malformed reply of Redis"),
            }
        };
        tokio::time::timeout(Duration::from_secs(2), talk).await.context("Redis does not answer")?
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            bail!("Redis closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }

    async fn bulk(&mut self, header: &str) -> Result<String> {
        let length: usize = header.strip_prefix('$').and_then(|text| text.parse().ok()).context("a malformed reply of Redis")?;
        let mut bytes = vec![0; length + 2];
        self.stream.read_exact(&mut bytes).await?;
        bytes.truncate(length);
        String::from_utf8(bytes).context("a reply of Redis that is not text")
    }
}
