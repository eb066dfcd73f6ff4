//! Many clients of one program, and what the slowest of them saw.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_test_support::{Answer, Request, percentile};

use crate::load::{Outcome, refusal};

/// How long a client rests at least after a refusal.
const REFUSED_RESTS: Duration = Duration::from_millis(100);

/// What a crowd saw.
#[derive(Debug, Default)]
pub struct Seen {
    pub served: Vec<Duration>,
    pub refused: usize,
    pub slowest_refusal: Duration,
    pub cut: usize,
}

impl Seen {
    /// Below which `part` of 100 of those that were served lie.
    pub fn percentile(&self, part: usize) -> Duration {
        percentile(&mut self.served.clone(), part * 10)
    }
}

/// So many clients ask for so long, each the next as soon as it has its answer (after a rest); who is refused asks the same again. `expected` is the status of
/// who is served.
pub async fn crowd(clients: usize, lasts: Duration, rest: Duration, expected: u16, request: impl Fn(usize) -> Request) -> Seen {
    crowd_that_tells(clients, lasts, rest, expected, request, |_, _| {}).await
}

/// The same; `served` hears the answer to each request that was served.
pub async fn crowd_that_tells(
    clients: usize,
    lasts: Duration,
    rest: Duration,
    expected: u16,
    request: impl Fn(usize) -> Request,
    served: impl Fn(usize, &Answer),
) -> Seen {
    let stop = AtomicBool::new(false);
    let asking = (0..clients).map(async |client| {
        let mut seen = Seen::default();
        let mut number = client;
        while !stop.load(Ordering::Relaxed) {
            let (begun, refused) = (Instant::now(), seen.refused);
            match request(number).try_send().await {
                Ok(answer) if answer.status.as_u16() == expected => {
                    seen.served.push(begun.elapsed());
                    served(number, &answer);
                    number += clients;
                }
                Ok(answer) => {
                    assert!(matches!(refusal(&answer), Outcome::Refused | Outcome::Shed), "{} {}", answer.status, answer.text());
                    seen.refused += 1;
                    seen.slowest_refusal = seen.slowest_refusal.max(begun.elapsed());
                }
                Err(_) => seen.cut += 1,
            }
            // Who is refused comes back soon, yet not at once: the clients share the processors with the program.
            tokio::time::sleep(if seen.refused > refused { rest.max(REFUSED_RESTS) } else { rest }).await;
        }
        seen
    });
    let clock = async {
        tokio::time::sleep(lasts).await;
        stop.store(true, Ordering::Relaxed);
    };
    let (all, ()) = tokio::join!(join_all(asking), clock);
    all.into_iter().fold(Seen::default(), |mut sum, one| {
        sum.served.extend(one.served);
        sum.refused += one.refused;
        sum.cut += one.cut;
        sum.slowest_refusal = sum.slowest_refusal.max(one.slowest_refusal);
        sum
    })
}
