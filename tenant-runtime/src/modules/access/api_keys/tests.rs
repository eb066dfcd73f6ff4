//! API keys over HTTP, on a real tenant database: making, seeing and revoking them.

use std::time::Duration;

use chrono::TimeDelta;
use nexus_core::{Clock, SystemClock};
use nexus_iam::permissions::PERMISSIONS;
use nexus_test_support::{Answer, Client, Role, eventually, scopes};
use serde_json::{Value, json};

use super::ForgetsOldKeys;
use crate::context::TenantContext;
use crate::test_app::App;
use crate::work::TenantUpkeep;

const KEYS: &str = "/api/v1/api-keys";

fn body(scopes: &[&str]) -> Value {
    json!({ "name": "Web shop", "scopes": scopes })
}

async fn make(client: &Client, scopes: &[&str]) -> Value {
    client.post(KEYS, &body(scopes)).send().await.created()
}

fn path_of(key: &Value) -> String {
    format!("{KEYS}/{}", key["id"].as_str().unwrap())
}

/// Places and codes of the faults of a refused body.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let error = answer.error(422, "VALIDATION_FAILED");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    error["details"].as_array().unwrap().iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
}

#[tokio::test]
async fn a_key_is_shown_once_and_may_do_what_its_scopes_say() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let created = make(&owner, &["products.read", "inventory.read"]).await;
    let key = created["key"].as_str().unwrap();
    assert!(key.starts_with("nxk_") && key.len() == 132, "{created}");
    assert_eq!((&created["scopes"], &created["state"]), (&json!(["inventory.read", "products.read"]), &json!("active")));
    assert_eq!(created["created_by"], json!(app.tenant.user(Role::Owner).account_id));
    let shown = owner.get(&path_of(&created)).send().await;
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    for text in [shown.text(), owner.get(KEYS).send().await.text()] {
        assert!(!text.contains(key) && text.contains(created["redacted_key"].as_str().unwrap()), "{text}");
    }

    let program = app.server.client().bearer(key);
    let me = program.get("/api/v1/me").send().await.ok();
    assert_eq!((&me["user"], &me["roles"], &me["api_key"]["id"]), (&Value::Null, &json!([]), &created["id"]));
    assert_eq!((&me["permissions"], &me["organization"]["slug"]), (&created["scopes"], &json!(app.tenant.slug)));
    let _ = program.get("/api/v1/products").send().await.expect(200);
    let refused = program.post("/api/v1/tags", &json!({ "name": "x" })).send().await.error(403, "FORBIDDEN");
    assert_eq!(refused["details"]["permission"], "products.write");
    assert_eq!(owner.get("/api/v1/me").send().await.ok()["api_key"], Value::Null);
    app.expect_audit("api_keys.create", "api_key").await;
    app.expect_event("access.api_key.created.v1").await;
}

#[tokio::test]
async fn no_key_makes_or_revokes_keys_and_none_has_what_is_a_persons() {
    let app = App::start().await;
    let victim = app.tenant.api_key(&["products.read"]).await;
    // Whatever the table says.
    let everything: Vec<&str> = PERMISSIONS.iter().map(|permission| permission.key).collect();
    let program = app.server.client().bearer(&app.tenant.api_key(&everything).await);
    let refused = program.post(KEYS, &body(&["products.read"])).send().await.error(403, "FORBIDDEN");
    assert_eq!(refused["details"]["permission"], "api_keys.write");
    program.delete(&format!("{KEYS}/{}", victim.id)).send().await.error(403, "FORBIDDEN");
    program.get("/api/v1/saved-views").send().await.error(403, "FORBIDDEN");
    let _ = program.get(KEYS).send().await.expect(200);
    let held = program.get("/api/v1/me").send().await.ok()["permissions"].as_array().unwrap().len();
    assert_eq!(held, scopes().len());
}

#[tokio::test]
async fn nowhere_in_the_database_lies_a_key_or_its_secret() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let request = owner.post(KEYS, &body(&["products.read"])).idempotency_key("once");
    let created = request.send().await.created();
    let key = created["key"].as_str().unwrap();
    owner.delete(&path_of(&created)).send().await.no_content();
    let admin = app.tenant.owner_db().await;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").fetch_all(admin.pool()).await.unwrap();
    for table in tables {
        let statement = sqlx::AssertSqlSafe(format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"));
        let rows: String = sqlx::query_scalar(statement).fetch_one(admin.pool()).await.unwrap();
        // 43 letters from the 43rd on are of the secret; the last four are shown.
        for part in [key, &key[4..40], &key[48..88], &key[90..128]] {
            assert!(!rows.contains(part), "{table} holds a part of the key");
        }
    }
}

