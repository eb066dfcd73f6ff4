//! A server that vanishes without a word: packets are dropped, connections stand and say nothing.

use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_core::{Clock, SystemClock};
use nexus_test_support::{Client, Proxy, Role, TestTenant, eventually};
use serde_json::json;

use crate::test_app::App;

/// Two seconds, and what a loaded machine needs beside them.
const BOUND: Duration = Duration::from_secs(3);
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
        let settings = tenant.control.stack().settings(&tenant.control);
        let server = &settings.servers[0];
        let proxy = Proxy::start(&server.host, server.port).await;
        sqlx::query(
            "WITH added AS (INSERT INTO database_servers (id, name, host, port) VALUES ($1, 'proxied', '127.0.0.1', $2) RETURNING id)
             UPDATE tenants SET server_id = added.id FROM added WHERE tenants.id = $3",
        )
        .bind(SystemClock.new_id())
        .bind(i32::from(proxy.port()))
        .bind(tenant.id.0)
        .execute(tenant.control.db().pool())
        .await
        .unwrap();
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

    async fn serves_again(&self) {
        let client = self.client();
        eventually(SOON, async || (client.get("/api/v1/tags").send().await.status == 200).then_some(())).await;
        let _ = client.post("/api/v1/tags", &json!({ "name": "after" })).send().await.expect(201);
        let record = self.app.runtime.record_for_work(self.app.tenant.id).await.unwrap();
        let lease = self.app.runtime.registry.lease(&record).await.unwrap();
        assert_eq!(lease.connections().0, 1, "those that were given up are closed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_a_server_that_vanished_hears_so_in_time_and_nobody_else_notices() {
    let ground = Ground::new().await;
    let (client, neighbours) = (ground.client(), ground.neighbours());
    // Twice: with a connection that stands, and with none.
    for _ in 0..2 {
        ground.proxy.fall_silent();
        let asked = (0..6).map(async |number| {
            let since = Instant::now();
            let answer = match number % 2 {
                0 => client.get("/api/v1/tags").send().await,
                _ => client.post("/api/v1/tags", &json!({ "name": format!("tag {number}") })).send().await,
            };
            (answer, since.elapsed())
        });
        let beside = (0..20).map(async |_| {
            let since = Instant::now();
            let _ = neighbours.get("/api/v1/tags").send().await.expect(200);
            since.elapsed()
        });
        let (asked, beside) = tokio::join!(join_all(asked), join_all(beside));
        for (answer, took) in asked {
            answer.error(503, "SERVICE_UNAVAILABLE");
            assert!(answer.header("retry-after").is_some());
            assert!(took < BOUND, "{took:?}");
        }
        assert!(beside.iter().all(|took| *took < Duration::from_secs(1)), "{beside:?}");
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
    let body = json!({ "name": "waits" });
    let posting = async {
        let answer = client.post("/api/v1/tags", &body).send().await;
        (answer, Instant::now())
    };
    let vanishing = async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually(SOON, async || {
            let waiting: i64 = sqlx::query_scalar(waits).fetch_one(owner.pool()).await.unwrap();
            (waiting > 0).then_some(())
        })
        .await;
        ground.proxy.fall_silent();
        Instant::now()
    };
    let ((answer, answered), vanished) = tokio::join!(posting, vanishing);
    answer.error(503, "SERVICE_UNAVAILABLE");
    assert!(answered.duration_since(vanished) < BOUND + Duration::from_secs(2), "{:?}", answered.duration_since(vanished));
    gate.rollback().await.unwrap();
    ground.proxy.speak_again();
    ground.serves_again().await;
}
