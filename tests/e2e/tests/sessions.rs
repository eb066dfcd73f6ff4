//! People log in, refresh, switch and log out; what ends a session bites at once.

use std::time::Duration;

use nexus_test_support::{Client, eventually};
use serde_json::{Value, json};

use crate::platform::{Operation, Organization, Platform, key, session, text, unique_slug};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_come_and_go() {
    let platform = Platform::start().await;
    let organization = platform.sign_up().await;
    let client = platform.client();
    refresh_rotates_and_reuse_ends_the_family(&client, &organization).await;
    logging_out_bites_at_once(&client, &organization).await;
    log_in_tells_nobody_whether_an_account_exists(&client, &organization).await;
    // One that proved nothing may not open a second organization.
    let proved = sqlx::query("UPDATE accounts SET email_verified_at = now() WHERE email_normalised = $1").bind(&organization.email);
    assert_eq!(proved.execute(platform.control.db().pool()).await.unwrap().rows_affected(), 1);
    a_person_switches_between_organizations(&client, &organization).await;
}

async fn refresh_rotates_and_reuse_ends_the_family(client: &Client, organization: &Organization) {
    let slug = &organization.slug;
    let first = session(client, slug, Some(slug)).await;
    let refresh = async |token: &Value| client.post("/api/v1/auth/refresh", &json!({ "refresh_token": token })).send().await;
    let second = refresh(&first["refresh_token"]).await.expect(200).ok();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    // A retry within ten seconds by the same client hears the same successor.
    let retried = refresh(&first["refresh_token"]).await.expect(200).ok();
    assert_eq!(second["refresh_token"], retried["refresh_token"]);
    let third = refresh(&second["refresh_token"]).await.expect(200).ok();
    let access = client.bearer(text(&third["access_token"])).tenant(slug);
    let _ = access.get("/api/v1/me").send().await.expect(200);
    // The first one is two generations old now: somebody else holds it. The family ends, and with it its access tokens.
    refresh(&first["refresh_token"]).await.error(401, "INVALID_REFRESH_TOKEN");
    refresh(&third["refresh_token"]).await.error(401, "INVALID_REFRESH_TOKEN");
    refused_within(Duration::from_secs(2), &access).await;
}

async fn logging_out_bites_at_once(client: &Client, organization: &Organization) {
    let slug = &organization.slug;
    let tokens = session(client, slug, Some(slug)).await;
    let access = client.bearer(text(&tokens["access_token"])).tenant(slug);
    let _ = access.get("/api/v1/me").send().await.expect(200);
    client.post("/api/v1/auth/logout", &json!({ "refresh_token": tokens["refresh_token"] })).send().await.no_content();
    refused_within(Duration::from_secs(2), &access).await;
    client.post("/api/v1/auth/refresh", &json!({ "refresh_token": tokens["refresh_token"] })).send().await.error(401, "INVALID_REFRESH_TOKEN");
    // Another session of the same person lives on.
    let _ = organization.client.get("/api/v1/me").send().await.expect(200);
}

async fn refused_within(limit: Duration, client: &Client) {
    eventually(limit, async || (client.get("/api/v1/me").send().await.status.as_u16() == 401).then_some(())).await;
}

async fn log_in_tells_nobody_whether_an_account_exists(client: &Client, organization: &Organization) {
    let wrong = async |email: &str| {
        let body = json!({ "email": email, "password": "not the password", "organization": organization.slug });
        text(&client.post("/api/v1/auth/login", &body).send().await.error(401, "INVALID_CREDENTIALS")["message"])
    };
    assert_eq!(wrong(&organization.email).await, wrong("nobody@nowhere.example").await);
}

async fn a_person_switches_between_organizations(client: &Client, first: &Organization) {
    let account = client.bearer(text(&session(client, &first.slug, None).await["access_token"]));
    // The account's own token opens no organization.
    account.tenant(&first.slug).get("/api/v1/me").send().await.error(403, "FORBIDDEN");
    let slug = unique_slug();
    let body = json!({ "name": "Second", "slug": slug, "plan": "free" });
    let opened = account.post("/api/v1/organizations", &body).idempotency_key(&key()).send().await.expect(202);
    Operation::of(&opened.ok()).succeeded(client).await;
    let mine = account.get("/api/v1/organizations").send().await.expect(200).ok();
    let slugs: Vec<&Value> = mine.as_array().into_iter().flatten().map(|one| &one["slug"]).collect();
    assert!(slugs.len() == 2 && slugs.contains(&&json!(slug)) && slugs.contains(&&json!(first.slug)), "{mine}");
    let switched = account.post("/api/v1/auth/switch", &json!({ "organization": slug })).send().await.expect(200).ok();
    let second = client.bearer(text(&switched["access_token"]));
    assert_eq!(second.tenant(&slug).get("/api/v1/me").send().await.expect(200).ok()["organization"]["slug"], slug);
    second.tenant(&first.slug).get("/api/v1/me").send().await.error(403, "TENANT_MISMATCH");
    account.post("/api/v1/auth/switch", &json!({ "organization": unique_slug() })).send().await.error(403, "NOT_A_MEMBER");
}
