//! `kill -9` and failures around every step of provisioning: everything converges, nothing is orphaned; for sign-ups that build
//! everything themselves, and for those that begin with what the warm pool prepared.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use nexus_test_support::black_box::estate::Estate;
use nexus_test_support::{Client, ControlDb, Nexus, OwnStack, Process, TestStack, Watcher, eventually};
use serde_json::Value;
use sqlx::PgPool;
use tokio::sync::Semaphore;

use crate::contract::Contract;
use crate::document::Document;
use crate::platform::{Operation, Platform, key, log_in, request_sign_up, sign_up, sign_up_body, text, unique_slug};
use crate::sign_up::STEPS;

/// A cluster and an object store that nobody else uses, so that everything in them can be accounted for.
pub struct Country {
    own: OwnStack,
    /// To start a program takes a processor: one starts while others are at work.
    starts: Arc<Semaphore>,
    /// What every answer of every program is compared with.
    contract: Arc<Contract>,
}

/// One control database there, on which programs come and go.
pub struct Ground {
    stack: Arc<TestStack>,
    control: Arc<ControlDb>,
    starts: Arc<Semaphore>,
    contract: Arc<Contract>,
    /// Entries that its programs keep in the warm pool.
    warm: usize,
}

impl Country {
    pub async fn new() -> Self {
        let own = OwnStack::start(&TestStack::from_env()).await;
        let printed = Nexus::command(own.stack(), &["openapi"]).run().await;
        let contract = Arc::new(Contract::new(&Arc::new(Document::read(&printed.stdout))));
        Self { own, starts: Arc::new(Semaphore::new(1)), contract }
    }

    /// One whose sign-ups build everything themselves.
    async fn ground(&self) -> Ground {
        self.warm_ground(0).await
    }

    /// One whose programs keep so many entries in the warm pool.
    pub async fn warm_ground(&self, warm: usize) -> Ground {
        let stack = Arc::clone(self.own.stack());
        Ground { control: ControlDb::new(&stack).await, stack, starts: Arc::clone(&self.starts), contract: Arc::clone(&self.contract), warm }
    }

    /// Databases, roles and buckets are exactly those of the tenants that live and of the entries of the warm pool: none lacks, and
    /// none is left of the others.
    pub async fn assert_nothing_orphaned(&self, grounds: &[&Ground]) {
        let controls: Vec<&PgPool> = grounds.iter().map(|ground| ground.pool()).collect();
        let (found, owned) = (Estate::found(self.own.stack()).await, Estate::owned(&controls).await);
        if let Some((told, _)) = found.difference(&owned) {
            panic!("{told}");
        }
    }
}

impl Ground {
    /// The command line of a program with these failpoints.
    fn program(&self, points: &str) -> Nexus {
        let program = Platform::command(&self.stack, &self.control).env("NEXUS_FAILPOINT", points).env("NEXUS__PROVISIONING__PATIENCE_S", "2");
        program.env("NEXUS__PROVISIONING__WARM_POOL__SIZE", self.warm.to_string())
    }

    /// A program that dies at this point without being asked anything.
    pub async fn dies(&self, point: &str) {
        let starting = self.starts.acquire().await.unwrap();
        let doomed = self.program(&format!("{point}:kill")).spawn_unready();
        eventually(Duration::from_secs(60), async || (!doomed.is_running()).then_some(())).await;
        drop(starting);
        assert!(doomed.log().contains(point), "it died elsewhere than {point}:\n{}", doomed.log());
    }

    /// A program with these failpoints.
    pub async fn with(&self, points: &str) -> (Process, Client) {
        let starting = self.starts.acquire().await.unwrap();
        let process = self.program(points).spawn().await;
        drop(starting);
        let client = process.client().watched(Arc::clone(&self.contract) as Arc<dyn Watcher>);
        (process, client)
    }

    pub fn pool(&self) -> &PgPool {
        self.control.db().pool()
    }

