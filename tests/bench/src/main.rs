//! `make bench`: how fast, how dense and how costly the real program is, from outside, beside a baseline measured in the same run.
//!
//! Every scenario is a file of `scenarios` and answers [`Figure`]s. Sides that are compared take turns ([`sides`]), so that whatever
//! else the machine does meets them alike; a ratio is taken within a round. The program under test is the one that started the servers
//! (`nexus test-stack -- nexus-bench …`), so a release build measures a release build. `docs/performance.md` says how to read the table.
#![expect(clippy::expect_used, reason = "a measurement whose ground is missing ends, with the place")]

mod bare;
mod bench;
mod figure;
mod load;
mod organizations;
mod process;
mod report;
mod scenarios;
mod sides;
mod sniff;
mod statistics;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::bench::Bench;

/// Measures the program that started the servers.
#[derive(Debug, Parser)]
struct Arguments {
    /// Scenarios by name, separated by commas; all of them when it is left out.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Everything once, with tiny sizes and without thresholds: shows that the bench works, not how fast anything is.
    #[arg(long)]
    short: bool,
    /// Rounds of what takes turns.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Where the figures go as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A document whose table, between its two markers, is replaced by this run's.
    #[arg(long)]
    document: Option<PathBuf>,
    /// Serves as the bare handler that this file describes, instead of measuring.
    #[arg(long, hide = true)]
    bare: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(file) = &arguments.bare {
        return bare::serve(file);
    }
    // One thread: the load must not take what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, measure(arguments))
}

async fn measure(arguments: Arguments) -> ExitCode {
    let chosen = match scenarios::chosen(&arguments.only) {
        Ok(chosen) => chosen,
        Err(message) => {
            report::say(&message);
            return ExitCode::from(2);
        }
    };
    let bench = Bench::new(arguments.short, arguments.runs).await;
    let head = report::head(&bench).await;
    report::say(&head);
    let mut figures = Vec::new();
    for scenario in chosen {
        report::begins(scenario.name);
        let begun = std::time::Instant::now();
        let found = (scenario.run)(&bench).await;
        report::ended(scenario.name, begun.elapsed(), &found);
        figures.extend(found);
    }
    report::say(&report::table(&figures));
    if let Some(file) = &arguments.json {
        report::write_json(file, &figures);
    }
    // A part of the figures must not take the place of all.
    if let Some(file) = arguments.document.as_ref().filter(|_| !arguments.short && arguments.only.is_empty()) {
        report::write_document(file, &head, &figures);
    }
    let missed = figures.iter().filter(|figure| !figure.ok).count();
    if missed > 0 && !arguments.short {
        report::say(&format!("{missed} of {} figures miss their bound.", figures.len()));
        return ExitCode::from(1);
    }
    ExitCode::SUCCESS
}
