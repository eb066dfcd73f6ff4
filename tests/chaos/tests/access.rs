//! Who is shut out at one process, or loses a role there, is refused by another within a second, because it is told; and within 15 s when Redis is gone and
//! tells nobody.

use std::time::{Duration, Instant};

use nexus_test_support::{Client, LineFault, Process, Role, TestTenant, eventually, percentile};
use serde_json::{Value, json};

use crate::ground::{Ground, Server};
use crate::report::{Line, rounds};

const TOLD: Duration = Duration::from_secs(1);
/// What is remembered of a policy is believed so long unasked.
const UNTOLD: Duration = Duration::from_secs(15);
/// How long a question and its answer may take at the end of that.
const GRAIN: Duration = Duration::from_millis(500);

/// An owner at one process, and a person who works at another.
struct Scene {
    owner: Client,
    person: Client,
    /// The person, as the owner's process knows them.
    path: String,
    elsewhere: Process,
}

/// What is done to the person, and undone.
#[derive(Debug, Clone, Copy)]
enum Change {
    Deactivation,
    Role,
}

impl Scene {
    async fn of(ground: &Ground) -> Self {
        let tenant = TestTenant::in_control(&ground.control).await;
        let elsewhere = ground.program("tenant-runtime").spawn().await;
        Self {
            owner: ground.client().await.bearer(tenant.token(Role::Owner)).tenant(&tenant.slug),
            person: elsewhere.client().bearer(tenant.token(Role::Staff)).tenant(&tenant.slug),
            path: format!("/api/v1/users/{}", tenant.user(Role::Staff).account_id),
            elsewhere,
        }
    }

    async fn make(&self, change: Change) {
        let answer = match change {
            Change::Deactivation => self.owner.post(&format!("{}/deactivate", self.path), &json!({})).send().await,
            Change::Role => self.roles(json!({ "remove": ["staff"] })).await,
        };
        let _ = answer.expect(200);
    }

    async fn undo(&self, change: Change) {
        let answer = match change {
            Change::Deactivation => self.owner.post(&format!("{}/reactivate", self.path), &json!({})).send().await,
            Change::Role => self.roles(json!({ "add": ["staff"] })).await,
        };
        let _ = answer.expect(200);
    }

    async fn roles(&self, patch: Value) -> nexus_test_support::Answer {
        self.owner.patch(&format!("{}/roles", self.path), &patch).send().await
    }

    /// How long the person goes on being answered like this.
    async fn goes_on(&self, status: u16, at_most: Duration) -> Duration {
        let begun = Instant::now();
        while self.person.get("/api/v1/tags").send().await.status.as_u16() == status {
            assert!(begun.elapsed() < at_most, "still {status} after {:?}", begun.elapsed());
        }
        begun.elapsed()
    }

    /// How long after the change was answered it has bitten elsewhere. Everything is as before then.
    async fn bites(&self, change: Change, at_most: Duration) -> Duration {
        let _ = self.person.get("/api/v1/tags").send().await.expect(200);
        self.make(change).await;
        let took = self.goes_on(200, at_most).await;
        self.undo(change).await;
        self.goes_on(403, at_most).await;
        took
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_access_bites_on_another_process_within_a_second() {
    let ground = Ground::start(&[]).await;
    let scene = Scene::of(&ground).await;
    for change in [Change::Deactivation, Change::Role] {
        let tries = rounds(10, 200);
        let mut line = Line::of(format!("bites elsewhere: {change:?}"), tries, "p99 at most 1000 ms");
        let mut took = Vec::with_capacity(tries);
        for _ in 0..tries {
            // One that is late spoils the percentile; it does not end the run.
            took.push(scene.bites(change, TOLD * 20).await);
        }
        let (half, most) = (percentile(&mut took, 500), percentile(&mut took, 990));
        line.took("p50", half);
        line.took("p99", most);
        assert!(most <= TOLD, "{change:?}: p99 {most:?}");
        line.passed();
    }
    assert_eq!(scene.elsewhere.terminate().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_access_bites_on_another_process_without_redis() {
    let ground = Ground::start(&[]).await;
    let scene = Scene::of(&ground).await;
    let tries = rounds(1, 5);
    let mut line = Line::of("bites elsewhere: Redis gone", tries * 2, "at most 15 s");
    let mut worst = Duration::ZERO;
    for change in [Change::Deactivation, Change::Role].into_iter().cycle().take(tries * 2) {
        let _ = scene.person.get("/api/v1/tags").send().await.expect(200);
        let before = ground.lines.hits(Server::Redis);
        ground.lines.inject(Server::Redis, LineFault::Refusal);
        eventually(Duration::from_secs(5), async || ground.lines.refuses(Server::Redis).then_some(())).await;
        scene.make(change).await;
        worst = worst.max(scene.goes_on(200, UNTOLD + GRAIN).await);
        assert!(ground.lines.hits(Server::Redis) > before, "nobody missed Redis");
        ground.lines.heal(Server::Redis);
        scene.undo(change).await;
        scene.goes_on(403, UNTOLD + GRAIN).await;
    }
    line.took("worst", worst);
    line.passed();
    assert_eq!(scene.elsewhere.terminate().await, 0);
}
