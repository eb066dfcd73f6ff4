//! The real program as a process of its own, to be asked, ended and killed.

use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::proc::ProcessStat;
use crate::{Client, ControlDb, TestStack, eventually};

/// Whichever loopback port the system gives. It is asked for by the program that serves there: a port that a test had found free could be somebody else's
/// by the time the program takes it.
const ANY_PORT: &str = "127.0.0.1:0";

/// A command line of the program, with the settings it runs under.
#[derive(Debug, Clone)]
pub struct Nexus {
    program: PathBuf,
    args: Vec<String>,
    env: Vec<(String, String)>,
    log_to: Option<PathBuf>,
}

/// What a finished command said.
#[derive(Debug)]
pub struct Output {
    /// Exit code; 128 + signal when it was killed.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A running server process. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    /// `http://127.0.0.1:<port>`, once it has told the port; empty before ([`Nexus::spawn_unready`]).
    pub base_url: String,
    /// Its process id.
    pub pid: u32,
    child: tokio::process::Child,
    log: PathBuf,
    /// Where its own words begin, in a log that others wrote before it.
    log_from: usize,
    _folder: tempfile::TempDir,
}

impl Nexus {
    /// `nexus <args>` with the environment cleared but for PATH and HOME: only what the test says counts.
    #[must_use]
    pub fn command(stack: &TestStack, args: &[&str]) -> Self {
        Self { program: stack.nexus_bin().to_path_buf(), args: args.iter().map(|arg| (*arg).to_owned()).collect(), env: Vec::new(), log_to: None }
    }

    /// Runs on this control database and the stack's servers.
    #[must_use]
    pub fn on(mut self, stack: &TestStack, control: &ControlDb) -> Self {
        self.env.extend(stack.environment(control));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, key: &str, value: impl Into<String>) -> Self {
        self.env.retain(|(known, _)| known != key);
        self.env.push((key.to_owned(), value.into()));
        self
    }

    /// Makes a named point of a saga crash (`kill`) or fail (`error`): `failpoint("database.before", "kill")`.
    /// Needs a program built with the feature `failpoints`, as `make test` builds it.
    #[must_use]
    pub fn failpoint(self, point: &str, action: &str) -> Self {
        self.env("NEXUS_FAILPOINT", format!("{point}:{action}"))
    }

    /// Keeps the output in this file instead of a temporary one.
    #[must_use]
    pub fn log_to(mut self, file: &Path) -> Self {
        self.log_to = Some(file.to_path_buf());
        self
    }

    /// Runs it to its end, with this on its standard input.
    pub async fn run_with_input(&self, input: &str) -> Output {
        use tokio::io::AsyncWriteExt;
        let mut child = self.tokio_command().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
        let mut stdin = child.stdin.take().expect("a pipe");
        // The program may end without reading: then the pipe is closed, which is no fault.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = tokio::time::timeout(Duration::from_secs(120), child.wait_with_output()).await.expect("an end in time").expect("an end");
        Output {
            code: code_of(output.status),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs it to its end.
    pub async fn run(&self) -> Output {
        self.run_with_input("").await
    }

    /// Starts it as a server on a port of its own choice and waits until `/readyz` answers 200.
    pub async fn spawn(&self) -> Process {
        let mut process = self.spawn_unready();
        process.wait_ready(Duration::from_secs(60)).await;
        process
    }

    /// Starts it as a server on a port of its own choice without waiting: for programs that are meant to die.
    #[must_use]
    pub fn spawn_unready(&self) -> Process {
        self.begin(&[("NEXUS__HTTP__BIND", ANY_PORT.to_owned())])
    }

    /// Starts it with these variables; where it serves is still to be learned.
    pub(crate) fn begin(&self, variables: &[(&str, String)]) -> Process {
        let folder = tempfile::tempdir().expect("a folder");
        let log = self.log_to.clone().unwrap_or_else(|| folder.path().join("nexus.log"));
        let output = std::fs::OpenOptions::new().create(true).append(true).open(&log).expect("the log");
        let log_from = usize::try_from(output.metadata().expect("the log").len()).expect("a length");
        let mut command = self.tokio_command();
        command.env("NEXUS__HTTP__METRICS_BIND", ANY_PORT);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("the log")).stderr(output);
        let child = command.spawn().expect("the program");
        let pid = child.id().expect("a process id");
        Process { base_url: String::new(), pid, child, log, log_from, _folder: folder }
    }

    fn tokio_command(&self) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(&self.program);
        command.args(&self.args).env_clear().kill_on_drop(true);
        for name in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs(self.env.iter().map(|(key, value)| (key, value)));
        command
    }
}

