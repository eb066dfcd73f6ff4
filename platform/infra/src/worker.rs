//! Threads for background loops.
//!
//! Services take async closures, so their futures can't move between threads. A worker is a thread that runs one loop on a `LocalSet` inside the
//! process' runtime: I/O and timers are the runtime's, the futures stay where they are. Inside, use `tokio::task::spawn_local`.
//!
//! Invariants: a panic or an early end is logged and counted, and the loop starts again after a back-off; only `shutdown` ends a worker for good.
//! Deliberately not here: what the loops do, and when.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio::runtime::Handle;
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

use crate::Backoff;

/// Waits before a loop starts again.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(30));
/// A loop that ran for this long before it failed begins with the first wait again.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);
/// Stack of a worker's thread. Futures of nested async closures are polled on it, and unoptimised builds copy them whole: 2 MiB overflowed. Only what is
/// touched takes memory.
const STACK: usize = 16 * 1024 * 1024;
/// How long a loop may take to end after `shutdown`.
const GRACE: Duration = Duration::from_secs(20);

/// A running worker. Dropping the handle leaves the worker running.
#[derive(Debug)]
#[must_use = "join the worker before the process ends, or its work is cut off"]
pub struct WorkerHandle {
    name: String,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl WorkerHandle {
    /// The worker's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until the worker has ended, after its `shutdown` token was cancelled: at most about 20 s.
    pub async fn join(mut self) {
        let Some(thread) = self.thread.take() else { return };
        if !matches!(tokio::task::spawn_blocking(move || thread.join()).await, Ok(Ok(()))) {
            tracing::error!(worker = self.name, "a worker could not be joined, or panicked at its end");
        }
    }
}

/// Starts a worker: `body` is run on a thread of its own until `shutdown`, again and again if it ends or panics before. `body` must watch `shutdown`
/// too and end soon after it. Call it inside a Tokio runtime.
///
/// # Panics
/// Outside a Tokio runtime, and when the system has no thread to give: both at start-up.
#[expect(clippy::expect_used, reason = "start-up: a process that has no thread for its workers must not go on")]
pub fn spawn<F, Fut>(name: &str, shutdown: CancellationToken, body: F) -> WorkerHandle
where
    F: Fn() -> Fut + Send + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let runtime = Handle::current();
    let label = name.to_owned();
    let run = move || {
        // What the loop holds is dropped inside the runtime too: some clients close their connections in a task.
        let _inside = runtime.enter();
        let body = body;
        let local = LocalSet::new();
        runtime.block_on(local.run_until(supervise(&label, &shutdown, &body)));
        // Tasks that the loop had spawned are dropped with the set.
    };
    let thread = std::thread::Builder::new().name(format!("nx-{name}")).stack_size(STACK).spawn(run).expect("a thread for a worker");
    WorkerHandle { name: name.to_owned(), thread: Some(thread) }
}

async fn supervise<F, Fut>(name: &str, shutdown: &CancellationToken, body: &F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = ()>,
{
    let mut failures = 0_u32;
    while !shutdown.is_cancelled() {
        let started = Instant::now();
        // `body()` itself may panic too: call it inside.
        let run = AssertUnwindSafe(async { body().await }).catch_unwind();
        let grace = async {
            shutdown.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            ended = run => match ended {
                _ if shutdown.is_cancelled() => return,
                Ok(()) => tracing::warn!(worker = name, "a worker's loop ended early"),
                Err(panic) => tracing::error!(worker = name, panic = panic_message(&*panic), "a worker's loop panicked"),
            },
            () = grace => {
                tracing::warn!(worker = name, "a worker did not end in time and is cut off");
                return;
            }
        }
        metrics::counter!("nexus_worker_restarts_total", "worker" => name.to_owned()).increment(1);
        failures = if started.elapsed() >= HEALTHY_AFTER { 1 } else { failures.saturating_add(1) };
        if shutdown.run_until_cancelled(tokio::time::sleep(BACKOFF.spread(failures))).await.is_none() {
            return;
        }
    }
}

/// What a panic said. Messages of panics are written by programmers, without data of users.
fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_loop_that_panics_starts_again_and_ends_with_the_shutdown() {
        let shutdown = CancellationToken::new();
        let runs = Arc::new(AtomicUsize::new(0));
        let running = CancellationToken::new();
        let worker = spawn("test", shutdown.clone(), {
            let (runs, shutdown, running) = (runs.clone(), shutdown.clone(), running.clone());
            move || {
                let (runs, shutdown, running) = (runs.clone(), shutdown.clone(), running.clone());
                async move {
                    // Not `Send`, and so only good on a local set.
                    let local = std::rc::Rc::new(());
                    let first = runs.fetch_add(1, Ordering::SeqCst) == 0;
                    assert!(!first, "the first run fails");
                    tokio::task::spawn_local(async move { drop(local) }).await.unwrap();
                    running.cancel();
                    shutdown.cancelled().await;
                }
            }
        });
        tokio::time::timeout(Duration::from_secs(10), running.cancelled()).await.unwrap();
        shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(10), worker.join()).await.unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }

    /// Ends its connections in a task, as the mail client's pool does.
    struct Pool(Arc<AtomicUsize>);

    impl Drop for Pool {
        fn drop(&mut self) {
            let dropped = Arc::clone(&self.0);
            drop(tokio::spawn(async move { dropped.fetch_add(1, Ordering::SeqCst) }));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_a_loop_holds_is_dropped_inside_the_runtime() {
        let (shutdown, dropped) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let pool = Pool(Arc::clone(&dropped));
        let worker = spawn("test", shutdown.clone(), {
            let shutdown = shutdown.clone();
            move || {
                let _ = &pool;
                let shutdown = shutdown.clone();
                async move { shutdown.cancelled().await }
            }
        });
        shutdown.cancel();
        worker.join().await;
        let task_ran = async {
            while dropped.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), task_ran).await.unwrap();
    }
}
