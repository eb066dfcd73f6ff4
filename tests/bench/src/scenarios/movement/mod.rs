//! Posting a movement (level, ledger, audit, outbox, idempotency key) beside `pgbench -M prepared`, which runs the very transaction that the program sends, at
//! the same concurrency on the same database.

mod script;

use std::path::PathBuf;
use std::time::Duration;

use nexus_test_support::{Process, TestTenant, eventually};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::process::Command;

use super::density::random;
use super::list;
use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::load::{self, Connection, Request};
use crate::organizations::{PRODUCTS, authorization, variant};
use crate::process;
use crate::sides::{column, sides};
use crate::sniff::{self, Statement};
use crate::statistics;
use script::Script;

const PATH: &str = "/api/v1/inventory/adjust";
const CLIENTS: usize = 16;
/// One for each client on both sides: `pgbench` opens a connection a client.
const POOL: &str = "16";

enum Turn {
    Nexus,
    Pgbench,
}

struct Round {
    per_second: f64,
    /// Processor time of Postgres for each posting, in microseconds.
    postgres: f64,
    /// Of the program, where it is the one that posts.
    nexus: f64,
    p99_ms: f64,
}

/// What the rounds need.
struct Ground<'b> {
    tenant: &'b TestTenant,
    caller: Caller,
    nexus: Process,
    pgbench: PathBuf,
    script: Script,
    owner: PgPool,
    postgres: u32,
    /// Number of the round: ids of `pgbench` begin with it.
    round: std::cell::Cell<u32>,
}

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let mut organizations = bench.organizations().await;
    let tenant = &organizations.first(1).await[0];
    let ground = Ground::new(bench, tenant).await;
    let _ = ground.by_nexus(bench.warm_up()).await;
    let rounds = sides(&[Turn::Nexus, Turn::Pgbench], bench.runs(), async |turn| match turn {
        Turn::Nexus => ground.by_nexus(bench.span()).await,
        Turn::Pgbench => ground.by_pgbench(bench.span()).await,
    })
    .await;
    ground.agrees().await;
    let both = |number: fn(&Round) -> f64| [0, 1].map(|side: usize| column(&rounds[side], number));
    let [value, baseline] = both(|round| round.per_second);
    let [postgres, postgres_alone] = both(|round| round.postgres);
    vec![
        Figure::beside("movement.throughput", "/s", &value, &baseline, Bound::AtLeast(0.5)),
        Figure::beside("movement.cpu_postgres", "µs", &postgres, &postgres_alone, Bound::Nothing),
        Figure::of("movement.cpu", "µs", &column(&rounds[0], |round| round.nexus), Bound::Nothing),
        Figure::of("movement.p99", "ms", &column(&rounds[0], |round| round.p99_ms), Bound::Nothing),
    ]
}

impl<'b> Ground<'b> {
    async fn new(bench: &'b Bench, tenant: &'b TestTenant) -> Self {
        let owner = tenant.owner_db().await.pool().clone();
        // Both sides hold their connections.
        let raised = format!("ALTER ROLE \"{}\" CONNECTION LIMIT 60", tenant.database());
        sqlx::query(AssertSqlSafe(raised)).execute(&owner).await.expect("room for both sides");
        let caller = Caller::of(tenant);
        let posted = |number: u32| caller.posting(number, &key_of(number));
        let sent = sniff::uses(bench, tenant, 2, async |process: &Process, number| {
            let number = u32::try_from(number).expect("a small number");
            if number == 0 {
                caller.open_stock(process).await;
            }
            Connection::open(&list::address(process)).await.ask(&posted(number + 1)).await.expect("a posting");
        })
        .await;
        let [first, second] = [2, 3].map(|number| transaction(&sent[number as usize - 2], &key_of(number)));
        let script = Script::of(&owner, &first, &second, [variant(2), variant(3)], PRODUCTS).await;
        let nexus = bench.nexus(&["tenant-runtime"], &tenant.control).env("NEXUS__RUNTIME__TENANT_MAX_CONNECTIONS", POOL).spawn().await;
        let postgres = sniff::postmaster(bench).await;
        let server = std::fs::read_link(format!("/proc/{postgres}/exe")).expect("root, or the user that Postgres runs as");
        let pgbench = server.with_file_name("pgbench");
        assert!(pgbench.exists(), "{} is missing: it comes with Postgres' server or contrib package", pgbench.display());
        Self { tenant, caller, nexus, pgbench, script, owner, postgres, round: std::cell::Cell::new(1) }
    }

    async fn by_nexus(&self, span: Duration) -> Round {
        let round = self.round.replace(self.round.get() + 1);
        let before = (process::cpu_of(self.nexus.pid), process::cpu_of_family(self.postgres));
        let posting = |client: usize, sent: usize| {
            let article = u32::try_from(random(client, sent) % PRODUCTS as usize).unwrap_or_default() + 1;
            self.caller.posting(article, &format!("{round}-{client}-{sent}"))
        };
        let served = load::closed(&list::address(&self.nexus), CLIENTS, span, posting).await.all_served("posting");
        let each = |now: Duration, before| statistics::micros_each(now.saturating_sub(before), served.count);
        let nexus = each(process::cpu_of(self.nexus.pid), before.0);
        let postgres = each(process::cpu_of_family(self.postgres), before.1);
        // The relay's share is the program's: the other side's turn begins when everything is delivered.
        eventually(Duration::from_secs(120), async || (self.undelivered().await == 0).then_some(())).await;
        Round { per_second: served.per_second(), postgres, nexus, p99_ms: served.percentile_ms(990) }
    }

