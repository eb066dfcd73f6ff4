//! Whose table is whose: each table of a tenant's database belongs to one slice, and no other slice's SQL names it. What others need to
//! know of it they ask the slice's facade, or read in a view.

use std::collections::{BTreeMap, BTreeSet};

use crate::slices::{MODULES, layer, shipped, slice_of, slices};
use crate::tree::sql;

/// The tables of the slices. Views are for everybody.
const OWN: &[(&str, &[&str])] = &[
    ("access", &["settings", "users", "roles", "role_permissions", "user_roles", "api_keys", "audit_log", "invitations", "invitation_mails"]),
    ("catalog", &["categories", "tags", "products", "variants", "variant_barcodes", "product_tags"]),
    // Staged lines come through inventory's facade and are folded where the ledger is.
    ("inventory", &["locations", "stock_levels", "stock_movements", "stock_reversals", "import_movement_rows"]),
    ("imports", &["imports", "import_product_rows"]),
    ("jobs", &["jobs"]),
    ("onboarding", &["onboarding", "sample_data", "sample_records"]),
    ("saved_views", &["saved_views"]),
    // The platform's: written and read beneath the slices.
    ("", &["outbox", "outbox_deliveries", "idempotency_keys", "schema_info", "policy_epoch"]),
];

/// What stands before the name of a table. Without one of them a word such as `jobs` or `tags` may be anything.
const BEFORE: &[&str] = &["from", "join", "into", "update", "only", "using", "table", "truncate", "copy", "public", "table_name"];

fn owners() -> BTreeMap<&'static str, &'static str> {
    OWN.iter().flat_map(|(slice, tables)| tables.iter().map(|table| (*table, *slice))).collect()
}

/// Tables of other slices that the SQL of `slice` names.
fn names_foreign_tables(slice: &str, path: &str, text: &str) -> Vec<String> {
    let owners = owners();
    let words: Vec<String> =
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let mut faults = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Some(owner) = owners.get(word.as_str()).filter(|owner| **owner != slice) else { continue };
        let before = place.checked_sub(1).map_or("", |place| words[place].as_str());
        // A name of two words is a table's wherever it stands, as in the list of columns that COPY takes; one of a module is not SQL.
        if BEFORE.contains(&before) || (word.contains('_') && !["crate", "modules", "super"].contains(&before)) {
            faults.push(format!("{path}: {slice} names {word} of {owner:?} ({before} {word}): ask its facade, or read a view"));
        }
    }
    faults
}

#[test]
fn every_table_has_one_owner() {
    let created: Vec<String> = sql("migration/tenant").into_iter().flat_map(|(_, text)| created(&text)).collect();
    let created: BTreeSet<&str> = created.iter().map(String::as_str).collect();
    let owned: BTreeSet<&str> = owners().into_keys().collect();
    assert_eq!(owned, created, "say in OWN whose it is");
    let slices = slices();
    let unknown: Vec<_> =
        OWN.iter().map(|(slice, _)| *slice).filter(|slice| !slice.is_empty() && !slices.iter().any(|known| known == slice)).collect();
    assert!(unknown.is_empty(), "no such slices: {unknown:?}");
}

/// The tables that a migration makes.
fn created(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ").or_else(|| line.strip_prefix("CREATE UNLOGGED TABLE ")));
    lines.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn slices_name_no_table_of_another() {
    // SQL is in stores, entities and files of its own: see `slices.rs`.
    let stores = shipped().into_iter().filter(|source| ["store", "entity"].contains(&layer(&source.path, slice_of(&source.path))));
    let stores = stores.map(|source| (source.path, source.code)).chain(sql(MODULES));
    let faults: Vec<_> = stores.flat_map(|(path, text)| names_foreign_tables(slice_of(&path), &path, &text)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn whoever_names_the_table_of_another_is_refused() {
    for text in [
        "\"SELECT i.* FROM imports i JOIN jobs j ON j.id = i.id\"",
        "Expr::cust(\"EXISTS (SELECT 1 FROM jobs j WHERE j.id = imports.id)\")",
        "SELECT value FROM settings WHERE key = $1",
        "DELETE FROM public.tags",
        "insert\n  into variants (id)",
        "LEFT JOIN variants v ON v.sku_normalised = staged.sku_key",
        "#[sea_orm(table_name = \"users\")]",
        "copied.send(&mut transaction, \"import_movement_rows (import_id)\")",
        "SELECT 1 FROM idempotency_keys",
    ] {
        assert!(!names_foreign_tables("imports", "imports/store.rs", text).is_empty(), "{text}");
    }
    for text in [
        "SELECT 1 FROM imports i JOIN catalog_variants v ON true",
        "use crate::modules::saved_views;",
        "use nexus_infra::jobs; jobs::enqueue(tx)",
        "SELECT array_agg(name) AS tags FROM import_product_rows",
    ] {
        assert_eq!(names_foreign_tables("imports", "imports/store.rs", text), [""; 0], "{text}");
    }
    assert_eq!(created("CREATE TABLE a (\n);\nCREATE UNLOGGED TABLE b (\nCREATE VIEW c AS"), ["a", "b"]);
}
