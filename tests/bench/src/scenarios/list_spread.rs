//! The same page of products over 200 organizations: pools of one connection each, beside a bare handler over as many fixed pools.
//!
//! Both sides hold their connections, and the server admits 300: each is started for its turn, touches every organization once, is measured and ended.

use nexus_test_support::TestTenant;

use super::list::{self, Round, Side};
use crate::bare::Bare;
use crate::bench::Bench;
use crate::figure::Figure;
use crate::load::{self, Served};
use crate::sides::sides;
use crate::sniff;

const ORGANIZATIONS: usize = 200;
const CLIENTS: usize = 16;
/// Connections of the runtime to all of them.
const BUDGET: &str = "250";

/// Which side's turn it is.
enum Turn {
    Nexus,
    Bare,
}

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let mut organizations = bench.organizations().await;
    let tenants = organizations.first(bench.sized(ORGANIZATIONS, 3)).await;
    let bare = list::bare_of(bench, tenants, 1).await;
    let postgres = sniff::postmaster(bench).await;
    let rounds = sides(&[Turn::Nexus, Turn::Bare], bench.runs(), async |turn| match turn {
        Turn::Nexus => of_nexus(bench, tenants, postgres).await,
        Turn::Bare => of_bare(bench, &bare, tenants, postgres).await,
    })
    .await;
    list::figures_of_throughput("list_spread", &rounds, 0.75)
}

async fn of_nexus(bench: &Bench, tenants: &[TestTenant], postgres: u32) -> Round {
    let command = bench.nexus(&["tenant-runtime"], &tenants[0].control);
    let command = command.env("NEXUS__RUNTIME__CONNECTION_BUDGET", BUDGET).env("NEXUS__RUNTIME__TENANT_MAX_CONNECTIONS", "1");
    let nexus = command.spawn().await;
    let round = turn(bench, list::side_of_nexus(&nexus, tenants), postgres).await;
    nexus.terminate().await;
    round
}

async fn of_bare(bench: &Bench, bare: &Bare, tenants: &[TestTenant], postgres: u32) -> Round {
    let running = bare.start().await;
    let round = turn(bench, list::side_of_bare(&running, tenants), postgres).await;
    running.end().await;
    round
}

async fn turn(bench: &Bench, side: Side, postgres: u32) -> Round {
    let touched = load::each(&side.address, CLIENTS, side.requests.clone()).await;
    let _: Served = touched.all_served("touching every organization");
    let _ = list::throughput(&side, CLIENTS, bench.warm_up()).await.all_served("warming up");
    list::round(&side, postgres, list::throughput(&side, CLIENTS, bench.span())).await
}
