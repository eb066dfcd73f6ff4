//! `kill -9` before and after every step of building and of erasing an organization. Short, the end-to-end tests crash the building; here is one side of
//! each step of the erasing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use nexus_test_support::black_box::estate::Estate;
use nexus_test_support::{Client, ControlDb, Nexus, OwnStack, Process, TestStack, Watcher, eventually};
use sqlx::PgPool;
use tokio::sync::{Mutex, Semaphore};
use uuid::Uuid;

use crate::contract::Contract;
use crate::document::Document;
use crate::platform::{Operation, Organization, key, log_in, request_sign_up, sign_up_body, unique_slug};
use crate::report::{Line, is_long, rounds};

/// The steps of building an organization, and of erasing it.
const BUILDING: &[&str] = &["reserve", "database", "role_and_grants", "bucket", "seed", "directory", "activate", "welcome"];
const ERASING: &[&str] = &["fence", "drop_database", "drop_role", "remove_bucket", "forget"];
const SIDES: [&str; 2] = ["before", "after"];
/// How many go round at once, each on a control database of its own.
const AT_ONCE: usize = 4;
/// Connections of one program to its tenants: with those of the others, and of its control plane, fewer than the server has.
const BUDGET: usize = 30;

/// A control database on a cluster and a store that nobody else uses, so that everything in them can be accounted for.
struct Ground {
    stack: Arc<TestStack>,
    control: Arc<ControlDb>,
    /// To start a program takes a processor: one starts while others are at work.
    starts: Arc<Semaphore>,
    contract: Arc<Contract>,
    /// What the programs said that lived to the end.
    said: Mutex<String>,
}

impl Ground {
    /// A program that dies at a point, if one is named.
    async fn with(&self, point: &str) -> (Process, Client) {
        let starting = self.starts.acquire().await.unwrap();
        let command = Nexus::command(&self.stack, &["serve"]).on(&self.stack, &self.control);
        // What is prepared beforehand takes no steps.
        let command = command.env("NEXUS_FAILPOINT", point).env("NEXUS__PROVISIONING__WARM_POOL__SIZE", "0");
        // The server's connections are for all of them together.
        let process = command.env("NEXUS__RUNTIME__CONNECTION_BUDGET", BUDGET.to_string()).spawn().await;
        drop(starting);
        let client = process.client().watched(Arc::clone(&self.contract) as Arc<dyn Watcher>);
        (process, client)
    }

    fn pool(&self) -> &PgPool {
        self.control.db().pool()
    }

    async fn dies(&self, doomed: Process, operation: Uuid, point: &str) {
        eventually(Duration::from_secs(60), async || (!doomed.is_running()).then_some(())).await;
        let step = point.split('.').next().unwrap();
        let log = "SELECT state, attempts FROM saga_steps WHERE operation_id = $1 AND step = $2";
        let (state, attempts): (String, i32) = sqlx::query_as(log).bind(operation).bind(step).fetch_one(self.pool()).await.unwrap();
        assert_eq!((state.as_str(), attempts), ("running", 1), "the program died elsewhere than at {point}");
        // The dead keep their sagas for the time of a lease. It is drawn out here, so that the next one to die meets its own.
        self.lease(operation, "1 hour").await;
    }

