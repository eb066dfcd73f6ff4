//! How many may watch at once. A stream costs a connection for minutes, so there are only so many: in a process, from one network, and by one right to watch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nexus_core::{ErrorCode, Problem};

/// Streams of one process.
const IN_ALL: usize = 1_000;
/// Streams of one network.
const PER_NETWORK: usize = 100;
/// Streams by one capability, one person or one operator.
const PER_CALLER: usize = 10;
/// When it is worth trying again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The seats of a process.
#[derive(Debug, Default)]
pub(crate) struct Seats(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<String, usize>,
}

/// A place in the audience, free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    keys: [String; 2],
}

impl Seats {
    /// A seat for `caller`, such as `user:0190…`, from `network`.
    ///
    /// # Errors
    /// 429 when caller or network have as many as they may, 503 when all are taken.
    pub(crate) fn take(self: &Arc<Self>, caller: &str, network: &str) -> Result<Seat, Problem> {
        let keys = [format!("caller {caller}"), format!("network {network}")];
        let mut taken = self.lock();
        for (key, most) in keys.iter().zip([PER_CALLER, PER_NETWORK]) {
            if taken.by.get(key).is_some_and(|count| *count >= most) {
                let message = format!("At most {most} streams at once are open to you here. Close one, or read the operation itself.");
                return Err(Problem::new(ErrorCode::RATE_LIMITED, message).retry_after(RETRY_AFTER));
            }
        }
        if taken.all >= IN_ALL {
            return Err(Problem::unavailable("Watching operations").retry_after(RETRY_AFTER));
        }
        taken.all += 1;
        for key in &keys {
            *taken.by.entry(key.clone()).or_default() += 1;
        }
        Ok(Seat { seats: Arc::clone(self), keys })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all = taken.all.saturating_sub(1);
        for key in &self.keys {
            if let Some(count) = taken.by.get_mut(key) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    taken.by.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_a_network_and_a_process_have_their_share_and_get_it_back() {
        let seats = Arc::new(Seats::default());
        let take = |caller: usize, network: usize| seats.take(&format!("user:{caller}"), &format!("192.0.2.{network}"));
        let own: Vec<Seat> = (0..PER_CALLER).map(|_| take(0, 0).unwrap()).collect();
        assert_eq!(take(0, 1).unwrap_err().code, ErrorCode::RATE_LIMITED, "from wherever the caller comes");
        drop(own);
        let mut full: Vec<Seat> = (0..PER_NETWORK).map(|place| take(place / PER_CALLER, 0).unwrap()).collect();
        assert_eq!(take(999, 0).unwrap_err().code, ErrorCode::RATE_LIMITED);
        full.extend((PER_NETWORK..IN_ALL).map(|place| take(place / PER_CALLER, place / PER_NETWORK).unwrap()));
        let refused = take(1_000, 1_000).unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (ErrorCode::SERVICE_UNAVAILABLE, Some(RETRY_AFTER)));
        drop(full);
        assert!(seats.lock().by.is_empty() && seats.lock().all == 0, "nothing is kept of who is gone");
    }
}
