//! Rules that hold for every file.

use crate::tree::{Source, sources};

/// Lines beyond which a file is more than one idea.
const MAX_LINES: usize = 500;

/// Folders of the product's own sources.
pub const PRODUCT: &[&str] = &["config", "platform", "iam", "billing", "provisioning", "migration", "tenant-runtime"];

/// Names that say nothing of what is inside.
const DRAWERS: &[&str] = &["common", "utils", "util", "helpers", "misc"];

/// What has one home in the shipped product, and where.
const HOMES: &[(&str, &[&str])] = &[
    ("env::var(", &["config/", "provisioning/src/failpoint.rs", "tenant-runtime/src/recorder.rs"]),
    ("Utc::now(", &["platform/core/src/clock.rs"]),
    ("Uuid::now_v7(", &[]),
    ("PgPoolOptions::new(", &["platform/infra/src/postgres/"]),
    ("Database::connect(", &[]),
    // Whoever calls something outside does it through a client whose every wait is bounded: docs/operations/limits.md.
    ("PgConnection::connect", &["platform/infra/src/postgres/", "platform/nexus/src/dev/"]),
    ("redis::Client::open(", &["platform/infra/src/redis/"]),
    ("AsyncSmtpTransport", &["platform/infra/src/mail.rs"]),
    ("aws_smithy_http_client", &["platform/infra/src/object_store/client.rs"]),
    (
        "TcpStream::connect(",
        &["platform/infra/src/postgres/watch.rs", "platform/nexus/src/dev/", "platform/nexus/src/doctor.rs", "platform/nexus/src/roles.rs"],
    ),
    ("lookup_host(", &[]),
    ("reqwest::", &[]),
    // A queue without a bound is memory without one.
    ("unbounded_channel", &[]),
    ("mpsc::unbounded", &[]),
    // The standard library's, which take no length.
    ("mpsc::channel()", &[]),
    ("mpsc::channel::", &[]),
    ("async_channel::unbounded", &[]),
    ("UnboundedSender", &[]),
    ("unsafe ", &[]),
];

/// Marks of what somebody meant to do later.
const UNDONE: &[&str] = &["todo!(", "unimplemented!(", "FIXME", "#[ignore"];

/// How a scenario of `tests/chaos` says that it has no short form.
const LONG_ONLY: &str = "#[ignore = \"only `make chaos` has time for it";

/// How property tests begin.
const PROPERTIES: &str = "proptest! {";

/// The product's sources and those of the tests.
fn all() -> Vec<Source> {
    PRODUCT.iter().chain(&["tests"]).flat_map(|folder| sources(folder)).collect()
}

fn product() -> Vec<Source> {
    PRODUCT.iter().flat_map(|folder| sources(folder)).collect()
}

fn is_mute(text: &str) -> bool {
    !text.trim_start().starts_with("//!")
}

fn is_long(text: &str) -> bool {
    text.lines().count() > MAX_LINES
}

fn is_drawer(path: &str) -> bool {
    path.trim_end_matches(".rs").split('/').any(|part| DRAWERS.contains(&part))
}

/// What a source does that has its home elsewhere.
fn away_from_home(path: &str, code: &str) -> Vec<&'static str> {
    let away = HOMES.iter().filter(|(banned, homes)| code.contains(banned) && !homes.iter().any(|home| path.starts_with(home)));
    away.map(|(banned, _)| *banned).collect()
}

fn undone(path: &str, text: &str) -> Vec<&'static str> {
    // A scenario of faults without a short form is not left undone: `make chaos` runs it.
    let text = if path.starts_with("tests/chaos/") { text.replace(LONG_ONLY, "") } else { text.to_owned() };
    UNDONE.iter().copied().filter(|mark| text.contains(mark)).collect()
}

/// Whether a property test lies where `make fuzz` looks for them: a module `properties`.
fn hides_properties(path: &str, text: &str) -> bool {
    if path.ends_with("/properties.rs") {
        return false;
    }
    let mut module = "";
    for line in text.lines().map(str::trim) {
        if line.starts_with("mod ") && line.ends_with('{') {
            module = line;
        }
        if line == PROPERTIES && module != "mod properties {" {
            return true;
        }
    }
    false
}

#[test]
fn every_module_opens_by_saying_what_it_is_for() {
    let mute: Vec<_> = product().into_iter().filter(|source| is_mute(&source.text)).map(|source| source.path).collect();
    assert!(mute.is_empty(), "without their `//!` opening: {mute:#?}");
}

