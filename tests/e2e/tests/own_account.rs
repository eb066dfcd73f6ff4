//! A person's own account: where they are logged in, and what they say of themselves.

use std::time::Duration;

use nexus_test_support::{Client, eventually};
use serde_json::{Value, json};

use crate::platform::{Organization, PASSWORD, Platform, owner_of, session, text};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0 <b>me</b>";
/// An ended session is refused within a second; a busy machine gets another.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Logs the owner of `slug` in with a browser.
async fn browse(client: &Client, slug: &str) -> Value {
    let body = json!({ "email": owner_of(slug), "password": PASSWORD });
    client.post("/api/v1/auth/login", &body).header("User-Agent", FIREFOX).send().await.expect(200).ok()
}

async fn sessions(client: &Client, query: &str) -> Vec<Value> {
    client.get(&format!("/api/v1/sessions{query}")).send().await.expect(200).ok().as_array().expect("a list").clone()
}

fn ids(sessions: &[Value]) -> Vec<String> {
    sessions.iter().map(|session| text(&session["id"])).collect()
}

async fn refused_at_once(client: &Client, path: &str) {
    eventually(AT_ONCE, async || (client.get(path).send().await.status.as_u16() == 401).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_sees_where_they_are_logged_in() {
    let platform = Platform::start().await;
    let (mine, theirs) = tokio::join!(platform.sign_up(), platform.sign_up());
    let (client, slug) = (platform.client(), &mine.slug);
    let own = browse(&client, slug).await;
    let account = client.bearer(text(&own["access_token"]));
    let switched = account.post("/api/v1/auth/switch", &json!({ "organization": slug })).send().await.expect(200).ok();

    let all = sessions(&account, "").await;
    assert_eq!(all.len(), 3, "the one of the sign-up, the own one, and the one switched to: {all:?}");
    assert_eq!(ids(&all)[..2], [text(&switched["session_id"]), text(&own["session_id"])], "the newest first");
    let shown = &all[1];
    assert_eq!(shown["client"], json!({ "family": "Firefox", "system": "Windows", "network": "127.0.0.0/24" }));
    assert_eq!((&shown["is_current"], &shown["organization"], &shown["parent_id"]), (&json!(true), &Value::Null, &Value::Null));
    assert_eq!(shown["last_used_at"], shown["created_at"]);
    let organization = json!({ "id": mine.id, "slug": slug, "name": format!("Organization {slug}") });
    for other in [&all[0], &all[2]] {
        assert_eq!((&other["is_current"], &other["organization"]), (&json!(false), &organization));
    }
    assert_eq!((&all[0]["parent_id"], &all[2]["parent_id"]), (&own["session_id"], &Value::Null));
    assert_eq!(account.get(&format!("/api/v1/sessions/{}", text(&own["session_id"]))).send().await.expect(200).ok(), *shown);

    assert_eq!(sessions(&account, &format!("?organization_id={}", mine.id)).await, [all[0].clone(), all[2].clone()]);
    assert_eq!(sessions(&account, "?organization_id=null").await, [shown.clone()]);
    let part = account.get("/api/v1/sessions?cursor=&limit=2").send().await.expect(200);
    let rest = sessions(&account, &format!("?limit=2&cursor={}", text(&part.metadata()["next_cursor"]))).await;
    assert_eq!((part.ok(), rest), (json!(all[..2]), all[2..].to_vec()));

    // Who refreshes is who uses it.
    let refresh = json!({ "refresh_token": own["refresh_token"] });
    let _ = client.post("/api/v1/auth/refresh", &refresh).header("User-Agent", "curl/8.14.1").send().await.expect(200);
    let refreshed = &sessions(&account, "").await[1];
    assert_eq!((&refreshed["client"]["family"], &refreshed["client"]["system"]), (&json!("curl"), &Value::Null));
    assert!(text(&refreshed["last_used_at"]) > text(&refreshed["created_at"]));

    // A token for one organization shows nothing of the others, and nobody sees anybody else's.
    mine.client.get("/api/v1/sessions").send().await.error(403, "ACCOUNT_TOKEN_REQUIRED");
    let stranger = client.bearer(text(&session(&client, &theirs.slug, None).await["access_token"]));
    let path = format!("/api/v1/sessions/{}", text(&own["session_id"]));
    stranger.get(&path).send().await.error(404, "NOT_FOUND");
    stranger.delete(&path).send().await.error(404, "NOT_FOUND");
    assert!(sessions(&stranger, "").await.iter().all(|theirs| !all.iter().any(|mine| mine["id"] == theirs["id"])));

    // One that is over is not shown.
    let over = sqlx::query("UPDATE token_families SET expires_at = now() WHERE id = $1::uuid").bind(text(&switched["session_id"]));
    assert_eq!(over.execute(platform.control.db().pool()).await.unwrap().rows_affected(), 1);
    assert_eq!(ids(&sessions(&account, "").await), ids(&all[1..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_ends_their_sessions() {
    let platform = Platform::start().await;
    let Organization { slug, client: tenant, .. } = platform.sign_up().await;
    let client = platform.client();
    let (own, other) = (browse(&client, &slug).await, session(&client, &slug, None).await);
    let (account, elsewhere) = (client.bearer(text(&own["access_token"])), client.bearer(text(&other["access_token"])));
    let switch = async |from: &Client| {
        let tokens = from.post("/api/v1/auth/switch", &json!({ "organization": slug })).send().await.expect(200).ok();
        client.bearer(text(&tokens["access_token"])).tenant(&slug)
    };
    let (here, there) = (switch(&account).await, switch(&elsewhere).await);

    // One, with what was switched from it; the others go on.
    let path = format!("/api/v1/sessions/{}", text(&other["session_id"]));
    account.delete(&path).send().await.no_content();
    refused_at_once(&elsewhere, "/api/v1/account").await;
    refused_at_once(&there, "/api/v1/me").await;
    client.post("/api/v1/auth/refresh", &json!({ "refresh_token": other["refresh_token"] })).send().await.error(401, "INVALID_REFRESH_TOKEN");
    account.delete(&path).send().await.error(404, "NOT_FOUND");
    account.delete("/api/v1/sessions/no-uuid").send().await.error(404, "NOT_FOUND");
    let _ = tenant.get("/api/v1/me").send().await.expect(200);

    // All others, but what belongs to the log-in that asks.
    tenant.delete("/api/v1/sessions").send().await.error(403, "ACCOUNT_TOKEN_REQUIRED");
    account.delete("/api/v1/sessions").send().await.no_content();
    refused_at_once(&tenant, "/api/v1/me").await;
    let _ = here.get("/api/v1/me").send().await.expect(200);
    assert_eq!(sessions(&account, "").await.len(), 2);
    account.delete("/api/v1/sessions").send().await.no_content();

    // And the own one.
    account.delete(&format!("/api/v1/sessions/{}", text(&own["session_id"]))).send().await.no_content();
    refused_at_once(&account, "/api/v1/account").await;
    refused_at_once(&here, "/api/v1/me").await;
}
