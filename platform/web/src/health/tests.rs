//! What the checks write to the log.

use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nexus_core::ManualClock;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::*;

/// Notes the levels of the events that operators see.
#[derive(Default)]
struct Log {
    levels: StdMutex<Vec<Level>>,
    spans: AtomicU64,
}

struct Noting(Arc<Log>);

impl Subscriber for Noting {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO && metadata.target().starts_with("nexus_web::health")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.0.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn event(&self, event: &Event<'_>) {
        self.0.levels.lock().unwrap().push(*event.metadata().level());
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Dependency(AtomicBool);

#[async_trait]
impl HealthCheck for Dependency {
    fn name(&self) -> &'static str {
        "cache"
    }

    async fn check(&self) -> Result<(), String> {
        if self.0.load(Ordering::Relaxed) { Ok(()) } else { Err("connection refused".to_owned()) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_stays_away_is_told_once_and_so_is_its_return() {
    let log = Arc::new(Log::default());
    let _noting = tracing::subscriber::set_default(Noting(Arc::clone(&log)));
    let dependency = Arc::new(Dependency(AtomicBool::new(true)));
    let clock = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let health = Health::new(BuildInfo { version: "1", revision: None }, clock).with(Arc::<Dependency>::clone(&dependency) as _);
    let told_by = async |probes: usize| {
        for _ in 0..probes {
            health.report().await;
            tokio::time::advance(FRESH).await;
        }
        std::mem::take(&mut *log.levels.lock().unwrap())
    };
    assert!(told_by(3).await.is_empty());
    dependency.0.store(false, Ordering::Relaxed);
    assert_eq!(told_by(10).await, [Level::WARN]);
    dependency.0.store(true, Ordering::Relaxed);
    assert_eq!(told_by(3).await, [Level::INFO]);
    dependency.0.store(false, Ordering::Relaxed);
    assert_eq!(told_by(3).await, [Level::WARN], "and when it fails again");
}

#[tokio::test]
async fn what_fails_from_the_start_is_told() {
    let log = Arc::new(Log::default());
    let _noting = tracing::subscriber::set_default(Noting(Arc::clone(&log)));
    let clock = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let health = Health::new(BuildInfo { version: "1", revision: None }, clock).with(Arc::new(Dependency(AtomicBool::new(false))));
    assert_eq!(health.report().await.status, Status::Unavailable);
    assert_eq!(*log.levels.lock().unwrap(), [Level::WARN]);
}