#[test]
fn files_are_one_idea() {
    let long: Vec<_> = all().into_iter().filter(|source| is_long(&source.text)).map(|source| source.path).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines: {long:#?}");
}

#[test]
fn no_module_is_a_drawer_for_odds_and_ends() {
    let drawers: Vec<_> = all().into_iter().map(|source| source.path).filter(|path| is_drawer(path)).collect();
    assert!(drawers.is_empty(), "name them after what they are: {drawers:#?}");
}

#[test]
fn one_home_for_the_environment_connections_and_clients() {
    for source in product().iter().filter(|source| !source.is_test()) {
        let away = away_from_home(&source.path, &source.code);
        assert!(away.is_empty(), "{}: {away:?} has its home elsewhere, see HOMES", source.path);
    }
}

#[test]
fn nothing_is_left_undone() {
    for source in all().iter().filter(|source| !source.path.starts_with("tests/arch/")) {
        let marks = undone(&source.path, &source.text);
        assert!(marks.is_empty(), "{}: {marks:?}", source.path);
    }
}

/// Names of metrics in a source that do not tell whose they are.
fn nameless_metrics(code: &str) -> Vec<&str> {
    let after = |mark| code.split(mark).skip(1);
    let texts = ["counter!(", "gauge!(", "histogram!("].into_iter().flat_map(after).filter_map(|rest| rest.trim_start().strip_prefix('"'));
    texts.filter_map(|rest| rest.split('"').next()).filter(|name| !name.starts_with("nexus_")).collect()
}

#[test]
fn metrics_say_whose_they_are() {
    for source in product() {
        let names = nameless_metrics(&source.code);
        assert!(names.is_empty(), "{}: names of metrics begin with nexus_: {names:?}", source.path);
    }
}

/// Names of metrics in a source that are recorded, and those that are described.
fn recorded_and_described(code: &str) -> (Vec<&str>, Vec<&str>) {
    let mut names = (Vec::new(), Vec::new());
    for mark in ["counter!(", "gauge!(", "histogram!("] {
        let ends = code.match_indices(mark).map(|(start, _)| code.split_at(start));
        for (before, rest) in ends {
            let Some(name) = rest[mark.len()..].trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
            if before.ends_with("describe_") { names.1.push(name) } else { names.0.push(name) }
        }
    }
    names
}

#[test]
fn every_metric_is_described() {
    let sources: Vec<_> = product().into_iter().filter(|source| !source.is_test()).collect();
    let (recorded, described): (Vec<_>, Vec<_>) = sources.iter().map(|source| recorded_and_described(&source.code)).unzip();
    let described: std::collections::HashSet<&str> = described.into_iter().flatten().collect();
    let mute: Vec<&str> = recorded.into_iter().flatten().filter(|name| !described.contains(name)).collect();
    assert!(!described.is_empty() && mute.is_empty(), "without a `describe_…!`, so without HELP on /metrics: {mute:?}");
}

#[test]
fn property_tests_lie_where_the_fuzzer_looks_for_them() {
    let hidden: Vec<_> = all().into_iter().filter(|source| hides_properties(&source.path, &source.text)).map(|source| source.path).collect();
    assert!(hidden.is_empty(), "`make fuzz` runs the modules `properties` with many more cases; outside of one: {hidden:#?}");
}

#[test]
fn what_breaks_a_rule_is_refused() {
    assert!(is_mute("use std::fs;\n") && !is_mute("//! Reads.\nuse std::fs;\n"));
    assert!(is_long(&"x\n".repeat(MAX_LINES + 1)) && !is_long(&"x\n".repeat(MAX_LINES)));
    assert!(is_drawer("iam/src/helpers/mod.rs") && is_drawer("iam/src/utils.rs") && !is_drawer("iam/src/helpers_of_people.rs"));
    assert_eq!(away_from_home("iam/src/lib.rs", "let now = chrono::Utc::now();"), ["Utc::now("]);
    assert_eq!(away_from_home("iam/src/lib.rs", "std::env::var(\"X\")"), ["env::var("]);
    assert_eq!(away_from_home("config/src/lib.rs", "std::env::var(\"X\")"), [""; 0]);
    assert_eq!(away_from_home("iam/src/lib.rs", "let (sender, receiver) = std::sync::mpsc::channel();"), ["mpsc::channel()"]);
    assert_eq!(away_from_home("iam/src/lib.rs", "let (sender, receiver) = mpsc::channel(8);"), [""; 0]);
    assert_eq!(undone("iam/src/lib.rs", "fn f() { todo!() }\n#[ignore = \"later\"]"), ["todo!(", "#[ignore"]);
    assert_eq!(undone("tests/chaos/tests/stop.rs", "#[ignore = \"only `make chaos` has time for it\"]\n#[ignore = \"later\"]"), ["#[ignore"]);
    assert_eq!(undone("tests/e2e/tests/stop.rs", "#[ignore = \"only `make chaos` has time for it\"]"), ["#[ignore"]);
    assert_eq!(recorded_and_described("counter!(\"a\"); describe_counter!(\"b\", \"c\")"), (vec!["a"], vec!["b"]));
    assert_eq!(nameless_metrics("counter!(\"nexus_a_total\"); metrics::gauge!(\n    \"b\", \"c\" => d)"), ["b"]);
    let (hidden, found) = ("mod tests {\n    proptest! {\n", "mod tests {\n    mod properties {\n        proptest! {\n");
    assert!(hides_properties("a/sku.rs", hidden) && !hides_properties("a/sku.rs", found) && !hides_properties("a/properties.rs", hidden));
}
