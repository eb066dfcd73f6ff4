//! `kill -9` in the middle of an import: whichever moment it is, the next worker brings the import to its end, its effect is there
//! once, and so is its error file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use nexus_test_support::{Client, ControlDb, Process, Role, TestStack, TestTenant, eventually};
use serde_json::{Value, json};
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use crate::imports_gate::Gate;
use crate::platform::{Platform, text, watched};
use crate::uploads::{MOVEMENTS, PRODUCTS, Upload, ended};

/// The moments at which the program dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// While it reads the file.
    Reading,
    /// Within the transaction that writes.
    Writing,
    /// After the commit, before the error file is stored.
    Committed,
    /// After the error file is stored, before the job has ended.
    Stored,
}

impl Moment {
    /// Rows of its file; every 1,000th is wrong. What is held up while it is read must have more than one piece.
    fn rows(self) -> usize {
        if self == Self::Reading { 25_000 } else { 5_000 }
    }

    fn wrong_lines(self) -> Vec<usize> {
        (2..self.rows() + 2).filter(|line| is_wrong(*line)).collect()
    }
}

const MOMENTS: [Moment; 4] = [Moment::Reading, Moment::Writing, Moment::Committed, Moment::Stored];

/// Every piece of a file but the first waits for whoever has the lock 7777 before it is staged.
const HOLD_READING: [&str; 3] = [
    "CREATE FUNCTION test_hold_reading() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = '2min' AS \
     $$ BEGIN IF EXISTS (SELECT 1 FROM jobs WHERE state = 'running' AND progress_done > 0) THEN PERFORM pg_advisory_xact_lock_shared(7777); END IF; RETURN NULL; END $$",
    "CREATE TRIGGER test_hold_reading BEFORE INSERT ON import_movement_rows FOR EACH STATEMENT EXECUTE FUNCTION test_hold_reading()",
    "CREATE TRIGGER test_hold_reading BEFORE INSERT ON import_product_rows FOR EACH STATEMENT EXECUTE FUNCTION test_hold_reading()",
];

/// An organization, and a program that dies and is started again.
struct Scene {
    stack: Arc<TestStack>,
    tenant: TestTenant,
    /// As a superuser in the tenant's database.
    behind: PgPool,
    gate: Gate,
    running: Option<(Process, Client)>,
}

