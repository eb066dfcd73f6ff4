//! Access over HTTP, on a real tenant database: who comes in, and what they see.

use std::time::Duration;

use nexus_test_support::{Role, TestTenant, TestTokens};
use serde_json::json;

use crate::test_app::App;

#[tokio::test]
async fn the_caller_sees_who_they_are() {
    let app = App::start().await;
    let me = app.client(Role::Manager).get("/api/v1/me").send().await.ok();
    assert_eq!(me["user"]["email"], app.tenant.user(Role::Manager).email);
    assert_eq!(me["roles"], json!(["manager"]));
    assert_eq!(me["organization"]["slug"], app.tenant.slug);
    assert!(me["permissions"].as_array().unwrap().contains(&json!("products.write")));
    assert!(!me["permissions"].as_array().unwrap().contains(&json!("settings.write")));
    assert_eq!(me["entitlements"]["plan"], "business");
}

#[tokio::test]
async fn without_a_good_token_nobody_comes_in() {
    let app = App::start().await;
    let tokens = app.tenant.control.tokens();
    let anonymous = app.server.client();
    let on_apex = anonymous.get("/api/v1/me").send().await;
    on_apex.error(401, "UNAUTHORIZED");
    assert!(on_apex.header("www-authenticate").is_some());
    let claims = app.tenant.claims(Role::Owner);
    let forged = TestTokens::foreign("https://elsewhere.example");
    for token in [
        "nonsense".to_owned(),
        tokens.expired(claims.clone()),
        tokens.unsigned(&claims),
        tokens.hmac_confused(&claims),
        tokens.without(claims.clone(), "exp"),
        tokens.without(claims.clone(), "tid"),
        forged.mint(&claims),
    ] {
        anonymous.bearer(token).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    }
    // Good ones of another kind: a new one would do no better.
    for token in [
        tokens.mint(&tokens.account_claims(app.tenant.user(Role::Owner).account_id.0)),
        tokens.mint(&tokens.operator_claims(app.tenant.user(Role::Owner).account_id.0, "super_admin")),
    ] {
        let refused = anonymous.bearer(token).get("/api/v1/me").send().await;
        refused.error(403, "FORBIDDEN");
        assert!(refused.header("www-authenticate").is_none());
    }
}

#[tokio::test]
async fn host_header_and_token_must_name_one_tenant() {
    let app = App::start().await;
    let other = TestTenant::in_control(&app.tenant.control).await;
    let client = app.client(Role::Owner);
    let host = |slug: &str| format!("{slug}.localhost");
    let _ = client.host(host(&app.tenant.slug)).get("/api/v1/me").send().await.expect(200);
    let _ = client.tenant(&app.tenant.slug).get("/api/v1/me").send().await.expect(200);
    client.tenant(&other.slug).get("/api/v1/me").send().await.error(403, "TENANT_MISMATCH");
    client.host(host(&other.slug)).get("/api/v1/me").send().await.error(403, "TENANT_MISMATCH");
    client.host(host("no-such-tenant")).get("/api/v1/me").send().await.error(403, "TENANT_MISMATCH");
    client.host("evil.example").get("/api/v1/me").send().await.error(403, "TENANT_MISMATCH");
    client.get("/api/v1/me").header("X-Tenant", &app.tenant.slug).header("X-Tenant", &other.slug).send().await.error(403, "TENANT_MISMATCH");
    let anonymous = app.server.client();
    anonymous.host(host(&app.tenant.slug)).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    anonymous.host(host("no-such-tenant")).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    anonymous.tenant(&app.tenant.slug).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn one_tenants_people_and_rows_are_unknown_to_the_other() {
    let app = App::start().await;
    let other = TestTenant::in_control(&app.tenant.control).await;
    let product = app.client(Role::Owner).post("/api/v1/products", &json!({ "name": "Beans" })).send().await.created();
    let stranger = app.server.client().bearer(other.token(Role::Owner));
    stranger.get(&format!("/api/v1/products/{}", product["id"].as_str().unwrap())).send().await.error(404, "NOT_FOUND");
    assert_eq!(stranger.get("/api/v1/products").send().await.metadata()["total"], 0);
    let mut claims = app.tenant.claims(Role::Owner);
    claims["sub"] = json!(other.user(Role::Owner).account_id.0);
    let intruder = app.server.client().bearer(app.tenant.control.tokens().mint(&claims));
    intruder.get("/api/v1/me").send().await.error(403, "NOT_A_MEMBER");
}

#[tokio::test]
async fn a_token_to_accept_an_invitation_opens_nothing_else_not_even_to_a_member() {
    let app = App::start().await;
    let mut claims = app.tenant.claims(Role::Owner);
    claims["inv"] = json!({ "id": app.tenant.id, "gen": 1 });
    let invited = app.server.client().bearer(app.tenant.control.tokens().mint(&claims));
    invited.get("/api/v1/me").send().await.error(403, "NOT_A_MEMBER");
    invited.post("/api/v1/tags", &json!({ "name": "x" })).send().await.error(403, "NOT_A_MEMBER");
}

#[tokio::test]
async fn the_tenants_state_decides_who_may_read_and_write() {
    for (state, read, write) in [
        ("read_only", (200, ""), (403, "TENANT_READ_ONLY")),
        ("suspended", (403, "TENANT_SUSPENDED"), (403, "TENANT_SUSPENDED")),
        ("archived", (403, "TENANT_ARCHIVED"), (403, "TENANT_ARCHIVED")),
        ("moving", (503, "TENANT_UNAVAILABLE"), (503, "TENANT_UNAVAILABLE")),
        ("provisioning", (503, "TENANT_NOT_READY"), (503, "TENANT_NOT_READY")),
        ("deleting", (401, "UNAUTHORIZED"), (401, "UNAUTHORIZED")),
    ] {
        let app = App::in_state(state).await;
        let client = app.client(Role::Owner);
        let reading = client.get("/api/v1/me").send().await;
        let writing = client.post("/api/v1/tags", &json!({ "name": "x" })).send().await;
        if read.0 == 200 {
            let _ = reading.expect(200);
        } else {
            reading.error(read.0, read.1);
        }
        writing.error(write.0, write.1);
    }
}

#[tokio::test]
async fn people_and_roles_are_listed_and_a_deactivated_person_is_out_within_the_bound() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let users = owner.get("/api/v1/users?sort=display_name").send().await;
    assert_eq!(users.metadata()["total"], 5);
    assert_eq!(owner.get("/api/v1/users?q=staff").send().await.ok()[0]["roles"], json!(["staff"]));
    assert_eq!(owner.get("/api/v1/users?q=mana").send().await.metadata()["total"], 1);
    let id = app.tenant.user(Role::Staff).account_id;
    let path = format!("/api/v1/users/{id}");
    let person = owner.get(&path).send().await;
    assert_eq!((person.ok()["status"].as_str(), person.ok()["version"].as_i64()), (Some("active"), Some(person.etag())));
    assert_eq!(person.header("cache-control"), Some("no-store"), "personal data");
    let known = format!("\"{}\"", person.etag());
    let again = owner.get(&path).header("If-None-Match", &known).send().await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0));
    let roles = owner.get("/api/v1/roles").send().await.ok();
    assert_eq!(roles.as_array().unwrap().len(), 5);
    let permissions = owner.get("/api/v1/permissions").send().await.ok();
    assert!(permissions.as_array().unwrap().iter().any(|permission| permission["key"] == "inventory.adjust"));
    app.client(Role::Viewer).get("/api/v1/users").send().await.error(403, "FORBIDDEN");

    let _ = app.client(Role::Staff).get("/api/v1/me").send().await.expect(200);
    app.deactivate(Role::Staff).await;
    let refused = nexus_test_support::eventually(Duration::from_secs(20), async || {
        let answer = app.client(Role::Staff).get("/api/v1/me").send().await;
        (answer.status.as_u16() != 200).then_some(answer)
    });
    refused.await.error(403, "NOT_A_MEMBER");
    let changed = owner.get(&path).header("If-None-Match", &known).send().await;
    assert_eq!((changed.ok()["status"].as_str(), changed.etag()), (Some("deactivated"), person.etag() + 1));
}

