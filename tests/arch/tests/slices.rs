//! Rules of the tenant runtime's slices: routes → service → store, and facades between slices.

use crate::tree::{Source, root, sources};

const MODULES: &str = "tenant-runtime/src/modules";

/// Which slices a slice may call: catalog ← inventory ← imports. A slice missing here may call none.
const MAY_CALL: &[(&str, &[&str])] = &[("inventory", &["catalog"]), ("imports", &["catalog", "inventory"])];

fn slices() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root().join(MODULES))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The layer a file belongs to: `routes` for `routes.rs` and everything in `routes/`.
fn layer(source: &Source, slice: &str) -> String {
    let inside = source.path.trim_start_matches(&format!("{MODULES}/{slice}/")).to_owned();
    let parts: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    parts
        .iter()
        .find(|part| ["routes", "wire", "service", "store", "entity", "error", "permission", "jobs", "tests"].contains(part))
        .unwrap_or(&parts[0])
        .to_string()
}

#[test]
fn every_slice_has_its_layers() {
    for slice in slices() {
        for file in ["mod.rs", "routes", "permission"] {
            let folder = root().join(MODULES).join(&slice);
            let found = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
            assert!(found.into_iter().any(|name| name == file || name == format!("{file}.rs")) || has_below(&slice, file), "{slice} lacks {file}");
        }
    }
}

/// A slice of several resources keeps their layers one folder deeper.
fn has_below(slice: &str, layer: &str) -> bool {
    sources(&format!("{MODULES}/{slice}"))
        .iter()
        .any(|source| source.path.ends_with(&format!("/{layer}.rs")) || source.path.contains(&format!("/{layer}/")))
}

#[test]
fn http_stays_in_routes_and_sql_in_stores() {
    for slice in slices() {
        for source in sources(&format!("{MODULES}/{slice}")) {
            let layer = layer(&source, &slice);
            if layer == "tests" {
                continue;
            }
            if !["routes", "mod"].contains(&layer.as_str()) {
                assert!(!source.code.contains("actix_web::"), "{}: actix belongs into routes", source.path);
            }
            if !["store", "entity"].contains(&layer.as_str()) {
                for sql in ["sea_orm::", "sqlx::"] {
                    assert!(!source.code.contains(sql), "{}: {sql} belongs into the store", source.path);
                }
            }
        }
    }
}

#[test]
fn slices_meet_only_through_their_facades_and_in_one_direction() {
    let slices = slices();
    for slice in &slices {
        let allowed: &[&str] = MAY_CALL.iter().find(|(name, _)| name == slice).map_or(&[], |(_, allowed)| allowed);
        for source in sources(&format!("{MODULES}/{slice}")).iter().filter(|source| layer(source, slice) != "tests") {
            for other in slices.iter().filter(|other| *other != slice) {
                let path = format!("modules::{other}::");
                let reached = source.code.contains(&path);
                assert!(!reached || allowed.contains(&other.as_str()), "{} must not call {other}", source.path);
                for inner in ["store", "service", "entity", "routes", "wire"] {
                    assert!(!source.code.contains(&format!("{path}{inner}")), "{}: reach {other} through its facade, not {inner}", source.path);
                }
            }
        }
    }
}

#[test]
fn only_inventory_writes_the_ledger() {
    for source in sources("tenant-runtime").iter().chain(&sources("platform")).chain(&sources("iam")) {
        let writes = ["INSERT INTO stock_movements", "insert into stock_movements", "INSERT INTO stock_levels", "UPDATE stock_levels"];
        if source.path.starts_with(&format!("{MODULES}/inventory/")) {
            continue;
        }
        for statement in writes {
            assert!(!source.code.contains(statement), "{}: only inventory writes the ledger and its levels", source.path);
        }
    }
}
