//! `GET /products?limit=20` of 1,000 products beside a bare handler that sends the same statements and answers the same bytes.

use std::collections::HashMap;

use nexus_test_support::{Process, TestTenant};

use crate::bare::{self, Bare};
use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::load::{self, Connection, Request, Served};
use crate::organizations::authorization;
use crate::process;
use crate::sides::{column, sides};
use crate::sniff::{self, Statement};
use crate::statistics;

const PATH: &str = "/api/v1/products?limit=20";
/// Connections that ask at once.
const CLIENTS: usize = 16;
/// Load under which latency is measured: a part of what the slower side can do.
const LOAD: f64 = 0.6;
/// Connections to the one database: the default of `runtime.tenant_max_connections`.
const POOL: u32 = 4;

/// A server that is asked, and what it costs.
pub struct Side {
    pub address: String,
    pub pid: u32,
    /// Asked in turn.
    pub requests: Vec<Request>,
}

/// What a side did in one round.
pub struct Round {
    pub served: Served,
    /// Processor time of the server for each request, in microseconds.
    pub cpu: f64,
    /// The same of Postgres.
    pub postgres: f64,
    /// Of the load.
    pub load: f64,
}

/// One organization.
pub async fn run(bench: &Bench) -> Vec<Figure> {
    let mut organizations = bench.organizations().await;
    let tenants = organizations.first(1).await;
    let usual = bare_of(bench, tenants, POOL).await;
    let bare = usual.start().await;
    let holding = Bare { holds: true, ..usual }.start().await;
    let nexus = bench.nexus(&["tenant-runtime"], &tenants[0].control).env("NEXUS__RUNTIME__TENANT_MAX_CONNECTIONS", POOL.to_string()).spawn().await;
    let all = [side_of_nexus(&nexus, tenants), side_of_bare(&bare, tenants), side_of_bare(&holding, tenants)];
    assert_same_answers(&all).await;
    for side in &all {
        let _ = throughput(side, CLIENTS, bench.warm_up()).await.all_served("warming up");
    }
    let postgres = sniff::postmaster(bench).await;
    let rounds = sides(&all, bench.runs(), async |side| round(side, postgres, throughput(side, CLIENTS, bench.span())).await).await;
    let mut figures = figures_of_throughput("list", &rounds[..2], 0.8);
    let [value, held] = [0, 2].map(|side: usize| column(&rounds[side], |round| round.served.per_second()));
    figures.push(Figure::beside("list.throughput_held", "/s", &value, &held, Bound::Nothing));
    let slower =
        rounds[..2].iter().map(|side| statistics::Spread::of(&column(side, |round| round.served.per_second())).median).fold(f64::INFINITY, f64::min);
    let rate = statistics::part_of(slower, LOAD);
    let latencies = sides(&all[..2], bench.runs(), async |side| {
        let asked = load::open(&side.address, CLIENTS, rate, bench.span(), |_, number| side.requests[number % side.requests.len()].clone());
        asked.await.all_served("an even load")
    })
    .await;
    for (name, thousandths, bound) in [("list.p50", 500, Bound::Nothing), ("list.p99", 990, Bound::AtMost(1.5))] {
        let [value, baseline] = [0, 1].map(|side: usize| column(&latencies[side], |served| served.percentile_ms(thousandths)));
        figures.push(Figure::beside(name, "ms", &value, &baseline, bound));
    }
    figures
}

/// Throughput and what a request costs, the program beside the bare handler.
pub fn figures_of_throughput(name: &str, rounds: &[Vec<Round>], least: f64) -> Vec<Figure> {
    let both = |number: fn(&Round) -> f64| [0, 1].map(|side: usize| column(&rounds[side], number));
    let beside =
        |what: &str, unit, [value, baseline]: [Vec<f64>; 2], bound| Figure::beside(&format!("{name}.{what}"), unit, &value, &baseline, bound);
    vec![
        beside("throughput", "/s", both(|round| round.served.per_second()), Bound::AtLeast(least)),
        beside("cpu", "µs", both(|round| round.cpu), Bound::Nothing),
        beside("cpu_postgres", "µs", both(|round| round.postgres), Bound::Nothing),
        beside("cpu_load", "µs", both(|round| round.load), Bound::Nothing),
    ]
}

