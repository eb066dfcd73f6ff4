//! Waiting for a condition with a deadline; the tests' only clock on the wall.

use std::panic::Location;
use std::time::Duration;

use tokio::time::Instant;

/// Asks again and again (after 20 ms at first, then up to every 250 ms) until the answer is `Some`, and returns it.
///
/// # Panics
/// When the deadline passes, naming the caller's place.
#[track_caller]
pub fn eventually<T, F>(deadline: Duration, mut condition: F) -> impl Future<Output = T>
where
    F: AsyncFnMut() -> Option<T>,
{
    let place = Location::caller();
    async move {
        let end = Instant::now() + deadline;
        let mut pause = Duration::from_millis(20);
        loop {
            if let Some(found) = condition().await {
                return found;
            }
            assert!(Instant::now() < end, "{place}: not within {deadline:?}");
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(250));
        }
    }
}
