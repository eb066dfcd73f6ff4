//! API keys from outside: they outlive log-ins, end everywhere at once, open nothing of the control plane, and made-up ones cost nothing.

use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_test_support::{Nexus, Role, TestTenant, eventually};
use serde_json::json;

use crate::platform::{Platform, key, session, text};

const KEYS: &str = "/api/v1/api-keys";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_outlives_the_log_in_it_was_made_in() {
    let platform = Platform::start().await;
    let organization = platform.sign_up().await;
    let body = json!({ "name": "Web shop", "scopes": ["products.read", "products.write"] });
    organization.client.post(KEYS, &body).send().await.error(403, "EMAIL_NOT_VERIFIED");
    let proved = sqlx::query("UPDATE accounts SET email_verified_at = now() WHERE email_normalised = $1").bind(&organization.email);
    assert_eq!(proved.execute(platform.control.db().pool()).await.unwrap().rows_affected(), 1);

    let tokens = session(&platform.client(), &organization.slug, Some(&organization.slug)).await;
    let person = platform.client().bearer(text(&tokens["access_token"])).tenant(&organization.slug);
    let made = person.post(KEYS, &body).idempotency_key(&key()).send().await.created();
    platform.client().post("/api/v1/auth/logout", &json!({ "refresh_token": tokens["refresh_token"] })).send().await.no_content();
    person.get("/api/v1/products").send().await.error(401, "UNAUTHORIZED");

    let secret = text(&made["key"]);
    let program = platform.client().bearer(&secret).host(format!("{}.localhost", organization.slug));
    let _ = program.post("/api/v1/products", &json!({ "name": "Beans" })).send().await.created();
    assert_eq!(program.get("/api/v1/products").send().await.metadata()["total"], 1);
    // The control plane knows people and operators only.
    let outside = platform.client().bearer(&secret);
    for path in ["/api/v1/account", "/api/v1/organizations", "/api/v1/billing/subscription", "/api/v1/tenants"] {
        outside.get(path).send().await.error(403, "FORBIDDEN");
    }
    outside.post("/api/v1/auth/switch", &json!({ "organization": organization.slug })).send().await.error(403, "FORBIDDEN");
    // Of what is no key of ours nothing is said.
    let forged = format!("{}{}", &secret[..secret.len() - 4], if secret.ends_with("AAAA") { "BBBB" } else { "AAAA" });
    platform.client().bearer(&forged).get("/api/v1/account").send().await.error(401, "UNAUTHORIZED");
    assert!(!platform.process.log().contains(&secret[4..48]), "the log shows a key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_is_out_in_every_process_within_a_second() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let second = Nexus::command(&platform.stack, &["tenant-runtime"]).on(&platform.stack, &platform.control).spawn().await;
    let owner = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    for _ in 0..3 {
        // Made here, good there at once: nothing has to be announced for that.
        let _ = second.client().bearer(tenant.token(Role::Owner)).get("/api/v1/me").send().await.expect(200);
        let made = owner.post(KEYS, &json!({ "name": "Shop", "scopes": ["products.read"] })).send().await.created();
        let program = second.client().bearer(text(&made["key"]));
        let _ = program.get("/api/v1/products").send().await.expect(200);
        owner.delete(&format!("{KEYS}/{}", text(&made["id"]))).send().await.no_content();
        let revoked = Instant::now();
        let refused = eventually(Duration::from_secs(10), async || {
            let answer = program.get("/api/v1/products").send().await;
            (answer.status.as_u16() != 200).then_some(answer)
        });
        refused.await.error(401, "UNAUTHORIZED");
        assert!(revoked.elapsed() < Duration::from_secs(1), "it worked for another {:?}", revoked.elapsed());
    }
    assert_eq!(second.terminate().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn made_up_keys_at_full_rate_open_no_pool() {
    let platform = Platform::start().await;
    let tenants = [TestTenant::in_control(&platform.control).await, TestTenant::in_control(&platform.control).await];
    let real = tenants[0].api_key(&["products.read"]).await;
    // The fixtures have connections of their own.
    let admin = platform.stack.admin_db("postgres").await;
    let roles: Vec<String> = tenants.iter().map(TestTenant::database).collect();
    let connections = async || {
        let open: i64 =
            sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE usename = ANY($1)").bind(&roles).fetch_one(admin.pool()).await.unwrap();
        open
    };
    let before = connections().await;
    let flood = (0..16).map(async |lane: usize| {
        for _ in 0..60 {
            let forged = tenants[lane % 2].forged_api_key();
            let answer = platform.client().bearer(&forged).get("/api/v1/products").send().await;
            assert!([401, 429].contains(&answer.status.as_u16()), "{}", answer.text());
        }
    });
    join_all(flood).await;
    assert_eq!(connections().await, before, "a made-up key opened a connection");
    let _ = platform.client().bearer(&real).get("/api/v1/products").send().await.expect(200);
    assert!(connections().await > before, "the test would notice nothing");
}