#[tokio::test]
async fn a_retry_makes_no_second_key_and_does_not_show_the_first() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let ask = async |name: &str| {
        let body = json!({ "name": name, "scopes": ["products.read"] });
        owner.post(KEYS, &body).idempotency_key("once").send().await
    };
    let created = ask("Shop").await.created();
    let again = ask("Shop").await;
    let error = again.error(409, "SECRET_NOT_REPLAYABLE");
    assert!(!again.text().contains(created["key"].as_str().unwrap()), "{error}");
    ask("Other").await.error(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(owner.get(KEYS).send().await.metadata()["total"], 1);
}

#[tokio::test]
async fn every_fault_of_a_key_is_named_with_its_place() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let body = json!({
        "name": "Bad", "scopes": ["products.read", "made.up", "api_keys.write", "products.read", "saved_views.read"], "expires_at": "2020-01-01T00:00:00Z",
    });
    let named = faults(&owner.post(KEYS, &body).send().await);
    let wanted =
        [("expires_at", "past"), ("scopes[1]", "unknown"), ("scopes[2]", "not_a_scope"), ("scopes[3]", "duplicate"), ("scopes[4]", "not_a_scope")];
    assert_eq!(named, wanted.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let far = json!({ "name": "Far", "scopes": ["products.read"], "expires_at": SystemClock.now() + TimeDelta::days(6 * 366) });
    assert_eq!(faults(&owner.post(KEYS, &far).send().await), [("expires_at".to_owned(), "too_far".to_owned())]);
    for bad in [
        json!({ "name": "", "scopes": ["products.read"] }),
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "x", "scopes": vec!["products.read"; 101] }),
        json!({ "name": "x", "scopes": "products.read" }),
        json!({ "name": "x", "scopes": ["products.read"], "expires_at": "tomorrow" }),
        json!({ "name": "x", "scopes": ["products.read"], "created_by": app.tenant.user(Role::Admin).account_id }),
    ] {
        owner.post(KEYS, &bad).send().await.error(422, "VALIDATION_FAILED");
    }
    assert_eq!(owner.get(KEYS).send().await.metadata()["total"], 0);
}

#[tokio::test]
async fn nobody_gives_a_key_more_than_they_hold() {
    let app = App::start().await;
    let admin = app.tenant.owner_db().await;
    sqlx::raw_sql(
        "INSERT INTO roles (id, key, name) VALUES (gen_random_uuid(), 'keymaker', 'Keymaker');
         INSERT INTO role_permissions (role_id, permission)
         SELECT id, unnest(ARRAY['api_keys.write', 'products.read']) FROM roles WHERE key = 'keymaker'",
    )
    .execute(admin.pool())
    .await
    .unwrap();
    sqlx::query("UPDATE user_roles SET role_id = (SELECT id FROM roles WHERE key = 'keymaker') WHERE user_id = $1")
        .bind(app.tenant.user(Role::Staff).account_id.0)
        .execute(admin.pool())
        .await
        .unwrap();
    let keymaker = app.client(Role::Staff);
    let refused = keymaker.post(KEYS, &body(&["products.read", "audit_logs.read"])).send().await;
    assert_eq!(faults(&refused), [("scopes[1]".to_owned(), "not_held".to_owned())]);
    let _ = make(&keymaker, &["products.read"]).await;
    app.client(Role::Manager).post(KEYS, &body(&["products.read"])).send().await.error(403, "FORBIDDEN");
}

#[tokio::test]
async fn whoever_has_not_proved_the_address_makes_no_key() {
    let app = App::start().await;
    let mut claims = app.tenant.claims(Role::Owner);
    claims["email_verified"] = json!(false);
    let unproved = app.server.client().bearer(app.tenant.control.tokens().mint(&claims));
    unproved.post(KEYS, &body(&["products.read"])).send().await.error(403, "EMAIL_NOT_VERIFIED");
    let _ = unproved.get(KEYS).send().await.expect(200);
}

