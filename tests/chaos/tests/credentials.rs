//! An organization's API key, made as its owner makes one.

use serde_json::json;

use crate::ground::Ground;
use crate::platform::{Organization, session, text};

/// What a program needs that reads and writes articles and stock.
const SCOPES: [&str; 7] =
    ["products.read", "products.write", "locations.read", "inventory.read", "inventory.receive", "inventory.issue", "jobs.read"];

/// Makes one. Its owner's address is proved meanwhile: nobody else may make keys.
pub async fn api_key(ground: &Ground, organization: &Organization) -> String {
    let proved = "UPDATE accounts SET email_verified_at = now() WHERE email_normalised = $1";
    sqlx::query(proved).bind(&organization.email).execute(ground.control.db().pool()).await.unwrap();
    let client = ground.client().await;
    let tokens = session(&client, &organization.slug, Some(&organization.slug)).await;
    let owner = client.bearer(text(&tokens["access_token"])).tenant(&organization.slug);
    let body = json!({ "name": "A program of its own", "scopes": SCOPES });
    text(&owner.post("/api/v1/api-keys", &body).send().await.created()["key"])
}
