//! Edges between crates: data flows core ← infra ← {web, iam, billing, provisioning} ← {control-plane, tenant-runtime} ← nexus.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::tree::{Member, Source, members, read, sources};

/// What each crate of the product may depend on within the workspace. A crate missing here fails the test.
const MAY_USE: &[(&str, &[&str])] = &[
    ("nexus-config", &[]),
    ("nexus-core", &[]),
    ("nexus-migration", &[]),
    ("nexus-infra", &["nexus-config", "nexus-core"]),
    ("nexus-web", &["nexus-config", "nexus-core", "nexus-infra"]),
    ("nexus-iam", &["nexus-config", "nexus-core", "nexus-infra"]),
    ("nexus-billing", &["nexus-config", "nexus-core", "nexus-infra"]),
    ("nexus-provisioning", &["nexus-config", "nexus-core", "nexus-infra", "nexus-migration"]),
    ("nexus-control-plane", &["nexus-config", "nexus-core", "nexus-infra", "nexus-web", "nexus-iam", "nexus-billing", "nexus-provisioning"]),
    ("nexus-tenant-runtime", &["nexus-config", "nexus-core", "nexus-infra", "nexus-web", "nexus-iam"]),
    (
        "nexus",
        &[
            "nexus-config",
            "nexus-core",
            "nexus-infra",
            "nexus-web",
            "nexus-iam",
            "nexus-provisioning",
            "nexus-migration",
            "nexus-control-plane",
            "nexus-tenant-runtime",
        ],
    ),
];

/// Outside crates with a single home.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("lettre", &["nexus-infra"]),
    ("redis", &["nexus-infra"]),
    ("deadpool-redis", &["nexus-infra"]),
    ("aws-sdk-s3", &["nexus-infra"]),
    ("casbin", &["nexus-iam"]),
    ("jsonwebtoken", &["nexus-iam"]),
    ("argon2", &["nexus-iam"]),
    ("image", &["nexus-iam"]),
    ("sea-orm-migration", &["nexus-migration"]),
    ("s3s", &["nexus"]),
    ("mailin-embedded", &["nexus"]),
];

/// Crates that hold rules and know nothing of an HTTP server.
const NO_SERVER: &[&str] = &["nexus-core", "nexus-infra", "nexus-iam", "nexus-billing", "nexus-provisioning", "nexus-migration", "nexus-config"];

/// Crates that would be compiled a second time for the tests' support.
const PLANES: &[&str] = &["nexus-tenant-runtime", "nexus-control-plane", "nexus"];

/// Tables of a manifest that name dependencies.
const TABLES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

fn product() -> BTreeMap<String, Member> {
    members().into_iter().filter(|(_, member)| !member.folder.starts_with("tests/")).collect()
}

/// Whether `name` uses another crate of the workspace that it must not use.
fn wrong_edges(name: &str, used: &[String]) -> Vec<String> {
    let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| *known == name) else { return vec![format!("{name} is not in MAY_USE")] };
    let ours = used.iter().filter(|used| used.as_str() == "nexus" || used.starts_with("nexus-"));
    ours.filter(|used| !allowed.contains(&used.as_str())).map(|used| format!("{name} must not depend on {used}")).collect()
}

fn servers(used: &[String]) -> Vec<&String> {
    used.iter().filter(|used| used.starts_with("actix") || used.starts_with("utoipa-actix")).collect()
}

fn away_from_home(name: &str, used: &[String]) -> Vec<String> {
    let known = ONLY_IN.iter().filter(|(outside, homes)| used.iter().any(|used| used == outside) && !homes.contains(&name));
    known.map(|(outside, homes)| format!("{outside} belongs into {homes:?}, not into {name}")).collect()
}

/// What a manifest says for itself that the workspace says for all.
fn own_versions(manifest: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    if manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool) != Some(true) {
        faults.push("the workspace's lints are not inherited".to_owned());
    }
    for (dependency, spec) in TABLES.iter().filter_map(|table| manifest.get(*table)?.as_table()).flatten() {
        if spec.get("workspace").and_then(Value::as_bool) != Some(true) {
            faults.push(format!("{dependency} must be `workspace = true`"));
        }
    }
    faults
}

