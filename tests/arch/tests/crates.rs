//! Edges between crates: data flows core ← infra ← {web, iam, billing, provisioning} ← {control-plane, tenant-runtime} ← nexus.

use crate::tree::{members, read};

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
            "nexus-billing",
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
    ("sea-orm-migration", &["nexus-migration"]),
    ("s3s", &["nexus"]),
    ("mailin-embedded", &["nexus"]),
];

#[test]
fn product_crates_use_only_what_the_architecture_allows() {
    let members = members();
    for (name, member) in members.iter().filter(|(_, member)| !member.folder.starts_with("tests/")) {
        let (_, allowed) = MAY_USE.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} is not in MAY_USE"));
        for used in member.dependencies("dependencies").iter().filter(|used| members.contains_key(*used)) {
            assert!(allowed.contains(&used.as_str()), "{name} must not depend on {used}");
        }
    }
}

#[test]
fn core_and_the_rule_crates_know_no_http_server() {
    let members = members();
    for name in ["nexus-core", "nexus-infra", "nexus-iam", "nexus-billing", "nexus-provisioning", "nexus-migration", "nexus-config"] {
        let used = members[name].dependencies("dependencies");
        assert!(!used.iter().any(|used| used.starts_with("actix") || used.starts_with("utoipa-actix")), "{name} must not know actix");
    }
}

#[test]
fn outside_crates_stay_in_their_home() {
    for (name, member) in members().iter().filter(|(_, member)| !member.folder.starts_with("tests/")) {
        for used in member.dependencies("dependencies") {
            if let Some((_, homes)) = ONLY_IN.iter().find(|(known, _)| *known == used) {
                assert!(homes.contains(&name.as_str()), "{used} belongs into {homes:?}, not into {name}");
            }
        }
    }
}

#[test]
fn test_support_compiles_no_product_plane_a_second_time() {
    let used = members()["nexus-test-support"].dependencies("dependencies");
    for plane in ["nexus-tenant-runtime", "nexus-control-plane", "nexus"] {
        assert!(!used.iter().any(|name| name == plane), "test support must be handed the app, not depend on {plane}");
    }
}

#[test]
fn versions_stand_in_one_table() {
    for (name, member) in members() {
        assert!(member.manifest["lints"]["workspace"].as_bool() == Some(true), "{name} must inherit the workspace lints");
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = member.manifest.get(table).and_then(|found| found.as_table()) else { continue };
            for (dependency, spec) in dependencies {
                let inherited = spec.as_table().is_some_and(|spec| spec.get("workspace").and_then(toml::Value::as_bool) == Some(true));
                assert!(inherited, "{name}: {dependency} must be `workspace = true`");
            }
        }
    }
}

#[test]
fn every_ban_gives_its_reason() {
    let clippy: toml::Table = read("clippy.toml").parse().unwrap();
    for ban in clippy["disallowed-methods"].as_array().unwrap() {
        assert!(ban.get("reason").and_then(toml::Value::as_str).is_some_and(|reason| !reason.is_empty()), "{ban} lacks a reason");
    }
}
