//! What every writing operation of an organization accepts: the kind of resource in its path, and bodies.
//!
//! In a body `@new` is a text that nobody has used yet (as a part of an address, too), `@key` such a key in snake case, and `@products` the id of a resource of that kind (`fixtures::Belongings` knows
//! the kinds). `@given` is an id that is kept as it is given: nothing on the platform has it, nothing is looked up by it.

use serde_json::Value;

use crate::document::Operation;
use crate::platform::key;

/// An operation, the kind of resource in its path, and bodies that are accepted; together they fill every id of its schema.
pub struct Accepted {
    operation: &'static str,
    pub target: &'static str,
    bodies: &'static [&'static str],
}

const ACCEPTED: &[Accepted] = &[
    // Access.
    row("edit_settings", "", &[r#"{ "time_zone": "Europe/Vienna" }"#]),
    row("create_api_key", "", &[r#"{ "name": "@new", "scopes": ["products.read"] }"#]),
    row("revoke_api_key", "api-keys", &[]),
    row("create_invitation", "", &[r#"{ "email": "@new@acme.example", "roles": ["staff"] }"#]),
    row("resend_invitation", "invitations", &[]),
    row("revoke_invitation", "invitations", &[]),
    row("accept_invitation", "", &[r"{}"]),
    row("assign_user_roles", "users", &[r#"{ "add": ["manager"], "remove": ["viewer"] }"#]),
    row("deactivate_user", "users", &[]),
    row("reactivate_user", "outsiders", &[]),
    row("remove_user", "users", &[]),
    row("create_role", "", &[r#"{ "key": "@key", "name": "@new", "allow": ["products.read"], "deny": ["settings.read"] }"#]),
    row("replace_role", "roles", &[r#"{ "name": "@new" }"#]),
    row("edit_role", "roles", &[r#"{ "name": "@new" }"#]),
    row("replace_role_permissions", "roles", &[r#"{ "allow": ["products.read"] }"#]),
    row("delete_role", "roles", &[]),
    // Catalogue.
    row("create_category", "", &[r#"{ "name": "@new", "parent_id": "@categories" }"#]),
    row("replace_category", "categories", &[r#"{ "name": "@new", "parent_id": "@categories" }"#]),
    row("edit_category", "categories", &[r#"{ "name": "@new", "parent_id": "@categories" }"#]),
    row("delete_category", "categories", &[]),
    row("create_product", "", &[r#"{ "name": "@new", "category_id": "@categories", "variants": [{ "sku": "@new" }] }"#]),
    row("replace_product", "products", &[r#"{ "name": "@new", "status": "active", "category_id": "@categories" }"#]),
    row("edit_product", "products", &[r#"{ "name": "@new", "category_id": "@categories" }"#]),
    row("delete_product", "products", &[]),
    row("export_products", "", &[r#"{ "category_id": "@categories" }"#]),
    row("create_variant", "products", &[r#"{ "sku": "@new" }"#]),
    row("replace_variant", "variants", &[r#"{ "sku": "@new" }"#]),
    row("edit_variant", "variants", &[r#"{ "name": "@new" }"#]),
    row("delete_variant", "variants", &[]),
    row("create_tag", "", &[r#"{ "name": "@new" }"#]),
    row("edit_tag", "tags", &[r#"{ "name": "@new" }"#]),
    row("delete_tag", "tags", &[]),
    // Inventory.
    row(
        "adjust_inventory",
        "",
        &[
            r#"{ "reason": "found", "lines": [{ "inventory_id": "@levels", "delta": "1" }] }"#,
            r#"{ "reason": "found", "reference": { "type": "count_sheet", "id": "@given" },
                 "lines": [{ "variant_id": "@variants", "location_id": "@locations", "delta": "1" }] }"#,
        ],
    ),
    row(
        "transfer_inventory",
        "",
        &[r#"{ "reference": { "type": "order", "id": "@given" },
               "lines": [{ "variant_id": "@variants", "from_location_id": "@locations", "to_location_id": "@shops", "quantity": "1" }] }"#],
    ),
    row(
        "create_stock_movements",
        "",
        &[r#"{ "kind": "receive", "reference": { "type": "order", "id": "@given" },
               "lines": [{ "variant_id": "@variants", "location_id": "@locations", "quantity": "1" }] }"#],
    ),
    row("reverse_stock_movement", "stock-movements", &[r#"{ "note": "@new" }"#]),
    row("create_location", "", &[r#"{ "code": "@new", "name": "@new", "type": "area", "parent_id": "@locations" }"#]),
    row("replace_location", "areas", &[r#"{ "code": "@new", "name": "@new", "parent_id": "@shops" }"#]),
    row("edit_location", "areas", &[r#"{ "parent_id": "@shops" }"#]),
    row("delete_location", "areas", &[]),
    // Jobs and saved views.
    row("cancel_job", "jobs", &[]),
    row("create_saved_view", "", &[r#"{ "resource": "products", "name": "@new", "query": {} }"#]),
    row("edit_saved_view", "saved-views", &[r#"{ "name": "@new" }"#]),
    row("delete_saved_view", "saved-views", &[]),
    // The way in. What is loaded is there to be removed.
    row("edit_onboarding", "", &[r#"{ "dismissed": true }"#]),
    row("load_sample_data", "", &[]),
    row("remove_sample_data", "", &[]),
    // Their bodies are files.
    row("import_products", "", &[]),
    row("import_stock_movements", "", &[]),
];

const fn row(operation: &'static str, target: &'static str, bodies: &'static [&'static str]) -> Accepted {
    Accepted { operation, target, bodies }
}

/// The row of an operation.
pub fn of(operation: &Operation) -> &'static Accepted {
    let row = ACCEPTED.iter().find(|row| row.operation == operation.id);
    let row = row.unwrap_or_else(|| panic!("{} writes: say in tests/e2e/tests/accepted.rs what it accepts", operation.id));
    assert_eq!(row.bodies.is_empty(), operation.body.is_none(), "{}: accepted.rs needs a body of it if, and only if, it takes one", operation.id);
    row
}

/// Names the operations of the table, to find those that are gone.
pub fn operations() -> impl Iterator<Item = &'static str> {
    ACCEPTED.iter().map(|row| row.operation)
}

/// An id within a body.
#[derive(Debug, Clone)]
pub struct Id {
    /// As a pointer into the JSON, such as `/lines/0/variant_id`.
    pub pointer: String,
    /// As faults name it, such as `lines[0].variant_id`.
    pub field: String,
    /// As a schema has it, such as `lines[].variant_id`.
    pub path: String,
    /// Kind of resource that it belongs to.
    pub kind: String,
}

impl Accepted {
    /// Its bodies, not yet filled.
    pub fn bodies(&self) -> impl Iterator<Item = Value> {
        self.bodies.iter().map(|body| serde_json::from_str(body).unwrap_or_else(|fault| panic!("{}: {fault}: {body}", self.operation)))
    }
}

/// Where a body has ids.
pub fn ids(body: &Value) -> Vec<Id> {
    let mut found = Vec::new();
    find(body, &Id { pointer: String::new(), field: String::new(), path: String::new(), kind: String::new() }, &mut found);
    found
}

fn find(value: &Value, at: &Id, found: &mut Vec<Id>) {
    match value {
        Value::String(text) if text.starts_with('@') && !text.starts_with("@new") && text != "@key" => {
            found.push(Id { kind: text[1..].to_owned(), ..at.clone() })
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let pointer = format!("{}/{place}", at.pointer);
                find(item, &Id { pointer, field: format!("{}[{place}]", at.field), path: format!("{}[]", at.path), kind: String::new() }, found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let dot = if at.path.is_empty() { "" } else { "." };
                let pointer = format!("{}/{name}", at.pointer);
                let (field_name, path) = (format!("{}{dot}{name}", at.field), format!("{}{dot}{name}", at.path));
                find(field, &Id { pointer, field: field_name, path, kind: String::new() }, found);
            }
        }
        _ => {}
    }
}

/// A body with every id and every new name put in.
pub fn filled(body: &Value, id: impl Fn(&str) -> String) -> Value {
    let mut whole = body.clone();
    for place in ids(body) {
        *whole.pointer_mut(&place.pointer).expect("an id") = id(&place.kind).into();
    }
    named(&mut whole);
    whole
}

fn named(value: &mut Value) {
    match value {
        Value::String(text) if text == "@key" => *text = format!("k{}", key().replace('-', "")),
        Value::String(text) if text.starts_with("@new") => *text = text.replacen("@new", &format!("N-{}", key()), 1),
        Value::Array(items) => items.iter_mut().for_each(named),
        Value::Object(fields) => fields.values_mut().for_each(named),
        _ => {}
    }
}
