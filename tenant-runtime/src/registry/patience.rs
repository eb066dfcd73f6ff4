//! How long one request waits for connections, in all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// What is left to whoever has waited for as long as is allowed: enough for a connection that lies ready.
const LEAST: Duration = Duration::from_millis(100);

/// What a request has waited for so far. It may ask for connections one after the other, its policy's among them, and its client waits for all of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patience(Arc<AtomicU64>);

impl Patience {
    /// Until when it may wait now.
    pub(super) fn until(&self, limit: Duration) -> Instant {
        let waited = Duration::from_micros(self.0.load(Ordering::Relaxed));
        Instant::now() + limit.saturating_sub(waited).max(LEAST.min(limit))
    }

    /// Notes what was waited for since a moment.
    pub(crate) fn waited_since(&self, since: Instant) {
        self.0.fetch_add(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_has_waited_waits_for_the_rest_only() {
        let (patience, limit) = (Patience::default(), Duration::from_secs(2));
        let left = |patience: &Patience| patience.until(limit).duration_since(Instant::now());
        assert_eq!(left(&patience), limit);
        for (waits, rest) in [(1_500, 500), (450, 100), (5_000, 100)] {
            let since = Instant::now();
            tokio::time::advance(Duration::from_millis(waits)).await;
            patience.clone().waited_since(since);
            assert_eq!(left(&patience), Duration::from_millis(rest), "after {waits} ms");
        }
    }
}
