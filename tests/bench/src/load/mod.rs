//! The load: cheap enough to run beside what it measures.
//!
//! - [`Connection`]: one kept connection that sends requests made beforehand.
//! - [`closed`]: each client asks again when it has its answer: how much is possible.
//! - [`open`]: requests begin when their time has come, whether or not the ones before are answered, and are timed from when they were to begin: how long
//!   a caller waits who does not know of the others.

mod connection;

use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub use connection::{Connection, Request};

use crate::statistics;

/// What came of some load.
#[derive(Debug, Clone, Default)]
pub struct Served {
    /// Requests that were answered as expected.
    pub count: u64,
    /// Answers with another status, and connections that broke.
    pub failed: u64,
    /// What the first of those said.
    pub fault: Option<String>,
    /// From the first request to the last answer.
    pub within: Duration,
    /// Of every request that was answered as expected.
    pub latencies: Vec<Duration>,
}

impl Served {
    pub fn per_second(&self) -> f64 {
        statistics::per_second(self.count, self.within)
    }

    /// The latency below which so many thousandths of the requests stay, in milliseconds.
    pub fn percentile_ms(&self, thousandths: usize) -> f64 {
        statistics::millis(nexus_test_support::percentile(&mut self.latencies.clone(), thousandths))
    }

    /// Ends the measurement when anything failed: figures of failures say nothing.
    pub fn all_served(self, what: &str) -> Self {
        assert!(self.failed == 0, "{what}: {} of {} requests failed: {}", self.failed, self.failed + self.count, self.fault.unwrap_or_default());
        self
    }

    fn note(&mut self, since: Instant, answer: Result<(), String>) {
        match answer {
            Ok(()) => {
                self.count += 1;
                self.latencies.push(since.elapsed());
            }
            Err(fault) => {
                self.failed += 1;
                self.fault.get_or_insert(fault);
            }
        }
    }

    fn joined(parts: Vec<Self>, within: Duration) -> Self {
        let whole = Self { within, ..Self::default() };
        parts.into_iter().fold(whole, |mut whole, part| {
            whole.count += part.count;
            whole.failed += part.failed;
            whole.fault = whole.fault.or(part.fault);
            whole.latencies.extend(part.latencies);
            whole
        })
    }
}

/// Each of `clients` connections asks, waits for the answer and asks again, for so long. `next` makes the requests: the client's number, and how many it has sent.
pub async fn closed(address: &str, clients: usize, span: Duration, next: impl Fn(usize, usize) -> Request) -> Served {
    let mut connections: Vec<Connection> = join_all((0..clients).map(|_| Connection::open(address))).await;
    let begun = Instant::now();
    let end = begun + span;
    let working = connections.iter_mut().enumerate().map(async |(client, connection)| {
        let mut served = Served::default();
        let mut sent = 0;
        while Instant::now() < end {
            let request = next(client, sent);
            let since = Instant::now();
            let answer = connection.ask(&request).await;
            served.note(since, answer);
            sent += 1;
        }
        served
    });
    let parts = join_all(working).await;
    Served::joined(parts, begun.elapsed())
}

/// Every request once, on `clients` connections.
pub async fn each(address: &str, clients: usize, requests: Vec<Request>) -> Served {
    let mut connections: Vec<Connection> = join_all((0..clients).map(|_| Connection::open(address))).await;
    let begun = Instant::now();
    let left = std::cell::RefCell::new(requests);
    let working = connections.iter_mut().map(async |connection| {
        let mut served = Served::default();
        loop {
            let taken = left.borrow_mut().pop();
            let Some(request) = taken else { break };
            let since = Instant::now();
            let answer = connection.ask(&request).await;
            served.note(since, answer);
        }
        served
    });
    let parts = join_all(working).await;
    Served::joined(parts, begun.elapsed())
}

/// Requests that begin at a fixed rate for so long, on `clients` connections. When all of them wait for answers a request begins late, and the time it
/// waited counts.
pub async fn open(address: &str, clients: usize, per_second: f64, span: Duration, next: impl Fn(usize, usize) -> Request) -> Served {
    let mut connections: Vec<Connection> = join_all((0..clients).map(|_| Connection::open(address))).await;
    let begun = Instant::now();
    let arrivals = Mutex::new(arrivals(begun, statistics::interval(per_second), span));
    let working = connections.iter_mut().enumerate().map(async |(client, connection)| {
        let mut served = Served::default();
        loop {
            let taken = arrivals.lock().await.recv().await;
            let Some((number, due)) = taken else { break };
            let answer = connection.ask(&next(client, number)).await;
            served.note(due, answer);
        }
        served
    });
    let parts = join_all(working).await;
    Served::joined(parts, begun.elapsed())
}

/// Tells each arrival when its time has come. A thread of its own keeps the time: the runtime's timer counts in milliseconds.
fn arrivals(begun: Instant, interval: Duration, span: Duration) -> UnboundedReceiver<(usize, Instant)> {
    let (told, arrivals) = unbounded_channel();
    std::thread::spawn(move || {
        let mut due = begun;
        for number in 0.. {
            while let Some(left) = due.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                std::thread::park_timeout(left);
            }
            if due >= begun + span || told.send((number, due)).is_err() {
                break;
            }
            due += interval;
        }
    });
    arrivals
}