    async fn lease(&self, operation: Uuid, from_now: &str) {
        let statement = "UPDATE operations SET leased_until = clock_timestamp() + $2::interval WHERE id = $1 AND state = 'running'";
        let done = sqlx::query(statement).bind(operation).bind(from_now).execute(self.pool()).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "the operation is held by nobody");
    }

    async fn operation(&self, slug: &str, kind: &str) -> Uuid {
        let found = "SELECT o.id FROM operations o JOIN tenants t ON t.id = o.tenant_id WHERE split_part(t.slug, '~', 1) = $1 AND o.kind = $2";
        sqlx::query_scalar(found).bind(slug).bind(kind).fetch_one(self.pool()).await.expect("a committed operation")
    }

    /// At each point of the building a program dies over a sign-up; then one that lives finishes them all.
    async fn builds(&self) -> usize {
        let mut sign_ups = Vec::new();
        for point in points(BUILDING) {
            let (doomed, client) = self.with(&format!("{point}:kill")).await;
            let (slug, key) = (unique_slug(), key());
            // The answer may die with the program; what it had committed counts.
            let answer = client.post("/api/v1/signup", &sign_up_body(&slug)).idempotency_key(&key).try_send().await;
            assert!(answer.as_ref().map_or(true, |answer| answer.status == 202), "{answer:?}");
            eventually(Duration::from_secs(60), async || (!doomed.is_running()).then_some(())).await;
            let operation = self.operation(&slug, "provision").await;
            self.dies(doomed, operation, &point).await;
            sign_ups.push((slug, key, operation));
        }
        for (.., operation) in &sign_ups {
            self.lease(*operation, "-1 second").await;
        }
        let (survivor, client) = self.with("").await;
        for (slug, key, operation) in &sign_ups {
            // Asked again under its key, a sign-up is the same sign-up.
            let again = client.post("/api/v1/signup", &sign_up_body(slug)).idempotency_key(key).send().await.expect(202);
            let again = Operation::of(&again.ok());
            assert_eq!(again.id, operation.to_string());
            again.succeeded(&client).await;
            let _ = log_in(&client, slug).await.client.get("/api/v1/products").send().await.expect(200);
        }
        assert_eq!(survivor.terminate().await, 0, "the program ends cleanly");
        sign_ups.len()
    }

    /// At each point of the erasing a program dies over an organization; then one that lives finishes them all.
    async fn erases(&self) -> usize {
        let (builder, client) = self.with("").await;
        let mut doomed_tenants = Vec::new();
        for _ in points(ERASING) {
            doomed_tenants.push(signed_up(&client).await);
        }
        let neighbour = signed_up(&client).await;
        assert_eq!(builder.terminate().await, 0, "the program ends cleanly");
        let mut erasures = Vec::new();
        for (point, tenant) in points(ERASING).into_iter().zip(doomed_tenants) {
            let (doomed, client) = self.with(&format!("{point}:kill")).await;
            let tokens = self.control.tokens();
            let operator = client.bearer(tokens.mint(&tokens.operator_claims(Uuid::new_v4(), "super_admin")));
            let path = format!("/api/v1/tenants/{}", tenant.id);
            let version = operator.get(&path).send().await.expect(200).etag();
            operator.delete(&path).if_match(version).send().await.no_content();
            let operation = self.operation(&tenant.slug, "delete").await;
            // As when the days are over in which it can be taken back.
            sqlx::query("UPDATE operations SET due_at = clock_timestamp() WHERE id = $1").bind(operation).execute(self.pool()).await.unwrap();
            self.dies(doomed, operation, &point).await;
            erasures.push((tenant, operation));
        }
        for (_, operation) in &erasures {
            self.lease(*operation, "-1 second").await;
        }
        let (survivor, client) = self.with("").await;
        for (tenant, operation) in &erasures {
            eventually(Duration::from_secs(90), async || {
                let state: String =
                    sqlx::query_scalar("SELECT state FROM operations WHERE id = $1").bind(operation).fetch_one(self.pool()).await.unwrap();
                assert!(["pending", "running", "succeeded"].contains(&state.as_str()), "an erasure was given up: {state}");
                (state == "succeeded").then_some(())
            })
            .await;
            let gone = client.bearer(&tenant.token).tenant(&tenant.slug).get("/api/v1/products").send().await;
            assert_eq!(gone.status, 401, "{}", gone.text());
        }
        self.said.lock().await.push_str(&survivor.log());
        let _ = client.bearer(&neighbour.token).tenant(&neighbour.slug).get("/api/v1/products").send().await.expect(200);
        assert_eq!(survivor.terminate().await, 0, "the program ends cleanly");
        erasures.len()
    }

    /// Every operation has ended, and every tenant lives, was taken back or was erased.
    async fn assert_settled(&self) {
        let states: Vec<String> = sqlx::query_scalar("SELECT DISTINCT state FROM tenants").fetch_all(self.pool()).await.unwrap();
        assert!(states.iter().all(|state| ["active", "broken", "deleted"].contains(&state.as_str())), "{states:?}");
        let open: i64 =
            sqlx::query_scalar("SELECT count(*) FROM operations WHERE state IN ('pending', 'running')").fetch_one(self.pool()).await.unwrap();
        assert_eq!(open, 0, "operations without an end");
    }
}