    /// Every operation has ended, every tenant is active or was taken back, and so many are active.
    async fn assert_settled(&self, living: usize) {
        let states: Vec<String> = sqlx::query_scalar("SELECT state FROM tenants").fetch_all(self.pool()).await.unwrap();
        assert_eq!(states.iter().filter(|state| *state == "active").count(), living, "{states:?}");
        assert!(states.iter().all(|state| ["active", "broken"].contains(&state.as_str())), "{states:?}");
        let open: i64 =
            sqlx::query_scalar("SELECT count(*) FROM operations WHERE state IN ('pending', 'running')").fetch_one(self.pool()).await.unwrap();
        assert_eq!(open, 0, "operations without an end");
    }

    /// Waits until the warm pool is full, and nothing in it is half made or half taken down. Who worked on it is dead.
    pub async fn warmed(&self) {
        let text = "UPDATE warm_pool SET leased_until = clock_timestamp() - interval '1 second', due_at = now() WHERE leased_by IS NOT NULL";
        sqlx::query(text).execute(self.pool()).await.unwrap();
        eventually(Duration::from_secs(60), async || {
            let states: Vec<String> = sqlx::query_scalar("SELECT state FROM warm_pool").fetch_all(self.pool()).await.unwrap();
            (states.len() == self.warm && states.iter().all(|state| state == "ready")).then_some(())
        })
        .await;
    }
}

/// How many of the steps are done for whoever begins with what the warm pool prepared.
const PREPARED: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_before_any_step_converges() {
    crashes("before").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_after_any_step_converges() {
    crashes("after").await;
}

/// At each point a program dies over a sign-up; then one that lives finishes them all. `make chaos` goes round 20 times.
async fn crashes(side: &str) {
    let country = Country::new().await;
    let (cold, warm) = (country.ground().await, country.warm_ground(STEPS.len() - PREPARED).await);
    tokio::join!(crash_round(&cold, side), crash_round(&warm, side));
    country.assert_nothing_orphaned(&[&cold, &warm]).await;
}

async fn crash_round(ground: &Ground, side: &str) {
    let mut sign_ups = Vec::new();
    if ground.warm > 0 {
        let (filling, _) = ground.with("").await;
        ground.warmed().await;
        assert_eq!(filling.terminate().await, 0, "the program ends cleanly");
    }
    let steps = &STEPS[if ground.warm > 0 { PREPARED } else { 0 }..];
    for step in steps {
        let (doomed, client) = ground.with(&format!("{step}.{side}:kill")).await;
        let (slug, key) = (unique_slug(), key());
        // The answer may die with the program; what it had committed counts.
        let answer = client.post("/api/v1/signup", &sign_up_body(&slug)).idempotency_key(&key).try_send().await;
        assert!(answer.as_ref().map_or(true, |answer| answer.status.as_u16() == 202), "{answer:?}");
        eventually(Duration::from_secs(60), async || (!doomed.is_running()).then_some(())).await;
        let text =
            "SELECT o.id::text, (o.input ->> 'from_warm_pool')::boolean FROM operations o JOIN tenants t ON t.id = o.tenant_id WHERE t.slug = $1";
        let found: (String, bool) = sqlx::query_as(text).bind(&slug).fetch_one(ground.pool()).await.expect("a committed sign-up");
        let (operation, prepared) = found;
        assert_eq!(prepared, ground.warm > 0, "it went the other way");
        let (state, attempts): (String, i32) = sqlx::query_as("SELECT state, attempts FROM saga_steps WHERE operation_id = $1::uuid AND step = $2")
            .bind(&operation)
            .bind(step)
            .fetch_one(ground.pool())
            .await
            .unwrap();
        assert_eq!((state.as_str(), attempts), ("running", 1), "the program died elsewhere than {side} {step}");
        // The dead keep their sagas for the time of a lease. It is drawn out here, so that the next one to die meets its own sign-up.
        lease(ground, &operation, "1 hour").await;
        sign_ups.push((slug, key, operation));
    }
    for (.., operation) in &sign_ups {
        lease(ground, operation, "-1 second").await;
    }
    let (survivor, client) = ground.with("").await;
    for (slug, key, operation) in &sign_ups {
        // Asked again under its key, a sign-up is the same sign-up.
        let again = client.post("/api/v1/signup", &sign_up_body(slug)).idempotency_key(key).send().await.expect(202);
        let again = Operation::of(&again.ok());
        assert_eq!(again.id, *operation);
        again.succeeded(&client).await;
        let _ = log_in(&client, slug).await.client.get("/api/v1/products").send().await.expect(200);
    }
    ground.assert_settled(steps.len()).await;
    ground.warmed().await;
    assert_eq!(survivor.terminate().await, 0, "the program ends cleanly");
}

async fn lease(ground: &Ground, operation: &str, from_now: &str) {
    let statement = "UPDATE operations SET leased_until = clock_timestamp() + $2::interval WHERE id = $1::uuid AND state = 'running'";
    let done = sqlx::query(statement).bind(operation).bind(from_now).execute(ground.pool()).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "the operation is held by nobody");
}

