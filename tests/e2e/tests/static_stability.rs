//! The control plane and its database gone, from a cluster of their own: every organization is served on, warm ones, cold ones and after a restart of the
//! runtime; what needs the control plane is refused, and what was ended stays ended. Afterwards everything is as before, by itself.

use std::time::{Duration, Instant};

use nexus_test_support::{Answer, Client, Nexus, OwnStack, Process, TestStack, eventually};
use serde_json::{Value, json};

use crate::platform::{PASSWORD, key, owner_of, request_sign_up, session, sign_up_body, text, unique_slug};

/// Whoever needs what is gone hears it within this time: two seconds for a connection, and what a busy machine adds.
const REFUSED_WITHIN: Duration = Duration::from_secs(4);
/// Whoever does not need it waits for nothing but a busy machine; a tenant's first request opens a connection.
const SERVED_WITHIN: Duration = Duration::from_secs(3);
/// The directory is polled every five seconds, and a silent server is given up after two.
const KNOWN_WITHIN: Duration = Duration::from_secs(8);
/// When the database accepts connections again, everything is as before within this time.
const NORMAL_WITHIN: Duration = Duration::from_secs(5);

/// An organization and what opens it.
struct Organization {
    slug: String,
    id: String,
    token: String,
    refresh_token: String,
    key: String,
    /// What its owner can't use any more: the token of a session that was ended.
    ended: String,
}

impl Organization {
    /// Signed up, with an API key made through a process that is not the one under test.
    async fn found(farm: &Farm, control: &Client, other_runtime: &Client) -> Self {
        let slug = unique_slug();
        let operation = request_sign_up(control, &slug).await;
        operation.succeeded(control).await;
        let proved = "UPDATE accounts SET email_verified_at = now() WHERE email_normalised = $1";
        sqlx::query(proved).bind(owner_of(&slug)).execute(farm.own.control().db().pool()).await.unwrap();
        let tokens = session(control, &slug, Some(&slug)).await;
        let token = text(&tokens["access_token"]);
        let body = json!({ "name": "Web shop", "scopes": ["products.read", "products.write"] });
        let made = other_runtime.bearer(&token).tenant(&slug).post("/api/v1/api-keys", &body).send().await.created();
        let left = session(control, &slug, Some(&slug)).await;
        control.post("/api/v1/auth/logout", &json!({ "refresh_token": left["refresh_token"] })).send().await.no_content();
        Self {
            slug,
            id: operation.organization_id,
            token,
            refresh_token: text(&tokens["refresh_token"]),
            key: text(&made["key"]),
            ended: text(&left["access_token"]),
        }
    }

    /// Reads and writes, by token and by key; the ended session is refused.
    async fn is_served(&self, runtime: &Client, what: &str) {
        let clients = [&self.token, &self.key].map(|credential| runtime.bearer(credential).tenant(&self.slug));
        for (client, by) in clients.iter().zip(["token", "key"]) {
            let name = format!("{what} by {by}");
            let _ = soon(client.get("/api/v1/products"), &name).await.expect(200);
            let _ = soon(client.post("/api/v1/products", &json!({ "name": name })), &name).await.created();
        }
        let ended = runtime.bearer(&self.ended).tenant(&self.slug);
        soon(ended.get("/api/v1/products"), what).await.error(401, "UNAUTHORIZED");
    }
}

async fn soon(request: nexus_test_support::Request, what: &str) -> Answer {
    let began = Instant::now();
    let answer = request.send().await;
    assert!(began.elapsed() < SERVED_WITHIN, "{what}: {:?}", began.elapsed());
    answer
}

/// What belongs to the control plane answers 503, whatever the process holds.
async fn control_is_refused(client: &Client, organization: &Organization) {
    let credentials = json!({ "email": owner_of(&organization.slug), "password": PASSWORD });
    let requests = [
        client.post("/api/v1/auth/login", &credentials),
        client.post("/api/v1/auth/refresh", &json!({ "refresh_token": organization.refresh_token })),
        client.post("/api/v1/signup", &sign_up_body(&unique_slug())).idempotency_key(&key()),
        client.post("/api/v1/auth/verify-email/resend", &json!({ "email": owner_of(&organization.slug) })),
    ];
    let refused = requests.into_iter().enumerate().map(async |(number, request)| {
        let began = Instant::now();
        request.send().await.error(503, "SERVICE_UNAVAILABLE");
        assert!(began.elapsed() < REFUSED_WITHIN, "request {number}: {:?}", began.elapsed());
    });
    futures::future::join_all(refused).await;
}

struct Farm {
    own: OwnStack,
    shared: std::sync::Arc<TestStack>,
}

impl Farm {
    /// On the control database of the own cluster; tenants' databases are on the shared one.
    fn command(&self, role: &str) -> Nexus {
        let server = self.shared.admin_spec("postgres");
        let tenants = [("HOST", server.host().to_owned()), ("PORT", server.port().to_string()), ("ADMIN_URL", self.shared.admin_url().to_owned())];
        let command = self.own.nexus(&[role]).env("NEXUS__LOG__FILTER", "info,nexus_tenant_runtime=debug");
        tenants.into_iter().fold(command, |command, (name, value)| command.env(&format!("NEXUS__SERVERS__0__{name}"), value))
    }

