//! What the kernel tells of processes, in `/proc`.

use std::time::Duration;

/// Part of `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy)]
pub struct ProcessStat {
    /// A letter, such as `T` for stopped and `Z` for a zombie.
    pub state: char,
    /// Process id of the parent.
    pub parent: u32,
    /// Processor time, user and system.
    pub cpu: Duration,
    /// The same of children that have ended.
    pub cpu_of_ended_children: Duration,
}

impl ProcessStat {
    /// Of a process; nothing where there is none.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        Self::read(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        // The name is in parentheses and may contain anything. After it: state, parent, …
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            cpu: of_ticks(ticks(11)? + ticks(12)?),
            cpu_of_ended_children: of_ticks(ticks(13)? + ticks(14)?),
        })
    }

    /// Whether it has ended, though its parent has not asked for its end yet.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// The ids of all processes.
///
/// # Panics
/// Where there is no `/proc`.
#[must_use]
pub fn processes() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("a /proc: what processes do and cost is read there");
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Resident memory of a process, in kilobytes; 0 where there is none.
#[must_use]
pub fn resident_kb(pid: u32) -> u64 {
    kilobytes(pid, "VmRSS:")
}

/// The most resident memory that a process has had, in kilobytes; 0 where there is none.
#[must_use]
pub fn peak_resident_kb(pid: u32) -> u64 {
    kilobytes(pid, "VmHWM:")
}

fn kilobytes(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
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
        let stat = ProcessStat::read(line).unwrap();
        assert_eq!((stat.state, stat.parent), ('S', 7));
        assert_eq!((stat.cpu, stat.cpu_of_ended_children), (of_ticks(200), of_ticks(50)));
        let own = std::process::id();
        assert!(resident_kb(own) > 1_000 && peak_resident_kb(own) >= resident_kb(own) && processes().contains(&own));
        assert!(!ProcessStat::of(own).unwrap().has_ended());
    }
}
