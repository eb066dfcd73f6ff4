//! Writes down every event of a tenant that was delivered, for the tests of faults. Compiled in only with the feature `failpoints`.
//!
//! `NEXUS_FAILPOINT_EVENTS=<file>`: a subscriber of all events appends a line with each one's id. A file, because it outlives what those tests break:
//! Redis, Postgres and the process itself. Several processes may append to the same one.

use std::fs::{File, OpenOptions};
use std::io::Write;

use futures::future::LocalBoxFuture;
use nexus_core::{EventEnvelope, Problem};

use crate::context::TenantContext;
use crate::work::TenantSubscriber;

struct Recorder(File);

/// The recorder, where one is asked for.
pub(crate) fn asked_for() -> Option<Box<dyn TenantSubscriber>> {
    #[expect(clippy::disallowed_methods, reason = "a switch of test builds, set per process by the test; no setting of the product")]
    let path = std::env::var("NEXUS_FAILPOINT_EVENTS").ok()?;
    #[expect(clippy::expect_used, reason = "a test that asked for a record and gets none has failed")]
    let file = OpenOptions::new().create(true).append(true).open(path).expect("the file of NEXUS_FAILPOINT_EVENTS");
    Some(Box::new(Recorder(file)))
}

impl TenantSubscriber for Recorder {
    fn name(&self) -> &'static str {
        "failpoint-recorder"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["*"]
    }

    fn handle<'a>(&'a self, _: TenantContext, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), Problem>> {
        // One write for the whole line: lines of several processes do not mix.
        let written = (&self.0).write_all(format!("{}\n", event.id).as_bytes());
        Box::pin(async { written.map_err(Problem::internal) })
    }
}
