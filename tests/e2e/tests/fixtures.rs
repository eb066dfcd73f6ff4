//! What tests put into an organization through its API.

use nexus_test_support::{Answer, Client};
use serde_json::{Value, json};

use crate::platform::{key, text};

/// An article and the place that is there from the beginning.
#[derive(Debug, Clone)]
pub struct Article {
    pub product: String,
    pub variant: String,
    /// Id of the location `MAIN`.
    pub main: String,
}

/// Makes a product with one variant.
pub async fn article(client: &Client, sku: &str) -> Article {
    let body = json!({ "name": format!("Article {sku}"), "status": "active", "variants": [{ "sku": sku }] });
    let product = client.post("/api/v1/products", &body).send().await.created();
    let sites = client.get("/api/v1/warehouses?kind=warehouse").send().await.expect(200).ok();
    let main = sites.as_array().and_then(|sites| sites.iter().find(|site| site["code"] == "MAIN")).expect("the first warehouse");
    Article { product: text(&product["id"]), variant: text(&product["variants"][0]["id"]), main: text(&main["id"]) }
}

/// Posts goods that come in (`receive`) or go out (`issue`).
pub async fn post(client: &Client, kind: &str, article: &Article, quantity: &str, key: &str) -> Answer {
    client.post("/api/v1/stock-movements", &movement(kind, article, json!(quantity))).idempotency_key(key).send().await
}

/// The body of [`post`].
pub fn movement(kind: &str, article: &Article, quantity: Value) -> Value {
    json!({ "kind": kind, "lines": [{ "variant_id": article.variant, "location_id": article.main, "quantity": quantity }] })
}

/// Receives goods.
pub async fn receive(client: &Client, article: &Article, quantity: &str) {
    let _ = post(client, "receive", article, quantity, &key()).await.created();
}

/// What is on hand of an article, over all places.
pub async fn on_hand(client: &Client, article: &Article) -> Vec<String> {
    let levels = client.get(&format!("/api/v1/inventory?variant_id={}", article.variant)).send().await.expect(200).ok();
    levels.as_array().expect("levels").iter().map(|level| text(&level["on_hand"])).collect()
}
