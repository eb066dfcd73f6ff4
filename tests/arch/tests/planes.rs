//! The layers of the control plane and of the crates whose rules it uses: HTTP in routes, SQL in stores, as in the tenant runtime's slices.

use std::collections::BTreeSet;

use crate::slices::out_of_its_layer;
use crate::tree::{Source, sources};

const CONTROL: &str = "platform/control-plane/src/";

/// What is between HTTP and the slices: who calls, mounting, the shared state.
const PLUMBING: &[&str] = &["guard/", "context.rs", "lib.rs", "state.rs"];

/// Crates whose folders with a store keep their SQL in it. Provisioning is none: its steps act on databases as such.
const RULES: &[&str] = &["iam/src/", "billing/src/"];

fn is_plumbing(path: &str) -> bool {
    path.strip_prefix(CONTROL).is_some_and(|inside| PLUMBING.iter().any(|place| inside.starts_with(place)))
}

fn shipped(folder: &str) -> Vec<Source> {
    sources(folder).into_iter().filter(|source| !source.is_test()).collect()
}

/// The folder of a file.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Folders that have a store of their own.
fn with_store(all: &[Source]) -> BTreeSet<&str> {
    let stores = all.iter().filter(|source| source.path.ends_with("/store.rs") || source.path.ends_with("/store/mod.rs"));
    stores.map(|source| folder(source.path.trim_end_matches("/mod.rs"))).collect()
}

#[test]
fn the_control_plane_keeps_http_in_routes_and_sql_in_stores() {
    let all = shipped(CONTROL);
    let faults: Vec<_> = all.iter().filter(|source| !is_plumbing(&source.path)).flat_map(out_of_its_layer).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let plumbing: Vec<_> = all.iter().filter(|source| is_plumbing(&source.path)).flat_map(out_of_its_layer).collect();
    assert!(plumbing.iter().all(|fault| fault.ends_with("belongs into routes")), "there is no SQL in the plumbing: {plumbing:#?}");
}

#[test]
fn iam_and_billing_keep_sql_in_their_stores() {
    for crate_folder in RULES {
        let all = shipped(crate_folder);
        let with_store = with_store(&all);
        assert!(with_store.len() > 1, "{crate_folder}: the rule sees no stores: {with_store:?}");
        let faults: Vec<_> = all.iter().filter(|source| with_store.contains(folder(&source.path))).flat_map(out_of_its_layer).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[test]
fn what_breaks_a_rule_is_refused() {
    let source = |path: &str, code: &str| Source { path: path.to_owned(), code: code.to_owned(), text: code.to_owned() };
    let sql = "use sea_orm::Statement; fn f() { Statement::from_sql_and_values(DbBackend::Postgres, \"SELECT 1\", []) }";
    for path in ["operations/service.rs", "tenants/commands.rs", "tenants/service/edit.rs", "billing/routes.rs", "guard/operator.rs"] {
        assert!(!out_of_its_layer(&source(&format!("{CONTROL}{path}"), sql)).is_empty(), "{path}");
    }
    assert!(out_of_its_layer(&source(&format!("{CONTROL}tenants/store.rs"), sql)).is_empty());
    let http = "use actix_web::web; use nexus_web::respond;";
    assert!(!out_of_its_layer(&source(&format!("{CONTROL}tenants/service.rs"), http)).is_empty());
    assert!(out_of_its_layer(&source(&format!("{CONTROL}tenants/routes.rs"), http)).is_empty());
    assert!(is_plumbing(&format!("{CONTROL}guard/mod.rs")) && !is_plumbing(&format!("{CONTROL}tenants/mod.rs")));
}