impl Process {
    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.base_url)
    }

    /// Waits until it has told where it serves and can serve there.
    ///
    /// # Panics
    /// When it ends or stays unready, with the end of its log.
    pub async fn wait_ready(&mut self, deadline: Duration) {
        self.base_url = eventually(deadline, async || {
            assert!(self.is_running(), "the program ended:\n{}", self.log());
            address_in(&self.log()).map(|address| format!("http://{address}"))
        })
        .await;
        let url = format!("{}/readyz", self.base_url);
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().expect("a client");
        eventually(deadline, async || {
            assert!(self.is_running(), "the program ended:\n{}", self.log());
            let answer = http.get(&url).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// Whether the process still exists (a zombie does not count).
    #[must_use]
    pub fn is_running(&self) -> bool {
        match ProcessStat::of(self.pid) {
            Some(stat) => !stat.has_ended(),
            None if Path::new("/proc/self").exists() => false,
            None => kill(self.nix_pid(), None).is_ok(),
        }
    }

    /// What it has written so far.
    #[must_use]
    pub fn log(&self) -> String {
        let all = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(all.get(self.log_from..).unwrap_or_default()).into_owned()
    }

    /// The value of a metric, without its fraction, over all its labels or (`name{label="value"}`) with exactly these; 0 where nothing was measured yet.
    ///
    /// # Panics
    /// When the program tells no metrics.
    pub async fn metric(&self, name: &str) -> u64 {
        value_in(&self.metrics().await, name)
    }

    /// Its metrics, in Prometheus' text.
    ///
    /// # Panics
    /// When the program tells no metrics.
    pub async fn metrics(&self) -> String {
        let own: u16 = self.base_url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let port = listening_ports(self.pid).into_iter().find(|port| *port != own).expect("a listener of metrics");
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().expect("a client");
        let answer = http.get(format!("http://127.0.0.1:{port}/metrics")).send().await.expect("metrics");
        answer.text().await.expect("metrics")
    }

    /// Resident memory, in kilobytes.
    ///
    /// # Panics
    /// When the process is gone.
    #[must_use]
    pub fn resident_kb(&self) -> u64 {
        let size = crate::proc::resident_kb(self.pid);
        assert!(size > 0, "process {} is gone", self.pid);
        size
    }

    /// The most resident memory that it has had, in megabytes.
    ///
    /// # Panics
    /// When the process is gone.
    #[must_use]
    pub fn peak_memory_mb(&self) -> u64 {
        let size = crate::proc::peak_resident_kb(self.pid);
        assert!(size > 0, "process {} is gone", self.pid);
        size / 1024
    }

    /// Sends it a signal, such as SIGSTOP.
    ///
    /// # Panics
    /// When the process is gone.
    pub fn signal(&self, signal: Signal) {
        kill(self.nix_pid(), signal).expect("a process");
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill9(mut self) {
        let _ = kill(self.nix_pid(), Signal::SIGKILL);
        self.child.wait().await.expect("its end");
    }

    /// SIGTERM; returns the exit code.
    pub async fn terminate(mut self) -> i32 {
        let _ = kill(self.nix_pid(), Signal::SIGTERM);
        self.end(Duration::from_secs(60)).await
    }

    /// SIGINT, as Ctrl-C sends it; returns the exit code.
    pub async fn interrupt(mut self) -> i32 {
        let _ = kill(self.nix_pid(), Signal::SIGINT);
        self.end(Duration::from_secs(60)).await
    }

    /// Waits until it ends by itself; returns the exit code (128 + signal when it was killed).
    pub async fn wait(mut self, deadline: Duration) -> i32 {
        self.end(deadline).await
    }

    async fn end(&mut self, deadline: Duration) -> i32 {
        match tokio::time::timeout(deadline, self.child.wait()).await {
            Ok(status) => code_of(status.expect("its end")),
            Err(_) => panic!("the program did not end within {deadline:?}:\n{}", self.log()),
        }
    }

    fn nix_pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.pid).expect("a process id"))
    }
}