#[tokio::test]
async fn a_revoked_key_is_out_at_once_and_stays_revoked() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let created = make(&owner, &["products.read"]).await;
    let program = app.server.client().bearer(created["key"].as_str().unwrap());
    let _ = program.get("/api/v1/products").send().await.expect(200);
    for _ in 0..2 {
        owner.delete(&path_of(&created)).send().await.no_content();
        program.get("/api/v1/products").send().await.error(401, "UNAUTHORIZED");
    }
    let shown = owner.get(&path_of(&created)).send().await.ok();
    assert_eq!(shown["state"], "revoked");
    assert_eq!(owner.get(&format!("{KEYS}?revoked_at=null")).send().await.metadata()["total"], 0);
    assert_eq!(owner.get(KEYS).send().await.metadata()["total"], 1);
    let entries = owner.get("/api/v1/audit-logs?action=api_keys.revoke").send().await.ok();
    assert_eq!(entries.as_array().unwrap().len(), 1, "{entries}");
    assert_eq!((&entries[0]["before"]["state"], &entries[0]["after"]["state"]), (&json!("active"), &json!("revoked")));
    app.expect_event("access.api_key.revoked.v1").await;
    owner.delete(&format!("{KEYS}/{}", SystemClock.new_id())).send().await.error(404, "NOT_FOUND");
}

#[tokio::test]
async fn only_so_many_keys_work_at_a_time() {
    let app = App::with_limits(json!({ "api_keys": 1 })).await;
    let owner = app.client(Role::Owner);
    let _expired = app.tenant.api_key_until(&["products.read"], Some(SystemClock.now() - TimeDelta::hours(1))).await;
    let first = make(&owner, &["products.read"]).await;
    assert_eq!(owner.post(KEYS, &body(&["products.read"])).send().await.error(402, "QUOTA_EXCEEDED")["details"]["limit"], 1);
    owner.delete(&path_of(&first)).send().await.no_content();
    let answers = futures::future::join_all((0..8).map(async |_| owner.post(KEYS, &body(&["products.read"])).send().await.status.as_u16())).await;
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
}

#[tokio::test]
async fn beyond_a_hundred_keys_no_plan_helps() {
    let app = App::with_limits(json!({ "api_keys": 200 })).await;
    let owner = app.client(Role::Owner);
    let first = make(&owner, &["products.read"]).await;
    let copies = "INSERT INTO api_keys (id, name, redacted_key, secret_digest, scopes, created_by) \
        SELECT gen_random_uuid(), name, redacted_key, sha256(n::text::bytea), scopes, created_by FROM api_keys, generate_series(1, 99) AS n";
    sqlx::query(copies).execute(app.tenant.db().pool()).await.unwrap();
    assert_eq!(owner.post(KEYS, &body(&["products.read"])).send().await.error(409, "API_KEY_LIMIT")["details"]["limit"], 100);
    owner.delete(&path_of(&first)).send().await.no_content();
    let _ = make(&owner, &["products.read"]).await;
}

#[tokio::test]
async fn a_key_ends_when_its_time_is_up() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let end = SystemClock.now() + TimeDelta::seconds(3);
    let body = json!({ "name": "Short", "scopes": ["products.read"], "expires_at": end });
    let created = owner.post(KEYS, &body).send().await.created();
    let program = app.server.client().bearer(created["key"].as_str().unwrap());
    let _ = program.get("/api/v1/products").send().await.expect(200);
    let refused = eventually(Duration::from_secs(10), async || {
        let answer = program.get("/api/v1/products").send().await;
        (answer.status.as_u16() != 200).then_some(answer)
    });
    refused.await.error(401, "UNAUTHORIZED");
    assert!(SystemClock.now() >= end);
    assert_eq!(owner.get(&path_of(&created)).send().await.ok()["state"], "expired");
}

