//! API keys in the request path: where they open, and what forged ones cost.

use nexus_core::{TenantId, TenantState};
use nexus_iam::api_keys;
use nexus_iam::policy::PolicyVersion;
use nexus_infra::secrets::TenantKeyring;
use nexus_test_support::{Role, TestTenant, scopes};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::key_uses::write_all;
use crate::test_app::App;

#[tokio::test]
async fn host_and_header_must_be_the_keys_organizations() {
    let app = App::start().await;
    let other = TestTenant::in_control(&app.tenant.control).await;
    let key = app.tenant.api_key(&["products.read"]).await;
    let client = app.server.client().bearer(&key);
    let host = |slug: &str| format!("{slug}.localhost");
    let _ = client.get("/api/v1/me").send().await.expect(200);
    let _ = client.host(host(&app.tenant.slug)).tenant(&app.tenant.slug).get("/api/v1/me").send().await.expect(200);
    for stranger in [client.tenant(&other.slug), client.host(host(&other.slug)), client.host(host("nowhere")), client.host("evil.example")] {
        stranger.get("/api/v1/me").send().await.error(403, "TENANT_MISMATCH");
    }
}

#[tokio::test]
async fn a_key_goes_into_the_authorization_header_and_nowhere_else() {
    let app = App::start().await;
    let key = app.tenant.api_key(&["products.read"]).await.key;
    let anonymous = app.server.client();
    for (header, value) in [
        ("Cookie", format!("session={key}")),
        ("Cookie", key.clone()),
        ("X-Api-Key", key.clone()),
        ("Authorization", key.clone()),
        ("Authorization", format!("ApiKey {key}")),
        ("Authorization", format!("Bearer {key} {key}")),
        ("Authorization", format!("Basic {key}")),
    ] {
        anonymous.get("/api/v1/me").header(header, &value).send().await.error(401, "UNAUTHORIZED");
    }
    anonymous.get(&format!("/api/v1/me?api_key={key}")).send().await.error(400, "BAD_REQUEST");
    let _ = anonymous.get("/api/v1/me").header("Authorization", &format!("bearer {key}")).send().await.expect(200);
    // Two credentials are none.
    anonymous.bearer(&key).get("/api/v1/me").header("Authorization", &format!("Bearer {key}")).send().await.error(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn the_tenants_state_holds_for_keys_as_for_people() {
    for state in TenantState::ALL.iter().filter(|state| **state != TenantState::Active) {
        let tenant = TestTenant::new().await;
        let key = tenant.api_key(&scopes()).await;
        tenant.set_state(state.as_str()).await;
        let app = App::of(tenant).await;
        let (person, program) = (app.client(Role::Owner), app.server.client().bearer(&key));
        let told = async |client: &nexus_test_support::Client| {
            let reading = client.get("/api/v1/tags").send().await;
            let writing = client.post("/api/v1/tags", &json!({ "name": Uuid::new_v4().to_string() })).send().await;
            let code = |answer: &nexus_test_support::Answer| (answer.status.as_u16(), answer.json()["error"]["code"].clone());
            (code(&reading), code(&writing))
        };
        assert_eq!(told(&person).await, told(&program).await, "{state:?}");
    }
}

#[tokio::test]
async fn made_up_keys_open_no_pool_and_ask_for_no_organization() {
    let app = App::without_workers().await;
    let real = app.tenant.api_key(&["products.read"]).await.key;
    let mut made_up = vec![app.tenant.forged_api_key().key, "nxk_".to_owned(), "nxk_rubbish".to_owned(), real[..131].to_owned()];
    for place in (4..132).step_by(8) {
        let other = if &real[place..=place] == "A" { "B" } else { "A" };
        made_up.push(format!("{}{other}{}", &real[..place], &real[place + 1..]));
    }
    // Not even with the directory gone: nobody is asked.
    let admin = app.tenant.control.stack().admin_db(app.tenant.control.name()).await;
    sqlx::query("ALTER VIEW directory RENAME TO directory_gone").execute(admin.pool()).await.unwrap();
    for key in &made_up {
        app.server.client().bearer(key).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    }
    assert_eq!(app.runtime.registry.stats().pools, 0, "a pool was opened");
    sqlx::query("ALTER VIEW directory_gone RENAME TO directory").execute(admin.pool()).await.unwrap();
    let _ = app.server.client().bearer(&real).get("/api/v1/me").send().await.expect(200);
}

#[tokio::test]
async fn real_keys_that_nothing_stands_behind_are_refused() {
    let app = App::without_workers().await;
    app.server.client().bearer(&app.tenant.forgotten_api_key()).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    // An organization that is gone, and never was.
    let settings = app.tenant.control.stack().settings(&app.tenant.control);
    let keyring = TenantKeyring::from_settings(&settings.secrets).unwrap();
    let minted = api_keys::mint(&keyring, TenantId(Uuid::new_v4()), Uuid::new_v4()).unwrap();
    app.server.client().bearer(minted.key.expose_secret()).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    // Whoever has the MACs' key still lacks the secret that the database knows.
    let known = app.tenant.api_key(&["products.read"]).await;
    let remade = api_keys::mint(&keyring, app.tenant.id, known.id).unwrap();
    app.server.client().bearer(remade.key.expose_secret()).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    let _ = app.server.client().bearer(&known).get("/api/v1/me").send().await.expect(200);
}

#[tokio::test]
async fn a_keys_last_use_is_noted_beside_the_request_and_changes_nothing_else() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let key = app.tenant.api_key(&["products.read"]).await;
    let path = format!("/api/v1/api-keys/{}", key.id);
    let epoch = async || PolicyVersion::load(app.tenant.db()).await.unwrap();
    let (before, epoch_before) = (owner.get(&path).send().await.ok(), epoch().await);
    assert_eq!(before["last_used_at"], Value::Null);
    for _ in 0..3 {
        let _ = app.server.client().bearer(&key).get("/api/v1/products").send().await.expect(200);
    }
    assert_eq!(owner.get(&path).send().await.ok(), before, "not in the request's way");
    write_all(&app.runtime).await;
    let after = owner.get(&path).send().await.ok();
    assert!(after["last_used_at"].is_string(), "{after}");
    assert_eq!(epoch().await, epoch_before, "the policy was raised by a mere use");
    let version: i64 = sqlx::query_scalar("SELECT version FROM api_keys WHERE id = $1").bind(key.id).fetch_one(app.tenant.db().pool()).await.unwrap();
    assert_eq!(version, 1);
}