impl Drop for Process {
    /// A failing test shows what the program said last; a program that panicked anywhere fails its test.
    #[expect(clippy::print_stderr, reason = "the runner shows a failed test's output")]
    fn drop(&mut self) {
        let log = self.log();
        if !std::thread::panicking() {
            let panic: Vec<&str> = log.lines().skip_while(|line| !line.contains("panicked at")).take(12).collect();
            assert!(panic.is_empty(), "the program panicked:\n{}", panic.join("\n"));
            return;
        }
        let lines: Vec<&str> = log.lines().collect();
        let notable: Vec<&str> = lines.iter().copied().filter(|line| !line.contains(" INFO ") && !line.contains(" DEBUG ")).collect();
        for (what, lines) in [("what it complained of last", notable), ("the end of its log", lines)] {
            eprintln!("--- process {}: {what} ---\n{}", self.pid, lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}

fn code_of(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

/// The address in the line by which a role tells that it listens. The port was given to it by the system and is held since.
fn address_in(log: &str) -> Option<SocketAddr> {
    let after = |mark: &str| log.split_once(mark).map(|(_, rest)| rest);
    // For people, and as JSON, whose names are in order.
    let bind = after("serving bind=\"").or_else(|| after("{\"bind\":\"").filter(|rest| rest.contains("\"message\":\"serving\"")))?;
    bind.split_once('"')?.0.parse().ok()
}

/// The sockets that listen on this machine: port and name.
fn sockets() -> Vec<(u16, String)> {
    const LISTENS: &str = "0A";
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap_or_default();
    let socket = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (address, state, inode) = (columns.get(1)?, columns.get(3)?, columns.get(9)?);
        let port = u16::from_str_radix(address.split_once(':')?.1, 16).ok()?;
        (*state == LISTENS).then(|| (port, format!("socket:[{inode}]")))
    };
    table.lines().filter_map(socket).collect()
}

/// The sockets that listen on a port of this machine.
pub(crate) fn listeners(port: u16) -> Vec<String> {
    sockets().into_iter().filter(|(own, _)| *own == port).map(|(_, socket)| socket).collect()
}

/// Whether a process has one of these sockets open; not if it is gone or somebody else's.
pub(crate) fn holds(pid: i32, sockets: &[String]) -> bool {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    files.filter_map(|file| std::fs::read_link(file.path()).ok()).any(|file| sockets.iter().any(|socket| file.as_os_str() == socket.as_str()))
}

/// The TCP ports that a process listens on.
fn listening_ports(pid: u32) -> Vec<u16> {
    let Ok(pid) = i32::try_from(pid) else { return Vec::new() };
    sockets().into_iter().filter(|(_, socket)| holds(pid, std::slice::from_ref(socket))).map(|(port, _)| port).collect()
}

/// The sum of a metric's samples in Prometheus' text, each without its fraction.
fn value_in(text: &str, name: &str) -> u64 {
    let samples = text.lines().filter_map(|line| {
        let (sample, value) = line.rsplit_once(' ')?;
        (sample == name || sample.split('{').next() == Some(name)).then(|| value.split('.').next()?.parse::<u64>().ok()).flatten()
    });
    samples.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Nexus {
        Nexus { program: "/bin/sh".into(), args: vec!["-c".to_owned(), script.to_owned()], env: Vec::new(), log_to: None }
    }

    #[test]
    fn the_address_is_read_once_its_line_is_complete() {
        let line = "2026-01-01T00:00:00Z  INFO nexus::roles: serving bind=\"127.0.0.1:41001\" control_plane=true\n";
        assert_eq!(address_in(line), Some(SocketAddr::from(([127, 0, 0, 1], 41_001))));
        assert_eq!(address_in(&line[..70]), None, "the port may go on: {}", &line[..70]);
        assert_eq!(address_in("WARN starting\n"), None);
        let json = r#"{"bind":"127.0.0.1:41001","control_plane":true,"level":"INFO","message":"serving","target":"nexus::roles"}"#;
        assert_eq!(address_in(json), Some(SocketAddr::from(([127, 0, 0, 1], 41_001))));
    }

    #[test]
    fn a_metric_is_summed_over_its_labels() {
        let text = "# TYPE taken counter\ntaken{by=\"a b\"} 3\ntaken{by=\"c\"} 4.5\ntaken_total 9\nopen 2\n";
        assert_eq!([value_in(text, "taken"), value_in(text, "open"), value_in(text, "closed")], [7, 2, 0]);
        assert_eq!(value_in(text, "taken{by=\"c\"}"), 4);
    }

    #[tokio::test]
    async fn a_program_that_panicked_fails_its_test_however_it_ended() {
        let deadline = Duration::from_secs(30);
        assert_eq!(shell("echo all is well").spawn_unready().wait(deadline).await, 0);
        let panicked = shell("echo \"thread 'nx-mails' panicked at worker.rs:1:1:\" >&2").spawn_unready();
        assert!(tokio::spawn(panicked.wait(deadline)).await.unwrap_err().is_panic());
    }
}
