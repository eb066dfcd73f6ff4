//! Rules of the tenant runtime's slices: routes → service → store, and facades between slices.

use crate::paths::{Named, named_in};
use crate::tree::{Source, read, root, sources, sql};

pub const MODULES: &str = "tenant-runtime/src/modules";

/// Which slices a slice may call: {access, jobs} ← catalog ← inventory ← {imports, onboarding}. A slice missing here may call none.
const MAY_CALL: &[(&str, &[&str])] = &[
    ("catalog", &["jobs"]),
    ("inventory", &["access", "catalog"]),
    ("imports", &["access", "catalog", "inventory", "jobs"]),
    ("onboarding", &["access", "catalog", "inventory"]),
];

/// Layers of a slice.
const LAYERS: &[&str] = &["routes", "wire", "service", "store", "entity", "error", "permission", "jobs", "tests"];

/// Layers that only the slice itself may reach.
pub const INNER: &[&str] = &["store", "service", "entity", "routes", "wire"];

/// What `nexus-web` has for handlers.
const HANDLERS: &[&str] = &[
    "respond",
    "extract",
    "list_query",
    "bearer",
    "ApiResult",
    "ApiError",
    "Json",
    "Params",
    "PathId",
    "IfMatch",
    "Idempotency",
    "RequiredIdempotency",
];

/// Ways to run SQL that a connection offers without a word of the libraries.
const SQL_CALLS: &[&str] =
    &["execute_raw", "execute_unprepared", "query_one_raw", "query_all_raw", "stream_raw", "find_by_statement", "from_sql_and_values"];

/// Tables that only inventory writes.
const LEDGER: &[&str] = &["stock_movements", "stock_levels"];

pub fn slices() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root().join(MODULES))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The slice a file belongs to.
pub fn slice_of(path: &str) -> &str {
    path.trim_start_matches(MODULES).trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// The layer a file belongs to: `routes` for `routes.rs` and everything in `routes/`.
pub fn layer<'p>(path: &'p str, slice: &str) -> &'p str {
    let inside = path.strip_prefix(MODULES).and_then(|rest| rest.strip_prefix('/')).and_then(|rest| rest.strip_prefix(slice)).unwrap_or(path);
    let inside = inside.trim_start_matches('/').trim_end_matches(".rs");
    inside.split('/').find(|part| LAYERS.contains(part)).unwrap_or_else(|| inside.split('/').next().unwrap_or_default())
}

/// Every file of every slice that ships.
pub fn shipped() -> Vec<Source> {
    sources(MODULES)
        .into_iter()
        .filter(|source| source.path.matches('/').count() > 3 && layer(&source.path, slice_of(&source.path)) != "tests")
        .collect()
}

/// Files that a slice of these paths (within its folder) lacks. One of several resources keeps their layers a folder deeper.
fn lacking(paths: &[String]) -> Vec<&'static str> {
    let has = |layer: &str| paths.iter().any(|path| path.trim_end_matches(".rs").split('/').any(|part| part == layer));
    let mut faults: Vec<_> = ["routes", "permission"].into_iter().filter(|layer| !has(layer)).collect();
    if !paths.iter().any(|path| path == "mod.rs") {
        faults.push("mod.rs");
    }
    faults
}

/// Declared in the open, where rustfmt finds it, and listed, or it would have no routes.
#[test]
fn every_slice_is_declared_and_listed() {
    let text = read(&format!("{MODULES}/mod.rs"));
    let lacks = |slice: &String| !text.contains(&format!("\npub mod {slice};\n")) || !text.contains(&format!("{slice}::module()"));
    let missing: Vec<_> = slices().into_iter().filter(lacks).collect();
    assert!(missing.is_empty(), "tenant-runtime/src/modules/mod.rs lacks {missing:?}");
}

#[test]
fn every_slice_has_its_layers() {
    for slice in slices() {
        let folder = format!("{MODULES}/{slice}");
        let paths: Vec<_> = sources(&folder).into_iter().map(|source| source.path[folder.len() + 1..].to_owned()).collect();
        let lacking = lacking(&paths);
        assert!(lacking.is_empty(), "{slice} lacks {lacking:?}");
    }
}

