//! Founding an organization: the same rules for a sign-up and for somebody who is logged in.

use std::sync::Arc;

use futures::future::join_all;
use nexus_test_support::{Answer, Client, ControlDb, Nexus, Process, TestStack};
use serde_json::{Value, json};

use crate::platform::{Operation, PASSWORD, Platform, key, owner_of, request_sign_up, session, sign_up_body, text, unique_slug, watched};

struct Ground {
    stack: Arc<TestStack>,
    control: Arc<ControlDb>,
}

impl Ground {
    async fn new() -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        Self { stack, control }
    }

    fn command(&self) -> Nexus {
        Platform::command(&self.stack, &self.control)
    }

    async fn with(&self, variables: &[(&str, &str)]) -> (Process, Client) {
        let command = variables.iter().fold(self.command(), |command, (name, value)| command.env(name, *value));
        let process = command.spawn().await;
        let (client, _) = watched(&process).await;
        (process, client)
    }

    async fn run(&self, statement: &'static str, slug: &str) {
        let done = sqlx::query(statement).bind(owner_of(slug)).execute(self.control.db().pool()).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{statement}");
    }

    /// As if the owner of `slug` had followed the link.
    async fn prove(&self, slug: &str) {
        self.run("UPDATE accounts SET email_verified_at = now() WHERE email_normalised = $1", slug).await;
    }
}

/// Makes the account that [`owner_of`] names, without an organization.
async fn register(client: &Client, slug: &str) {
    let body = json!({ "email": owner_of(slug), "password": PASSWORD, "display_name": "Ada Owner" });
    let _ = client.post("/api/v1/auth/register", &body).send().await.expect(202);
}

/// A client with the account token of the owner of `slug`.
async fn account(client: &Client, slug: &str) -> Client {
    client.bearer(text(&session(client, slug, None).await["access_token"]))
}

async fn open(account: &Client) -> Answer {
    let body = json!({ "name": "Another", "slug": unique_slug() });
    account.post("/api/v1/organizations", &body).idempotency_key(&key()).send().await
}

