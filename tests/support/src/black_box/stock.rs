//! An article with a place for it.

use serde_json::json;

use super::platform::text;
use crate::Client;

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
