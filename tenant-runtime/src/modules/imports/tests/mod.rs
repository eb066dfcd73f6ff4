//! Imports over HTTP, on a real tenant database and bucket, with workers.

mod admission;
mod dry_run;
mod files;
mod movements;
mod products;
mod properties;
mod races;
mod retention;
mod round_trip;

use nexus_core::{Origin, SystemClock};
use nexus_infra::DbError;
use nexus_test_support::{Answer, Client, Role};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::modules::inventory::verify_levels;
use crate::test_app::App;

const PRODUCTS: &str = "/api/v1/products/import";
const MOVEMENTS: &str = "/api/v1/stock-movements/import";

/// Sends a file.
async fn upload(client: &Client, path: &str, content: impl Into<Vec<u8>>, fields: &[(&'static str, String)]) -> Answer {
    let mut form = Form::new();
    for (name, value) in fields {
        form = form.text(*name, value.clone());
    }
    let part = Part::bytes(content.into()).file_name("file.csv").mime_str("text/csv").unwrap();
    client.request(Method::POST, path).multipart(form.part("file", part)).idempotency_key(&Uuid::new_v4().to_string()).send().await
}

/// Sends a file and waits until its job has ended.
async fn import(app: &App, path: &str, content: impl Into<Vec<u8>>, fields: &[(&'static str, String)]) -> Value {
    let client = app.client(Role::Manager);
    let ticket = upload(&client, path, content, fields).await.ok();
    app.job_done(&client, &format!("/api/v1/jobs/{}", ticket["id"].as_str().unwrap())).await
}

/// The lines of a job's error file, without its header.
async fn errors(app: &App, job: &Value) -> Vec<String> {
    let file = app.client(Role::Manager).get(job["errors_url"].as_str().expect("an error file")).send().await;
    assert_eq!(file.status.as_u16(), 200);
    let text = file.text();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("line,column,code,reason"));
    lines.map(str::to_owned).collect()
}

fn mapping(value: &Value) -> (&'static str, String) {
    ("mapping", value.to_string())
}

fn code_of(job: &Value) -> String {
    job["error"].as_str().and_then(|error| error.split(':').next()).unwrap_or_default().to_owned()
}

async fn on_hand(app: &App, sku: &str) -> String {
    let levels = app.client(Role::Manager).get(&format!("/api/v1/inventory?sku={sku}")).send().await.ok();
    levels[0]["on_hand"].as_str().unwrap_or("none").to_owned()
}

async fn movements(app: &App) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM stock_movements").fetch_one(app.tenant.db().pool()).await.unwrap()
}

async fn assert_levels_are_true(app: &App) {
    let clock = SystemClock::shared();
    let found =
        app.tenant.db().read_snapshot::<_, DbError, _>("test", &clock, &Origin::system("test"), async |tx| verify_levels(tx).await).await.unwrap();
    assert_eq!(found.differences, []);
}

/// Products by SKU, and 100 pieces of each that is stocked.
async fn stock(app: &App, skus: &[&str]) {
    let products: String = skus.iter().map(|sku| format!("{sku},Article {sku}\n")).collect();
    let done = import(app, PRODUCTS, format!("sku,name\n{products}"), &[]).await;
    assert_eq!(done["state"], "succeeded", "{done}");
    let opening: String = skus.iter().map(|sku| format!("{sku},100\n")).collect();
    let defaults = mapping(&json!({ "defaults": { "location": "MAIN", "reason": "opening_stock" } }));
    let done = import(app, MOVEMENTS, format!("sku,quantity\n{opening}"), &[defaults]).await;
    assert_eq!(done["state"], "succeeded", "{done}");
}
