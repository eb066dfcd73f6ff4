//! The table on the terminal, the same as JSON, and the same in the document.
#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use std::path::Path;
use std::time::Duration;

use chrono::SecondsFormat;
use serde::Serialize;

use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::statistics;

/// The generated part of the document lies between these.
const BEGIN: &str = "<!-- figures: written by `make bench` -->";
const END: &str = "<!-- end of the figures -->";

/// Prints a text.
pub fn say(text: &str) {
    println!("{text}");
}

/// Says what is measured now.
pub fn begins(scenario: &str) {
    println!("… {scenario}");
}

/// Says what was found, so that nobody waits for the end.
pub fn ended(scenario: &str, took: Duration, figures: &[Figure]) {
    for figure in figures {
        println!("    {}", row(figure).join("  "));
    }
    println!("    {scenario} took {:.0} s", statistics::seconds(took));
}

/// Where this was measured: without it the numbers mean little.
pub async fn head(bench: &Bench) -> String {
    let admin = bench.stack.admin_db("postgres").await;
    let postgres: String = sqlx::query_scalar("SHOW server_version").fetch_one(admin.pool()).await.expect("the server's version");
    let fsync: String = sqlx::query_scalar("SHOW fsync").fetch_one(admin.pool()).await.expect("a setting");
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map_or("an unknown processor", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let commit = commit().unwrap_or_else(|| "an unknown commit".to_owned());
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let at = std::time::SystemTime::now();
    let at = chrono::DateTime::<chrono::Utc>::from(at).to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{cpu}, {cores} cores · Postgres {postgres} (fsync {fsync}, same machine) · {profile} build of {commit} · {} rounds · {at}", bench.runs())
}

fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").args(["-C", env!("CARGO_MANIFEST_DIR")]).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    let changed = git(&["status", "--porcelain"]).is_some_and(|changed| !changed.is_empty());
    Some(if changed { format!("{commit} with changes") } else { commit })
}

const TITLES: [&str; 8] = ["figure", "median", "baseline", "ratio", "spread", "n", "bound", "met"];

/// The table, in columns that Markdown reads too.
pub fn table(figures: &[Figure]) -> String {
    let rows: Vec<[String; 8]> = std::iter::once(TITLES.map(str::to_owned)).chain(figures.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..TITLES.len()).map(width).collect();
    let line = |row: &[String; 8]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!(" {cell:<width$} |")).collect();
        format!("|{}\n", cells.concat())
    };
    let rule: Vec<String> = widths.iter().map(|width| format!("{}|", "-".repeat(width + 2))).collect();
    let lines: Vec<String> = rows.iter().map(line).collect();
    let (title, others) = lines.split_at(1);
    format!("{}|{}\n{}", title.concat(), rule.concat(), others.concat())
}

fn row(figure: &Figure) -> [String; 8] {
    let unit = figure.unit;
    let with_unit = |value: f64| format!("{} {unit}", short(value));
    let spread = &figure.spread;
    [
        figure.name.clone(),
        with_unit(figure.value),
        figure.baseline.map(with_unit).unwrap_or_default(),
        figure.ratio.map(short).unwrap_or_default(),
        format!("{} – {}", short(spread.least), short(spread.greatest)),
        figure.count.to_string(),
        match figure.bound {
            Bound::AtLeast(least) => format!("≥ {}", short(least)),
            Bound::AtMost(most) => format!("≤ {}", short(most)),
            Bound::Nothing => String::new(),
        },
        match (figure.bound, figure.ok) {
            (Bound::Nothing, _) => String::new(),
            (_, true) => "yes".to_owned(),
            (_, false) => "NO".to_owned(),
        },
    ]
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 || size == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[derive(Serialize)]
struct Line<'f> {
    name: &'f str,
    value: f64,
    baseline: Option<f64>,
    ratio: Option<f64>,
    bound: Option<f64>,
    ok: bool,
}

/// Writes the figures as a list of `{name, value, baseline, ratio, bound, ok}`.
pub fn write_json(file: &Path, figures: &[Figure]) {
    let lines: Vec<Line<'_>> = figures.iter().map(line).collect();
    let text = serde_json::to_string_pretty(&lines).expect("figures in JSON");
    std::fs::write(file, format!("{text}\n")).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

fn line(figure: &Figure) -> Line<'_> {
    let bound = match figure.bound {
        Bound::AtLeast(bound) | Bound::AtMost(bound) => Some(bound),
        Bound::Nothing => None,
    };
    Line { name: &figure.name, value: figure.value, baseline: figure.baseline, ratio: figure.ratio, bound, ok: figure.ok }
}

/// Puts this run's table into the document.
pub fn write_document(file: &Path, head: &str, figures: &[Figure]) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let written = between(&text, &format!("{head}\n\n{}", table(figures)));
    let written = written.unwrap_or_else(|| panic!("{} has no place for the figures: `{BEGIN}` and `{END}`", file.display()));
    std::fs::write(file, written).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

fn between(text: &str, part: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{part}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_markdown_and_names_what_is_missed() {
        let met = Figure::beside("list.throughput", "/s", &[900.0], &[1_000.0], Bound::AtLeast(0.8));
        let missed = Figure::of("ready", "ms", &[1_234.5], Bound::AtMost(1_000.0));
        let told = Figure::of("cpu", "µs", &[0.05], Bound::Nothing);
        let text = table(&[met, missed, told]);
        let cells: Vec<Vec<&str>> = text.lines().map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
        assert_eq!(cells[0], TITLES);
        assert_eq!(cells[2], ["list.throughput", "900 /s", "1000 /s", "0.90", "0.90 – 0.90", "1", "≥ 0.80", "yes"]);
        assert_eq!(cells[3], ["ready", "1234 ms", "", "", "1234 – 1234", "1", "≤ 1000", "NO"]);
        assert_eq!(cells[4][6..], ["", ""]);
    }

    #[test]
    fn only_what_lies_between_the_markers_is_replaced() {
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        assert_eq!(between(&text, "new\n").unwrap(), format!("before\n{BEGIN}\nnew\n{END}\nafter\n"));
        assert_eq!(between("no markers", "new"), None);
    }
}
