//! How far each kind of token reaches: one for an organization no further than that organization.

use nexus_test_support::{Client, Role, TestTenant};
use serde_json::{Value, json};

use crate::platform::{Operation, Organization, Platform, key, session, text, unique_slug};

/// A person with two organizations.
struct Ground {
    platform: Platform,
    first: Organization,
    second: String,
    /// Tokens of a session for the account itself.
    account: Value,
}

impl Ground {
    async fn new() -> Self {
        let platform = Platform::start().await;
        let first = platform.sign_up().await;
        let proved = sqlx::query("UPDATE accounts SET email_verified_at = now() WHERE email_normalised = $1").bind(&first.email);
        assert_eq!(proved.execute(platform.control.db().pool()).await.unwrap().rows_affected(), 1);
        let (client, second) = (platform.client(), unique_slug());
        let account = session(&client, &first.slug, None).await;
        let body = json!({ "name": "Second", "slug": second });
        let opened =
            client.bearer(text(&account["access_token"])).post("/api/v1/organizations", &body).idempotency_key(&key()).send().await.expect(202);
        Operation::of(&opened.ok()).succeeded(&client).await;
        Self { platform, first, second, account }
    }

    fn account(&self) -> Client {
        self.bearer(&self.account)
    }

    fn bearer(&self, tokens: &Value) -> Client {
        self.platform.client().bearer(text(&tokens["access_token"]))
    }