/// HTTP outside routes, SQL outside stores.
pub fn out_of_its_layer(source: &Source) -> Vec<String> {
    let layer = layer(&source.path, slice_of(&source.path));
    let is_http =
        |path: &Named| path[0].contains("actix") || (path[0] == "nexus_web" && path.get(1).is_some_and(|name| HANDLERS.contains(&name.as_str())));
    let is_sql = |path: &Named| ["sea_orm", "sea_query", "sqlx"].contains(&path[0].as_str()) || path[0].starts_with("sea_orm_");
    let mut faults = Vec::new();
    for path in named_in(&source.path, &source.code) {
        if !["routes", "mod"].contains(&layer) && is_http(&path) {
            faults.push(format!("{}: {} belongs into routes", source.path, path.join("::")));
        }
        if !["store", "entity"].contains(&layer) && is_sql(&path) {
            faults.push(format!("{}: {} belongs into the store", source.path, path.join("::")));
        }
    }
    let calls = SQL_CALLS.iter().filter(|call| !["store", "entity"].contains(&layer) && source.code.contains(&format!("{call}(")));
    faults.extend(calls.map(|call| format!("{}: {call} belongs into the store", source.path)));
    faults
}

#[test]
fn http_stays_in_routes_and_sql_in_stores() {
    let faults: Vec<_> = shipped().iter().flat_map(out_of_its_layer).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Another slice reached against the direction, or past its facade.
fn reaches_into_another(source: &Source, slices: &[String]) -> Vec<String> {
    let slice = slice_of(&source.path);
    let allowed: &[&str] = MAY_CALL.iter().find(|(name, _)| *name == slice).map_or(&[], |(_, allowed)| allowed);
    let mut faults = Vec::new();
    for path in named_in(&source.path, &source.code) {
        let [root, modules, other, inside @ ..] = path.as_slice() else { continue };
        if root != "crate" || modules != "modules" || other == slice {
            continue;
        }
        if other == "*" {
            faults.push(format!("{}: name the slices instead of {}", source.path, path.join("::")));
        } else if slices.contains(other) && !allowed.contains(&other.as_str()) {
            faults.push(format!("{} must not call {other}", source.path));
        } else if slices.contains(other) && inside.iter().any(|segment| INNER.contains(&segment.as_str())) {
            faults.push(format!("{}: reach {other} through its facade, not by {}", source.path, path.join("::")));
        }
    }
    faults
}

#[test]
fn slices_meet_only_through_their_facades_and_in_one_direction() {
    let slices = slices();
    let faults: Vec<_> = shipped().iter().flat_map(|source| reaches_into_another(source, &slices)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A statement or an entity that could write the ledger or its levels.
fn writes_the_ledger(path: &str, text: &str) -> Vec<String> {
    let words: Vec<String> =
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let mut faults = Vec::new();
    for (place, word) in words.iter().enumerate().filter(|(_, word)| LEDGER.contains(&word.as_str())) {
        let before = &words[place.saturating_sub(3)..place];
        let last = before.last().map(String::as_str).unwrap_or_default();
        // `INSERT INTO`, `MERGE INTO`, `UPDATE`, `UPDATE ONLY`, `DELETE FROM`, `COPY`, `TRUNCATE TABLE`, with or without a schema.
        let verb = before.iter().any(|word| ["insert", "merge", "update", "delete", "copy", "truncate"].contains(&word.as_str()));
        if verb || ["table_name", "alias"].contains(&last) || (last == "new" && before.iter().any(|word| word == "alias")) {
            faults.push(format!("{path}: only inventory writes {word} ({} {word})", before.join(" ")));
        }
    }
    faults
}

#[test]
fn only_inventory_writes_the_ledger() {
    let inventory = format!("{MODULES}/inventory/");
    let product = ["tenant-runtime", "platform", "iam", "billing", "provisioning"];
    let faults: Vec<_> = product
        .iter()
        .flat_map(|folder| sources(folder).into_iter().filter(|source| !source.is_test()).map(|source| (source.path, source.code)).chain(sql(folder)))
        .filter(|(path, _)| !path.starts_with(&inventory))
        .flat_map(|(path, text)| writes_the_ledger(&path, &text))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    // The rule sees what it is about.
    let own: Vec<_> = sql(&inventory).into_iter().flat_map(|(path, text)| writes_the_ledger(&path, &text)).collect();
    assert!(!own.is_empty(), "inventory itself writes the ledger, and the rule does not notice");
}

mod refusals {
    use super::*;

    fn source(path: &str, code: &str) -> Source {
        Source { path: format!("{MODULES}/{path}"), code: code.to_owned(), text: code.to_owned() }
    }

    #[test]
    fn a_slice_without_its_layers_is_refused() {
        let paths = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(lacking(&paths(&["mod.rs", "tags/routes.rs", "permission.rs"])), [""; 0]);
        assert_eq!(lacking(&paths(&["tags/mod.rs", "tags/service.rs"])), ["routes", "permission", "mod.rs"]);
    }

    #[test]
    fn http_outside_routes_is_refused_however_it_is_named() {
        for code in [
            "use actix_web::HttpResponse;",
            "use actix_multipart::Multipart;",
            "use actix_web as web; fn f() -> web::HttpResponse {}",
            "use nexus_web::{respond, validate};",
            "fn f() -> nexus_web::ApiResult {}",
        ] {
            assert!(!out_of_its_layer(&source("catalog/tags/service.rs", code)).is_empty(), "{code}");
            assert!(out_of_its_layer(&source("catalog/tags/routes.rs", code)).is_empty(), "{code}");
        }
        assert!(out_of_its_layer(&source("catalog/tags/wire.rs", "use nexus_web::{Patch, validate};")).is_empty());
    }

    #[test]
    fn sql_outside_stores_is_refused_however_it_is_named() {
        for code in [
            "use sea_orm::EntityTrait;",
            "use sqlx as db; fn f() { db::query(\"SELECT 1\") }",
            "async fn f(tx: &Tx) { tx.conn().execute_unprepared(\"DELETE FROM tags\").await }",
            "use { sea_orm::{self, Statement} };",
        ] {
            assert!(!out_of_its_layer(&source("catalog/tags/service.rs", code)).is_empty(), "{code}");
            assert!(out_of_its_layer(&source("catalog/tags/store.rs", code)).is_empty(), "{code}");
            assert!(out_of_its_layer(&source("inventory/staged/store/lines.rs", code)).is_empty(), "{code}");
        }
    }

    #[test]
    fn a_slice_that_reaches_into_another_is_refused_however_it_is_named() {
        let slices = ["catalog", "inventory", "imports", "jobs"].map(str::to_owned);
        for code in [
            "use crate::modules::catalog::store;",
            "use crate::modules::{catalog::{facade, products::store}};",
            "use super::super::catalog::service::find;",
            "fn f() { super::super::catalog::entity::products::Entity }",
            "use super::super as all; fn f() { all::catalog::store::find() }",
            "use super::super::*;",
            "use crate::modules::imports;",
            "use super::super::jobs::cancel;",
        ] {
            assert!(!reaches_into_another(&source("inventory/service.rs", code), &slices).is_empty(), "{code}");
        }
        for code in ["use crate::modules::catalog::{VariantRef, find_variants};", "use super::store;", "use super::super::inventory::store;"] {
            assert!(reaches_into_another(&source("inventory/service.rs", code), &slices).is_empty(), "{code}");
        }
    }

    #[test]
    fn whoever_writes_the_ledger_elsewhere_is_refused() {
        for text in [
            "\"INSERT INTO stock_movements (id) VALUES ($1)\"",
            "insert  into\n public.stock_levels",
            "UPDATE ONLY stock_levels SET on_hand = 1",
            "DELETE FROM stock_levels",
            "COPY stock_movements FROM STDIN",
            "MERGE INTO stock_levels USING x",
            "#[sea_orm(table_name = \"stock_levels\")]",
            "Alias::new(\"stock_movements\")",
        ] {
            assert!(!writes_the_ledger("catalog/store.rs", text).is_empty(), "{text}");
        }
        assert!(writes_the_ledger("catalog/store.rs", "SELECT 1 FROM stock_levels WHERE variant_id = $1").is_empty());
        assert!(
            !reaches_into_another(
                &source("imports/run.rs", "use crate::modules::inventory::entity::levels::ActiveModel;"),
                &["inventory".to_owned()]
            )
            .is_empty()
        );
    }
}
