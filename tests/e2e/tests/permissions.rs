//! What the document says an operation needs is what it needs: whoever holds everything else is refused, whoever holds that alone comes in.
//! For people by their roles and for API keys by their scopes.

use std::collections::BTreeSet;

use nexus_test_support::{Answer, Client, TestTenant, scopes};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::document::Operation;
use crate::fixtures::article;
use crate::platform::{Platform, key};

/// Operations for which the body decides which of several permissions is needed; each has a test of its own. This list may only shrink.
const SEVERAL: &[&str] = &["create_stock_movements", "reverse_stock_movement"];

/// Somebody with a role of their own that holds these permissions.
async fn person_with(tenant: &TestTenant, admin: &PgPool, permissions: &BTreeSet<String>) -> Uuid {
    let (user, role) = (Uuid::new_v4(), Uuid::new_v4());
    sqlx::query(
        "WITH person AS (INSERT INTO users (id, email, email_normalised, display_name, status, joined_at)
                         VALUES ($1, $3, $3, 'Somebody', 'active', now()) RETURNING id),
              part AS (INSERT INTO roles (id, key, name) VALUES ($2, $4, $4) RETURNING id),
              grants AS (INSERT INTO role_permissions (role_id, permission) SELECT id, unnest($5::text[]) FROM part)
         INSERT INTO user_roles (user_id, role_id) SELECT person.id, part.id FROM person, part",
    )
    .bind(user)
    .bind(role)
    .bind(format!("{user}@{}.example", tenant.slug))
    .bind(format!("r{}", role.simple()))
    .bind(permissions.iter().cloned().collect::<Vec<_>>())
    .execute(admin)
    .await
    .expect("somebody with a role");
    user
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_needs_the_permission_that_the_document_names_and_no_other() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let admin = tenant.owner_db().await.pool().clone();
    let operations = platform.document.operations();
    let guarded: Vec<&Operation> = operations.values().filter(|operation| operation.is_tenants() && !operation.permissions.is_empty()).collect();
    let all: BTreeSet<String> = guarded.iter().flat_map(|operation| operation.permissions.clone()).collect();
    // Everybody is there before anybody asks: the policy is read once.
    let mut callers = Vec::new();
    for operation in guarded {
        let named: BTreeSet<String> = operation.permissions.iter().cloned().collect();
        assert_eq!(named.len() > 1, SEVERAL.contains(&operation.id.as_str()), "{}: several permissions want a test of their own", operation.id);
        let without = person_with(&tenant, &admin, &all.difference(&named).cloned().collect()).await;
        let with = person_with(&tenant, &admin, &named).await;
        let tokens = tenant.control.tokens();
        let [without, with] = [without, with].map(|person| tokens.mint(&tokens.tenant_claims(person, tenant.id.0)));
        callers.push((operation, without, with));
        if operation.takes_keys {
            let (with, without): (Vec<&str>, Vec<&str>) = scopes().into_iter().partition(|scope| named.contains(*scope));
            assert_eq!(with.len(), named.len(), "{}: the document says that it takes keys, and no key can have what it needs", operation.id);
            callers.push((operation, tenant.api_key(&without).await.key, tenant.api_key(&with).await.key));
        } else {
            assert!(
                named.iter().all(|permission| !scopes().contains(&permission.as_str())),
                "{}: keys could do it, says the catalogue",
                operation.id
            );
        }
    }
    let unknown = Uuid::new_v4().to_string();
    for (operation, without, with) in callers {
        let ask = async |credential: &str| -> Answer {
            let client = platform.client().bearer(credential).tenant(&tenant.slug);
            platform.document.request(&client, operation, &operation.path_with(&unknown), &unknown).send().await
        };
        let refused = ask(&without).await.error(403, "FORBIDDEN");
        let named = refused["details"]["permission"].as_str().unwrap_or_default();
        assert!(operation.permissions.iter().any(|permission| permission == named), "{}: {refused}", operation.id);
        let admitted = ask(&with).await;
        assert!(![401, 403].contains(&admitted.status.as_u16()), "{} with {:?} alone: {}", operation.id, operation.permissions, admitted.text());
        assert!(admitted.status.as_u16() < 500, "{}: {}", operation.id, admitted.text());
    }
}

