//! The first request of an organization that the process has not seen, beside opening one connection to the same database.

use std::time::{Duration, Instant};

use nexus_test_support::TestTenant;

use super::list::{self, Side};
use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::load::Connection;
use crate::statistics::millis;

/// Organizations, each of which is cold once.
const ORGANIZATIONS: usize = 60;

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let mut organizations = bench.organizations().await;
    let warm_and_cold = organizations.first(bench.sized(ORGANIZATIONS, 2) + 1).await;
    let (warm, cold) = warm_and_cold.split_last().expect("organizations");
    // Room for every pool: what is measured is opening, not making room.
    let nexus = bench.nexus(&["tenant-runtime"], &warm.control).env("NEXUS__RUNTIME__CONNECTION_BUDGET", "250").spawn().await;
    let side = list::side_of_nexus(&nexus, warm_and_cold);
    let mut connection = Connection::open(&side.address).await;
    // Keys, connections to Redis and to the directory are warm as soon as anybody asked.
    connection.ask(&side.requests[cold.len()]).await.expect("a page of products");
    let (mut requests, mut openings) = (Vec::new(), Vec::new());
    for (number, tenant) in cold.iter().enumerate() {
        // Whoever comes second finds the database's pages read: they take turns.
        if number % 2 == 0 {
            openings.push(millis(opened(tenant).await));
            requests.push(millis(asked(&mut connection, &side, number).await));
        } else {
            requests.push(millis(asked(&mut connection, &side, number).await));
            openings.push(millis(opened(tenant).await));
        }
    }
    vec![Figure::beside("cold.first_request", "ms", &requests, &openings, Bound::AtMost(3.0))]
}

async fn asked(connection: &mut Connection, side: &Side, number: usize) -> Duration {
    let begun = Instant::now();
    connection.ask(&side.requests[number]).await.expect("a page of products");
    begun.elapsed()
}

/// Opens a connection as the organization's role, asks for nothing but 1, and lets it go.
async fn opened(tenant: &TestTenant) -> Duration {
    let url = tenant.url();
    let begun = Instant::now();
    let options: sqlx::postgres::PgConnectOptions = url.parse().expect("a URL");
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect_with(&options).await.expect("a connection");
    let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&mut connection).await.expect("an answer");
    let took = begun.elapsed();
    assert_eq!(one, 1);
    sqlx::Connection::close(connection).await.expect("its end");
    took
}
