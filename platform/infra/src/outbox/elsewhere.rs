//! Events of one plane's databases that subscribers in the other plane's processes hear.
//!
//! The relay that visits a database must know of them: a row counts as done only when they have finished it, too. So they are declared where both planes
//! can read it, by name and kinds alone; the subscribers themselves are the other plane's, which has consumer groups of their names on a stream of its own
//! ([`Consumers::elsewhere`](super::Consumers::elsewhere)), and enters the database for the rows, as every consumer does. Whose event it is follows from the
//! database that it was read in, and from nothing that is written there or in Redis.

use std::time::Duration;

/// A subscriber that runs elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listener {
    /// The name of the [`Subscriber`](super::Subscriber): deliveries are remembered under it.
    pub name: &'static str,
    /// The kinds that it wants.
    pub kinds: &'static [&'static str],
}

/// So many times the patience for what is announced again, at most. Whoever is away for an hour must not be the reason that databases at rest are visited
/// every few seconds; the sweep visits them every minute anyway.
const MOST: u32 = 6;

/// When to look again after those elsewhere, who were told so many times and have not finished.
pub(super) fn patience(redeliver_after: Duration, told: i32) -> Duration {
    redeliver_after * u32::try_from(told).unwrap_or(0).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_with_what_was_told_in_vain_and_has_an_end() {
        let waits = [0, 1, 2, 6, 1_000].map(|told| patience(Duration::from_secs(10), told).as_secs());
        assert_eq!(waits, [10, 10, 20, 60, 60]);
    }
}
