//! What stock forbids the catalogue, also while it moves.

use futures::future::join;
use nexus_test_support::Role;
use serde_json::{Value, json};

use super::{beans, move_stock, path, version};
use crate::test_app::App;

fn flour() -> Value {
    json!({ "name": "Flour", "unit": "kg", "variants": [{ "sku": "FLOUR" }] })
}

#[tokio::test]
async fn unit_and_kind_are_fixed_once_a_variant_has_moved() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &flour()).send().await.created();
    let path = path("products", &product);
    let change = async |body: Value, of: &Value| client.patch(&path, &body).if_match(version(of)).send().await;
    let product = change(json!({ "unit": "g", "kind": "service" }), &product).await.ok();
    let product = change(json!({ "unit": "kg", "kind": "stocked" }), &product).await.ok();
    let _ = move_stock(&client, "receive", "FLOUR", "10").await.created();
    let without_unit = json!({ "name": "Flour", "status": "draft" });
    let refused = client.put(&path, &without_unit).if_match(version(&product)).send().await;
    assert_eq!(refused.error(409, "PRODUCT_HAS_MOVEMENTS")["details"], json!({ "field": "unit" }));
    let refused = change(json!({ "kind": "non_stocked" }), &product).await;
    assert_eq!(refused.error(409, "PRODUCT_HAS_MOVEMENTS")["details"], json!({ "field": "kind" }));
    let _ = move_stock(&client, "issue", "FLOUR", "10").await.created();
    change(json!({ "unit": "g" }), &product).await.error(409, "PRODUCT_HAS_MOVEMENTS");
    let whole = json!({ "name": "Wheat flour", "status": "active", "unit": "kg" });
    let replaced = client.put(&path, &whole).if_match(version(&product)).send().await.ok();
    assert_eq!((&replaced["name"], &replaced["unit"]), (&json!("Wheat flour"), &json!("kg")));
}

#[tokio::test]
async fn what_holds_stock_is_not_archived() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &beans()).send().await.created();
    let variant = &product["variants"][0];
    let _ = move_stock(&client, "receive", "BEAN-250", "5").await.created();
    let (product_path, variant_path) = (path("products", &product), path("variants", variant));
    client.delete(&product_path).if_match(version(&product)).send().await.error(409, "PRODUCT_HAS_STOCK");
    client.patch(&product_path, &json!({ "status": "archived" })).if_match(version(&product)).send().await.error(409, "PRODUCT_HAS_STOCK");
    let put = json!({ "name": "Beans", "status": "archived" });
    client.put(&product_path, &put).if_match(version(&product)).send().await.error(409, "PRODUCT_HAS_STOCK");
    client.delete(&variant_path).if_match(version(variant)).send().await.error(409, "VARIANT_HAS_STOCK");
    client.patch(&variant_path, &json!({ "status": "archived" })).if_match(version(variant)).send().await.error(409, "VARIANT_HAS_STOCK");
    let other = &product["variants"][1];
    let archived = client.patch(&path("variants", other), &json!({ "status": "archived" })).if_match(version(other)).send().await.ok();
    assert_eq!(archived["status"], "archived", "its sibling holds nothing");
    let _ = move_stock(&client, "issue", "BEAN-250", "5").await.created();
    let archived = client.delete(&variant_path).if_match(version(variant)).send().await.expect(200).ok();
    assert_eq!(archived["status"], "archived");
}

