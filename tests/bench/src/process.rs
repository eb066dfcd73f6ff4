//! What processes cost: processor time and memory, as the kernel counts them.

use std::collections::HashMap;
use std::time::Duration;

/// Processor time (user and system) that a process has used.
pub fn cpu_of(pid: u32) -> Duration {
    Stat::of(pid).map(|stat| stat.cpu).unwrap_or_default()
}

/// The bench's own: what the load cost.
pub fn cpu_of_bench() -> Duration {
    cpu_of(std::process::id())
}

/// Processor time of a process and of everything it started: a Postgres server with its backends, those that have ended included.
pub fn cpu_of_family(pid: u32) -> Duration {
    let children = children_of(pid);
    let own = Stat::of(pid).map(|stat| stat.cpu + stat.cpu_of_ended_children).unwrap_or_default();
    children.into_iter().fold(own, |sum, child| sum + cpu_of(child))
}

/// Resident memory of a process, in bytes.
pub fn memory_of(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: u64 = line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default();
    kilobytes.saturating_mul(1024)
}

fn children_of(parent: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("a /proc: the bench reads what processes cost there");
    let all = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let parents: HashMap<u32, u32> = all.filter_map(|pid| Some((pid, Stat::of(pid)?.parent))).collect();
    parents.into_iter().filter(|(_, of)| *of == parent).map(|(pid, _)| pid).collect()
}

/// Part of `/proc/<pid>/stat`.
struct Stat {
    parent: u32,
    cpu: Duration,
    cpu_of_ended_children: Duration,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::read(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        // The name is in parentheses and may contain anything. After it: state, parent, …
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            cpu: of_ticks(ticks(11)? + ticks(12)?),
            cpu_of_ended_children: of_ticks(ticks(13)? + ticks(14)?),
        })
    }
}

fn of_ticks(ticks: u64) -> Duration {
    let per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok().flatten().and_then(|known| u64::try_from(known).ok());
    Duration::from_millis(ticks.saturating_mul(1000) / per_second.filter(|known| *known > 0).unwrap_or(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_tells_is_read_past_any_name() {
        let line = "42 (a ) name) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 20 30 20 0 1 0 5 6 7";
        let stat = Stat::read(line).unwrap();
        assert_eq!(stat.parent, 7);
        assert_eq!(stat.cpu, of_ticks(200));
        assert_eq!(stat.cpu_of_ended_children, of_ticks(50));
        assert!(memory_of(std::process::id()) > 1_000_000);
    }
}