impl Scene {
    async fn start() -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        let tenant = TestTenant::in_control(&control).await;
        let behind = tenant.owner_db().await.pool().clone();
        let gate = Gate::before(stack.s3_endpoint()).await;
        for sql in HOLD_READING {
            sqlx::query(sql).execute(&behind).await.unwrap();
        }
        Self { stack, tenant, behind, gate, running: None }
    }

    /// The owner's client of the running program, which is started if need be.
    async fn client(&mut self) -> Client {
        if self.running.is_none() {
            let command = Platform::command(&self.stack, &self.tenant.control).env("NEXUS__S3__ENDPOINT", self.gate.url.clone());
            let process = command.spawn().await;
            let (client, _) = watched(&process).await;
            let client = client.bearer(self.tenant.token(Role::Owner)).tenant(&self.tenant.slug);
            self.running = Some((process, client));
        }
        self.running.as_ref().expect("a program").1.clone()
    }

    async fn kill(&mut self) {
        self.running.take().expect("a program").0.kill9().await;
    }

    /// Starts the import, kills the program at the moment, and answers the job once the next program has ended it. `row` is locked by
    /// what holds up the writing.
    async fn import_with_death(&mut self, moment: Moment, upload: Upload, path: &str, row: &'static str) -> Value {
        let client = self.client().await;
        let mut obstacle = None;
        match moment {
            Moment::Reading => obstacle = Some(self.lock("SELECT pg_advisory_xact_lock(7777)", None).await),
            Moment::Writing => obstacle = Some(self.lock(row, None).await),
            Moment::Committed | Moment::Stored => self.gate.close(),
        }
        let job = text(&upload.skipping_invalid().send(&client, path).await.expect(202).ok()["id"]);
        let id: Uuid = job.parse().unwrap();
        match moment {
            Moment::Reading => self.until("SELECT progress_done BETWEEN 1 AND 399 AND EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') FROM jobs WHERE id = $1", id).await,
            Moment::Writing => self.until("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') FROM jobs WHERE id = $1", id).await,
            Moment::Committed => self.gate.holds().await,
            Moment::Stored => {
                self.gate.holds().await;
                obstacle = Some(self.lock("SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE", Some(id)).await);
                self.gate.open();
                self.until("SELECT error_key IS NOT NULL FROM imports WHERE id = $1", id).await;
            }
        }
        self.kill().await;
        self.gate.open();
        if let Some(obstacle) = obstacle {
            // What the dead program has asked for and not yet got is not to be done any more.
            let waiting = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            sqlx::query(waiting).execute(&self.behind).await.unwrap();
            obstacle.rollback().await.unwrap();
        }
        assert_eq!(self.committed(id).await, matches!(moment, Moment::Committed | Moment::Stored), "{moment:?}");
        // As when the dead worker's lease has run out.
        sqlx::query("UPDATE jobs SET leased_until = clock_timestamp() WHERE id = $1 AND state = 'running'")
            .bind(id)
            .execute(&self.behind)
            .await
            .unwrap();
        let client = self.client().await;
        let ended = ended(&client, &job).await;
        assert_eq!((&ended["state"], &ended["attempts"]), (&json!("succeeded"), &json!(2)), "{moment:?}: {ended}");
        ended
    }

    async fn lock(&self, sql: &'static str, id: Option<Uuid>) -> Transaction<'static, Postgres> {
        let mut transaction = self.behind.begin().await.unwrap();
        let query = id.into_iter().fold(sqlx::query(sql), |query, id| query.bind(id));
        let locked = query.fetch_all(&mut *transaction).await.unwrap();
        assert!(!locked.is_empty(), "{sql} locks nothing");
        transaction
    }

    async fn until(&self, question: &'static str, id: Uuid) {
        eventually(Duration::from_secs(120), async || {
            let answer: bool = sqlx::query_scalar(question).bind(id).fetch_one(&self.behind).await.unwrap();
            answer.then_some(())
        })
        .await;
    }

    /// Whether the import's effect is there. A killed program's sessions may still be about to end.
    async fn committed(&self, id: Uuid) -> bool {
        let others = "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename = current_database()::name AND state <> 'idle' AND application_name NOT LIKE 'nexus-test%') FROM jobs WHERE id = $1";
        self.until(others, id).await;
        sqlx::query_scalar("SELECT summary ? 'output' FROM imports WHERE id = $1").bind(id).fetch_one(&self.behind).await.unwrap()
    }

    async fn count(&self, sql: &'static str, id: &str) -> i64 {
        sqlx::query_scalar(sql).bind(id.parse::<Uuid>().unwrap()).fetch_one(&self.behind).await.unwrap()
    }

    /// The lines that a job's error file names.
    async fn error_lines(&mut self, job: &Value) -> Vec<usize> {
        let client = self.client().await;
        let file = client.get(&text(&job["errors_url"])).send().await.expect(200).text();
        file.lines().skip(1).map(|line| line.split(',').next().and_then(|line| line.parse().ok()).expect("a line")).collect()
    }
}

const ARTICLES: usize = 40;

