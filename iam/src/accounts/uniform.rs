//! Answers that must not tell by their time whether an address has an account.

use std::time::Duration;

/// Longer than the work takes: a password's hash and a transaction on a machine that is not overloaded.
const FLOOR: Duration = Duration::from_millis(500);

/// Does the work and answers no sooner than after [`FLOOR`], whatever the work came to.
pub(super) async fn in_even_time<T>(work: impl Future<Output = T>) -> T {
    tokio::join!(work, tokio::time::sleep(FLOOR)).0
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn quick_work_takes_as_long_as_slow_work() {
        let began = Instant::now();
        assert_eq!(in_even_time(async { 7 }).await, 7);
        assert!(began.elapsed() >= FLOOR);
    }
}
