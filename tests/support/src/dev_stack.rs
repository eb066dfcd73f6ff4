//! `nexus dev` in a data directory of a test's own: started, interrupted, killed, started again.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::{Nexus, Process, TestStack, eventually};

/// A data directory and the command line that serves it. What still runs on it is killed when this is dropped.
#[derive(Debug)]
pub struct DevStack {
    program: Nexus,
    folder: tempfile::TempDir,
}

impl DevStack {
    /// `nexus dev` on a new data directory, with these arguments.
    ///
    /// # Panics
    /// When there is no place for it.
    #[must_use]
    pub fn new(stack: &TestStack, args: &[&str]) -> Self {
        // Below /var/tmp and open on the way in: the user that Postgres runs as must be able to enter.
        let folder = tempfile::Builder::new().prefix("nexus-dev-test-").tempdir_in("/var/tmp").expect("a folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).expect("the folder");
        let data = folder.path().to_str().expect("a path in Unicode");
        let program = Nexus::command(stack, &[&["dev", "--data-dir", data], args].concat());
        Self { program, folder }
    }

    /// The data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it with these variables and waits until it tells where it serves.
    ///
    /// # Panics
    /// When it ends instead, with what it said.
    pub async fn start(&self, variables: &[(&str, String)]) -> Process {
        let mut process = self.program.begin(variables);
        let file = self.data_dir().join("running.json");
        process.base_url = eventually(Duration::from_secs(120), async || {
            assert!(process.is_running(), "`nexus dev` ended:\n{}", process.log());
            let told: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).ok()?).ok()?;
            // A killed predecessor leaves its file.
            (told["pid"] == process.pid).then(|| told["url"].as_str().expect("an address").to_owned())
        })
        .await;
        process
    }

    /// Runs it to its end: for starts that are to be refused.
    pub async fn refused(&self) -> crate::Output {
        self.program.run().await
    }

    /// What runs on the data directory, by command line or working directory: the program, its supervisors, its servers.
    #[must_use]
    pub fn processes(&self) -> Vec<i32> {
        let told = self.data_dir().as_os_str().as_encoded_bytes();
        let numbers = crate::proc::processes().into_iter().filter_map(|pid| i32::try_from(pid).ok());
        numbers
            .filter(|pid: &i32| {
                let place = PathBuf::from(format!("/proc/{pid}"));
                let line = std::fs::read(place.join("cmdline")).unwrap_or_default();
                line.windows(told.len()).any(|part| part == told)
                    || std::fs::read_link(place.join("cwd")).is_ok_and(|cwd| cwd.starts_with(self.data_dir()))
            })
            .collect()
    }

    /// `kill -9` of everything that runs on the data directory, and waits until all of it is gone.
    pub async fn kill_everything(&self) {
        eventually(Duration::from_secs(30), async || {
            self.kill_once();
            self.processes().is_empty().then_some(())
        })
        .await;
    }

    fn kill_once(&self) {
        for pid in self.processes() {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

impl Drop for DevStack {
    fn drop(&mut self) {
        self.kill_once();
    }
}
