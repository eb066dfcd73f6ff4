//! What processes cost: processor time and memory, as the kernel counts them.

use std::time::Duration;

use nexus_test_support::proc::{self, ProcessStat};

/// Processor time (user and system) that a process has used.
pub fn cpu_of(pid: u32) -> Duration {
    ProcessStat::of(pid).map(|stat| stat.cpu).unwrap_or_default()
}

/// The bench's own: what the load cost.
pub fn cpu_of_bench() -> Duration {
    cpu_of(std::process::id())
}

/// Processor time of a process and of everything it started: a Postgres server with its backends, those that have ended included.
pub fn cpu_of_family(pid: u32) -> Duration {
    let children = proc::processes().into_iter().filter(|child| ProcessStat::of(*child).is_some_and(|stat| stat.parent == pid));
    let own = ProcessStat::of(pid).map(|stat| stat.cpu + stat.cpu_of_ended_children).unwrap_or_default();
    children.fold(own, |sum, child| sum + cpu_of(child))
}

/// Resident memory of a process, in bytes.
pub fn memory_of(pid: u32) -> u64 {
    proc::resident_kb(pid).saturating_mul(1024)
}