#[tokio::test]
async fn settings_change_under_their_version_and_refuse_nonsense() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    let before = owner.get("/api/v1/settings").send().await;
    assert_eq!(before.ok()["time_zone"], "UTC");
    let version = before.etag();
    let body = json!({ "time_zone": "Europe/Berlin", "currency": "CHF", "locale": "de-CH" });
    let after = owner.patch("/api/v1/settings", &body).if_match(version).send().await;
    assert_eq!(after.ok()["currency"], "CHF");
    assert!(after.etag() > version);
    owner.patch("/api/v1/settings", &body).if_match(version).send().await.error(412, "PRECONDITION_FAILED");
    for zone in ["Mars/Olympus", "right/Europe/Berlin", "posix/Europe/Berlin"] {
        let error = owner.patch("/api/v1/settings", &json!({ "time_zone": zone })).if_match(after.etag()).send().await;
        error.error(422, "VALIDATION_FAILED");
    }
    for bad in [json!({ "currency": "euro" }), json!({ "locale": "deutsch" }), json!({ "locale": null }), json!({ "logo": "x" })] {
        owner.patch("/api/v1/settings", &bad).if_match(after.etag()).send().await.error(422, "VALIDATION_FAILED");
    }
    app.client(Role::Manager).patch("/api/v1/settings", &body).if_match(after.etag()).send().await.error(403, "FORBIDDEN");
    app.expect_audit("settings.update", "settings").await;
}

#[tokio::test]
async fn the_audit_log_goes_by_cursor_newest_first() {
    let app = App::start().await;
    let owner = app.client(Role::Owner);
    for number in 0..5 {
        let _ = owner.post("/api/v1/tags", &json!({ "name": format!("tag {number}") })).send().await.created();
    }
    let first = owner.get("/api/v1/audit-logs?entity_type=tag&limit=3").send().await;
    assert_eq!(first.ok()[0]["after"]["name"], "tag 4");
    assert_eq!(first.ok()[0]["actor_id"], json!(app.tenant.user(Role::Owner).account_id));
    let next = first.metadata()["next_cursor"].as_str().unwrap().to_owned();
    let second = owner.get(&format!("/api/v1/audit-logs?entity_type=tag&limit=3&cursor={next}")).send().await;
    assert_eq!(second.ok()[1]["after"]["name"], "tag 0");
    assert_eq!(second.metadata()["has_more"], false);
    owner.get("/api/v1/audit-logs?page=1").send().await.error(400, "BAD_REQUEST");
    app.client(Role::Manager).get("/api/v1/audit-logs").send().await.error(403, "FORBIDDEN");
}