/// What the load cost the side, Postgres and the bench.
pub async fn round(side: &Side, postgres: u32, asking: impl Future<Output = Served>) -> Round {
    let before = (process::cpu_of(side.pid), process::cpu_of_family(postgres), process::cpu_of_bench());
    let served = asking.await.all_served("the load");
    let each = |now: std::time::Duration, before| statistics::micros_each(now.saturating_sub(before), served.count);
    let cpu = each(process::cpu_of(side.pid), before.0);
    let on_postgres = each(process::cpu_of_family(postgres), before.1);
    let load = each(process::cpu_of_bench(), before.2);
    Round { served, cpu, postgres: on_postgres, load }
}

/// Every client asks the side's requests in turn, each beginning elsewhere.
pub async fn throughput(side: &Side, clients: usize, span: std::time::Duration) -> Served {
    let count = side.requests.len();
    load::closed(&side.address, clients, span, |client, sent| side.requests[(client * count / clients + sent) % count].clone()).await
}

/// The program, asked by the owner of each organization.
pub fn side_of_nexus(nexus: &Process, tenants: &[TestTenant]) -> Side {
    let request = |tenant: &TestTenant| Request::get(PATH, &[("Authorization", &authorization(tenant)), ("X-Tenant", &tenant.slug)]);
    Side { address: address(nexus), pid: nexus.pid, requests: tenants.iter().map(request).collect() }
}

/// The bare handler, asked for the same.
pub fn side_of_bare(bare: &bare::Running, tenants: &[TestTenant]) -> Side {
    let request = |tenant: &TestTenant| Request::get(PATH, &[("X-Tenant", &tenant.slug)]);
    Side { address: bare.address.clone(), pid: bare.pid, requests: tenants.iter().map(request).collect() }
}

/// `host:port` of a process.
pub fn address(nexus: &Process) -> String {
    nexus.base_url.trim_start_matches("http://").to_owned()
}

/// A bare handler on the same databases, with the statements that the program sends.
pub async fn bare_of(bench: &Bench, tenants: &[TestTenant], connections: u32) -> Bare {
    let tenant = &tenants[0];
    let sent = sniff::statements(bench, tenant, async |process| {
        let request = side_of_nexus(process, &tenants[..1]).requests.remove(0);
        Connection::open(&address(process)).await.ask(&request).await.expect("a page of products");
    })
    .await;
    // The background works on the same database.
    let sent: Vec<&Statement> = sent.iter().filter(|statement| statement.sql.contains("\"products\"")).collect();
    let [page, count] = sent[..] else { panic!("a page of products takes two statements: {sent:#?}") };
    let urls: HashMap<String, String> = tenants.iter().map(|tenant| (tenant.slug.clone(), tenant.url())).collect();
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    Bare { workers, connections, holds: false, urls, page: with_numbers(page), count: with_numbers(count) }
}

fn with_numbers(statement: &Statement) -> (String, Vec<i64>) {
    let number = |value: &Option<String>| value.as_deref().and_then(|text| text.parse().ok());
    let numbers = statement.parameters.iter().map(|value| number(value).unwrap_or_else(|| panic!("no whole number: {statement:?}")));
    (statement.sql.clone(), numbers.collect())
}

/// All sides answer the same bytes: else their speed can't be compared.
pub async fn assert_same_answers(sides: &[Side]) {
    let mut answers = Vec::new();
    for side in sides {
        let mut connection = Connection::open(&side.address).await;
        connection.ask(&side.requests[0]).await.expect("a page of products");
        answers.push(String::from_utf8_lossy(connection.body()).into_owned());
    }
    assert!(answers[0].len() > 1_000, "no page of products: {}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "the sides do not answer the same: {answers:#?}");
}
