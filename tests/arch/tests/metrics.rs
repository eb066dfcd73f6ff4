//! What dashboards and alert rules (`docker/`) watch is what the program counts.

use std::collections::BTreeSet;

use crate::files::PRODUCT;
use crate::tree::{read, sources};

const WATCHED: &[&str] = &["docker/prometheus/alerts.yml", "docker/grafana/dashboards/nexus.json"];

/// Names of metrics in a text, without what Prometheus adds to a histogram's.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').filter(|word| word.starts_with("nexus_"));
    words.map(|word| ["_bucket", "_count", "_sum"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word).to_owned()).collect()
}

/// Names that the sources give between quotes.
fn counted() -> BTreeSet<String> {
    let sources: Vec<_> = PRODUCT.iter().flat_map(|folder| sources(folder)).filter(|source| !source.is_test()).collect();
    sources.iter().flat_map(|source| source.code.split('"')).filter(|text| text.starts_with("nexus_")).map(str::to_owned).collect()
}

#[test]
fn what_is_watched_is_counted() {
    let counted = counted();
    for file in WATCHED {
        let watched = metrics(&read(file));
        assert!(watched.len() > 10, "{file}");
        let unknown: Vec<_> = watched.difference(&counted).collect();
        assert!(unknown.is_empty(), "{file} watches what nothing counts: {unknown:?}");
    }
}

#[test]
fn every_alert_says_what_is_wrong_and_is_explained() {
    let (rules, guide) = (read(WATCHED[0]), read("docs/operations/watching.md"));
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert_eq!(rules.matches("summary: ").count(), alerts.len());
    assert_eq!(rules.matches("severity: ").count(), alerts.len());
    let unexplained: Vec<_> = alerts.iter().filter(|alert| !guide.contains(&format!("`{alert}`"))).collect();
    assert!(unexplained.is_empty(), "docs/operations/watching.md does not say what to do about {unexplained:?}");
}