/// Kind and other side of a movement, and what it needs.
const DIRECTIONS: &[(&str, Option<&str>, &str)] = &[
    ("receive", None, "inventory.receive"),
    ("receive", Some("production"), "inventory.receive"),
    ("return", None, "inventory.receive"),
    ("return", Some("supplier"), "inventory.issue"),
    ("issue", None, "inventory.issue"),
    ("issue", Some("production"), "inventory.issue"),
    ("scrap", None, "inventory.issue"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_only_receive_issues_nothing_and_the_other_way_round() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let admin = tenant.owner_db().await.pool().clone();
    let tokens = tenant.control.tokens();
    let client_of =
        |person: Uuid| -> Client { platform.client().bearer(tokens.mint(&tokens.tenant_claims(person, tenant.id.0))).tenant(&tenant.slug) };
    let mut clients = Vec::new();
    for permission in ["inventory.receive", "inventory.issue"] {
        clients.push((permission, client_of(person_with(&tenant, &admin, &BTreeSet::from([permission.to_owned()])).await)));
    }
    let builder = person_with(&tenant, &admin, &BTreeSet::from(["products.write", "locations.read"].map(str::to_owned))).await;
    let tea = article(&client_of(builder), "TEA").await;
    let permissions = &platform.document.operations()["create_stock_movements"].permissions;
    for (kind, partner, needed) in DIRECTIONS {
        assert!(permissions.iter().any(|permission| permission == needed), "the document does not say that a movement can need {needed}");
        // What comes in lasts for what goes out.
        let quantity = if *needed == "inventory.receive" { "10" } else { "1" };
        let line = json!({ "variant_id": tea.variant, "location_id": tea.main, "quantity": quantity });
        let body = json!({ "kind": kind, "partner": partner, "lines": [line] });
        for (held, client) in &clients {
            let answer = client.post("/api/v1/stock-movements", &body).idempotency_key(&key()).send().await;
            if held == needed {
                assert_eq!(answer.status.as_u16(), 201, "{kind} {partner:?} with {held}: {}", answer.text());
            } else {
                assert_eq!(answer.error(403, "FORBIDDEN")["details"]["permission"], *needed, "{kind} {partner:?} with {held}");
            }
        }
    }
}

/// What is posted, and what undoing it needs.
const POSTINGS: &[(&str, &str, &str)] = &[
    ("/api/v1/stock-movements", "inventory.receive", r#"{ "kind": "receive", "lines": [{ "location_id": "@", "quantity": "10" }] }"#),
    ("/api/v1/stock-movements", "inventory.issue", r#"{ "kind": "issue", "lines": [{ "location_id": "@", "quantity": "1" }] }"#),
    ("/api/v1/stock-movements", "inventory.issue", r#"{ "kind": "scrap", "lines": [{ "location_id": "@", "quantity": "1" }] }"#),
    ("/api/v1/inventory/adjust", "inventory.adjust", r#"{ "reason": "found", "lines": [{ "location_id": "@", "delta": "1" }] }"#),
    ("/api/v1/inventory/adjust", "inventory.adjust", r#"{ "reason": "loss", "lines": [{ "location_id": "@", "delta": "-1" }] }"#),
    ("/api/v1/inventory/transfer", "inventory.transfer", r#"{ "lines": [{ "from_location_id": "@", "to_location": "SHOP", "quantity": "1" }] }"#),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_movement_is_undone_by_whoever_may_post_its_kind() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let admin = tenant.owner_db().await.pool().clone();
    let tokens = tenant.control.tokens();
    let client_of =
        |person: Uuid| -> Client { platform.client().bearer(tokens.mint(&tokens.tenant_claims(person, tenant.id.0))).tenant(&tenant.slug) };
    let permissions = &platform.document.operations()["reverse_stock_movement"].permissions;
    let mut clients = Vec::new();
    for permission in permissions {
        clients.push((permission, client_of(person_with(&tenant, &admin, &BTreeSet::from([permission.clone()])).await)));
    }
    let mut all: BTreeSet<String> = permissions.iter().cloned().collect();
    all.extend(["products.write", "locations.read", "locations.write"].map(str::to_owned));
    let poster = client_of(person_with(&tenant, &admin, &all).await);
    let tea = article(&poster, "TEA").await;
    let _ = poster.post("/api/v1/locations", &json!({ "code": "SHOP", "name": "Shop", "type": "site" })).send().await.created();
    for (path, needed, body) in POSTINGS {
        assert!(permissions.iter().any(|permission| permission == needed), "the document does not say that a reversal can need {needed}");
        let mut body: serde_json::Value = serde_json::from_str(&body.replace('@', &tea.main)).expect("a body");
        body["lines"][0]["variant_id"] = json!(tea.variant);
        let posted = poster.post(path, &body).idempotency_key(&key()).send().await.created();
        let reverse = format!("/api/v1/stock-movements/{}/reverse", posted["movements"][0]["id"].as_str().expect("an id"));
        let ask = async |client: &Client| client.post(&reverse, &json!({})).idempotency_key(&key()).send().await;
        for (_, client) in clients.iter().filter(|(held, _)| held != needed) {
            assert_eq!(ask(client).await.error(403, "FORBIDDEN")["details"]["permission"], *needed, "{body}");
        }
        // Goods that came in stay for what goes out.
        if body["kind"] != "receive" {
            let (_, client) = clients.iter().find(|(held, _)| held == needed).expect("somebody who may");
            assert_eq!(ask(client).await.status.as_u16(), 201, "{body} with {needed}");
        }
    }
}
