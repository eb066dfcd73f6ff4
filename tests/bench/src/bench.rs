//! What every scenario gets: the servers, how much to do, and organizations that are made once and shared.

use std::sync::Arc;
use std::time::Duration;

use nexus_test_support::{ControlDb, Nexus, TestStack};
use tokio::sync::{Mutex, MutexGuard};

use crate::organizations::Organizations;

/// The ground of a run.
pub struct Bench {
    pub stack: Arc<TestStack>,
    /// Everything once, tiny, without thresholds.
    pub short: bool,
    runs: usize,
    organizations: Mutex<Organizations>,
}

impl Bench {
    pub async fn new(short: bool, runs: usize) -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        Self { stack, short, runs, organizations: Mutex::new(Organizations::none(control)) }
    }

    /// How many rounds of what takes turns.
    pub fn runs(&self) -> usize {
        self.sized(self.runs, 1)
    }

    /// How much to do: so much in a real run, so little in a short one.
    pub fn sized<T>(&self, real: T, short: T) -> T {
        if self.short { short } else { real }
    }

    /// How long one measurement of throughput or latency takes.
    pub fn span(&self) -> Duration {
        self.sized(Duration::from_secs(4), Duration::from_millis(200))
    }

    /// How long a side works before it is measured.
    pub fn warm_up(&self) -> Duration {
        self.sized(Duration::from_secs(2), Duration::from_millis(100))
    }

    /// The organizations that scenarios share.
    pub async fn organizations(&self) -> MutexGuard<'_, Organizations> {
        self.organizations.lock().await
    }

    /// The program with these arguments on a control database, as it is run in production: its log in JSON, requests counted against limits that
    /// are too high to refuse any.
    pub fn nexus(&self, arguments: &[&str], control: &ControlDb) -> Nexus {
        Nexus::command(&self.stack, arguments)
            .on(&self.stack, control)
            .env("NEXUS__LOG__FORMAT", "json")
            .env("NEXUS__RATE_LIMIT__ENABLED", "true")
            .env("NEXUS__RATE_LIMIT__ANONYMOUS_PER_MINUTE", "10000000")
            .env("NEXUS__RATE_LIMIT__PRINCIPAL_PER_MINUTE", "10000000")
            .env("NEXUS__RATE_LIMIT__SIGN_UPS_PER_HOUR", "100000")
    }
}
