//! From sending a sign-up to the organization's being active, as whoever polls sees it: with the warm pool, without it, and over many at a rate.

use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_test_support::{ControlDb, Process, eventually};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::bench::Bench;
use crate::figure::{Bound, Figure};
use crate::load::{Connection, Request};
use crate::report;
use crate::statistics::{self, Spread, millis};

/// Entries of the warm pool.
const POOL: usize = 8;
/// Sign-ups of each way that follow each other.
const EACH: usize = 30;
/// Sign-ups that arrive at a rate, whether or not those before are through; and how many are compared at either end.
const MANY: usize = 300;
const AT_EITHER_END: usize = 50;
/// Sign-ups a second: less than half of what one keeper prepares on two cores beside them.
const RATE: f64 = 2.0;
/// Between two looks of whoever waits.
const LOOK: Duration = Duration::from_millis(3);

pub async fn run(bench: &Bench) -> Vec<Figure> {
    let pool = bench.sized(POOL, 2);
    let control = ControlDb::new(&bench.stack).await;
    let warm = serve(bench, &control, pool).await;
    let cold_control = ControlDb::new(&bench.stack).await;
    let cold = serve(bench, &cold_control, 0).await;
    let (mut from_pool, mut alone, mut answered, mut copied) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // The first of each opens connections and prepares statements.
    for number in 0..=bench.sized(EACH, 1) {
        full(control.db().pool(), pool).await;
        let from_the_pool = sign_up(&warm, Instant::now()).await.active;
        // What the other program prepares anew would be copied beside the next sign-up, and not beside the copy that it is compared with.
        full(control.db().pool(), pool).await;
        let by_itself = sign_up(&cold, Instant::now()).await;
        let copy = copy(bench, number).await;
        if number > 0 {
            from_pool.push(millis(from_the_pool));
            alone.push(millis(by_itself.active));
            answered.push(millis(by_itself.answered));
            copied.push(millis(copy));
        }
    }
    assert_eq!(claimed(control.db().pool()).await, from_pool.len() + 1, "a sign-up found nothing in the pool");
    assert_eq!(claimed(cold_control.db().pool()).await, 0, "a sign-up found something where there is no pool");
    drop(cold);
    let mut figures = vec![
        Figure::of("sign_up.from_pool", "ms", &from_pool, Bound::AtMost(150.0)),
        Figure::beside("sign_up.empty_pool", "ms", &alone, &copied, Bound::AtMost(2.0)),
        Figure::of("sign_up.empty_pool_answered", "ms", &answered, Bound::Nothing),
    ];
    figures.extend(at_a_rate(bench, &control, &warm, pool).await);
    figures
}

async fn serve(bench: &Bench, control: &ControlDb, pool: usize) -> Process {
    bench.nexus(&["serve"], control).env("NEXUS__PROVISIONING__WARM_POOL__SIZE", pool.to_string()).spawn().await
}

async fn at_a_rate(bench: &Bench, control: &ControlDb, nexus: &Process, pool: usize) -> Vec<Figure> {
    full(control.db().pool(), pool).await;
    let before = claimed(control.db().pool()).await;
    let (many, end) = (bench.sized(MANY, 4), bench.sized(AT_EITHER_END, 2));
    let begun = Instant::now();
    let arrivals = (0..many).map(async |number| {
        let due = begun + statistics::interval(RATE) * u32::try_from(number).expect("a small number");
        tokio::time::sleep_until(due.into()).await;
        millis(sign_up(nexus, due).await.active)
    });
    let took = join_all(arrivals).await;
    let found = claimed(control.db().pool()).await - before;
    report::say(&format!("    {many} sign-ups at {RATE} a second, {found} of them from the pool"));
    let (first, last) = (&took[..end], &took[many - end..]);
    let bound = Bound::AtMost(1.2);
    vec![
        Figure::beside("sign_up.last_of_300", "ms", &[Spread::of(last).median], &[Spread::of(first).median], bound),
        Figure::of("sign_up.at_rate", "ms", &took, Bound::Nothing),
    ]
}

/// When things came to pass, since the sign-up was to begin.
struct SignedUp {
    /// It was accepted: the account is there, and building has begun.
    answered: Duration,
    /// The organization may be worked in.
    active: Duration,
}

/// Signs an organization up and waits until it is active. `due`: when it was to begin.
async fn sign_up(nexus: &Process, due: Instant) -> SignedUp {
    let address = nexus.base_url.trim_start_matches("http://");
    let mut connection = Connection::open(address).await;
    let slug = format!("o{}", &Uuid::new_v4().simple().to_string()[..14]);
    let body = json!({
        "organization": slug, "slug": slug, "email": format!("owner@{slug}.example"), "password": "correct horse battery staple", "display_name": "Ada Owner",
    });
    connection.ask(&Request::post("/api/v1/signup", &[("Idempotency-Key", &slug)], &body.to_string(), 202)).await.expect("an accepted sign-up");
    let answered = due.elapsed();
    let accepted: Value = serde_json::from_slice(connection.body()).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let (operation, capability) = (text(&accepted["data"]["operation"]["id"]), text(&accepted["data"]["capability"]));
    let look = Request::get(&format!("/api/v1/operations/{operation}"), &[("Authorization", &format!("Bearer {capability}"))]);
    loop {
        connection.ask(&look).await.expect("an operation");
        let seen = due.elapsed();
        let operation: Value = serde_json::from_slice(connection.body()).expect("JSON");
        let steps = operation["data"]["steps"].as_array().expect("steps");
        if steps.iter().any(|step| step["step"] == "activate" && step["state"] == "succeeded") {
            return SignedUp { answered, active: seen };
        }
        assert!(["pending", "running"].iter().any(|state| operation["data"]["state"] == *state), "{operation}");
        tokio::time::sleep(LOOK).await;
    }
}

/// What Postgres alone takes to copy the template.
async fn copy(bench: &Bench, number: usize) -> Duration {
    let admin = bench.stack.admin_db("postgres").await;
    let template: String =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'nx\\_tpl\\_%' AND datistemplate ORDER BY oid DESC LIMIT 1")
            .fetch_one(admin.pool())
            .await
            .expect("a template");
    let begun = Instant::now();
    let create = format!("CREATE DATABASE nexus_bench_{number} OWNER nx_owner TEMPLATE \"{template}\" STRATEGY wal_log ALLOW_CONNECTIONS false");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(admin.pool()).await.expect("a database");
    let took = begun.elapsed();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE nexus_bench_{number}"))).execute(admin.pool()).await.expect("its end");
    admin.close().await;
    took
}

/// Waits until the pool is full and nobody works on it.
async fn full(control: &PgPool, size: usize) {
    eventually(Duration::from_secs(60), async || {
        let states: Vec<String> = sqlx::query_scalar("SELECT state FROM warm_pool").fetch_all(control).await.expect("the pool");
        (states.len() == size && states.iter().all(|state| state == "ready")).then_some(())
    })
    .await;
}

/// How many sign-ups began with what was prepared.
async fn claimed(control: &PgPool) -> usize {
    let text = "SELECT count(*) FROM operations WHERE (input ->> 'from_warm_pool')::boolean";
    let count: i64 = sqlx::query_scalar(text).fetch_one(control).await.expect("operations");
    usize::try_from(count).expect("a count")
}