/// A sign-up with the address and password of an account that exists.
async fn sign_up_again(client: &Client, slug: &str) -> Answer {
    let mut body = sign_up_body(&unique_slug());
    body["email"] = json!(owner_of(slug));
    client.post("/api/v1/signup", &body).idempotency_key(&key()).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_sign_up_may_not_open_an_organization_either() {
    let ground = Ground::new().await;
    let slug = unique_slug();
    {
        let (_process, client) = ground.with(&[]).await;
        register(&client, &slug).await;
    }
    {
        let (_process, client) = ground.with(&[("NEXUS__SIGNUP__MODE", "invite_only")]).await;
        open(&account(&client, &slug).await).await.error(403, "SIGNUP_CLOSED");
        sign_up_again(&client, &slug).await.error(403, "SIGNUP_CLOSED");
    }
    let (_process, client) = ground.with(&[("NEXUS__SIGNUP__MODE", "verify_first")]).await;
    let account = account(&client, &slug).await;
    open(&account).await.error(403, "VERIFICATION_REQUIRED");
    sign_up_again(&client, &slug).await.error(403, "VERIFICATION_REQUIRED");
    ground.prove(&slug).await;
    let _ = open(&account).await.expect(202);
    let _ = sign_up_again(&client, &slug).await.expect(202);
    // A closed account keeps its tokens for a while; they open nothing.
    ground.run("UPDATE accounts SET status = 'disabled' WHERE email_normalised = $1", &slug).await;
    open(&account).await.error(403, "ACCOUNT_DISABLED");
    account.post("/api/v1/auth/switch", &json!({})).send().await.error(403, "ACCOUNT_DISABLED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_proved_nothing_has_one_organization_and_any_account_only_so_many() {
    let ground = Ground::new().await;
    let (_process, client) = ground.with(&[("NEXUS__SIGNUP__ORGANIZATIONS_PER_ACCOUNT", "3")]).await;
    let slug = unique_slug();
    request_sign_up(&client, &slug).await.succeeded(&client).await;
    let account = account(&client, &slug).await;
    for refused in [open(&account).await, sign_up_again(&client, &slug).await] {
        let error = refused.error(403, "VERIFICATION_REQUIRED");
        assert!(text(&error["message"]).contains("verify-email/resend"), "{error}");
    }
    ground.prove(&slug).await;
    // Two are left, however many ask at once and whichever way.
    let asked = join_all((0..6).map(|number| {
        let (client, account, slug) = (&client, &account, &slug);
        async move { if number % 2 == 0 { open(account).await } else { sign_up_again(client, slug).await } }
    }))
    .await;
    let (opened, refused): (Vec<_>, Vec<_>) = asked.iter().partition(|answer| answer.status.as_u16() == 202);
    assert_eq!(opened.len(), 2, "{:?}", asked.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>());
    for refused in refused {
        let error = refused.error(403, "ORGANIZATION_LIMIT_REACHED");
        assert_eq!(error["details"]["limit"], 3, "{error}");
    }
    for opened in opened {
        Operation::of(&opened.ok()).succeeded(&client).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways_share_the_allowance_of_an_address() {
    let ground = Ground::new().await;
    let (_process, client) = ground
        .with(&[
            ("NEXUS__RATE_LIMIT__ENABLED", "true"),
            ("NEXUS__RATE_LIMIT__ANONYMOUS_PER_MINUTE", "100000"),
            ("NEXUS__RATE_LIMIT__SIGN_UPS_PER_HOUR", "3"),
            ("NEXUS__HTTP__TRUSTED_PROXIES", "127.0.0.1/32"),
        ])
        .await;
    // Counters are shared by all tests: these addresses are this test's own.
    let number = uuid::Uuid::new_v4().as_u128();
    let address = |last: u8| format!("10.{}.{}.{last}", number % 256, (number >> 8) % 256);
    let slug = unique_slug();
    let send = async |path: &str, account: &Client, body: Value, from: u8| {
        account.post(path, &body).header("X-Forwarded-For", &address(from)).idempotency_key(&key()).send().await
    };
    let _ = send("/api/v1/signup", &client, sign_up_body(&slug), 1).await.expect(202);
    ground.prove(&slug).await;
    let account = account(&client, &slug).await;
    let another = || json!({ "name": "Another", "slug": unique_slug() });
    for _ in 0..2 {
        let _ = send("/api/v1/organizations", &account, another(), 1).await.expect(202);
    }
    let refused = send("/api/v1/organizations", &account, another(), 1).await;
    refused.error(429, "RATE_LIMITED");
    assert!(refused.header("retry-after").is_some());
    send("/api/v1/signup", &client, sign_up_body(&unique_slug()), 1).await.error(429, "RATE_LIMITED");
    let _ = send("/api/v1/organizations", &account, another(), 2).await.expect(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_retry_is_recognised_by_does_not_give_the_password_away() {
    let ground = Ground::new().await;
    let (_process, client) = ground.with(&[]).await;
    let body = sign_up_body(&unique_slug());
    let key = key();
    let _ = client.post("/api/v1/signup", &body).idempotency_key(&key).send().await.expect(202);
    // Whoever reads the table knows all of the body but the password: no digest of it without a secret may be there.
    let plain = "SELECT fingerprint = encode(sha256(int8send(14) || '/api/v1/signup'::bytea || int8send(32) || sha256($2)), 'hex')
                   FROM idempotency_keys WHERE key = $1";
    let is_plain: bool =
        sqlx::query_scalar(plain).bind(&key).bind(serde_json::to_vec(&body).unwrap()).fetch_one(ground.control.db().pool()).await.unwrap();
    assert!(!is_plain, "the fingerprint is a plain digest of the body");
    let replayed = client.post("/api/v1/signup", &body).idempotency_key(&key).send().await.expect(202);
    assert_eq!(replayed.header("idempotency-replayed"), Some("true"));
}
