//! What tests put into an organization through its API.

use std::collections::BTreeMap;
use std::time::Duration;

use nexus_test_support::{Answer, Client, Role, TestTenant, eventually};
use serde_json::{Value, json};
use sqlx::PgPool;

pub use nexus_test_support::black_box::stock::{Article, article};

use crate::accepted;
use crate::document::Operation;
use crate::platform::{key, text};

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

/// One resource of every kind that an organization can have, all of them marked with a word.
pub struct Belongings {
    client: Client,
    pool: PgPool,
    owner: String,
    ids: BTreeMap<&'static str, String>,
}

impl Belongings {
    /// An organization that has nothing yet.
    pub fn none(client: &Client, tenant: &TestTenant) -> Self {
        let owner = tenant.user(Role::Owner).account_id.to_string();
        Self { client: client.clone(), pool: tenant.db().pool().clone(), owner, ids: BTreeMap::new() }
    }

    /// Fills an organization with them. The word becomes a SKU, codes and names.
    pub async fn furnish(client: &Client, tenant: &TestTenant, mark: &str) -> Self {
        let mut own = Self::none(client, tenant);
        let article = article(client, mark).await;
        for (kind, code) in [("locations", mark.to_owned()), ("shops", format!("{mark}-2"))] {
            let id = own.create("/api/v1/locations", json!({ "code": code, "name": mark, "type": "site", "kind": "warehouse" })).await;
            own.ids.insert(kind, id);
        }
        let line = json!({ "variant_id": article.variant, "location_id": own.id("locations"), "quantity": "50" });
        let posting = json!({ "kind": "receive", "lines": [line] });
        let posted = client.post("/api/v1/stock-movements", &posting).idempotency_key(&key()).send().await.created();
        let level = client.get(&format!("/api/v1/inventory?variant_id={}", article.variant)).send().await.expect(200).ok();
        let view = json!({ "resource": "products", "name": mark, "query": { "q": mark }, "shared": true });
        // Ended before anything is compared: a running job would change the tenant's rows.
        let job = text(&client.post("/api/v1/products/export", &json!({})).send().await.expect(202).ok()["id"]);
        succeeded(client, &job).await;
        let area = json!({ "code": format!("{mark}-3"), "name": mark, "type": "area", "parent_id": own.id("locations") });
        let found = [
            ("api-keys", own.create("/api/v1/api-keys", json!({ "name": mark, "scopes": ["products.read"] })).await),
            ("areas", own.create("/api/v1/locations", area).await),
            ("categories", own.create("/api/v1/categories", json!({ "name": mark })).await),
            ("tags", own.create("/api/v1/tags", json!({ "name": mark })).await),
            ("saved-views", own.create("/api/v1/saved-views", view).await),
            ("roles", own.create("/api/v1/roles", json!({ "key": mark.to_lowercase(), "name": mark, "allow": ["products.read"] })).await),
            ("invitations", own.create("/api/v1/invitations", json!({ "email": format!("{mark}@acme.example"), "roles": ["viewer"] })).await),
            ("stock-movements", text(&posted["movements"][0]["id"])),
            ("levels", text(&level[0]["id"])),
            ("jobs", job),
            ("history", article.product.clone()),
            ("products", article.product),
            ("variants", article.variant),
            ("users", tenant.user(Role::Staff).account_id.to_string()),
        ];
        own.ids.extend(found);
        own
    }

