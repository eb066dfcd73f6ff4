//! Servers that must not outlive the process that started them.
//!
//! Each server runs under a small supervisor: this same program, started again as `nexus dev-child`. The supervisor's
//! standard input is a pipe whose other end only the parent holds. However the parent ends (`kill -9` included), the pipe
//! closes and the supervisor stops its server. Supervisor and server live in a process group of their own, so that
//! Ctrl-C in a terminal reaches the parent alone, which then stops them in order.
//!
//! A server that ends by itself is started again after a pause: a killed Postgres comes back as it would under a service manager.
//! Not here: recognising what an earlier `kill -9` of everything left behind (`postgres.rs`, `redis.rs`).

use std::ffi::OsString;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The user a server runs as, when it is not the caller.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// A server to run: what, where, as whom, and how it wants to be stopped.
#[derive(Debug, Clone)]
pub struct ChildSpec {
    /// For messages: "Postgres".
    pub name: &'static str,
    /// The server's program.
    pub program: PathBuf,
    /// Its arguments. They show in the process list: no secret may be among them.
    pub args: Vec<OsString>,
    /// Its working directory.
    pub cwd: PathBuf,
    /// Where its output goes (appended; started anew past 8 MiB).
    pub log: PathBuf,
    /// Run as this user (needs root).
    pub identity: Option<Identity>,
    /// The signal that asks it to end.
    pub stop: StopSignal,
}

/// How a server is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum StopSignal {
    /// SIGINT (Postgres: fast shutdown).
    Int,
    /// SIGTERM.
    Term,
}

/// Arguments of the hidden command `nexus dev-child`.
#[derive(Debug, Args)]
pub struct DevChildArgs {
    #[arg(long, value_enum)]
    stop: StopSignal,
    #[arg(long)]
    log: PathBuf,
    #[arg(long)]
    cwd: PathBuf,
    #[arg(long, requires = "gid")]
    uid: Option<u32>,
    #[arg(long, requires = "uid")]
    gid: Option<u32>,
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

const LOG_LIMIT: u64 = 8 * 1024 * 1024;
/// A server that has not ended this long after it was asked to is killed.
const GRACE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A running server and the task that keeps it running.
#[derive(Debug)]
pub struct Supervised {
    name: &'static str,
    stopping: CancellationToken,
    starts: watch::Receiver<u64>,
    task: tokio::task::JoinHandle<()>,
}

impl Supervised {
    /// Starts the server. Returns once the supervisor runs; whether the server answers is the caller's question.
    pub fn start(spec: ChildSpec) -> Result<Self> {
        let mut running = spawn(&spec)?;
        let stopping = CancellationToken::new();
        let token = stopping.clone();
        let (sender, starts) = watch::channel(1);
        let name = spec.name;
        let task = tokio::spawn(async move {
            let mut pause = FIRST_PAUSE;
            loop {
                let started = tokio::time::Instant::now();
                tokio::select! {
                    () = token.cancelled() => {
                        running.close(&spec).await;
                        return;
                    }
                    ended = running.supervisor.wait() => {
                        tracing::warn!(server = spec.name, ?ended, log = %spec.log.display(), "a server ended by itself; starting it again");
                    }
                }
                if started.elapsed() > Duration::from_secs(30) {
                    pause = FIRST_PAUSE;
                }
                running = loop {
                    tokio::select! {
                        () = token.cancelled() => return,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    match spawn(&spec) {
                        Ok(next) => break next,
                        Err(error) => tracing::error!(server = spec.name, %error, "a server could not be started again"),
                    }
                };
                sender.send_modify(|count| *count += 1);
            }
        });
        Ok(Self { name, stopping, starts, task })
    }

    /// How often the server has been started; more than 1 while it is first waited for means that it does not stay up.
    #[must_use]
    pub fn starts(&self) -> u64 {
        *self.starts.borrow()
    }

    /// Stops the server and waits until it has ended.
    pub async fn stop(self) {
        self.stopping.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(server = self.name, %error, "the task that watches a server failed");
        }
    }
}

/// A supervisor, and the pipe whose end tells it that this process is gone. Apart, because waiting for a process closes its input.
struct Running {
    supervisor: tokio::process::Child,
    life: Option<tokio::process::ChildStdin>,
}

fn spawn(spec: &ChildSpec) -> Result<Running> {
    let itself = std::env::current_exe().context("the path of this program is unknown")?;
    let mut command = tokio::process::Command::new(itself);
    command.arg("dev-child").arg("--stop").arg(match spec.stop {
        StopSignal::Int => "int",
        StopSignal::Term => "term",
    });
    command.arg("--log").arg(&spec.log).arg("--cwd").arg(&spec.cwd);
    if let Some(identity) = spec.identity {
        command.arg("--uid").arg(identity.uid.to_string()).arg("--gid").arg(identity.gid.to_string());
    }
    command.arg("--").arg(&spec.program).args(&spec.args);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::inherit()).process_group(0);
    let mut supervisor = command.spawn().with_context(|| format!("{} could not be started", spec.name))?;
    let life = supervisor.stdin.take();
    Ok(Running { supervisor, life })
}