/// Both sides of each step; short, the one or the other.
fn points(steps: &[&str]) -> Vec<String> {
    let all = steps.iter().flat_map(|step| SIDES.map(|side| format!("{step}.{side}")));
    all.enumerate().filter(|(number, _)| is_long() || matches!(number % 4, 1 | 2)).map(|(_, point)| point).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_step_leaves_nothing_behind() {
    let shared = TestStack::from_env();
    // Long, on servers of its own, so that everything in them can be accounted for; short, of the shared ones what was made here.
    let own = if is_long() { Some(OwnStack::start(&shared).await) } else { None };
    let stack = own.as_ref().map_or(&shared, OwnStack::stack);
    let printed = Nexus::command(stack, &["openapi"]).run().await;
    let contract = Arc::new(Contract::new(&Arc::new(Document::read(&printed.stdout))));
    let starts = Arc::new(Semaphore::new(1));
    let ground = async || {
        let stack = Arc::clone(stack);
        let control = ControlDb::new(&stack).await;
        Ground { control, stack, starts: Arc::clone(&starts), contract: Arc::clone(&contract), said: Mutex::default() }
    };
    let rounds = rounds(1, 20);
    let demanded = "every operation ends, databases, roles and buckets are exactly those of the organizations that live";
    let mut erasing = Line::of("killed at each step of erasing", rounds, demanded);
    let mut building = Line::of("killed at each step of building", rounds, demanded);
    let (mut grounds, mut built, mut erased) = (Vec::new(), 0, 0);
    while grounds.len() < rounds {
        let next = join_all((0..AT_ONCE.min(rounds - grounds.len())).map(|_| ground())).await;
        if is_long() {
            built += join_all(next.iter().map(Ground::builds)).await.into_iter().sum::<usize>();
        }
        erased += join_all(next.iter().map(Ground::erases)).await.into_iter().sum::<usize>();
        grounds.extend(next);
        assert_nothing_orphaned(stack, &grounds).await;
    }
    building.saw("sign-ups that ended well", built);
    for line in [&mut building, &mut erasing] {
        line.saw("orphaned", "0 databases, 0 roles, 0 buckets");
    }
    erasing.saw("erased", erased);
    erasing.passed();
    if is_long() {
        building.passed();
    } else {
        building.not_run("only in the long run");
    }
}

/// Databases, roles and buckets are exactly those of the tenants that live: none lacks, and none is left of the others.
async fn assert_nothing_orphaned(stack: &TestStack, grounds: &[Ground]) {
    let mut ours: BTreeSet<String> = BTreeSet::new();
    for ground in grounds {
        ground.assert_settled().await;
        let known: Vec<String> =
            sqlx::query_scalar("SELECT unnest(ARRAY[database_name, bucket_name]) FROM tenants").fetch_all(ground.pool()).await.unwrap();
        ours.extend(known);
    }
    let controls: Vec<&PgPool> = grounds.iter().map(Ground::pool).collect();
    let (all, owned) = (Estate::found(stack).await, Estate::owned(&controls).await);
    // On the shared servers there is what others made, too.
    let found = if is_long() { all } else { all.only(&ours) };
    if let Some((told, name)) = found.difference(&owned) {
        panic!("{told}\n{}", history(grounds, &name).await);
    }
}

/// What was done about a name.
async fn history(grounds: &[Ground], name: &str) -> String {
    let id = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let steps = "SELECT concat_ws(' ', t.id, t.state, o.kind, o.state, s.step, s.state, s.attempts, s.finished_at) FROM tenants t JOIN operations o ON o.tenant_id = t.id
                 JOIN saga_steps s ON s.operation_id = o.id WHERE replace(t.id::text, '-', '') = $1 ORDER BY o.id, s.position";
    let mut history = Vec::new();
    for ground in grounds {
        let log: Vec<String> = sqlx::query_scalar(steps).bind(id).fetch_all(ground.pool()).await.unwrap();
        history.extend(log);
        let said = ground.said.lock().await;
        history.extend(said.lines().filter(|line| line.contains(name) || line.contains("reconcile")).map(str::to_owned));
    }
    history.join("\n")
}

/// Signs an organization up and enters it.
async fn signed_up(client: &Client) -> Organization {
    let slug = unique_slug();
    request_sign_up(client, &slug).await.succeeded(client).await;
    log_in(client, &slug).await
}
