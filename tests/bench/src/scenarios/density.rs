//! 500 organizations touched at random by 16 clients, with connections for a few: how many connections there ever are, whether anybody is refused, and how much
//! memory the process takes.

use std::cell::Cell;
use std::time::Duration;

use nexus_test_support::{TestTenant, eventually};
use sqlx::PgPool;

use super::list;
use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::load;
use crate::process;
use crate::statistics;

const ORGANIZATIONS: usize = 500;
const CLIENTS: usize = 16;
/// The default, written down.
const BUDGET: u32 = 60;
/// How long they are touched at random in each round.
const SPAN: Duration = Duration::from_secs(8);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What one round came to.
struct Round {
    connections: f64,
    failed: f64,
    memory_mb: f64,
    untouched_mb: f64,
    per_second: f64,
    p99_ms: f64,
}

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let mut organizations = bench.organizations().await;
    let tenants = organizations.first(bench.sized(ORGANIZATIONS, 3)).await;
    let admin = bench.stack.admin_db("postgres").await.pool().clone();
    let mut rounds = Vec::new();
    for number in 0..bench.runs() {
        rounds.push(round(bench, tenants, &admin, number).await);
    }
    let column = |number: fn(&Round) -> f64| rounds.iter().map(number).collect::<Vec<_>>();
    vec![
        Figure::greatest_of("density.connections", "open", &column(|round| round.connections), Bound::AtMost(f64::from(BUDGET))),
        Figure::greatest_of("density.failed", "requests", &column(|round| round.failed), Bound::AtMost(0.0)),
        Figure::greatest_of("density.memory", "MB", &column(|round| round.memory_mb), Bound::AtMost(250.0)),
        Figure::of("density.memory_untouched", "MB", &column(|round| round.untouched_mb), Bound::Nothing),
        Figure::of("density.throughput", "/s", &column(|round| round.per_second), Bound::Nothing),
        Figure::of("density.p99", "ms", &column(|round| round.p99_ms), Bound::Nothing),
    ]
}

/// By a program that has touched nobody yet; in every round at random anew.
async fn round(bench: &Bench, tenants: &[TestTenant], admin: &PgPool, number: usize) -> Round {
    // What earlier scenarios and rounds ended with is not this one's.
    let roles: Vec<String> = tenants.iter().map(TestTenant::database).collect();
    eventually(Duration::from_secs(30), async || (connections_of(admin, &roles).await == 0).then_some(())).await;
    let nexus = bench.nexus(&["tenant-runtime"], &tenants[0].control).env("NEXUS__RUNTIME__CONNECTION_BUDGET", BUDGET.to_string()).spawn().await;
    let side = list::side_of_nexus(&nexus, tenants);
    let untouched = process::memory_of(nexus.pid);
    let (connections, memory) = (Cell::new(0), Cell::new(0));
    let span = bench.sized(SPAN, Duration::from_millis(500));
    let count = side.requests.len();
    let asking = async {
        // Everybody once, then at random: no organization is left out.
        let touched = load::each(&side.address, CLIENTS, side.requests.clone()).await.all_served("touching every organization");
        let next = |client: usize, sent: usize| side.requests[random(number * CLIENTS + client, sent) % count].clone();
        let served = load::closed(&side.address, CLIENTS, span, next).await.all_served("touching organizations at random");
        (touched, served)
    };
    let (touched, served) = tokio::select! {
        both = asking => both,
        never = watch(admin, &roles, nexus.pid, &connections, &memory) => match never {},
    };
    assert_eq!(nexus.terminate().await, 0, "the program ends cleanly");
    Round {
        connections: statistics::number(connections.get()),
        failed: statistics::number(touched.failed + served.failed),
        memory_mb: statistics::megabytes(memory.get()),
        untouched_mb: statistics::megabytes(untouched),
        per_second: served.per_second(),
        p99_ms: served.percentile_ms(990),
    }
}

/// Notes the most connections to the organizations' databases and the most memory, for as long as it is let.
async fn watch(admin: &PgPool, roles: &[String], pid: u32, connections: &Cell<u64>, memory: &Cell<u64>) -> std::convert::Infallible {
    loop {
        connections.set(connections.get().max(connections_of(admin, roles).await));
        memory.set(memory.get().max(process::memory_of(pid)));
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn connections_of(admin: &PgPool, roles: &[String]) -> u64 {
    let open = sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE usename = ANY($1)").bind(roles).fetch_one(admin);
    let open: i64 = open.await.expect("the server's sessions");
    u64::try_from(open).unwrap_or_default()
}

/// The same numbers in every run (SplitMix64).
pub fn random(client: usize, sent: usize) -> usize {
    let mut state = (client as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add((sent as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9));
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((state ^ (state >> 31)) >> 1).unwrap_or_default()
}
