//! From nothing to a working tenant: sign-up, its progress, its mails, and who wins when many want the same.

use std::time::Duration;

use futures::future::join_all;
use nexus_test_support::{Mailbox, eventually};
use serde_json::{Value, json};

use crate::platform::{Operation, Platform, key, log_in, owner_of, request_sign_up, sign_up_body, text, unique_slug};

/// The steps of building an organization, in order.
pub const STEPS: &[&str] = &["reserve", "database", "role_and_grants", "bucket", "seed", "directory", "activate", "welcome"];

/// The events of a stream: name and data.
fn events(stream: &str) -> Vec<(String, Value)> {
    let field = |block: &str, name: &str| block.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
    let read = |block: &str| Some((field(block, "event:")?, serde_json::from_str(&field(block, "data:")?).expect("data in JSON")));
    stream.split("\n\n").filter_map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_signs_up_and_works() {
    let platform = Platform::start().await;
    let client = platform.client();
    let slug = unique_slug();
    let operation = request_sign_up(&client, &slug).await;

    // Progress is streamed: every step with state and time, and the stream ends with the operation.
    let watcher = client.bearer(&operation.capability);
    let path = format!("/api/v1/operations/{}/events", operation.id);
    let stream = watcher.get(&path).send().await.expect(200);
    assert!(stream.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")));
    let events = events(&stream.text());
    for state in ["running", "succeeded"] {
        let told = events.iter().filter(|(name, data)| name == "step" && data["state"] == state);
        let told: Vec<String> = told.inspect(|(_, data)| assert!(data["at"].is_string(), "{data}")).map(|(_, data)| text(&data["step"])).collect();
        assert_eq!(told, STEPS, "the steps that were {state}");
    }
    let (name, last) = events.last().expect("an event");
    assert_eq!((name.as_str(), &last["state"]), ("operation", &json!("succeeded")));
    watcher.get(&path).header("Last-Event-ID", "end").send().await.no_content();
    // The capability opens this operation and nothing else.
    watcher.get("/api/v1/account").send().await.expect(401).error(401, "UNAUTHORIZED");
    client.get(&path).send().await.error(401, "UNAUTHORIZED");

    // The owner works at once, by host name and by header.
    let owner = log_in(&client, &slug).await;
    assert_eq!(owner.id.to_string(), operation.organization_id);
    let by_host = client.bearer(&owner.token).host(format!("{slug}.localhost"));
    let product =
        by_host.post("/api/v1/products", &json!({ "name": "Tea", "status": "active", "variants": [{ "sku": "TEA-1" }] })).send().await.created();
    let listed = owner.client.get("/api/v1/products").send().await.expect(200);
    assert_eq!(listed.ok()[0]["id"], product["id"]);
    assert_eq!(listed.metadata()["total"], 1);

    // The plan's limits travel with the organization.
    let me = owner.client.get("/api/v1/me").send().await.expect(200).ok();
    assert_eq!((&me["entitlements"]["plan"], &me["roles"]), (&json!("business"), &json!(["owner"])));
    let subscription = client.bearer(&owner.token).get("/api/v1/billing/subscription").send().await.expect(200).ok();
    assert_eq!(subscription["plan"]["key"], "business", "{subscription}");

    // Both mails arrive. The link proves the address, however often it is followed; a forged one does not.
    let mailbox = Mailbox::of(&platform.stack, &owner_of(&slug));
    let mail = async |word: &str| {
        eventually(Duration::from_secs(30), async || mailbox.all().into_iter().find(|mail| mail.subject.to_lowercase().contains(word))).await
    };
    let (confirm, ready) = (mail("confirm").await, mail("ready").await);
    assert!(ready.links().iter().any(|link| link.contains(&format!("//{slug}."))), "{ready:?}");
    let token = confirm.token().expect("a token in the link");
    let follow = async |token: &str| client.post("/api/v1/auth/verify-email", &json!({ "token": token })).send().await;
    let account =
        async || client.bearer(text(&crate::platform::session(&client, &slug, None).await["access_token"])).get("/api/v1/account").send().await.ok();
    assert!(account().await["email_verified_at"].is_null());
    let forged: String = token.chars().rev().collect();
    follow(&forged).await.error(422, "INVALID_VERIFICATION_TOKEN");
    assert!(account().await["email_verified_at"].is_null());
    let verified = follow(&token).await.expect(200).ok();
    assert_eq!(follow(&token).await.expect(200).ok(), verified);
    assert_eq!(account().await["email_verified_at"], verified["email_verified_at"]);
    assert_eq!(mailbox.all().len(), 2, "{:?}", mailbox.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_second_hears_so() {
    let platform = Platform::start().await;
    of_twenty_sign_ups_for_one_slug_one_wins(&platform).await;
    a_sign_up_repeated_under_its_key_is_the_same_sign_up(&platform).await;
    an_address_with_an_account_founds_only_with_its_password(&platform).await;
}

async fn of_twenty_sign_ups_for_one_slug_one_wins(platform: &Platform) {
    let slug = unique_slug();
    let tries = (0..20).map(|number| {
        let (client, mut body) = (platform.client(), sign_up_body(&slug));
        body["email"] = json!(format!("owner{number}@{slug}.example"));
        async move { client.post("/api/v1/signup", &body).idempotency_key(&key()).send().await }
    });
    let answers = join_all(tries).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.as_u16() == 202);
    assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>());
    for lost in lost {
        let error = lost.error(409, "SLUG_TAKEN");
        assert!(text(&error["message"]).contains("slug"), "{error}");
        assert_eq!((&error["details"][0]["field"], &error["details"][0]["code"]), (&json!("slug"), &json!("taken")), "{error}");
    }
    Operation::of(&won[0].ok()).succeeded(&platform.client()).await;
    let accounts: i64 = count(platform, "SELECT count(*) FROM accounts WHERE email_normalised LIKE '%@' || $1 || '.example'", &slug).await;
    assert_eq!(accounts, 1, "those who lost left accounts behind");
}

async fn a_sign_up_repeated_under_its_key_is_the_same_sign_up(platform: &Platform) {
    let (client, slug, key) = (platform.client(), unique_slug(), key());
    let send = async |body: &Value| client.post("/api/v1/signup", body).idempotency_key(&key).send().await;
    let first = send(&sign_up_body(&slug)).await.expect(202);
    let second = send(&sign_up_body(&slug)).await.expect(202);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(Operation::of(&first.ok()), Operation::of(&second.ok()));
    send(&sign_up_body(&unique_slug())).await.error(422, "IDEMPOTENCY_KEY_REUSED");
    Operation::of(&second.ok()).succeeded(&client).await;
    assert_eq!(count(platform, "SELECT count(*) FROM tenants WHERE slug = $1", &slug).await, 1);
}

async fn an_address_with_an_account_founds_only_with_its_password(platform: &Platform) {
    let (client, slug) = (platform.client(), unique_slug());
    request_sign_up(&client, &slug).await.succeeded(&client).await;
    let mut body = sign_up_body(&unique_slug());
    body["email"] = json!(owner_of(&slug));
    body["password"] = json!("another password altogether");
    client.post("/api/v1/signup", &body).send().await.error(409, "EMAIL_TAKEN");
    assert_eq!(count(platform, "SELECT count(*) FROM tenants WHERE slug = $1", &text(&body["slug"])).await, 0);
}

async fn count(platform: &Platform, statement: &'static str, slug: &str) -> i64 {
    sqlx::query_scalar(statement).bind(slug).fetch_one(platform.control.db().pool()).await.unwrap()
}