    async fn by_pgbench(&self, span: Duration) -> Round {
        let round = self.round.replace(self.round.get() + 1);
        let spec = self.tenant.connect_spec(&self.tenant.database());
        let before = process::cpu_of_family(self.postgres);
        let clients = CLIENTS.to_string();
        let mut command = Command::new(&self.pgbench);
        command.args(["-n", "-M", "prepared", "-j", "1", "-c", &clients, "-T", &span.as_secs().max(1).to_string()]);
        command.args(["-h", spec.host(), "-p", &spec.port().to_string(), "-U", spec.user()]);
        command.arg("-D").arg(format!("round={round}")).args(self.script.definitions()).arg("-f").arg(self.script.file()).arg(spec.database_name());
        let output = command.env("PGPASSWORD", self.password()).output().await.expect("pgbench");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && number_after(&said, "number of failed transactions: ") == Some(0.0), "{said}\n{}", self.script);
        let transactions = number_after(&said, "number of transactions actually processed: ").expect("a number of transactions");
        let postgres = statistics::share(statistics::micros(process::cpu_of_family(self.postgres).saturating_sub(before)), transactions);
        // Nobody is told of them: the program must not deliver in its turn what it did not post.
        sqlx::query("UPDATE outbox SET done_at = now() WHERE done_at IS NULL").execute(&self.owner).await.expect("the outbox");
        let per_second = number_after(&said, "tps = ").expect("transactions per second");
        Round { per_second, postgres, nexus: 0.0, p99_ms: 0.0 }
    }

    async fn undelivered(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL").fetch_one(&self.owner).await.expect("the outbox")
    }

    /// Whoever posted, the levels are the sums of the ledger: both sides did the whole work.
    async fn agrees(&self) {
        let wrong: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM stock_levels l WHERE l.on_hand <> (SELECT coalesce(sum(CASE WHEN m.to_location_id = l.location_id THEN quantity ELSE -quantity END), 0)
             FROM stock_movements m WHERE m.variant_id = l.variant_id AND l.location_id IN (m.from_location_id, m.to_location_id))",
        )
        .fetch_one(&self.owner)
        .await
        .expect("the ledger");
        assert_eq!(wrong, 0, "levels are not the sums of the ledger");
    }

    fn password(&self) -> String {
        let url = self.tenant.url();
        let password = url.split_once("//").and_then(|(_, rest)| rest.split_once('@')?.0.split_once(':').map(|(_, password)| password.to_owned()));
        password.expect("a password in the URL")
    }
}

/// The owner, with one token for the whole scenario.
struct Caller {
    authorization: String,
    slug: String,
}

impl Caller {
    fn of(tenant: &TestTenant) -> Self {
        Self { authorization: authorization(tenant), slug: tenant.slug.clone() }
    }

    /// One piece more of an article, counted.
    fn posting(&self, article: u32, key: &str) -> Request {
        let variant = variant(article);
        let body = format!(r#"{{"reason":"count","lines":[{{"variant_id":"{variant}","location":"MAIN","delta":"1"}}]}}"#);
        self.post(&body, key)
    }

    /// A level for every article, so that no posting must make one.
    async fn open_stock(&self, process: &Process) {
        let line = |article: u32| json!({ "variant_id": variant(article), "location": "MAIN", "delta": "1000" });
        let lines: Vec<Value> = (1..=PRODUCTS).map(line).collect();
        let request = self.post(&json!({ "reason": "opening_stock", "lines": lines }).to_string(), "opening-stock");
        Connection::open(&list::address(process)).await.ask(&request).await.expect("opening stock");
    }

    fn post(&self, body: &str, key: &str) -> Request {
        let headers = [("Authorization", self.authorization.as_str()), ("X-Tenant", self.slug.as_str()), ("Idempotency-Key", key)];
        Request::post(PATH, &headers, body, 201)
    }
}

/// The idempotency key of one of the postings that are looked at. It has the form of an id, and is treated like one.
fn key_of(number: u32) -> String {
    format!("01000000-0000-7000-8000-{number:012}")
}

/// The transaction in which a parameter is this key: the background works on the same database.
fn transaction(sent: &[Statement], key: &str) -> Vec<Statement> {
    let has_key = |statement: &Statement| statement.parameters.iter().flatten().any(|value| value == key);
    let at = sent.iter().position(has_key).unwrap_or_else(|| panic!("no statement with the key {key}: {sent:#?}"));
    let own: Vec<(usize, &Statement)> = sent.iter().enumerate().filter(|(_, statement)| statement.backend == sent[at].backend).collect();
    let begins = own.iter().rposition(|(place, statement)| *place <= at && statement.sql.starts_with("BEGIN")).expect("BEGIN");
    let ends = own.iter().position(|(place, statement)| *place >= at && statement.sql.starts_with("COMMIT")).expect("COMMIT");
    own[begins..=ends].iter().map(|(_, statement)| (*statement).clone()).collect()
}

fn number_after(text: &str, mark: &str) -> Option<f64> {
    let rest = text.split_once(mark)?.1;
    rest.split([' ', '\n', '(']).next()?.parse().ok()
}
