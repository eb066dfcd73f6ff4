//! A person's own account: where they are logged in, and what they say of themselves.

use std::time::Duration;

use nexus_test_support::{Client, eventually};
use serde_json::{Value, json};

use crate::platform::{Organization, PASSWORD, Platform, owner_of, session, text};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0 <b>me</b>";
/// Two pixels square.
pub const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x02\x00\x00\x00\x02\x08\x00\x00\x00\x00W\xddR\xf8\x00\x00\x00\x0eIDATx\x9cc\x10P`0p\x00\x00\x01v\x00\xa1\xec0\x8a\xf4\x00\x00\x00\x00IEND\xaeB`\x82";
/// Thirty thousand pixels square, if its head is believed.
const VAST_PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00u0\x00\x00u0\x08\x00\x00\x00\x00CL\xa7f\x00\x00\x00\x0cIDATx\x9cc`\xa0=\x00\x00\x00d\x00\x01\x86d<5\x00\x00\x00\x00IEND\xaeB`\x82";
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
    assert_eq!(sessions(&account, "?organization_id=null").await, std::slice::from_ref(shown));
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_tells_of_the_log_in_before() {
    let platform = Platform::start().await;
    let Organization { slug, client: first, .. } = platform.sign_up().await;
    let client = platform.client();
    let told = async |client: &Client| client.get("/api/v1/account").send().await.expect(200).ok()["last_log_in_at"].clone();
    assert_eq!(told(&first).await, Value::Null, "the first one");
    let second = session(&client, &slug, None).await;
    let account = client.bearer(text(&second["access_token"]));
    let began = |sessions: &[Value], number: usize| sessions[number]["created_at"].clone();
    let all = sessions(&account, "").await;
    assert_eq!(told(&account).await, began(&all, 1));
    // It is that of the log-in, however the session goes on.
    let third = session(&client, &slug, None).await;
    assert_eq!(told(&account).await, began(&all, 1));
    let third = client.bearer(text(&third["access_token"]));
    assert_eq!(told(&third).await, began(&all, 0));
    let switched = third.post("/api/v1/auth/switch", &json!({ "organization": slug })).send().await.expect(200).ok();
    assert_eq!(told(&client.bearer(text(&switched["access_token"]))).await, began(&all, 0));
    let refreshed = client.post("/api/v1/auth/refresh", &json!({ "refresh_token": second["refresh_token"] })).send().await.expect(200).ok();
    assert_eq!(told(&client.bearer(text(&refreshed["access_token"]))).await, began(&all, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_says_how_they_are_spoken_to() {
    let platform = Platform::start().await;
    let slug = platform.sign_up().await.slug;
    let account = platform.client().bearer(text(&session(&platform.client(), &slug, None).await["access_token"]));
    let mut version = account.get("/api/v1/account").send().await.expect(200).etag();
    let mut edit = async |change: Value| {
        let answer = account.patch("/api/v1/account", &change).if_match(version).send().await;
        if answer.status.is_success() {
            version = answer.etag();
        }
        answer
    };
    for locale in ["en", "de", "ar", "de-AT"] {
        assert_eq!(edit(json!({ "locale": locale })).await.expect(200).ok()["locale"], locale);
    }
    let changed = edit(json!({ "time_zone": "Asia/Riyadh" })).await.expect(200).ok();
    assert_eq!((&changed["time_zone"], &changed["locale"]), (&json!("Asia/Riyadh"), &json!("de-AT")));
    for (field, bad) in
        [("time_zone", "Europe/Atlantis"), ("time_zone", "right/UTC"), ("time_zone", "\u{0}"), ("locale", "deutsch"), ("locale", "de_AT")]
    {
        let error = edit(json!({ field: bad })).await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["field"], field, "{error}");
    }
    let cleared = edit(json!({ "locale": null, "time_zone": null })).await.expect(200).ok();
    assert_eq!((&cleared["locale"], &cleared["time_zone"]), (&Value::Null, &Value::Null));
    let stale = account.patch("/api/v1/account", &json!({ "locale": "de" })).if_match(1).send().await.error(412, "PRECONDITION_FAILED");
    assert_eq!(stale["details"], cleared, "{stale}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_has_a_picture_drawn_of_what_they_upload() {
    let platform = Platform::start().await;
    let (mine, theirs) = tokio::join!(platform.sign_up(), platform.sign_up());
    let client = platform.client();
    let account = client.bearer(text(&session(&client, &mine.slug, None).await["access_token"]));
    let path = "/api/v1/account/avatar";
    let before = account.get("/api/v1/account").send().await.expect(200);
    assert_eq!(before.ok()["avatar"], Value::Null);
    account.get(path).send().await.error(404, "NOT_FOUND");
    let upload = async |client: &Client, kind: &str, bytes: Vec<u8>, version: i64| {
        client.request(reqwest::Method::PUT, path).if_match(version).body(kind, bytes).send().await
    };

    let version = before.etag();
    upload(&client, "image/png", PNG.to_vec(), version).await.error(401, "UNAUTHORIZED");
    upload(&mine.client, "image/png", PNG.to_vec(), version).await.error(403, "ACCOUNT_TOKEN_REQUIRED");
    account.request(reqwest::Method::PUT, path).body("image/png", PNG).send().await.error(428, "PRECONDITION_REQUIRED");
    for kind in ["image/svg+xml", "image/gif", "text/html", "application/json", "multipart/form-data; boundary=x"] {
        upload(&account, kind, PNG.to_vec(), version).await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let refused: [(&str, Vec<u8>, &str); 5] = [
        ("image/jpeg", PNG.to_vec(), "unreadable"),
        ("image/png", b"<svg onload=alert(1)>".to_vec(), "unreadable"),
        ("image/png", Vec::new(), "unreadable"),
        ("image/png", PNG[..PNG.len() / 2].to_vec(), "unreadable"),
        ("image/png", VAST_PNG.to_vec(), "too_large"),
    ];
    for (kind, bytes, code) in refused {
        let error = upload(&account, kind, bytes, version).await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["code"], code, "{kind}: {error}");
    }
    upload(&account, "image/png", [PNG, &[0; 256 * 1024]].concat(), version).await.error(413, "PAYLOAD_TOO_LARGE");
    assert_eq!(account.get("/api/v1/account").send().await.expect(200).etag(), version, "nothing of that has changed anything");

    // Of two at once, based on one version, one is taken.
    let (one, other) = tokio::join!(upload(&account, "image/png", PNG.to_vec(), version), upload(&account, "image/png", PNG.to_vec(), version));
    let (set, stale) = if one.status.is_success() { (one, other) } else { (other, one) };
    let set = set.expect(200);
    assert_eq!((&set.ok()["avatar"], set.etag()), (&json!(path), version + 1));
    assert_eq!(stale.error(412, "PRECONDITION_FAILED")["details"]["version"], version + 1);

    for reader in [&account, &mine.client] {
        let picture = reader.get(path).send().await.expect(200);
        assert_eq!((picture.header("content-type"), picture.etag()), (Some("image/webp"), set.etag()));
        assert_eq!((picture.header("x-content-type-options"), picture.header("cache-control")), (Some("nosniff"), Some("private, no-cache")));
        assert!(picture.bytes.starts_with(b"RIFF") && &picture.bytes[8..12] == b"WEBP");
    }
    theirs.client.get(path).send().await.error(404, "NOT_FOUND");
    mine.client.delete(path).if_match(set.etag()).send().await.error(403, "ACCOUNT_TOKEN_REQUIRED");

    assert_eq!(account.delete(path).if_match(version).send().await.error(412, "PRECONDITION_FAILED")["details"]["avatar"], path);
    account.delete(path).if_match(set.etag()).send().await.no_content();
    account.get(path).send().await.error(404, "NOT_FOUND");
    let after = account.get("/api/v1/account").send().await.expect(200);
    assert_eq!((&after.ok()["avatar"], after.etag()), (&Value::Null, set.etag() + 1));
    account.delete(path).if_match(after.etag()).send().await.error(404, "NOT_FOUND");
}