#[tokio::test]
async fn what_has_stock_history_is_archived_and_comes_back_as_it_was() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &beans()).send().await.created();
    let path = path("products", &product);
    let _ = move_stock(&client, "receive", "BEAN-250", "5").await.created();
    let _ = move_stock(&client, "issue", "BEAN-250", "5").await.created();
    let sibling = super::path("variants", &product["variants"][1]);
    let _ = client.patch(&sibling, &json!({ "status": "archived" })).if_match(1).send().await.expect(200).ok();
    let before = client.get(&path).send().await;
    let archived = client.delete(&path).if_match(before.etag()).send().await.expect(200).ok();
    assert_eq!(archived["status"], "archived");
    assert_eq!(archived["variants"], before.ok()["variants"], "archiving touches the product alone");
    app.expect_audit("products.archive", "product").await;
    let refused = move_stock(&client, "receive", "BEAN-250", "1").await.error(422, "VALIDATION_FAILED");
    assert_eq!(refused["details"][0]["code"], "archived");
    let restored = client.patch(&path, &json!({ "status": "active" })).if_match(version(&archived)).send().await.ok();
    app.expect_audit("products.restore", "product").await;
    let _ = move_stock(&client, "receive", "BEAN-250", "1").await.created();
    let refused = move_stock(&client, "receive", "BEAN-1000", "1").await.error(422, "VALIDATION_FAILED");
    assert_eq!(refused["details"][0]["code"], "archived", "what was put away by itself stays so");
    let _ = move_stock(&client, "issue", "BEAN-250", "1").await.created();
    let again = client.patch(&path, &json!({ "status": "archived" })).if_match(version(&restored)).send().await.ok();
    assert_eq!((&again["status"], &again["variants"][0]["status"]), (&json!("archived"), &json!("active")), "by PATCH as by DELETE");
}

#[tokio::test]
async fn what_has_no_history_is_deleted() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &beans()).send().await.created();
    let path = path("products", &product);
    client.delete(&path).if_match(version(&product)).send().await.no_content();
    client.get(&path).send().await.error(404, "NOT_FOUND");
}

/// A change of the product or its variant that waits for a posting under way, and is refused for what that brings.
async fn change_beside_a_posting(resource: &str, body: Value, code: &str) {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &flour()).send().await.created();
    let of = if resource == "variants" { &product["variants"][0] } else { &product };
    // The posting has written everything but its audit entry.
    let owner = app.tenant.owner_db().await;
    let mut gate = owner.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE audit_log IN SHARE MODE").execute(&mut *gate).await.unwrap();
    let posting = move_stock(&client, "receive", "FLOUR", "10");
    let change = async {
        app.sessions_wait(1).await;
        client.patch(&path(resource, of), &body).if_match(version(of)).send().await
    };
    let opening = async {
        app.sessions_wait(2).await;
        gate.commit().await.unwrap();
    };
    let (posted, (changed, ())) = join(posting, join(change, opening)).await;
    let _ = posted.created();
    changed.error(409, code);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_unit_waits_for_postings_under_way() {
    change_beside_a_posting("products", json!({ "unit": "each" }), "PRODUCT_HAS_MOVEMENTS").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn archiving_waits_for_postings_under_way() {
    change_beside_a_posting("products", json!({ "status": "archived" }), "PRODUCT_HAS_STOCK").await;
    change_beside_a_posting("variants", json!({ "status": "archived" }), "VARIANT_HAS_STOCK").await;
}

/// A posting that has read the product before `change` of it is committed.
async fn posting_beside_a_change(change: &'static str) -> (App, nexus_test_support::Answer) {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let _ = client.post("/api/v1/products", &flour()).send().await.created();
    let mut changing = app.tenant.db().pool().begin().await.unwrap();
    sqlx::query(change).execute(&mut *changing).await.unwrap();
    let (posted, ()) = join(move_stock(&client, "receive", "FLOUR", "10"), async {
        app.sessions_wait(1).await;
        changing.commit().await.unwrap();
    })
    .await;
    (app, posted)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_posting_beside_a_change_of_unit_counts_in_the_new_unit() {
    let (app, posted) = posting_beside_a_change("UPDATE products SET unit = 'bag'").await;
    let _ = posted.created();
    let units: Vec<String> = sqlx::query_scalar("SELECT unit FROM stock_movements").fetch_all(app.tenant.db().pool()).await.unwrap();
    assert_eq!(units, ["bag"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_posting_beside_archiving_is_refused() {
    for change in [
        "UPDATE products SET status = 'archived', archived_at = now()",
        "UPDATE variants SET status = 'archived', archived_at = now()",
        "UPDATE products SET kind = 'non_stocked'",
    ] {
        let (_app, posted) = posting_beside_a_change(change).await;
        let _ = posted.error(422, "VALIDATION_FAILED");
    }
}
