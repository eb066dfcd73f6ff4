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
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let mut organizations = bench.organizations().await;
    let tenants = organizations.first(bench.sized(ORGANIZATIONS, 3)).await;
    // What earlier scenarios ended with is not this one's.
    let admin = bench.stack.admin_db("postgres").await.pool().clone();
    let roles: Vec<String> = tenants.iter().map(TestTenant::database).collect();
    eventually(Duration::from_secs(30), async || (connections_of(&admin, &roles).await == 0).then_some(())).await;
    let nexus = bench.nexus(&["tenant-runtime"], &tenants[0].control).env("NEXUS__RUNTIME__CONNECTION_BUDGET", BUDGET.to_string()).spawn().await;
    let side = list::side_of_nexus(&nexus, tenants);
    let untouched = process::memory_of(nexus.pid);
    // Everybody once, then at random: no organization is left out.
    let touched = load::each(&side.address, CLIENTS, side.requests.clone()).await.all_served("touching every organization");
    let (connections, memory) = (Cell::new(0), Cell::new(0));
    let span = bench.sized(Duration::from_secs(30), Duration::from_millis(500));
    let count = side.requests.len();
    let asking = load::closed(&side.address, CLIENTS, span, |client, sent| side.requests[random(client, sent) % count].clone());
    let served = tokio::select! {
        served = asking => served.all_served("touching organizations at random"),
        never = watch(&admin, &roles, nexus.pid, &connections, &memory) => match never {},
    };
    vec![
        Figure::of("density.connections", "open", &[statistics::number(connections.get())], Bound::AtMost(f64::from(BUDGET))),
        Figure::of("density.failed", "requests", &[statistics::number(served.failed + touched.failed)], Bound::AtMost(0.0)),
        Figure::of("density.memory", "MiB", &[statistics::mebibytes(memory.get())], Bound::AtMost(250.0)),
        Figure::of("density.memory_untouched", "MiB", &[statistics::mebibytes(untouched)], Bound::Nothing),
        Figure::of("density.throughput", "/s", &[served.per_second()], Bound::Nothing),
        Figure::of("density.p99", "ms", &[served.percentile_ms(990)], Bound::Nothing),
    ]
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