    /// The id of the one of a kind.
    pub fn id(&self, kind: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| panic!("tests/e2e/tests/fixtures.rs makes nothing of the kind `{kind}`"))
    }

    /// Makes one more of a kind that can be edited, ended or deleted: nothing is attached to it.
    pub async fn another(&self, kind: &str) -> String {
        let new = format!("N-{}", key());
        let product = json!({ "name": new, "variants": [{ "sku": new }] });
        match kind {
            "categories" => self.create("/api/v1/categories", json!({ "name": new })).await,
            "tags" => self.create("/api/v1/tags", json!({ "name": new })).await,
            "products" => self.create("/api/v1/products", product).await,
            "variants" => {
                let product = self.create("/api/v1/products", product).await;
                self.create(&format!("/api/v1/products/{product}/variants"), json!({ "sku": format!("{new}-2") })).await
            }
            "locations" | "shops" => self.create("/api/v1/locations", json!({ "code": new, "name": new, "type": "site" })).await,
            "areas" => {
                let site = match self.ids.get("locations") {
                    Some(site) => site.clone(),
                    None => self.create("/api/v1/locations", json!({ "code": format!("{new}-2"), "name": new, "type": "site" })).await,
                };
                self.create("/api/v1/locations", json!({ "code": new, "name": new, "type": "area", "parent_id": site })).await
            }
            "saved-views" => self.create("/api/v1/saved-views", json!({ "resource": "products", "name": new, "query": {} })).await,
            "api-keys" => self.create("/api/v1/api-keys", json!({ "name": new, "scopes": ["products.read"] })).await,
            "stock-movements" => {
                let _ = self.create("/api/v1/products", product).await;
                let posting = json!({ "kind": "receive", "lines": [{ "sku": new, "location": "MAIN", "quantity": "1" }] });
                let posted = self.client.post("/api/v1/stock-movements", &posting).idempotency_key(&key()).send().await.created();
                text(&posted["movements"][0]["id"])
            }
            "roles" => self.create("/api/v1/roles", json!({ "key": format!("r{}", key().replace('-', "")), "name": new })).await,
            "invitations" => self.create("/api/v1/invitations", json!({ "email": format!("{new}@acme.example"), "roles": ["viewer"] })).await,
            "users" => self.person("active").await,
            "outsiders" => self.person("deactivated").await,
            "jobs" => self.job_of_tomorrow().await,
            other => panic!("tests/e2e/tests/fixtures.rs makes no other one of the kind `{other}`"),
        }
    }

    /// Where a writing operation goes that is to be accepted: a path on something fresh, and its version.
    pub async fn aim(&self, operation: &Operation) -> (String, i64) {
        let path = match accepted::of(operation).target {
            "" => operation.path.clone(),
            kind => operation.path_with(&self.another(kind).await),
        };
        let version = if operation.takes("If-Match") { self.client.get(&operation.resource_of(&path)).send().await.expect(200).etag() } else { 0 };
        (path, version)
    }

    async fn create(&self, path: &str, body: Value) -> String {
        text(&self.client.post(path, &body).send().await.created()["id"])
    }

    /// Somebody who has joined.
    async fn person(&self, status: &str) -> String {
        let statement = "WITH person AS (INSERT INTO users (id, email, email_normalised, display_name, status, joined_at)
                 VALUES (gen_random_uuid(), $1, $1, 'Somebody', $2, now()) RETURNING id),
             viewer AS (INSERT INTO user_roles (user_id, role_id) SELECT person.id, r.id FROM person, roles r WHERE r.key = 'viewer')
             SELECT id::text FROM person";
        sqlx::query_scalar(statement).bind(format!("{}@acme.example", key())).bind(status).fetch_one(&self.pool).await.expect("a person")
    }

    /// A job that waits: nobody runs it before tomorrow.
    async fn job_of_tomorrow(&self) -> String {
        let statement = "INSERT INTO jobs (id, kind, run_at, created_by_kind, created_by, request_id)
             VALUES (gen_random_uuid(), 'catalog.export_products', now() + interval '1 day', 'user', $1::uuid, 'a test') RETURNING id::text";
        sqlx::query_scalar(statement).bind(&self.owner).fetch_one(&self.pool).await.expect("a job")
    }
}

/// Waits until a job has succeeded.
pub async fn succeeded(client: &Client, job: &str) {
    let done = eventually(Duration::from_secs(60), async || {
        let found = client.get(&format!("/api/v1/jobs/{job}")).send().await.expect(200).ok();
        ["succeeded", "failed", "cancelled"].contains(&text(&found["state"]).as_str()).then_some(found)
    })
    .await;
    assert_eq!(done["state"], "succeeded", "{done}");
}
