//! What is outside and has fallen silent: nobody waits for it.
//!
//! From a call alone nobody can tell what is slow from what is gone. So whoever has waited for a while knocks, apart from the call: if nobody opens, the call
//! is given up; if somebody does, it is merely slow and is waited for, up to a limit of its own.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

/// A wait this long is looked into; while somebody opens, longer ones again and again, each time after twice the wait.
pub(crate) const STALLED: Duration = Duration::from_millis(750);
/// The same of a server that just now did not open to somebody.
pub(crate) const SUSPECTED: Duration = Duration::from_millis(100);
/// The longest time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// What may take long is given up only after so many knocks in a row that nobody heard: one lost packet must not end minutes of work.
pub(crate) const KNOCKS_FOR_LONG_WORK: u32 = 3;

/// How long a call is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// After this long somebody knocks first.
    pub(crate) first: Duration,
    /// So many knocks in a row that nobody heard end it.
    pub(crate) unheard: u32,
    /// Its greatest duration, whoever opens.
    pub(crate) limit: Duration,
}

/// The call was given up; whoever made it counts that.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GivenUp;

/// The call's outcome, unless nobody opens or the limit is over.
pub(crate) async fn attend<T, K>(mut call: Pin<&mut impl Future<Output = T>>, patience: Patience, knock: impl Fn() -> K) -> Result<T, GivenUp>
where
    K: Future<Output = bool>,
{
    let started = Instant::now();
    let (mut wait, mut unheard) = (patience.first, 0);
    loop {
        let left = patience.limit.saturating_sub(started.elapsed());
        tokio::select! {
            biased;
            outcome = &mut call => return Ok(outcome),
            () = tokio::time::sleep(wait.min(left)) => {}
        }
        let opens = started.elapsed() < patience.limit
            && tokio::select! {
                biased;
                outcome = &mut call => return Ok(outcome),
                opens = knock() => opens,
            };
        unheard = if opens { 0 } else { unheard + 1 };
        if unheard >= patience.unheard || started.elapsed() >= patience.limit {
            return Err(GivenUp);
        }
        // Who was not heard knocks again soon: the fault is nearly certain, and somebody waits.
        wait = if opens { (wait * 2).clamp(STALLED, LOOK_EVERY) } else { STALLED };
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::{pending, ready};
    use std::pin::pin;

    use super::*;

    const PATIENCE: Patience = Patience { first: STALLED, unheard: 3, limit: Duration::from_secs(60) };

    /// The times of the knocks in milliseconds, for a call that never ends, and when it was given up.
    async fn knocks(patience: Patience, hears: impl Fn(usize) -> bool) -> (Vec<u128>, Duration) {
        let (started, at) = (Instant::now(), RefCell::new(Vec::new()));
        let outcome: Result<(), GivenUp> = attend(pin!(pending()), patience, || {
            at.borrow_mut().push(started.elapsed().as_millis());
            ready(hears(at.borrow().len()))
        })
        .await;
        assert_eq!(outcome, Err(GivenUp));
        (at.into_inner(), started.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn while_somebody_opens_the_looks_get_rarer_and_the_limit_holds() {
        let (at, ended) = knocks(PATIENCE, |_| true).await;
        assert_eq!(at, [750, 2_250, 5_250, 11_250, 21_250, 31_250, 41_250, 51_250]);
        assert_eq!(ended.as_millis(), 60_000);
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_not_heard_knocks_again_soon_and_gives_up_after_the_last() {
        let (at, ended) = knocks(PATIENCE, |_| false).await;
        assert_eq!(at, [750, 1_500, 2_250]);
        assert_eq!(ended.as_millis(), 2_250);
        let (at, _) = knocks(PATIENCE, |knock| knock == 2).await;
        assert_eq!(at, [750, 1_500, 3_000, 3_750, 4_500], "one that is heard counts from the start again");
        let (at, _) = knocks(Patience { first: SUSPECTED, ..PATIENCE }, |knock| knock == 1).await;
        assert_eq!(at, [100, 850, 1_600, 2_350], "a suspicion that proved wrong is over");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_slow_is_waited_for() {
        let slow = async {
            tokio::time::sleep(Duration::from_secs(50)).await;
            7
        };
        assert_eq!(attend(pin!(slow), PATIENCE, || ready(true)).await, Ok(7));
    }
}