    /// An operator's token.
    async fn operator(&self, control: &Client) -> String {
        let email = "operator@platform.example";
        let made = self.own.nexus(&["admin", "create-operator", "--email", email, "--password-stdin"]).run_with_input(PASSWORD).await;
        assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
        let credentials = json!({ "email": email, "password": PASSWORD });
        let session = control.post("/api/v1/admin/auth/login", &credentials).send().await.expect(200).ok();
        text(&session["access_token"])
    }
}

async fn suspend(operator: &Client, organization: &Organization) {
    let path = format!("/api/v1/tenants/{}", organization.id);
    let version = operator.get(&path).send().await.expect(200).etag();
    let _ = operator.patch(&path, &json!({ "state": "suspended", "state_reason": "Unpaid" })).if_match(version).send().await.expect(200);
}

/// Waits until the process has put both organizations and both ended sessions on disk.
async fn is_kept(runtime: &Process) {
    let number = |line: &str, name: &str| -> Option<u32> { line.split_once(name)?.1.split(' ').next()?.trim().parse().ok() };
    eventually(Duration::from_secs(15), async || {
        let log = runtime.log();
        let line = log.lines().rfind(|line| line.contains("the snapshot is written"))?.to_owned();
        (number(&line, "tenants=")? >= 2 && number(&line, "ended_sessions=")? >= 2).then_some(())
    })
    .await;
}

async fn health(client: &Client) -> (String, Value) {
    let report = client.get("/api/v1/health").send().await.expect(200).ok();
    let check = |name: &str| report["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap().clone();
    let (directory, store) = (check("directory"), check("object_store"));
    assert_eq!(store["required"], false, "files are not all that a runtime serves");
    (text(&report["status"]), directory)
}

/// The process knows that the control database is gone, and that it can serve.
async fn runs_on_what_is_known(client: &Client) {
    let directory = eventually(KNOWN_WITHIN, async || {
        let (status, directory) = health(client).await;
        (status == "degraded" && directory["status"] == "unavailable").then_some(directory)
    })
    .await;
    assert!(directory["required"] == false && directory["failing_since"].is_string(), "{directory}");
    assert_eq!(client.get("/readyz").send().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_are_served_while_the_control_plane_and_its_database_are_gone() {
    let shared = TestStack::from_env();
    let farm = Farm { own: OwnStack::start(&shared).await, shared };
    let (control, both, runtime) = (farm.command("control-plane"), farm.command("serve"), farm.command("tenant-runtime"));
    // The one that holds both planes shares no snapshot with the runtime under test.
    let both = both.env("NEXUS__RUNTIME__SNAPSHOT_FILE", "");
    // The control plane first: it makes the signing keys, which the others read as they start.
    let control = control.spawn().await;
    let (both, runtime) = tokio::join!(both.spawn(), runtime.spawn());
    let (controlling, serving) = (control.client(), both.client());
    let (warm, cold) = tokio::join!(Organization::found(&farm, &controlling, &serving), Organization::found(&farm, &controlling, &serving));
    let operator = farm.operator(&controlling).await;
    warm.is_served(&runtime.client(), "before").await;
    is_kept(&runtime).await;

    control.kill9().await;
    farm.own.stop_postgres().await;
    let client = runtime.client();
    warm.is_served(&client, "warm").await;
    cold.is_served(&client, "cold").await;
    control_is_refused(&client, &warm).await;
    warm.is_served(&serving, "warm, in a process of both planes").await;
    control_is_refused(&serving, &warm).await;
    assert!(farm.own.redis_flush().await > 0, "Redis had nothing to forget");
    warm.is_served(&client, "without what Redis held").await;

    runtime.kill9().await;
    let runtime = farm.command("tenant-runtime").spawn().await;
    let client = runtime.client();
    cold.is_served(&client, "after a restart").await;
    runs_on_what_is_known(&client).await;
    control_is_refused(&client, &cold).await;

    farm.own.start_postgres().await;
    let back = Instant::now();
    let control = farm.command("control-plane").spawn().await;
    let token = text(&session(&control.client(), &warm.slug, Some(&warm.slug)).await["access_token"]);
    let _ = client.bearer(token).tenant(&warm.slug).get("/api/v1/products").send().await.expect(200);
    eventually(NORMAL_WITHIN, async || (health(&client).await.0 == "ok").then_some(())).await;
    let _ = session(&serving, &cold.slug, Some(&cold.slug)).await;
    suspend(&control.client().bearer(operator), &cold).await;
    eventually(Duration::from_secs(2), async || {
        let answer = client.bearer(&cold.token).tenant(&cold.slug).get("/api/v1/products").send().await;
        (answer.status == 403).then(|| drop(answer.error(403, "TENANT_SUSPENDED")))
    })
    .await;
    assert!(back.elapsed() < Duration::from_secs(30), "{:?}", back.elapsed());
    let log = both.log();
    let told = ["saga log not readable;", "saga log readable again"].map(|line| log.matches(line).count());
    assert_eq!(told, [1, 1], "only changes are told: {log}");
}
