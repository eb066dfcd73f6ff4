//! A person is invited, follows the link of the mail, joins and works; with every way in which that must not go.

use std::time::{Duration, Instant};

use nexus_test_support::{Answer, Browser, Client, Mailbox, claims, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::invitation_links::{accept, look, token_of};
use crate::platform::{Organization, PASSWORD, Platform, key, text};

const SOON: Duration = Duration::from_secs(20);

/// An organization whose owner has proved the address, and so may invite.
async fn inviting(platform: &Platform) -> Organization {
    let organization = platform.sign_up().await;
    let client = platform.client();
    let mailbox = Mailbox::of(&platform.stack, &organization.email);
    let link = eventually(SOON, async || mailbox.all().iter().find_map(nexus_test_support::Mail::token)).await;
    let _ = client.post("/api/v1/auth/verify-email", &json!({ "token": link })).send().await.expect(200);
    let tokens = log_in(&client, &organization.email, Some(&organization.slug)).await.expect(200).ok();
    let token = text(&tokens["access_token"]);
    Organization { client: client.bearer(&token).tenant(&organization.slug), token, ..organization }
}

async fn log_in(client: &Client, email: &str, organization: Option<&str>) -> Answer {
    client.post("/api/v1/auth/login", &json!({ "email": email, "password": PASSWORD, "organization": organization })).send().await
}

async fn invite(organization: &Organization, email: &str) -> Value {
    let body = json!({ "email": email, "display_name": "Nia", "roles": ["staff"] });
    organization.client.post("/api/v1/invitations", &body).idempotency_key(&key()).send().await.created()
}

async fn join(client: &Client, slug: &str, token: &str) -> Answer {
    client.bearer(token).tenant(slug).post("/api/v1/invitations/accept", &json!({})).idempotency_key(&key()).send().await
}

fn address() -> String {
    format!("nia@{}.example", Uuid::new_v4().simple())
}

fn newcomer(token: &str) -> Value {
    json!({ "token": token, "password": PASSWORD, "display_name": "Nia Newcomer" })
}

/// The token of somebody who has followed the link, and the session's refresh token.
async fn followed(client: &Client, body: &Value) -> (String, Value) {
    let tokens = accept(client, body).await.expect(200).ok();
    (text(&tokens["access_token"]), tokens["refresh_token"].clone())
}

async fn refreshed(client: &Client, refresh: &Value) -> String {
    let tokens = client.post("/api/v1/auth/refresh", &json!({ "refresh_token": refresh })).send().await.expect(200).ok();
    text(&tokens["access_token"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invited_person_follows_the_link_joins_and_works() {
    let platform = Platform::start().await;
    let (client, organization) = (platform.client(), inviting(&platform).await);
    let (email, slug) = (address(), organization.slug.as_str());
    let invitation = invite(&organization, &email).await;
    let mut mailbox = Mailbox::of(&platform.stack, &email);
    let token = token_of(&mut mailbox).await;
    let seen = look(&client, &token).await.expect(200).ok();
    assert_eq!((&seen["email"], &seen["account_exists"], &seen["organization"]["slug"]), (&json!(email), &json!(false), &json!(slug)));
    assert_eq!(seen["expires_at"], invitation["expires_at"]);

    let (access, refresh) = followed(&client, &newcomer(&token)).await;
    assert_eq!(claims(&access)["inv"], json!({ "id": invitation["id"], "gen": 1, "name": "Nia Newcomer" }));
    // Followed, and not joined: nothing opens, and the invitation stands.
    client.bearer(&access).tenant(slug).get("/api/v1/products").send().await.error(403, "NOT_A_MEMBER");
    let waiting = organization.client.get(&format!("/api/v1/invitations/{}", text(&invitation["id"]))).send().await.expect(200).ok();
    assert_eq!(waiting["status"], "pending");

    let user = join(&client, slug, &access).await.expect(200).ok();
    assert_eq!((&user["status"], &user["roles"]), (&json!("active"), &json!(["staff"])));
    assert_eq!(user["display_name"], "Nia Newcomer", "what somebody calls themselves goes before what they were called");
    let began = Instant::now();
    let working = client.bearer(refreshed(&client, &refresh).await).tenant(slug);
    let _ = working.get("/api/v1/products").send().await.expect(200);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    // The token that carried the invitation is good for nothing any more.
    assert_eq!(join(&client, slug, &access).await.status.as_u16(), 409);
    client.bearer(&access).tenant(slug).get("/api/v1/products").send().await.error(403, "NOT_A_MEMBER");
    eventually(SOON, async || log_in(&client, &email, Some(slug)).await.status.is_success().then_some(())).await;
    look(&client, &token).await.error(422, "INVALID_INVITATION");

    // Shut out and let in again: log-in and the chooser follow.
    let own = text(&log_in(&client, &email, None).await.expect(200).ok()["access_token"]);
    let organizations = async || client.bearer(&own).get("/api/v1/organizations").send().await.expect(200).ok().as_array().unwrap().len();
    let path = format!("/api/v1/users/{}", text(&user["id"]));
    for (verb, left) in [("deactivate", 0), ("reactivate", 1)] {
        let version = organization.client.get(&path).send().await.expect(200).etag();
        let act = organization.client.post(&format!("{path}/{verb}"), &json!({})).if_match(version).idempotency_key(&key());
        let _ = act.send().await.expect(200);
        eventually(SOON, async || (organizations().await == left).then_some(())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_exists_joins_another_organization() {
    let platform = Platform::start().await;
    let client = platform.client();
    let (first, second) = (inviting(&platform).await, inviting(&platform).await);
    let _ = invite(&second, &first.email).await;
    let mailbox = Mailbox::of(&platform.stack, &first.email);
    let link = |mail: &nexus_test_support::Mail| mail.token().filter(|token| token.starts_with("nxi_"));
    let token = eventually(SOON, async || mailbox.all().iter().find_map(link)).await;
    assert_eq!(look(&client, &token).await.expect(200).ok()["account_exists"], true);
    // In the console the cookies of the apex host say who follows, and somebody else's do not open the link. This is the one answer to cookies with tokens in it.
    for (email, status) in [(&second.email, 403), (&first.email, 200)] {
        let apex = Browser::new(&client, &platform.process.base_url).apex();
        let _ = apex.post("/api/v1/auth/session", &json!({ "email": email, "password": PASSWORD })).await.expect(200);
        let _ = apex.request(Method::POST, "/api/v1/auth/invitations/accept").json(&json!({ "token": token })).send().await.expect(status);
    }
    let account = text(&log_in(&client, &first.email, None).await.expect(200).ok()["access_token"]);
    let (access, refresh) = followed(&client.bearer(&account), &json!({ "token": token })).await;
    // What was given for one organization opens no other.
    client.bearer(&access).tenant(&first.slug).post("/api/v1/invitations/accept", &json!({})).send().await.error(403, "TENANT_MISMATCH");
    let _ = join(&client, &second.slug, &access).await.expect(200);
    let working = client.bearer(refreshed(&client, &refresh).await).tenant(&second.slug);
    let _ = working.get("/api/v1/products").send().await.expect(200);
    let switch = async || client.bearer(&account).post("/api/v1/auth/switch", &json!({ "organization": second.slug })).send().await;
    eventually(SOON, async || switch().await.status.is_success().then_some(())).await;
    let listed = client.bearer(&account).get("/api/v1/organizations").send().await.expect(200).ok();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_was_replaced_or_taken_back_opens_nothing() {
    let platform = Platform::start().await;
    let (client, organization) = (platform.client(), inviting(&platform).await);
    let (email, slug) = (address(), organization.slug.as_str());
    let invitation = invite(&organization, &email).await;
    let path = format!("/api/v1/invitations/{}", text(&invitation["id"]));
    let mut mailbox = Mailbox::of(&platform.stack, &email);
    let first = token_of(&mut mailbox).await;
    let (early, _) = followed(&client, &newcomer(&first)).await;
    let _ = organization.client.post(&format!("{path}/resend"), &json!({})).idempotency_key(&key()).send().await.expect(200);
    let second = token_of(&mut mailbox).await;
    look(&client, &first).await.error(422, "INVALID_INVITATION");
    join(&client, slug, &early).await.error(409, "INVITATION_SUPERSEDED");
    let (late, _) = followed(&client, &json!({ "token": second, "password": PASSWORD })).await;
    assert_eq!(claims(&late)["inv"]["gen"], 2);

    organization.client.delete(&path).send().await.no_content();
    join(&client, slug, &late).await.error(409, "INVITATION_REVOKED");
    eventually(SOON, async || (look(&client, &second).await.status.as_u16() == 422).then_some(())).await;
    accept(&client, &json!({ "token": second, "password": PASSWORD })).await.error(422, "INVALID_INVITATION");
    log_in(&client, &email, Some(slug)).await.error(403, "NOT_A_MEMBER");
    assert_eq!(mailbox.all().len(), 2, "{:?}", mailbox.all());
}
