//! What admitting a request costs: told as metrics, because every request pays it before its work begins.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use metrics::{Unit, describe_histogram};
use nix::time::ClockId;

const WAITED: &str = "nexus_authorization_seconds";
const BUSY: &str = "nexus_authorization_cpu_seconds";

/// The thread's own clock is a system call: one request in so many is looked at.
const LOOKED_AT: u64 = 8;

static SEEN: AtomicU64 = AtomicU64::new(0);

/// Says what the metrics mean.
pub(crate) fn describe() {
    describe_histogram!(WAITED, Unit::Seconds, "How long a request waited until its caller, tenant and limit were known and its policy at hand");
    describe_histogram!(BUSY, Unit::Seconds, "Processor time that this took; of one request in eight");
}

/// The outcome of `admitting`, noted with how long it took.
pub(super) async fn measured<T>(admitting: impl Future<Output = T>) -> T {
    let mut admitting = pin!(admitting);
    let is_looked_at = SEEN.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOKED_AT);
    let began = Instant::now();
    let mut busy = Duration::ZERO;
    let outcome = poll_fn(|context| {
        let since = is_looked_at.then(of_this_thread).flatten();
        let polled = admitting.as_mut().poll(context);
        if let Some((since, now)) = since.zip(is_looked_at.then(of_this_thread).flatten()) {
            busy += now.saturating_sub(since);
        }
        polled
    })
    .await;
    metrics::histogram!(WAITED).record(began.elapsed());
    if is_looked_at {
        metrics::histogram!(BUSY).record(busy);
    }
    outcome
}

/// Processor time of the thread. A poll stays on its thread.
fn of_this_thread() -> Option<Duration> {
    ClockId::CLOCK_THREAD_CPUTIME_ID.now().ok().map(Duration::from)
}