/// The cases share one cluster and go on side by side: most of their time is waiting for patience and leases to end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_is_repeated_or_taken_back_and_nothing_is_orphaned() {
    let country = Country::new().await;
    let grounds = join_all((0..4).map(|_| country.ground())).await;
    tokio::join!(
        a_lease_of_the_dead_runs_out_by_itself(&grounds[0]),
        a_step_that_fails_or_goes_unnoted_is_done_again(&grounds[1]),
        a_step_that_can_not_succeed_is_taken_back_and_the_slug_is_free_again(&grounds[2]),
        a_step_that_fails_every_time_is_given_up(&grounds[3]),
    );
    country.assert_nothing_orphaned(&grounds.iter().collect::<Vec<_>>()).await;
}

async fn a_lease_of_the_dead_runs_out_by_itself(ground: &Ground) {
    let (doomed, client) = ground.with("database.after:kill").await;
    let operation = request_sign_up(&client, &unique_slug()).await;
    eventually(Duration::from_secs(60), async || (!doomed.is_running()).then_some(())).await;
    let (_survivor, client) = ground.with("").await;
    operation.succeeded(&client).await;
    ground.assert_settled(1).await;
}

async fn a_step_that_fails_or_goes_unnoted_is_done_again(ground: &Ground) {
    // Every step fails once before it did anything, and once after: then it runs a second time over its own work.
    let points: Vec<String> = STEPS.iter().flat_map(|step| [format!("{step}.before:error"), format!("{step}.after:error")]).collect();
    let (_process, client) = ground.with(&points.join(",")).await;
    let slug = unique_slug();
    let operation = request_sign_up(&client, &slug).await;
    let ended = operation.ended(&client).await;
    assert_eq!((&ended["state"], &ended["error"]), (&Value::from("succeeded"), &Value::Null), "{ended}");
    for step in ended["steps"].as_array().expect("steps") {
        assert_eq!(step["attempts"], 3, "{step}");
    }
    log_in(&client, &slug).await;
    ground.assert_settled(1).await;
}

async fn a_step_that_can_not_succeed_is_taken_back_and_the_slug_is_free_again(ground: &Ground) {
    // In the order in which they are met: each sign-up passes the points before it and is refused at its own. An activation that is
    // done is final, and so is what follows it. Every undo fails once before its work and once after.
    let mut points: Vec<(&str, &str)> = STEPS[..7].iter().flat_map(|step| [(*step, "before"), (*step, "after")]).collect();
    points.pop();
    let mut armed: Vec<String> = points.iter().map(|(step, side)| format!("{step}.{side}:refuse")).collect();
    armed.extend(STEPS[..7].iter().map(|step| format!("undo_{step}.before:error,undo_{step}.after:error")));
    let (_process, client) = ground.with(&armed.join(",")).await;
    let slug = unique_slug();
    for (step, side) in points {
        let ended = request_sign_up(&client, &slug).await.ended(&client).await;
        assert_eq!(ended["state"], "undone", "{side} {step}: {ended}");
        assert_eq!((text(&ended["error"]["step"]).as_str(), &ended["error"]["code"]), (step, &Value::from("FAILPOINT")), "{ended}");
    }
    sign_up(&client, &slug).await;
    ground.assert_settled(1).await;
}

async fn a_step_that_fails_every_time_is_given_up(ground: &Ground) {
    let slug = unique_slug();
    let (broken, client) = ground.with("seed.after:fail").await;
    let ended = request_sign_up(&client, &slug).await.ended(&client).await;
    assert_eq!(ended["state"], "undone", "{ended}");
    drop(broken);
    let (_healthy, client) = ground.with("").await;
    sign_up(&client, &slug).await;
    ground.assert_settled(1).await;
}
