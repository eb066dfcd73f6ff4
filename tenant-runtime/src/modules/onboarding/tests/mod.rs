//! The way in over HTTP, on a real tenant database.

mod checklist;
mod sample_data;

use nexus_core::{Origin, SystemClock};
use nexus_infra::DbError;
use nexus_test_support::{Answer, Client, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::modules::inventory::verify_levels;
use crate::test_app::App;

/// Creates an active product with one variant of its own.
async fn product(app: &App, sku: &str) -> Value {
    let body = json!({ "name": format!("Article {sku}"), "status": "active", "variants": [{ "sku": sku }] });
    app.client(Role::Manager).post("/api/v1/products", &body).send().await.created()
}

async fn receive(client: &Client, sku: &str, location: &str) -> Value {
    let body = json!({ "kind": "receive", "lines": [{ "sku": sku, "location": location, "quantity": "1" }] });
    client.post("/api/v1/stock-movements", &body).idempotency_key(&Uuid::new_v4().to_string()).send().await.created()
}

async fn load(client: &Client) -> Answer {
    client.request(reqwest::Method::POST, "/api/v1/sample-data").idempotency_key(&Uuid::new_v4().to_string()).send().await
}

async fn assert_levels_are_true(app: &App) {
    let clock = SystemClock::shared();
    let found =
        app.tenant.db().read_snapshot::<_, DbError, _>("test", &clock, &Origin::system("test"), async |tx| verify_levels(tx).await).await.unwrap();
    assert_eq!(found.differences, []);
}

#[tokio::test]
async fn an_organization_at_the_schema_before_hears_what_it_lacks_and_has_the_rest() {
    let app = App::at_the_schema_before().await;
    let client = app.client(Role::Owner);
    for answer in [
        client.get("/api/v1/onboarding").send().await,
        client.patch("/api/v1/onboarding", &json!({ "dismissed": true })).send().await,
        client.get("/api/v1/sample-data").send().await,
        load(&client).await,
        client.delete("/api/v1/sample-data").send().await,
    ] {
        answer.error(503, "TENANT_NOT_MIGRATED");
        assert!(answer.header("retry-after").is_some());
    }
    let made = product(&app, "REAL").await;
    assert_eq!(made["sample"], false);
    let path = format!("/api/v1/products/{}", made["id"].as_str().unwrap());
    let edited = client.patch(&path, &json!({ "name": "Renamed" })).if_match(1).send().await.ok();
    assert_eq!((&edited["name"], &edited["sample"]), (&json!("Renamed"), &json!(false)));
    let count = async |query: &str| client.get(&format!("/api/v1/{query}")).send().await.ok().as_array().unwrap().len();
    assert_eq!((count("products").await, count("products?sample=true").await, count("products?sample=false").await), (1, 0, 1));
    assert_eq!((count("locations?sample=true").await, count("locations?code=MAIN").await), (0, 1));
    let _ = receive(&client, "REAL", "MAIN").await;
    let _ = client.get("/api/v1/inventory/activity").send().await.expect(200);
}
