//! Rules that hold for every file.

use crate::tree::sources;

/// Lines beyond which a file is more than one idea.
const MAX_LINES: usize = 500;

/// Folders of the product's own sources.
const PRODUCT: &[&str] = &["config", "platform", "iam", "billing", "provisioning", "migration", "tenant-runtime"];

#[test]
fn every_module_opens_by_saying_what_it_is_for() {
    let opening = |text: &str| text.trim_start().starts_with("//!");
    let mute: Vec<_> = PRODUCT.iter().flat_map(|folder| sources(folder)).filter(|source| !opening(&source.text)).map(|source| source.path).collect();
    assert!(mute.is_empty(), "without their `//!` opening: {mute:#?}");
}

#[test]
fn files_are_one_idea() {
    let all = PRODUCT.iter().chain(&["tests"]).flat_map(|folder| sources(folder));
    let long: Vec<_> = all.map(|source| (source.text.lines().count(), source.path)).filter(|(lines, _)| *lines > MAX_LINES).collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines: {long:#?}");
}

#[test]
fn no_module_is_a_drawer_for_odds_and_ends() {
    for source in PRODUCT.iter().chain(&["tests"]).flat_map(|folder| sources(folder)) {
        for part in source.path.trim_end_matches(".rs").split('/') {
            assert!(!["common", "utils", "util", "helpers", "misc"].contains(&part), "{}: name it after what it is", source.path);
        }
    }
}

#[test]
fn one_home_for_the_environment_connections_and_clients() {
    const HOMES: &[(&str, &[&str])] = &[
        ("env::var(", &["config/", "provisioning/src/failpoint.rs"]),
        ("Utc::now(", &["platform/core/src/clock.rs"]),
        ("Uuid::now_v7(", &[]),
        ("PgPoolOptions::new(", &["platform/infra/src/postgres/"]),
        ("Database::connect(", &[]),
        ("unsafe ", &[]),
    ];
    let shipped = PRODUCT.iter().flat_map(|folder| sources(folder)).filter(|source| !source.is_test());
    for source in shipped {
        for (banned, homes) in HOMES {
            let at_home = homes.iter().any(|home| source.path.starts_with(home));
            assert!(at_home || !source.code.contains(banned), "{}: `{banned}` has its home in {homes:?}", source.path);
        }
    }
}

#[test]
fn nothing_is_left_undone() {
    for source in PRODUCT.iter().chain(&["tests"]).flat_map(|folder| sources(folder)) {
        if source.path.starts_with("tests/arch/") {
            continue;
        }
        for mark in ["todo!(", "unimplemented!(", "FIXME", "#[ignore"] {
            assert!(!source.text.contains(mark), "{}: {mark}", source.path);
        }
    }
}
