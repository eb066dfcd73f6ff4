//! Health: is the process alive (`/healthz`), can it serve (`/readyz`), what does it run (`/version`), and how are its
//! dependencies (`/api/v1/health`).
//!
//! Public answers name a dependency and whether it works; causes are logged only, when it begins to fail.

mod routes;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use nexus_core::SharedClock;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;

pub(crate) use routes::{api_slice, root_slice};

/// How long one check may take.
const CHECK: Duration = Duration::from_secs(2);
/// How long a report is good: probes don't multiply into checks.
const FRESH: Duration = Duration::from_secs(1);

/// One dependency.
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Stable short name, such as `control_database`.
    fn name(&self) -> &'static str;

    /// Whether the process can't serve without it.
    fn required(&self) -> bool {
        true
    }

    /// Since when it has failed, where that is known.
    fn failing_since(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// Asks the dependency. The error is logged and not shown.
    async fn check(&self) -> Result<(), String>;
}

/// What this program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuildInfo {
    /// Semantic version.
    pub version: &'static str,
    /// Source revision, where the build knew it.
    pub revision: Option<&'static str>,
}

/// State of a dependency or of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HealthStatus)]
pub enum Status {
    /// Works.
    Ok,
    /// Serves, but something optional does not work.
    Degraded,
    /// Does not work.
    Unavailable,
}

/// One dependency's state.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = HealthCheck)]
pub struct CheckReport {
    /// Name.
    #[schema(example = "control_database")]
    pub name: &'static str,
    /// State.
    pub status: Status,
    /// Whether the process can't serve without it.
    pub required: bool,
    /// Since when it has failed, where that is known: what was known then serves on.
    #[schema(example = "2026-01-31T12:00:00Z")]
    pub failing_since: Option<DateTime<Utc>>,
    /// How long the check took, in milliseconds.
    #[schema(example = 1)]
    pub latency_ms: u64,
}

/// The state of the process and its dependencies.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Health)]
pub struct Report {
    /// The worst of what is required; `degraded` when only something optional fails.
    pub status: Status,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Seconds since the process began to serve.
    #[schema(example = 86_400)]
    pub uptime_seconds: i64,
    /// Every dependency.
    pub checks: Vec<CheckReport>,
}

/// The checks of a process.
pub struct Health {
    build: BuildInfo,
    clock: SharedClock,
    started_at: DateTime<Utc>,
    checks: Vec<Arc<dyn HealthCheck>>,
    last: Mutex<Option<(Instant, Vec<CheckReport>)>>,
}

impl Health {
    /// No checks yet; uptime counts from now.
    #[must_use]
    pub fn new(build: BuildInfo, clock: SharedClock) -> Self {
        let started_at = clock.now();
        Self { build, clock, started_at, checks: Vec::new(), last: Mutex::new(None) }
    }

    /// Adds a dependency.
    #[must_use]
    pub fn with(mut self, check: Arc<dyn HealthCheck>) -> Self {
        self.checks.push(check);
        self
    }

    pub(crate) fn build(&self) -> BuildInfo {
        self.build
    }

    /// The present state, at most a second old.
    pub async fn report(&self) -> Report {
        let checks = self.checks().await;
        let failed = |required: bool| checks.iter().any(|check| check.required == required && check.status != Status::Ok);
        let status = match (failed(true), failed(false)) {
            (true, _) => Status::Unavailable,
            (false, true) => Status::Degraded,
            (false, false) => Status::Ok,
        };
        let uptime_seconds = (self.clock.now() - self.started_at).num_seconds().max(0);
        Report { status, version: self.build.version, uptime_seconds, checks }
    }

    async fn checks(&self) -> Vec<CheckReport> {
        let mut last = self.last.lock().await;
        if let Some((_, checks)) = last.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return checks.clone();
        }
        let checked = futures::future::join_all(self.checks.iter().map(|check| run(check.as_ref()))).await;
        let known = last.take().map(|(_, checks)| checks).unwrap_or_default();
        let mut checks = Vec::with_capacity(checked.len());
        for (check, outcome) in checked {
            tell(&check, outcome, known.iter().find(|known| known.name == check.name));
            checks.push(check);
        }
        *last = Some((Instant::now(), checks.clone()));
        checks
    }
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.checks.iter().map(|check| check.name()).collect();
        f.debug_struct("Health").field("checks", &names).finish_non_exhaustive()
    }
}

async fn run(check: &dyn HealthCheck) -> (CheckReport, Result<(), String>) {
    let began = Instant::now();
    let outcome = tokio::time::timeout(CHECK, check.check()).await.unwrap_or_else(|_| Err("timed out".to_owned()));
    let status = if outcome.is_ok() { Status::Ok } else { Status::Unavailable };
    let latency_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let failing_since = check.failing_since().filter(|_| status != Status::Ok);
    (CheckReport { name: check.name(), status, required: check.required(), failing_since, latency_ms }, outcome)
}

/// Writes changes to the log, and only them: probes come every few seconds, for as long as a dependency is away.
fn tell(check: &CheckReport, outcome: Result<(), String>, before: Option<&CheckReport>) {
    let worked = before.is_none_or(|before| before.status == Status::Ok);
    match outcome {
        Err(cause) if worked => tracing::warn!(dependency = check.name, required = check.required, cause, "a dependency fails its health check"),
        Ok(()) if !worked => tracing::info!(dependency = check.name, "the dependency passes its health check again"),
        Ok(()) => {}
        Err(cause) => tracing::debug!(dependency = check.name, cause, "the dependency still fails its health check"),
    }
}

#[cfg(test)]
mod tests;
