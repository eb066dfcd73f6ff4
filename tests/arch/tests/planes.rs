//! The layers of the control plane and of the crates whose rules it uses: HTTP in routes, SQL in stores, as in the tenant runtime's slices. And the order of
//! the control plane's areas.

use std::collections::BTreeSet;

use crate::paths::named_in;
use crate::slices::{INNER, out_of_its_layer};
use crate::tree::{Source, sources};

const CONTROL: &str = "platform/control-plane/src/";

/// What is between HTTP and the slices: who calls, mounting, the shared state.
const PLUMBING: &[&str] = &["guard/", "context.rs", "lib.rs", "state.rs"];

/// The control plane's areas from the lowest up, and which of those before it each may call. What all of them may use besides is [`PLUMBING`].
const MAY_CALL: &[(&str, &[&str])] = &[
    ("tenancy", &[]),
    ("auth", &[]),
    ("account", &["auth"]),
    ("sessions", &[]),
    ("admin_auth", &["auth"]),
    ("console", &["auth", "account"]),
    ("audit", &[]),
    ("overview", &[]),
    ("well_known", &[]),
    ("events", &["tenancy"]),
    ("mails", &[]),
    ("invitations", &["tenancy", "auth", "mails"]),
    ("secrets", &[]),
    ("billing", &["tenancy"]),
    ("operations", &["tenancy"]),
    // The state keeps who watches operations, and areas use the state.
    ("state", &["operations"]),
    ("signup", &["tenancy", "auth", "operations"]),
    ("organizations", &["tenancy", "auth", "signup"]),
    ("tenants", &["tenancy", "auth", "billing", "invitations", "operations", "signup"]),
    ("workers", &["mails", "billing", "events", "invitations"]),
];

/// Crates and slices: who does something, not what it is done to.
const OWNERS: &[&str] = &["iam", "billing", "catalog", "access"];

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

/// The area of a file of the control plane, or of a path in it: `signup` for `signup/wire.rs`, `workers` for `workers.rs`.
fn area(path: &str) -> &str {
    path.strip_prefix(CONTROL).unwrap_or(path).split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// What the table of the areas says wrong: an area that calls one which does not stand before it.
fn out_of_order<'t>(table: &[(&'t str, &[&'t str])]) -> Vec<String> {
    let mut before: Vec<&str> = Vec::new();
    let mut faults = Vec::new();
    for (area, called) in table {
        faults.extend(called.iter().filter(|called| !before.contains(called)).map(|called| format!("{area} calls {called}, which is not before it")));
        before.push(area);
    }
    faults
}

/// Another area reached against the order, or past its facade.
fn reaches_into_another(source: &Source) -> Vec<String> {
    let own = area(&source.path);
    let is_known = |name: &str| MAY_CALL.iter().any(|(area, _)| *area == name);
    let is_shared = |name: &str| is_plumbing(&format!("{CONTROL}{name}/")) || is_plumbing(&format!("{CONTROL}{name}.rs"));
    if !is_known(own) && !is_shared(own) {
        return vec![format!("{}: give the area {own} its place in MAY_CALL", source.path)];
    }
    let allowed: &[&str] = MAY_CALL.iter().find(|(area, _)| *area == own).map_or(&[], |(_, allowed)| allowed);
    let mut faults = Vec::new();
    for path in named_in(&source.path, &source.code) {
        let [root, other, inside @ ..] = path.as_slice() else { continue };
        if root != "crate" || other == own || is_shared(other) {
            continue;
        }
        if other == "*" {
            faults.push(format!("{}: name the areas instead of {}", source.path, path.join("::")));
        } else if is_known(other) && !allowed.contains(&other.as_str()) {
            faults.push(format!("{} must not call {other}", source.path));
        } else if is_known(other) && inside.iter().any(|segment| INNER.contains(&segment.as_str())) {
            faults.push(format!("{}: reach {other} through its facade, not by {}", source.path, path.join("::")));
        }
    }
    faults
}

#[test]
fn the_areas_of_the_control_plane_call_each_other_in_one_order() {
    assert_eq!(out_of_order(MAY_CALL), [""; 0]);
    let all = shipped(CONTROL);
    let areas: BTreeSet<&str> = all.iter().map(|source| area(&source.path)).collect();
    let gone: Vec<_> = MAY_CALL.iter().map(|(name, _)| name).filter(|name| !areas.contains(*name)).collect();
    assert!(gone.is_empty(), "areas of MAY_CALL that are not there: {gone:?}");
    // The crate's root mounts the areas and hands on what the binary needs.
    let faults: Vec<_> = all.iter().filter(|source| area(&source.path) != "lib").flat_map(reaches_into_another).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_call_against_the_order_is_refused() {
    assert_eq!(out_of_order(&[("a", &["b"]), ("b", &[])]), ["a calls b, which is not before it"]);
    assert_eq!(out_of_order(&[("a", &[]), ("b", &["a"])]), [""; 0]);
    let faults =
        |path: &str, code: &str| reaches_into_another(&Source { path: format!("{CONTROL}{path}"), code: code.to_owned(), text: code.to_owned() });
    for (path, code) in [
        ("operations/routes.rs", "use crate::signup::{Founded, FoundedOut};"),
        ("signup/admission.rs", "fn f() { super::super::organizations::owned_by() }"),
        ("tenants/store.rs", "use crate::tenancy::entity::{Column, Entity};"),
        ("tenancy/store.rs", "use crate::{billing, state::ControlPlane};"),
        ("guard/account.rs", "use crate::organizations::is_owner;"),
        ("tenants/service/edit.rs", "use crate::*;"),
        ("invoices/routes.rs", "use crate::state::ControlPlane;"),
    ] {
        assert!(!faults(path, code).is_empty(), "{path}: {code}");
    }
    for (path, code) in [
        ("tenants/routes.rs", "use crate::guard::OperatorAuth; use crate::signup::{self, FoundedOut}; use super::service;"),
        ("state.rs", "use crate::operations::{Seats, Watches};"),
        ("workers.rs", "use crate::{billing, mails};"),
        ("operations/service.rs", "use crate::context::origin; use crate::state::ControlPlane; use crate::tenancy;"),
    ] {
        assert_eq!(faults(path, code), [""; 0], "{path}: {code}");
    }
}

/// Names of transactions in a source that are not like an action of the audit log: things in the plural and what is done to them.
fn ill_named(code: &str) -> Vec<&str> {
    let after = |mark| code.split(mark).skip(1);
    let names = [".write(", ".write_once("].into_iter().flat_map(after).filter_map(|rest| rest.trim_start().strip_prefix('"'));
    let is_action = |name: &str| {
        let is_word = |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        name.split_once('.').is_some_and(|(things, verb)| is_word(things) && is_word(verb) && !OWNERS.contains(&things))
    };
    names.filter_map(|rest| rest.split('"').next()).filter(|name| !is_action(name)).collect()
}

#[test]
fn transactions_are_named_like_the_actions_of_the_audit_log() {
    for source in ["platform", "iam", "billing", "provisioning", "tenant-runtime"].into_iter().flat_map(shipped) {
        let names = ill_named(&source.code);
        assert!(names.is_empty(), "{}: name the transaction as the audit log names what it does: {names:?}", source.path);
    }
    assert_eq!(ill_named("db.write(\"signup\", 1); db.write_once(\n    \"iam.login\", 2); db.write(\"a.b.c\")"), ["signup", "a.b.c", "iam.login"]);
    assert_eq!(ill_named("db.write(\"saved_views.create\", 1); db.write_once(CREATED.action, 2); file.write(b\"x\")"), [""; 0]);
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
