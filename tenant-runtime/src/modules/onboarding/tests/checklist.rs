//! What a new organization has still to do.

use nexus_test_support::{Client, Role};
use serde_json::{Value, json};

use super::{load, receive};
use crate::test_app::App;

/// The keys of the steps that are done.
async fn done(client: &Client) -> Vec<String> {
    let list = client.get("/api/v1/onboarding").send().await.ok();
    let steps = list["steps"].as_array().unwrap();
    let keys: Vec<&str> = steps.iter().map(|step| step["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["organization_set_up", "products_added", "team_invited", "stock_moved"]);
    assert!(steps.iter().all(|step| step["done"] == json!(step["done_at"].is_string())), "{list}");
    steps.iter().filter(|step| step["done"] == json!(true)).map(|step| step["key"].as_str().unwrap().to_owned()).collect()
}

/// An app whose organization has nobody but its owner.
async fn alone() -> App {
    let app = App::start().await;
    let others = "DELETE FROM users WHERE id <> $1";
    sqlx::query(others).bind(app.tenant.user(Role::Owner).account_id.0).execute(app.tenant.owner_db().await.pool()).await.unwrap();
    app
}

#[tokio::test]
async fn a_step_is_done_when_the_data_say_so() {
    let app = alone().await;
    let client = app.client(Role::Owner);
    assert!(done(&client).await.is_empty());
    let version = client.get("/api/v1/settings").send().await.etag();
    let _ = client.patch("/api/v1/settings", &json!({ "currency": "CHF" })).if_match(version).send().await.expect(200);
    assert_eq!(done(&client).await, ["organization_set_up"]);
    let created = client.post("/api/v1/products", &json!({ "name": "Tea", "variants": [{ "sku": "TEA" }] })).send().await.created();
    assert_eq!(done(&client).await, ["organization_set_up", "products_added"]);
    let list = client.get("/api/v1/onboarding").send().await.ok();
    assert_eq!(list["steps"][1]["done_at"], created["created_at"]);
    let invite = "INSERT INTO users (id, email, email_normalised, display_name, status, invited_at)
        VALUES (gen_random_uuid(), 'a@b.example', 'a@b.example', 'A', 'invited', now())";
    sqlx::query(invite).execute(app.tenant.owner_db().await.pool()).await.unwrap();
    assert_eq!(done(&client).await, ["organization_set_up", "products_added", "team_invited"]);
    let moved = receive(&client, "TEA", "MAIN").await;
    assert_eq!(done(&client).await.last().map(String::as_str), Some("stock_moved"));
    let list = client.get("/api/v1/onboarding").send().await.ok();
    assert_eq!(list["steps"][3]["done_at"], moved["movements"][0]["recorded_at"]);
}

#[tokio::test]
async fn sample_data_are_products_and_move_nothing() {
    let app = alone().await;
    let client = app.client(Role::Owner);
    let _ = load(&client).await.created();
    assert_eq!(done(&client).await, ["products_added"]);
    let _ = client.delete("/api/v1/sample-data").send().await.expect(200);
    assert_eq!(done(&client).await, ["products_added"], "taking them back moves nothing either");
    let _ = load(&client).await.created();
    let _ = receive(&client, "SAMPLE-ECP-WHI-2", "MAIN").await;
    assert_eq!(done(&client).await, ["products_added", "stock_moved"], "a movement of one's own is one, whatever it moves");
}

#[tokio::test]
async fn the_list_is_put_away_for_everybody_and_taken_out_again() {
    let app = App::start().await;
    let [owner, viewer] = [Role::Owner, Role::Viewer].map(|role| app.client(role));
    let put = async |dismissed: bool| owner.patch("/api/v1/onboarding", &json!({ "dismissed": dismissed })).send().await.ok();
    let entries = async || owner.get("/api/v1/audit-logs?action=onboarding.update").send().await.ok().as_array().unwrap().len();
    let seen = async || viewer.get("/api/v1/onboarding").send().await.ok();
    assert_eq!((&seen().await["dismissed"], &seen().await["dismissed_at"]), (&json!(false), &Value::Null));
    assert_eq!(put(true).await["dismissed"], true);
    let since = seen().await["dismissed_at"].clone();
    assert!(since.is_string());
    assert_eq!((put(true).await["dismissed_at"].clone(), entries().await), (since, 1), "said twice, done once");
    let _ = owner.patch("/api/v1/onboarding", &json!({})).send().await.expect(200);
    assert_eq!((put(false).await["dismissed_at"].clone(), entries().await), (Value::Null, 2));
    app.expect_event("onboarding.checklist.updated.v1").await;
    viewer.patch("/api/v1/onboarding", &json!({ "dismissed": true })).send().await.error(403, "FORBIDDEN");
    owner.patch("/api/v1/onboarding", &json!({ "dismissed": null })).send().await.error(422, "VALIDATION_FAILED");
}