    async fn switch(&self, client: &Client, body: Value) -> nexus_test_support::Answer {
        client.post("/api/v1/auth/switch", &body).send().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_for_one_organization_is_no_way_to_the_others() {
    let ground = Ground::new().await;
    let leaked = ground.platform.client().bearer(&ground.first.token);
    let second = text(&ground.account().get(&format!("/api/v1/organizations?slug={}", ground.second)).send().await.expect(200).ok()[0]["id"]);

    // What concerns its own organization, and the account to read.
    let own = format!("/api/v1/organizations/{}", ground.first.id);
    let version = leaked.get(&own).send().await.expect(200).etag();
    let renamed = leaked.patch(&own, &json!({ "name": "Renamed" })).if_match(version).send().await.expect(200);
    assert_eq!(renamed.ok()["name"], "Renamed");
    let _ = leaked.get("/api/v1/billing/subscription").send().await.expect(200);
    let version = leaked.get("/api/v1/account").send().await.expect(200).etag();

    // Nothing beyond.
    let refused = "ACCOUNT_TOKEN_REQUIRED";
    leaked.patch("/api/v1/account", &json!({ "display_name": "Mallory" })).if_match(version).send().await.error(403, refused);
    leaked.get("/api/v1/organizations").send().await.error(403, refused);
    let another = json!({ "name": "Third", "slug": unique_slug() });
    leaked.post("/api/v1/organizations", &another).idempotency_key(&key()).send().await.error(403, refused);
    for organization in [ground.second.as_str(), &second, &ground.first.slug] {
        ground.switch(&leaked, json!({ "organization": organization })).await.error(403, refused);
    }
    let foreign = format!("/api/v1/organizations/{second}");
    leaked.get(&foreign).send().await.error(404, "NOT_FOUND");
    leaked.patch(&foreign, &json!({ "name": "Mine" })).if_match(1).send().await.error(404, "NOT_FOUND");
    let operation: String = sqlx::query_scalar("SELECT id::text FROM operations WHERE tenant_id = $1::uuid")
        .bind(&second)
        .fetch_one(ground.platform.control.db().pool())
        .await
        .unwrap();
    let path = format!("/api/v1/operations/{operation}");
    leaked.get(&path).send().await.error(404, "NOT_FOUND");
    leaked.get(&format!("{path}/events")).send().await.error(404, "NOT_FOUND");
    // The account's token reaches all of it.
    for path in [own, foreign, path] {
        let _ = ground.account().get(&path).send().await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_to_accept_an_invitation_reaches_nothing_of_the_control_plane() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let mut claims = tenant.claims(Role::Owner);
    let member = platform.client().bearer(platform.control.tokens().mint(&claims));
    claims["inv"] = json!({ "id": tenant.id, "gen": 1 });
    let invited = platform.client().bearer(platform.control.tokens().mint(&claims));
    let own = format!("/api/v1/organizations/{}", tenant.id);
    for path in ["/api/v1/account", &own] {
        let _ = member.get(path).send().await.expect(200);
        invited.get(path).send().await.error(403, "FORBIDDEN");
    }
    let operation = format!("/api/v1/operations/{}", tenant.id);
    member.get(&operation).send().await.error(404, "NOT_FOUND");
    invited.get(&operation).send().await.error(403, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sessions_own_secret_switches_and_what_it_opens_ends_with_it() {
    let ground = Ground::new().await;
    let nobody = ground.platform.client();
    let direct = session(&nobody, &ground.first.slug, Some(&ground.first.slug)).await;
    let by_secret = |token: &Value, organization: Option<&str>| json!({ "organization": organization, "refresh_token": token });

    // Straight into an organization, then into the other one and to the account, by the session's secret. It is not spent.
    let second = ground.switch(&nobody, by_secret(&direct["refresh_token"], Some(&ground.second))).await.expect(200).ok();
    let account = ground.switch(&nobody, by_secret(&direct["refresh_token"], None)).await.expect(200).ok();
    let inside = ground.bearer(&second).tenant(&ground.second);
    assert_eq!(inside.get("/api/v1/me").send().await.expect(200).ok()["organization"]["slug"], ground.second);
    assert_eq!(account["organization_id"], Value::Null);
    let listed = ground.bearer(&account).get("/api/v1/organizations").send().await.expect(200).metadata();
    assert_eq!(listed["total"], 2);
    let refreshed = nobody.post("/api/v1/auth/refresh", &json!({ "refresh_token": direct["refresh_token"] })).send().await.expect(200).ok();

    // Without any proof, with a forged one, with an operator's kind of one.
    ground.switch(&nobody, json!({ "organization": ground.second })).await.error(401, "UNAUTHORIZED");
    ground.switch(&nobody, by_secret(&json!("nxr_forged"), Some(&ground.second))).await.error(401, "INVALID_REFRESH_TOKEN");
    let strange = text(&refreshed["refresh_token"]).replace("nxr_", "nxo_");
    ground.switch(&nobody, by_secret(&json!(strange), None)).await.error(401, "INVALID_REFRESH_TOKEN");
    ground.switch(&nobody, by_secret(&refreshed["refresh_token"], Some(&unique_slug()))).await.error(403, "NOT_A_MEMBER");

    // Further on from what was switched to; then the first session is ended, and all that came of it.
    let further = ground.switch(&nobody, by_secret(&account["refresh_token"], Some(&ground.first.slug))).await.expect(200).ok();
    nobody.post("/api/v1/auth/logout", &json!({ "refresh_token": refreshed["refresh_token"] })).send().await.no_content();
    for ended in [&second, &account, &further] {
        nobody.post("/api/v1/auth/refresh", &json!({ "refresh_token": ended["refresh_token"] })).send().await.error(401, "INVALID_REFRESH_TOKEN");
        let reached = ground.bearer(ended).get("/api/v1/account").send().await;
        reached.error(401, "UNAUTHORIZED");
    }
    inside.get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    // Other log-ins of the person go on.
    let _ = ground.account().get("/api/v1/account").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_secret_that_is_used_to_switch_ends_the_session() {
    let ground = Ground::new().await;
    let nobody = ground.platform.client();
    let stolen = text(&ground.account["refresh_token"]);
    let mut current = ground.account.clone();
    for _ in 0..2 {
        current = nobody.post("/api/v1/auth/refresh", &json!({ "refresh_token": current["refresh_token"] })).send().await.expect(200).ok();
    }
    let switch = json!({ "organization": ground.second, "refresh_token": stolen });
    ground.switch(&nobody, switch).await.error(401, "INVALID_REFRESH_TOKEN");
    nobody.post("/api/v1/auth/refresh", &json!({ "refresh_token": current["refresh_token"] })).send().await.error(401, "INVALID_REFRESH_TOKEN");
    ground.bearer(&current).get("/api/v1/account").send().await.error(401, "UNAUTHORIZED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switching_does_not_prolong_a_log_in() {
    let ground = Ground::new().await;
    let pool = ground.platform.control.db().pool();
    // The password was given 30 days less an hour ago.
    let aged = "UPDATE token_families SET authenticated_at = now() - interval '29 days 23 hours' WHERE id = $1::uuid";
    sqlx::query(aged).bind(text(&ground.account["session_id"])).execute(pool).await.unwrap();
    let switched = ground.switch(&ground.account(), json!({ "organization": ground.second })).await.expect(200).ok();
    let left: i64 = sqlx::query_scalar("SELECT extract(epoch FROM expires_at - now())::bigint FROM token_families WHERE id = $1::uuid")
        .bind(text(&switched["session_id"]))
        .fetch_one(pool)
        .await
        .unwrap();
    assert!((3_000..=3_600).contains(&left), "{left} seconds");
    let over = "UPDATE token_families SET authenticated_at = now() - interval '31 days' WHERE id = $1::uuid";
    sqlx::query(over).bind(text(&ground.account["session_id"])).execute(pool).await.unwrap();
    ground.switch(&ground.account(), json!({ "organization": ground.second })).await.error(401, "UNAUTHORIZED");
}