/// Dependencies that no source names. A crate is named by its word, also where a macro does it: `#[tokio::main]`.
fn unused<'d>(dependencies: &'d [String], sources: &[Source]) -> Vec<&'d str> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words: BTreeSet<&str> = sources.iter().flat_map(|source| source.text.split(|letter| !is_word(letter))).collect();
    dependencies.iter().map(String::as_str).filter(|name| !words.contains(name.replace('-', "_").as_str())).collect()
}

fn without_reason(clippy: &Table) -> Vec<String> {
    let bans = clippy["disallowed-methods"].as_array().unwrap().iter();
    bans.filter(|ban| ban.get("reason").and_then(Value::as_str).is_none_or(str::is_empty)).map(ToString::to_string).collect()
}

#[test]
fn product_crates_use_only_what_the_architecture_allows() {
    let faults: Vec<_> = product().iter().flat_map(|(name, member)| wrong_edges(name, &member.dependencies("dependencies"))).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn core_and_the_rule_crates_know_no_http_server() {
    let members = members();
    for name in NO_SERVER {
        let used = members[*name].dependencies("dependencies");
        assert!(servers(&used).is_empty(), "{name} must not know actix");
    }
}

#[test]
fn outside_crates_stay_in_their_home() {
    let faults: Vec<_> = product().iter().flat_map(|(name, member)| away_from_home(name, &member.dependencies("dependencies"))).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn test_support_compiles_no_product_plane_a_second_time() {
    let used = members()["nexus-test-support"].dependencies("dependencies");
    assert!(!used.iter().any(|name| PLANES.contains(&name.as_str())), "test support must be handed the app, not depend on a plane: {used:?}");
}

#[test]
fn versions_stand_in_one_table() {
    for (name, member) in members() {
        let faults = own_versions(&member.manifest);
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

#[test]
fn every_dependency_is_used() {
    let mut named = BTreeSet::new();
    for (name, member) in members() {
        let dependencies: Vec<String> = TABLES.iter().flat_map(|table| member.dependencies(table)).collect();
        let unused = unused(&dependencies, &sources(&member.folder));
        assert!(unused.is_empty(), "{name} depends on what it does not name: {unused:?}");
        named.extend(dependencies);
    }
    let workspace: Table = read("Cargo.toml").parse().unwrap();
    let table = workspace["workspace"]["dependencies"].as_table().unwrap();
    let idle: Vec<_> = table.keys().filter(|dependency| !named.contains(*dependency)).collect();
    assert!(idle.is_empty(), "in the workspace's table and in no manifest: {idle:?}");
}

#[test]
fn every_ban_gives_its_reason() {
    let mute = without_reason(&read("clippy.toml").parse().unwrap());
    assert!(mute.is_empty(), "without a reason: {mute:#?}");
}

#[test]
fn what_breaks_a_rule_is_refused() {
    let used = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(wrong_edges("nexus-infra", &used(&["nexus-core", "nexus-web", "serde"])), ["nexus-infra must not depend on nexus-web"]);
    assert_eq!(wrong_edges("nexus-tenant-runtime", &used(&["nexus-provisioning"])).len(), 1);
    assert_eq!(wrong_edges("nexus-novelty", &[]), ["nexus-novelty is not in MAY_USE"]);
    assert_eq!(servers(&used(&["actix-http", "serde"])), ["actix-http"]);
    assert_eq!(away_from_home("nexus-web", &used(&["redis"])).len(), 1);
    assert_eq!(away_from_home("nexus-infra", &used(&["redis"])), [""; 0]);
    let manifest = "[dependencies]\nserde = \"1\"\ntoml.workspace = true".parse().unwrap();
    assert_eq!(own_versions(&manifest), ["the workspace's lints are not inherited", "serde must be `workspace = true`"]);
    let uses = [Source { path: "a.rs".to_owned(), code: String::new(), text: "use tokio_util::sync; /* serdes */".to_owned() }];
    assert_eq!(unused(&used(&["tokio-util", "serde"]), &uses), ["serde"]);
    assert_eq!(without_reason(&"disallowed-methods = [{ path = \"a::b\" }, { path = \"c::d\", reason = \"so\" }]".parse().unwrap()).len(), 1);
}
