//! The control database away: organizations are served on, by token and by key, warm ones, cold ones, and by a runtime that was started meanwhile.

use std::cell::Cell;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nexus_test_support::{LineFault, Nexus, OwnStack, Process, TestStack, eventually};
use sqlx::PgPool;

use crate::credentials::api_key;
use crate::ground::{Ground, Server};
use crate::load::{Kind, Load};
use crate::outage::{Outage, Worst};
use crate::platform::{sign_up, unique_slug};
use crate::report::{Line, rounds};

const DEMANDED: &str = "organizations are read and written by unexpired tokens and by keys, cold ones and after a restart too; the control plane answers 503 within \
                        2 s; back within 5 s by itself";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it; short, the end-to-end tests show it on a cluster of its own"]
async fn organizations_are_served_without_the_control_database() {
    let ground = Ground::start(&[("NEXUS__RUNTIME__IDLE_TIMEOUT_S", "5")]).await;
    let scene = Scene::set(&ground).await;
    let lines = &ground.lines;
    for (word, fault) in [("cut", LineFault::Silence), ("refused", LineFault::Refusal)] {
        let hits = Cell::new(0);
        let away = async || {
            hits.set(lines.hits(Server::Control));
            lines.inject(Server::Control, fault);
        };
        let met = || lines.hits(Server::Control) > hits.get() || fault == LineFault::Refusal && lines.refuses(Server::Control);
        scene.plays(&format!("control database {word}"), rounds(1, 10), away, met, async || lines.heal(Server::Control)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it; short, the end-to-end tests show it"]
async fn organizations_are_served_without_the_control_databases_cluster() {
    let shared = TestStack::from_env();
    let own = OwnStack::start(&shared).await;
    let ground = Ground::on(shared, Arc::clone(own.control()), &[("NEXUS__RUNTIME__IDLE_TIMEOUT_S", "5")]).await;
    let scene = Scene::set(&ground).await;
    let cluster = own.stack().admin_spec("postgres");
    let met = || TcpStream::connect((cluster.host(), cluster.port())).is_err();
    scene
        .plays("control database's cluster stopped", rounds(1, 3), async || own.stop_postgres().await, met, async || own.start_postgres().await)
        .await;
}

/// An organization under load, and two that a runtime beside has not served yet.
struct Scene<'g> {
    ground: &'g Ground,
    load: Load,
    database: PgPool,
    cold: [Cold; 2],
    beside: Nexus,
}

struct Cold {
    slug: String,
    /// A token and a key. Who comes first opens the organization.
    credentials: [String; 2],
}

impl<'g> Scene<'g> {
    async fn set(ground: &'g Ground) -> Self {
        let client = ground.client().await;
        let organization = sign_up(&client, &unique_slug()).await;
        let load = Load::of(ground, &organization, true).await;
        let database = ground.behind(&format!("nxt_{}", organization.id.simple())).await;
        let snapshot = ground.control.snapshot_file().with_extension("beside");
        let beside = ground.program("tenant-runtime").env("NEXUS__RUNTIME__SNAPSHOT_FILE", snapshot.to_string_lossy());
        let beside = beside.env("NEXUS__LOG__FILTER", "info,nexus_tenant_runtime=debug");
        let (by_token, mut by_key) = (Cold::sign_up(ground).await, Cold::sign_up(ground).await);
        by_key.credentials.reverse();
        Self { ground, load, database, cold: [by_token, by_key], beside }
    }

    /// The control database goes away again and again. Meanwhile a runtime beside is killed and started from what it has on disk, and serves organizations that it
    /// has not served yet.
    async fn plays(&self, name: &str, rounds: usize, away: impl AsyncFn(), met: impl Fn() -> bool, back: impl AsyncFn()) {
        let mut line = Line::of(name, rounds, DEMANDED);
        let mut worst = Worst::default();
        let mut beside = self.beside.spawn().await;
        is_kept(&beside).await;
        self.load
            .during(async {
                self.load.goes_on(Instant::now(), 3, Duration::from_secs(60)).await;
                for _ in 0..rounds {
                    let begin = async || {
                        away().await;
                        let next = self.beside.spawn_unready();
                        std::mem::replace(&mut beside, next).kill9().await;
                        beside.wait_ready(Duration::from_secs(30)).await;
                        for cold in &self.cold {
                            cold.is_served(&beside).await;
                        }
                    };
                    let outage = Outage::of(&[Kind::Account]);
                    outage.happens(&self.load, &mut worst, begin, &met, &back).await;
                }
            })
            .await;
        worst.tell(&mut line);
        let kept = self.load.books.assert_settled(self.ground, &self.database).await;
        line.saw("lost", kept);
        line.passed();
    }
}

impl Cold {
    async fn sign_up(ground: &Ground) -> Self {
        let organization = sign_up(&ground.client().await, &unique_slug()).await;
        let key = api_key(ground, &organization).await;
        Self { slug: organization.slug, credentials: [organization.token, key] }
    }

    /// Reads and writes, by token and by key.
    async fn is_served(&self, runtime: &Process) {
        for credential in &self.credentials {
            let client = runtime.client().bearer(credential).tenant(&self.slug);
            let _ = client.get("/api/v1/products").send().await.expect(200);
            let body = serde_json::json!({ "name": unique_slug() });
            let _ = client.post("/api/v1/products", &body).send().await.created();
        }
    }
}

/// Waits until a runtime has written down all organizations.
async fn is_kept(runtime: &Process) {
    eventually(Duration::from_secs(60), async || {
        let log = runtime.log();
        let told = log.lines().rfind(|line| line.contains("the snapshot is written"))?.to_owned();
        let tenants: u32 = told.split_once("tenants=")?.1.split(' ').next()?.parse().ok()?;
        (tenants >= 3).then_some(())
    })
    .await;
}
