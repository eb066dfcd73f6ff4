//! The stock slice over HTTP, on a real tenant database.

mod activity;
mod concurrency;
mod locations;
mod model;
mod movements;
mod posting;
mod reversals;
mod verify;

use nexus_core::{Origin, SystemClock};
use nexus_infra::DbError;
use nexus_test_support::{Answer, Client, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use super::verify_levels;
use crate::test_app::App;

/// Creates an active product with one variant; answers the variant's id.
async fn product(app: &App, sku: &str, kind: &str) -> String {
    let body = json!({ "name": format!("Article {sku}"), "status": "active", "kind": kind, "variants": [{ "sku": sku }] });
    let created = app.client(Role::Manager).post("/api/v1/products", &body).send().await.created();
    created["variants"][0]["id"].as_str().unwrap().to_owned()
}

/// Creates a warehouse.
async fn warehouse(app: &App, code: &str) -> Value {
    let body = json!({ "code": code, "name": format!("Warehouse {code}"), "type": "site" });
    app.client(Role::Manager).post("/api/v1/locations", &body).send().await.created()
}

/// Posts, under a key of its own.
async fn post(client: &Client, path: &str, body: &Value) -> Answer {
    client.post(path, body).idempotency_key(&Uuid::new_v4().to_string()).send().await
}

async fn movement(client: &Client, kind: &str, sku: &str, location: &str, quantity: &str) -> Answer {
    post(client, "/api/v1/stock-movements", &json!({ "kind": kind, "lines": [{ "sku": sku, "location": location, "quantity": quantity }] })).await
}

/// What is on hand; none without a level.
async fn on_hand(client: &Client, sku: &str, location: &str) -> Option<String> {
    let found = client.get(&format!("/api/v1/inventory?sku={sku}&location={location}")).send().await.ok();
    found[0]["on_hand"].as_str().map(str::to_owned)
}

/// Asserts that the fold of the ledger equals the levels.
async fn assert_levels_are_true(app: &App) {
    let clock = SystemClock::shared();
    let found =
        app.tenant.db().read_snapshot::<_, DbError, _>("test", &clock, &Origin::system("test"), async |tx| verify_levels(tx).await).await.unwrap();
    assert_eq!(found.differences, []);
}