#[tokio::test]
async fn a_key_goes_on_when_its_maker_is_deactivated() {
    let app = App::start().await;
    let admin = app.client(Role::Admin);
    let created = make(&admin, &["products.read"]).await;
    app.deactivate(Role::Admin).await;
    let refused = eventually(Duration::from_secs(20), async || {
        let answer = admin.get("/api/v1/me").send().await;
        (answer.status.as_u16() != 200).then_some(answer)
    });
    refused.await.error(403, "NOT_A_MEMBER");
    let program = app.server.client().bearer(created["key"].as_str().unwrap());
    let _ = program.get("/api/v1/products").send().await.expect(200);
    let owner = app.client(Role::Owner);
    let theirs = owner.get(&format!("{KEYS}?created_by={}", app.tenant.user(Role::Admin).account_id)).send().await.ok();
    assert_eq!(theirs[0]["id"], created["id"]);
    owner.delete(&path_of(&created)).send().await.no_content();
    program.get("/api/v1/products").send().await.error(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn what_a_key_does_is_the_keys_doing() {
    let app = App::start().await;
    let key = app.tenant.api_key(&["products.read", "products.write", "jobs.read"]).await;
    let (program, owner) = (app.server.client().bearer(&key), app.client(Role::Owner));
    let tag = json!({ "name": "organic" });
    let made = program.post("/api/v1/tags", &tag).idempotency_key("same").send().await.created();
    assert_eq!(program.post("/api/v1/tags", &tag).idempotency_key("same").send().await.header("idempotency-replayed"), Some("true"));
    // The same word of somebody else is another key.
    owner.post("/api/v1/tags", &tag).idempotency_key("same").send().await.error(409, "TAG_EXISTS");
    let entries = owner.get(&format!("/api/v1/audit-logs?entity_id={}", made["id"].as_str().unwrap())).send().await.ok();
    assert_eq!((&entries[0]["actor_kind"], &entries[0]["actor_id"]), (&json!("api_key"), &json!(key.id)));
    let found = owner.get(&format!("/api/v1/audit-logs?actor_kind=api_key&actor_id={}", key.id)).send().await.ok();
    assert_eq!(found.as_array().unwrap().len(), 1);
    let exporter = app.server.client().bearer(&app.tenant.api_key(&["products.read"]).await);
    let job = exporter.post("/api/v1/products/export", &json!({})).send().await.expect(202).ok();
    let done = app.job_done(&exporter, &format!("/api/v1/jobs/{}", job["id"].as_str().unwrap())).await;
    assert_eq!(done["state"], "succeeded", "its own job, without jobs.read: {done}");
}

#[tokio::test]
async fn keys_that_ended_long_ago_are_forgotten() {
    let app = App::without_workers().await;
    let long_ago = SystemClock.now() - TimeDelta::days(91);
    let kept = [app.tenant.api_key(&["products.read"]).await, app.tenant.api_key_until(&["products.read"], Some(SystemClock.now())).await];
    let _expired = app.tenant.api_key_until(&["products.read"], Some(long_ago)).await;
    let revoked = app.tenant.api_key(&["products.read"]).await;
    sqlx::query("UPDATE api_keys SET revoked_at = $2 WHERE id = $1").bind(revoked.id).bind(long_ago).execute(app.tenant.db().pool()).await.unwrap();
    let record = app.runtime.record_for_work(app.tenant.id).await.unwrap();
    let ctx = TenantContext::system(&app.runtime, record, ForgetsOldKeys.name()).await.unwrap();
    ForgetsOldKeys.run(ctx).await.unwrap();
    let left = app.client(Role::Owner).get(&format!("{KEYS}?sort=created_at")).send().await.ok();
    let left: Vec<&Value> = left.as_array().unwrap().iter().map(|key| &key["id"]).collect();
    assert_eq!(left, [&json!(kept[0].id), &json!(kept[1].id)]);
}

#[tokio::test]
async fn scopes_that_can_t_be_read_are_an_error_and_not_none() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let key = make(&owner, &["products.read"]).await;
    let program = app.server.client().bearer(key["key"].as_str().unwrap());
    let _ = program.get("/api/v1/products").send().await.expect(200);
    let admin = app.tenant.owner_db().await;
    let revoked = "UPDATE api_keys SET revoked_at = now(), scopes = '[7]'";
    sqlx::query(revoked).execute(admin.pool()).await.unwrap();
    owner.get(KEYS).send().await.error(500, "INTERNAL_ERROR");
    owner.get(&path_of(&key)).send().await.error(500, "INTERNAL_ERROR");
    // One that works: nobody is let in by it.
    sqlx::query("UPDATE api_keys SET revoked_at = NULL").execute(admin.pool()).await.unwrap();
    eventually(Duration::from_secs(30), async || (program.get("/api/v1/products").send().await.status == 500).then_some(())).await;
}
