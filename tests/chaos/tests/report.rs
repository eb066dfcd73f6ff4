//! How often a scenario goes round, and what it tells of it: a line of the table and an object of the list.

use std::fmt::{Display, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use nexus_test_support::variable;
use serde_json::json;

/// Whether this is the long run.
pub fn is_long() -> bool {
    variable("NEXUS_CHAOS").is_some_and(|form| form == "long")
}

/// How often something is done. `NEXUS_CHAOS_ROUNDS` overrides the long run's number.
pub fn rounds(short: usize, long: usize) -> usize {
    if !is_long() {
        return short;
    }
    variable("NEXUS_CHAOS_ROUNDS").and_then(|number| number.parse().ok()).unwrap_or(long)
}

/// The line of one scenario. It is written down when it is dropped, and says "ok" only if [`Line::passed`] was reached.
pub struct Line {
    scenario: String,
    rounds: usize,
    demanded: String,
    seen: Vec<String>,
    outcome: Outcome,
}

enum Outcome {
    Failed,
    Passed,
    NotRun,
}

impl Line {
    pub fn of(scenario: impl Into<String>, rounds: usize, demanded: impl Into<String>) -> Self {
        Self { scenario: scenario.into(), rounds, demanded: demanded.into(), seen: Vec::new(), outcome: Outcome::Failed }
    }

    /// Notes what was seen, such as ("worst wait for a 503", "1.2 s").
    pub fn saw(&mut self, what: &str, value: impl Display) {
        self.seen.push(format!("{what} {value}"));
    }

    /// The same of a time.
    pub fn took(&mut self, what: &str, time: Duration) {
        self.saw(what, format!("{} ms", time.as_millis()));
    }

    /// Everything demanded was seen.
    pub fn passed(mut self) {
        self.outcome = Outcome::Passed;
    }

    /// It can't be run here; the table says why.
    pub fn not_run(mut self, why: &str) {
        self.seen = vec![format!("NOT RUN: {why}")];
        self.outcome = Outcome::NotRun;
    }

    fn write_down(&self, folder: PathBuf) -> std::io::Result<()> {
        let ok = match self.outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
            Outcome::NotRun => "not run",
        };
        let seen = self.seen.join(", ");
        let mut line = String::new();
        let _ = writeln!(line, "{:<42} {:>6}  {:<8} {seen}\n{:<59} demanded: {}", self.scenario, self.rounds, ok, "", self.demanded);
        let object = json!({
            "name": self.scenario, "rounds": self.rounds, "demanded": self.demanded, "seen": self.seen,
            "ok": matches!(self.outcome, Outcome::Passed), "ran": !matches!(self.outcome, Outcome::NotRun),
        });
        std::fs::create_dir_all(&folder)?;
        let name = self.scenario.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        std::fs::write(folder.join(format!("{name}.txt")), line)?;
        std::fs::write(folder.join(format!("{name}.json")), object.to_string())
    }
}

impl Drop for Line {
    #[expect(clippy::print_stdout, reason = "the runner shows a failed test's output")]
    fn drop(&mut self) {
        println!("{} ({}): {}", self.scenario, self.rounds, self.seen.join(", "));
        if let Some(folder) = variable("NEXUS_CHAOS_REPORT") {
            self.write_down(folder.into()).expect("the report");
        }
    }
}