fn is_wrong(line: usize) -> bool {
    line.is_multiple_of(1_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn movements_are_posted_once_whenever_the_worker_is_killed() {
    let mut scene = Scene::start().await;
    let client = scene.client().await;
    let articles: String = (0..ARTICLES).map(|number| format!("ART-{number},Article {number}\n")).collect();
    Upload::csv(format!("sku,name\n{articles}")).import(&client, PRODUCTS).await;
    let opening: String = (0..ARTICLES).map(|number| format!("ART-{number},1,MAIN\n")).collect();
    Upload::csv(format!("sku,quantity,location\n{opening}")).import(&client, MOVEMENTS).await;
    let mut expected: BTreeMap<String, i64> = (0..ARTICLES).map(|number| (format!("ART-{number}"), 1)).collect();
    for moment in MOMENTS {
        let mut csv = String::from("sku,quantity,location,reference\n");
        for line in 2..moment.rows() + 2 {
            let (sku, quantity) = (format!("ART-{}", line % ARTICLES), i64::try_from(line % 7 + 1).unwrap());
            let place = if is_wrong(line) { "NOWHERE" } else { "MAIN" };
            writeln!(csv, "{sku},{quantity},{place},{moment:?}").unwrap();
            if !is_wrong(line) {
                *expected.entry(sku).or_default() += quantity;
            }
        }
        let job = scene.import_with_death(moment, Upload::csv(csv), MOVEMENTS, "SELECT 1 FROM stock_levels FOR UPDATE").await;
        let good = moment.rows() - moment.wrong_lines().len();
        assert_eq!(
            (&job["summary"]["movements"], &job["summary"]["skipped"]),
            (&json!(good), &json!(moment.wrong_lines().len())),
            "{moment:?}: {job}"
        );
        let id = text(&job["id"]);
        let posted = scene.count("SELECT count(*) FROM stock_movements WHERE import_id = $1", &id).await;
        assert_eq!(posted, i64::try_from(good).unwrap(), "{moment:?}");
        assert_eq!(scene.count("SELECT count(*) FROM audit_log WHERE action = 'inventory.import' AND entity_id = $1", &id).await, 1, "{moment:?}");
        assert_eq!(
            scene.count("SELECT count(*) FROM import_movement_rows WHERE import_id = $1", &id).await,
            0,
            "{moment:?}: staged rows stay behind"
        );
        assert_eq!(scene.error_lines(&job).await, moment.wrong_lines(), "{moment:?}");
        let levels: Vec<(String, i64)> = sqlx::query_as(
            "SELECT v.sku, l.on_hand::bigint FROM stock_levels l JOIN catalog_variants v ON v.id = l.variant_id JOIN locations p ON p.id = l.location_id WHERE p.code = 'MAIN'",
        )
        .fetch_all(&scene.behind)
        .await
        .unwrap();
        assert_eq!(levels.into_iter().collect::<BTreeMap<_, _>>(), expected, "{moment:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn products_are_written_once_whenever_the_worker_is_killed() {
    let mut scene = Scene::start().await;
    let client = scene.client().await;
    Upload::csv("sku,name\nOLD,Old\n").import(&client, PRODUCTS).await;
    for (number, moment) in MOMENTS.into_iter().enumerate() {
        let mut csv = String::from("sku,name,description,price\n");
        for line in 2..moment.rows() + 2 {
            let price = if is_wrong(line) { "cheap" } else { "2.50" };
            let sku = if line == 2 { "OLD".to_owned() } else { format!("{moment:?}-{}", line % ARTICLES) };
            writeln!(csv, "{sku},Article of {moment:?},{},{price}", "long ".repeat(10)).unwrap();
        }
        let upload = Upload::csv(csv).mapped(json!({ "sku_case": "merge" }));
        let job = scene.import_with_death(moment, upload, PRODUCTS, "SELECT 1 FROM products FOR UPDATE").await;
        assert_eq!(
            (&job["summary"]["created"], &job["summary"]["skipped"]),
            (&json!(ARTICLES), &json!(moment.wrong_lines().len())),
            "{moment:?}: {job}"
        );
        assert_eq!(scene.error_lines(&job).await, moment.wrong_lines(), "{moment:?}");
        let id = text(&job["id"]);
        assert_eq!(scene.count("SELECT count(*) FROM import_product_rows WHERE import_id = $1", &id).await, 0, "{moment:?}: staged rows stay behind");
        let entries = "SELECT count(*) FROM audit_log WHERE action = 'products.upsert' AND request_id = 'job-' || $1::text";
        assert_eq!(scene.count(entries, &id).await, 1, "{moment:?}: it was written more than once");
        let client = scene.client().await;
        let all = client.get("/api/v1/products").send().await.expect(200).metadata()["total"].as_u64();
        assert_eq!(all, u64::try_from((number + 1) * ARTICLES + 1).ok(), "{moment:?}");
    }
}
