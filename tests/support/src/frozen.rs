//! Servers that are stopped (SIGSTOP) and go on later, as on a machine that swaps or is moved.

use std::collections::BTreeSet;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::proc::ProcessStat;
use crate::process::{holds, listeners};

/// The stopped processes of a server. They go on when this is dropped.
#[derive(Debug)]
pub struct Frozen(Vec<Pid>);

impl Frozen {
    /// Stops whoever listens on a port of this machine, and all that descends from it.
    ///
    /// # Panics
    /// When nobody listens there, or whoever does can't be stopped.
    #[must_use]
    pub fn server(port: u16) -> Self {
        let doors = listeners(port);
        let listens = |pid: &i32| holds(*pid, &doors);
        let mut stopped: BTreeSet<i32> = BTreeSet::new();
        // Again until nobody new is there: a child that is born meanwhile is stopped, too.
        loop {
            let running = processes();
            let new: Vec<i32> = running
                .iter()
                .filter(|(pid, parent)| !stopped.contains(pid) && (stopped.contains(parent) || stopped.is_empty() && listens(pid)))
                .map(|(pid, _)| *pid)
                .collect();
            if new.is_empty() {
                break;
            }
            for pid in new {
                // A session may have ended meanwhile.
                let _ = kill(Pid::from_raw(pid), Signal::SIGSTOP);
                stopped.insert(pid);
            }
        }
        assert!(!stopped.is_empty(), "nobody listens on port {port}");
        Self(stopped.into_iter().map(Pid::from_raw).collect())
    }

    /// Whether they are all stopped, or gone.
    #[must_use]
    pub fn is_still(&self) -> bool {
        self.0.iter().all(|pid| state(pid.as_raw()).is_none_or(|state| matches!(state, 'T' | 't' | 'Z' | 'X')))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in &self.0 {
            let _ = kill(*pid, Signal::SIGCONT);
        }
    }
}

/// Every process and its parent.
fn processes() -> Vec<(i32, i32)> {
    let number = |pid: u32| i32::try_from(pid).ok();
    crate::proc::processes().into_iter().filter_map(|pid| Some((number(pid)?, number(ProcessStat::of(pid)?.parent)?))).collect()
}

fn state(pid: i32) -> Option<char> {
    ProcessStat::of(u32::try_from(pid).ok()?).map(|stat| stat.state)
}
