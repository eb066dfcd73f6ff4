//! Who is it, whose is it, may they: what a request pays before its work begins.
//!
//! The program measures itself where its guard admits a request (token, directory record, rate limit, permission): `nexus_authorization_seconds` is how long
//! the request waited for that, `nexus_authorization_cpu_seconds` the processor time of its thread meanwhile, of one request in eight. The first is a histogram
//! with a bound at 1 ms: at least 99 % below it is a 99th percentile of at most 1 ms. The mean of the second, over the processor time that the kernel counts for
//! the whole process and for each request, is the share.

use std::time::Duration;

use nexus_test_support::Process;

use super::list::{self, Side};
use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::load;
use crate::process;
use crate::statistics;

const CLIENTS: usize = 16;
/// Load under which it is measured: a part of what is possible.
const LOAD: f64 = 0.6;

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let mut organizations = bench.organizations().await;
    let tenants = organizations.first(1).await;
    let nexus = bench.nexus(&["tenant-runtime"], &tenants[0].control).spawn().await;
    let side = list::side_of_nexus(&nexus, tenants);
    let possible = list::throughput(&side, CLIENTS, bench.warm_up()).await.all_served("warming up").per_second();
    let rate = statistics::part_of(possible, LOAD);
    let (mut within, mut shares, mut each) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.runs() {
        let before = Admissions::of(&nexus).await;
        let cpu = process::cpu_of(nexus.pid);
        let served = load::open(&side.address, CLIENTS, rate, bench.span(), |_, _| only(&side)).await.all_served("an even load");
        let cpu = process::cpu_of(nexus.pid).saturating_sub(cpu);
        let told = Admissions::of(&nexus).await.since(&before);
        assert!(told.count >= statistics::number(served.count), "{} of {} requests were admitted", told.count, served.count);
        within.push(statistics::share(told.within_1ms, told.count));
        let own = statistics::share(told.cpu_seconds, told.looked_at);
        shares.push(statistics::share(own, statistics::share(statistics::seconds(cpu), told.count)));
        each.push(statistics::micros(Duration::from_secs_f64(own)));
    }
    vec![
        Figure::of("auth.within_1ms", "of all", &within, Bound::AtLeast(0.99)),
        Figure::of("auth.cpu_share", "of cpu", &shares, Bound::AtMost(0.08)),
        Figure::of("auth.cpu", "µs", &each, Bound::Nothing),
    ]
}

fn only(side: &Side) -> load::Request {
    side.requests[0].clone()
}

/// What the program tells of its admissions.
struct Admissions {
    count: f64,
    within_1ms: f64,
    looked_at: f64,
    cpu_seconds: f64,
}

impl Admissions {
    async fn of(nexus: &Process) -> Self {
        let text = nexus.metrics().await;
        let value = |sample: &str| text.lines().find_map(|line| line.strip_prefix(sample)?.trim().parse().ok()).unwrap_or_default();
        Self {
            count: value("nexus_authorization_seconds_count "),
            within_1ms: value("nexus_authorization_seconds_bucket{le=\"0.001\"} "),
            looked_at: value("nexus_authorization_cpu_seconds_count "),
            cpu_seconds: value("nexus_authorization_cpu_seconds_sum "),
        }
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            count: statistics::difference(self.count, before.count),
            within_1ms: statistics::difference(self.within_1ms, before.within_1ms),
            looked_at: statistics::difference(self.looked_at, before.looked_at),
            cpu_seconds: statistics::difference(self.cpu_seconds, before.cpu_seconds),
        }
    }
}
