//! The control database away: organizations are served on, warm ones, cold ones, and by a runtime that was started meanwhile.

use std::time::{Duration, Instant};

use nexus_test_support::{LineFault, Process, eventually};

use crate::ground::{Ground, Server};
use crate::load::{Kind, Load};
use crate::outage::{Outage, Worst};
use crate::platform::{Organization, sign_up, unique_slug};
use crate::report::{Line, rounds};

const DEMANDED: &str = "organizations are read and written by unexpired tokens, cold ones and after a restart too; the control plane answers 503 within 2 s; \
                        back within 5 s by itself";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it; short, the end-to-end tests show it on a cluster of its own"]
async fn organizations_are_served_without_the_control_database() {
    let ground = Ground::start(&[("NEXUS__RUNTIME__IDLE_TIMEOUT_S", "5")]).await;
    let client = ground.client().await;
    let (organization, cold) = (sign_up(&client, &unique_slug()).await, sign_up(&client, &unique_slug()).await);
    let load = Load::of(&client, &organization, true).await;
    let database = ground.behind(&format!("nxt_{}", organization.id.simple())).await;
    let snapshot = ground.control.snapshot_file().with_extension("beside");
    let command = ground.program("tenant-runtime").env("NEXUS__RUNTIME__SNAPSHOT_FILE", snapshot.to_string_lossy());
    let command = command.env("NEXUS__LOG__FILTER", "info,nexus_tenant_runtime=debug");
    let rounds = rounds(1, 10);
    for (word, fault) in [("cut", LineFault::Silence), ("refused", LineFault::Refusal)] {
        let mut line = Line::of(format!("control database {word}"), rounds, DEMANDED);
        let mut worst = Worst::default();
        let mut beside = command.spawn().await;
        is_kept(&beside).await;
        load.during(async {
            load.goes_on(Instant::now(), 3, Duration::from_secs(60)).await;
            for _ in 0..rounds {
                let lines = &ground.lines;
                let hits = lines.hits(Server::Control);
                let met = || lines.hits(Server::Control) > hits || fault == LineFault::Refusal && lines.refuses(Server::Control);
                let begin = async || {
                    lines.inject(Server::Control, fault);
                    // A runtime beside is killed and started from what it has on disk, and serves an organization that it has not served yet.
                    let next = command.spawn_unready();
                    std::mem::replace(&mut beside, next).kill9().await;
                    beside.wait_ready(Duration::from_secs(30)).await;
                    is_served(&beside, &cold).await;
                };
                let outage = Outage::of(&[Kind::Account]);
                outage.happens(&load, &mut worst, begin, met, async || lines.heal(Server::Control)).await;
            }
        })
        .await;
        worst.tell(&mut line);
        let kept = load.books.assert_settled(&ground, &database).await;
        line.saw("lost", kept);
        line.passed();
    }
}

async fn is_served(runtime: &Process, organization: &Organization) {
    let client = runtime.client().bearer(&organization.token).tenant(&organization.slug);
    let _ = client.get("/api/v1/products").send().await.expect(200);
    let body = serde_json::json!({ "name": unique_slug() });
    let _ = client.post("/api/v1/products", &body).send().await.created();
}

/// Waits until a runtime has written down both organizations.
async fn is_kept(runtime: &Process) {
    eventually(Duration::from_secs(60), async || {
        let log = runtime.log();
        let told = log.lines().rfind(|line| line.contains("the snapshot is written"))?.to_owned();
        let tenants: u32 = told.split_once("tenants=")?.1.split(' ').next()?.parse().ok()?;
        (tenants >= 2).then_some(())
    })
    .await;
}