impl Running {
    async fn close(mut self, spec: &ChildSpec) {
        drop(self.life.take());
        let limit = GRACE + Duration::from_secs(5);
        if tokio::time::timeout(limit, self.supervisor.wait()).await.is_err() {
            tracing::error!(server = spec.name, "a server did not stop in time");
        }
    }
}

enum Cause {
    Ended(std::io::Result<std::process::ExitStatus>),
    ParentGone,
}

/// The supervisor itself. Runs without an async runtime: two threads and a wait.
pub fn supervise(args: &DevChildArgs) -> Result<ExitCode> {
    let (program, arguments) = args.command.split_first().context("no program was named")?;
    let log = open_log(args)?;
    let mut command = std::process::Command::new(program);
    command.args(arguments).current_dir(&args.cwd).stdin(Stdio::null());
    command.stdout(log.try_clone().context("the log could not be shared")?).stderr(log);
    if let (Some(uid), Some(gid)) = (args.uid, args.gid) {
        command.uid(uid).gid(gid);
    }
    let mut child = command.spawn().with_context(|| format!("{} could not be started", program.display()))?;
    let pid = Pid::from_raw(i32::try_from(child.id()).context("a process id beyond the range")?);

    // Blocked before any thread exists, so that only the thread that waits for them takes them; and after the server was started,
    // because it inherits the mask and would never hear SIGTERM.
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        signals.add(signal);
    }
    signals.thread_block().context("signals could not be blocked")?;

    // As many places as there are causes: nobody ever waits to send one.
    let (sender, causes) = mpsc::sync_channel(3);
    let parent = sender.clone();
    std::thread::spawn(move || {
        // The parent never writes: the only news is the end of the pipe.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = parent.send(Cause::ParentGone);
    });
    let told = sender.clone();
    std::thread::spawn(move || {
        let _ = signals.wait();
        let _ = told.send(Cause::ParentGone);
    });
    std::thread::spawn(move || {
        let _ = sender.send(Cause::Ended(child.wait()));
    });

    let mut asked = false;
    loop {
        let cause = if asked {
            match causes.recv_timeout(GRACE) {
                Ok(cause) => cause,
                Err(_) => {
                    let _ = kill(pid, Signal::SIGKILL);
                    match causes.recv_timeout(Duration::from_secs(5)) {
                        Ok(cause) => cause,
                        Err(_) => bail!("{} could not be killed", program.display()),
                    }
                }
            }
        } else {
            causes.recv().context("the supervisor lost its threads")?
        };
        match cause {
            Cause::Ended(status) => {
                let status = status.context("the server's end could not be awaited")?;
                let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
                return Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)));
            }
            Cause::ParentGone if !asked => {
                asked = true;
                let signal = match args.stop {
                    StopSignal::Int => Signal::SIGINT,
                    StopSignal::Term => Signal::SIGTERM,
                };
                let _ = kill(pid, signal);
            }
            Cause::ParentGone => {}
        }
    }
}

fn open_log(args: &DevChildArgs) -> Result<std::fs::File> {
    let fresh = std::fs::metadata(&args.log).map(|meta| meta.len() > LOG_LIMIT).unwrap_or(false);
    std::fs::OpenOptions::new()
        .create(true)
        .append(!fresh)
        .write(true)
        .truncate(fresh)
        .open(&args.log)
        .with_context(|| format!("the log {} could not be opened", args.log.display()))
}
