//! SIGSTOP and SIGCONT: of Postgres, of Redis, and of the program, which must not act on what it held before it was stopped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nexus_test_support::black_box::outbox;
use nexus_test_support::{Frozen, OwnStack, TestStack, eventually};
use nix::sys::signal::Signal;
use sqlx::PgPool;
use url::Url;

use crate::dependencies::assert_built;
use crate::ground::Ground;
use crate::load::{Kind, Load};
use crate::outage::{DEMANDED, Outage, Worst};
use crate::platform::{log_in, request_sign_up, sign_up, unique_slug, watched};
use crate::report::{Line, is_long, rounds};

/// For how long something is stopped.
const STOPPED: Duration = Duration::from_secs(3);
const EVERYBODY: &[Kind] = &[Kind::Post, Kind::Read, Kind::Account, Kind::Upload, Kind::Stranger];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it"]
async fn servers_are_stopped_and_go_on() {
    let own = OwnStack::start(&TestStack::from_env()).await;
    let ground = Ground::on(Arc::clone(own.stack()), Arc::clone(own.control()), &[("NEXUS__RUNTIME__IDLE_TIMEOUT_S", "5")]).await;
    let needy = &[Kind::Post, Kind::Read, Kind::Account, Kind::Upload];
    let redis = Url::parse(own.stack().redis_url()).unwrap().port().unwrap();
    let postgres = own.stack().admin_spec("postgres").port();
    stopped(&ground, "Postgres", async |load, worst| server_stopped(load, needy, postgres, worst).await).await;
    stopped(&ground, "Redis", async |load, worst| server_stopped(load, &[], redis, worst).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_is_stopped_and_goes_on() {
    let ground = Ground::start(&[("NEXUS__RUNTIME__IDLE_TIMEOUT_S", "5")]).await;
    stopped(&ground, "the program", async |load, worst| program_stopped(&ground, load, worst).await).await;
    past_its_lease(&ground).await;
}

/// Something is stopped under load, again and again.
async fn stopped(ground: &Ground, what: &str, mut stop: impl AsyncFnMut(&Load, &mut Worst)) {
    let client = ground.client().await;
    let organization = sign_up(&client, &unique_slug()).await;
    let load = Load::of(ground, &organization, true).await;
    let database = format!("nxt_{}", organization.id.simple());
    let behind = ground.behind(&database).await;
    let rounds = rounds(1, 10);
    let mut line = Line::of(format!("{what} stopped"), rounds, DEMANDED);
    let mut worst = Worst::default();
    load.during(async {
        load.goes_on(Instant::now(), 3, Duration::from_secs(60)).await;
        for _ in 0..rounds {
            stop(&load, &mut worst).await;
        }
    })
    .await;
    worst.tell(&mut line);
    let kept = load.books.assert_settled(ground, &behind).await;
    line.saw("lost", kept);
    let sessions = ground.assert_nothing_leaked(&database).await;
    line.saw("left open", format!("0 connections to tenants, {sessions} of 14 to the control database"));
    line.passed();
}

async fn server_stopped(load: &Load, needy: &'static [Kind], port: u16, worst: &mut Worst) {
    let frozen = std::cell::RefCell::new(None);
    // Apart from the clients, which share this thread.
    let begin = async || {
        let stopped = tokio::task::spawn_blocking(move || Frozen::server(port)).await.unwrap();
        *frozen.borrow_mut() = Some(stopped);
    };
    let met = || frozen.borrow().as_ref().is_some_and(Frozen::is_still);
    Outage { lasts: STOPPED, ..Outage::of(needy) }.happens(load, worst, begin, met, async || drop(frozen.take())).await;
}

/// Nobody is answered while it stands still, everybody afterwards.
async fn program_stopped(ground: &Ground, load: &Load, worst: &mut Worst) {
    let process = ground.process.read().await;
    let outage = Outage { lasts: STOPPED, lets_through: true, refused_within: STOPPED * 2, ..Outage::of(EVERYBODY) };
    let begun = Instant::now();
    let met =
        || begun.elapsed() > Duration::from_millis(200) && load.samples().last().is_some_and(|one| one.begun.elapsed() > Duration::from_millis(100));
    outage.happens(load, worst, async || process.signal(Signal::SIGSTOP), met, async || process.signal(Signal::SIGCONT)).await;
}

/// What the sagas have done: the log, and each database with the number that a database gets when it is made.
type Done = (Vec<String>, BTreeMap<String, i64>);

/// A program is stopped in the middle of sign-ups, another one finishes them, and the first one wakes up: it must leave them alone.
async fn past_its_lease(ground: &Ground) {
    let rounds = rounds(1, 10);
    let mut line = Line::of("a runner stopped past its lease", rounds, "another one finishes its sagas; awake again it changes nothing");
    let (mut taken, mut sign_ups) = (0, Vec::new());
    let client = ground.client().await;
    let control = ground.behind(ground.control.name()).await;
    for _ in 0..rounds {
        let first = ground.process.read().await;
        let mut asked = Vec::new();
        for _ in 0..3 {
            let slug = unique_slug();
            asked.push((request_sign_up(&client, &slug).await, slug));
        }
        let held = "SELECT count(*) FROM operations WHERE state = 'running' AND leased_until > clock_timestamp()";
        let held: i64 = eventually(Duration::from_secs(30), async || {
            let held: i64 = sqlx::query_scalar(held).fetch_one(&control).await.unwrap();
            (held > 0).then_some(held)
        })
        .await;
        first.signal(Signal::SIGSTOP);
        taken += held;
        if !is_long() {
            forsake(&control).await;
        }
        let second = ground.program("serve").spawn().await;
        let (other, _) = watched(&second).await;
        if !is_long() {
            // As when the lease has run out; the long run waits for it.
            let over = "UPDATE operations SET leased_until = clock_timestamp() WHERE state = 'running'";
            sqlx::query(over).execute(&control).await.unwrap();
        }
        for (operation, slug) in &asked {
            operation.succeeded(&other).await;
            let _ = log_in(&other, slug).await.client.get("/api/v1/products").send().await.expect(200);
        }
        let before = done(ground).await;
        // Nobody else acts from here on.
        assert_eq!(second.terminate().await, 0, "the program ends cleanly");
        first.signal(Signal::SIGCONT);
        for (operation, slug) in &asked {
            operation.succeeded(&client).await;
            let _ = log_in(&client, slug).await.client.get("/api/v1/products").send().await.expect(200);
        }
        // Its runner looks at the log twice a second.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(done(ground).await, before, "a runner acted on sagas that were not its own any more");
        sign_ups.extend(asked);
    }
    outbox::leases_run_out(&control).await;
    assert_built(&ground.stack, &client, &sign_ups).await;
    line.saw("sagas taken over", taken);
    line.saw("changed afterwards", 0);
    line.passed();
}

/// As when the times are over for which the server lets a transaction stand open, and sessions that say nothing keep the lock on an organization's name: what holds it,
/// and what is next in the same program, until nothing that it asked for is under way.
async fn forsake(control: &PgPool) {
    let theirs = "pid <> pg_backend_pid() AND (datname = current_database() OR datname IN (SELECT database_name FROM tenants))";
    let open = format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {theirs} AND state LIKE 'idle in transaction%'");
    let locks = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks, tenants t
                 WHERE locktype = 'advisory' AND objid::bigint = hashtext(t.database_name)::bigint & 4294967295";
    let under_way = format!("SELECT count(*) FROM pg_stat_activity WHERE {theirs} AND state = 'active'");
    eventually(Duration::from_secs(10), async || {
        let mut left: i64 = 0;
        for sessions in [under_way.as_str(), open.as_str(), locks] {
            left += sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sessions)).fetch_one(control).await.unwrap();
        }
        (left == 0).then_some(())
    })
    .await;
}

async fn done(ground: &Ground) -> Done {
    let control = ground.behind(ground.control.name()).await;
    let log = "SELECT concat_ws(' ', o.id, o.state, o.direction, s.step, s.state, s.attempts) FROM operations o JOIN saga_steps s ON s.operation_id = o.id ORDER BY 1";
    let log: Vec<String> = sqlx::query_scalar(log).fetch_all(&control).await.unwrap();
    let tenants = "SELECT datname::text, d.oid::bigint FROM pg_database d WHERE datname LIKE 'nxt%'";
    let all: Vec<(String, i64)> = sqlx::query_as(tenants).fetch_all(&control).await.unwrap();
    let known: Vec<String> = sqlx::query_scalar("SELECT database_name FROM tenants").fetch_all(&control).await.unwrap();
    (log, all.into_iter().filter(|(name, _)| known.contains(name)).collect())
}
