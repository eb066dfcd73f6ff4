//! A server that vanishes without a word: packets are dropped, connections stand and say nothing.

use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_core::{Origin, SystemClock};
use nexus_infra::DbError;
use nexus_test_support::{Client, Proxy, Role, TestTenant, eventually};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use uuid::Uuid;

use crate::test_app::{App, behind_proxy};

/// After how long a silent server is given up; the rest of a bound is for the machine.
const SILENCE: Duration = Duration::from_secs(2);
const SOON: Duration = Duration::from_secs(10);

/// A tenant on a server of its own, which is reached by the proxy, and a neighbour that is reached without.
struct Ground {
    app: App,
    proxy: Proxy,
    neighbour: TestTenant,
}

impl Ground {
    /// One connection to each tenant: one that is not given back would be missed at once.
    async fn new() -> Self {
        let tenant = TestTenant::new().await;
        let neighbour = TestTenant::in_control(&tenant.control).await;
        let proxy = behind_proxy(&tenant, "proxied").await;
        let app = App::of_with(tenant, |settings| settings.runtime.tenant_max_connections = 1).await;
        let ground = Self { app, proxy, neighbour };
        for client in [ground.client(), ground.neighbours()] {
            let _ = client.get("/api/v1/tags").send().await.expect(200);
        }
        ground
    }

    fn client(&self) -> Client {
        self.app.client(Role::Owner)
    }

    fn neighbours(&self) -> Client {
        self.app.server.client().bearer(self.neighbour.token(Role::Owner))
    }

    /// How long each of the neighbour's requests takes, twenty at once.
    async fn beside(&self) -> Vec<Duration> {
        let neighbours = self.neighbours();
        let requests = (0..20).map(async |_| {
            let since = Instant::now();
            let _ = neighbours.get("/api/v1/tags").send().await.expect(200);
            since.elapsed()
        });
        join_all(requests).await
    }

    /// What this machine may take now for what waits for nobody.
    async fn allowance(&self) -> Duration {
        let slowest = self.beside().await.into_iter().max().unwrap_or_default();
        Duration::from_secs(1) + slowest * 4
    }

    async fn serves_again(&self) {
        let client = self.client();
        eventually(SOON, async || (client.get("/api/v1/tags").send().await.status == 200).then_some(())).await;
        let _ = client.post("/api/v1/tags", &json!({ "name": "after" })).send().await.expect(201);
        let record = self.app.runtime.record_for_work(self.app.tenant.id).await.unwrap();
        let lease = self.app.runtime.registry.lease(&record).await.unwrap();
        assert_eq!(lease.connections().0, 1, "those that were given up are closed");
        drop(lease);
        assert!(self.app.runtime.registry.stats().reserved <= 2, "a permit for each tenant");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_a_server_that_vanished_hears_so_in_time_and_nobody_else_notices() {
    let ground = Ground::new().await;
    let client = ground.client();
    // Twice: with a connection that stands, and with none.
    for _ in 0..2 {
        let allowance = ground.allowance().await;
        ground.proxy.fall_silent();
        let asked = (0..6).map(async |number| {
            let since = Instant::now();
            let answer = match number % 3 {
                0 => client.get("/api/v1/tags").send().await,
                // A list that holds its connection for both of its statements.
                1 => client.get("/api/v1/products").send().await,
                _ => client.post("/api/v1/tags", &json!({ "name": format!("tag {number}") })).send().await,
            };
            (answer, since.elapsed())
        });
        let (asked, beside) = tokio::join!(join_all(asked), ground.beside());
        for (answer, took) in asked {
            answer.error(503, "SERVICE_UNAVAILABLE");
            assert!(answer.header("retry-after").is_some());
            assert!(took < SILENCE + allowance, "{took:?} with {allowance:?} for the machine");
        }
        assert!(beside.iter().all(|took| *took < allowance), "{beside:?} with {allowance:?} for the machine");
    }
    // The connections that were given up are not waited for: the server they were to is not there any more.
    ground.proxy.take_over();
    ground.serves_again().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_under_way_is_given_up_too() {
    let ground = Ground::new().await;
    let client = ground.client();
    let owner = ground.app.tenant.owner_db().await;
    let mut gate = owner.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE tags IN EXCLUSIVE MODE").execute(&mut *gate).await.unwrap();
    let allowance = ground.allowance().await;
    let body = json!({ "name": "waits" });
    let posting = async {
        let answer = client.post("/api/v1/tags", &body).send().await;
        (answer, Instant::now())
    };
    let vanishing = async {
        ground.app.sessions_wait(1).await;
        ground.proxy.fall_silent();
        Instant::now()
    };
    let ((answer, answered), vanished) = tokio::join!(posting, vanishing);
    answer.error(503, "SERVICE_UNAVAILABLE");
    let took = answered.duration_since(vanished);
    assert!(took < SILENCE * 2 + allowance, "{took:?} with {allowance:?} for the machine");
    gate.rollback().await.unwrap();
    ground.proxy.speak_again();
    ground.serves_again().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_was_given_up_while_it_was_opened_does_not_stay_open() {
    let ground = Ground::new().await;
    let owner = ground.app.tenant.owner_db().await;
    let record = ground.app.runtime.record_for_work(ground.app.tenant.id).await.unwrap();
    let lease = ground.app.runtime.registry.lease(&record).await.unwrap();
    // Used a moment ago, the connection is not asked whether it lives: the silence meets the BEGIN.
    lease.ping(SOON).await.unwrap();
    ground.proxy.fall_silent();
    let begun = lease.read_snapshot("nothing", &SystemClock::shared(), &Origin::system("test"), async |_| Ok::<_, DbError>(())).await;
    assert!(begun.is_err_and(|error| error.is_unavailable()));
    drop(lease);
    ground.proxy.speak_again();
    ground.serves_again().await;
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let open: i64 = sqlx::query_scalar(open).fetch_one(owner.pool()).await.unwrap();
    assert_eq!(open, 0, "whoever uses the connection next works in the transaction of somebody who left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_stays_when_nobody_hears_whether_its_import_was_committed() {
    let ground = Ground::new().await;
    let owner = ground.app.tenant.owner_db().await;
    // COMMIT waits for the test.
    for sql in [
        "CREATE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = '2min' AS \
         $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7777); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER test_gate AFTER INSERT ON imports DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION test_gate()",
    ] {
        sqlx::query(sql).execute(owner.pool()).await.unwrap();
    }
    let mut gate = owner.pool().begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(7777)").execute(&mut *gate).await.unwrap();
    let part = Part::bytes("sku\nLAMP\n".as_bytes()).file_name("file.csv").mime_str("text/csv").unwrap();
    let sending = ground.client().request(Method::POST, "/api/v1/products/import").multipart(Form::new().part("file", part));
    let vanishing = async {
        ground.app.sessions_wait(1).await;
        ground.proxy.fall_silent();
    };
    let (answer, ()) = tokio::join!(sending.idempotency_key("import-1").send(), vanishing);
    answer.error(503, "SERVICE_UNAVAILABLE");
    gate.rollback().await.unwrap();
    let import: Uuid = eventually(SOON, async || sqlx::query_scalar("SELECT id FROM imports").fetch_optional(owner.pool()).await.unwrap()).await;
    assert_eq!(ground.app.keys_in_bucket("imports/").await, [format!("imports/{import}.csv")]);
}
