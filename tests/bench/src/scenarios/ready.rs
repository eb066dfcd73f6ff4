//! From the start of `nexus tenant-runtime` to its readiness, and its memory while no organization has been touched, with a full directory.

use std::time::{Duration, Instant};

use nexus_test_support::{ControlDb, Process, TestTenant, eventually};

use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::process;
use crate::statistics;

/// Organizations in the directory.
const TENANTS: i64 = 1_000;
/// How often it is asked whether it is ready.
const LOOK_EVERY: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(60);

/// Records as large as real ones. Suspended: nothing in the background visits them either, so that nobody is touched.
const DIRECTORY: &str = "
    INSERT INTO tenants (id, slug, name, state, state_reason, server_id, database_name, role_name, bucket_name, secret_sealed, entitlements, schema_version)
    SELECT new.id, 'bench-' || n, 'Organization number ' || n, 'suspended', 'Only its record is wanted', server_id, 'nxt_' || replace(new.id::text, '-', ''),
           'nxt_' || replace(new.id::text, '-', ''), 'nxt-' || replace(new.id::text, '-', ''), secret_sealed, entitlements, schema_version
    FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, $1) AS n) AS new, tenants WHERE tenants.id = $2";

/// What one start came to.
struct Start {
    ready_ms: f64,
    memory_mb: f64,
}

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let control = ControlDb::new(&bench.stack).await;
    let model = TestTenant::in_control(&control).await;
    model.db().close().await;
    let tenants = bench.sized(TENANTS, 20);
    sqlx::query(DIRECTORY).bind(tenants).bind(model.id.0).execute(control.db().pool()).await.expect("a directory");
    model.set_state("suspended").await;
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs() {
        let _ = std::fs::remove_file(control.snapshot_file());
        first.push(start(bench, &control, tenants).await);
        again.push(start(bench, &control, tenants).await);
    }
    let column = |starts: &[Start], number: fn(&Start) -> f64| starts.iter().map(number).collect::<Vec<_>>();
    vec![
        Figure::of("ready.start", "ms", &column(&first, |start| start.ready_ms), Bound::AtMost(1_000.0)),
        Figure::of("ready.start_on_snapshot", "ms", &column(&again, |start| start.ready_ms), Bound::AtMost(1_000.0)),
        Figure::of("ready.memory", "MB", &column(&first, |start| start.memory_mb), Bound::AtMost(80.0)),
    ]
}

async fn start(bench: &Bench, control: &ControlDb, tenants: i64) -> Start {
    let begun = Instant::now();
    let mut runtime = bench.nexus(&["tenant-runtime"], control).spawn_unready();
    let address = told(&runtime).await;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().expect("a client");
    while !http.get(format!("http://{address}/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()) {
        assert!(begun.elapsed() < PATIENCE, "not ready:\n{}", runtime.log());
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let ready_ms = statistics::millis(begun.elapsed());
    runtime.wait_ready(PATIENCE).await;
    // All of it is read and kept on disk.
    eventually(PATIENCE, async || {
        let known = i64::try_from(runtime.metric("nexus_directory_tenants").await).is_ok_and(|known| known > tenants);
        (known && runtime.metric("nexus_snapshot_writes_total").await > 0).then_some(())
    })
    .await;
    let memory_mb = statistics::megabytes(process::memory_of(runtime.pid));
    assert_eq!(runtime.terminate().await, 0, "the program ends cleanly");
    Start { ready_ms, memory_mb }
}

/// Where it serves, as its log says.
async fn told(runtime: &Process) -> String {
    let begun = Instant::now();
    loop {
        let log = runtime.log();
        if let Some((address, _)) = log.split_once("\"bind\":\"").and_then(|(_, rest)| rest.split_once('"')) {
            return address.to_owned();
        }
        assert!(runtime.is_running() && begun.elapsed() < PATIENCE, "it does not serve:\n{log}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
