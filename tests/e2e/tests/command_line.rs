//! What the operators' command line does beside tenants: undelivered events, one pass of the reconciler; and what it refuses.

use std::time::Duration;

use nexus_test_support::{ControlDb, Nexus, Output, TestStack, eventually};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use crate::platform::Platform;

async fn admin(platform: &Platform, args: &[&str]) -> Output {
    let args: Vec<&str> = ["admin", "--json"].iter().chain(args).copied().collect();
    Nexus::command(&platform.stack, &args).on(&platform.stack, &platform.control).run().await
}

async fn data(platform: &Platform, args: &[&str]) -> Value {
    let output = admin(platform, args).await;
    assert_eq!(output.code, 0, "{args:?}: {}{}", output.stdout, output.stderr);
    let answer: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {}", output.stdout));
    answer["data"].clone()
}

async fn refused(platform: &Platform, args: &[&str], code: i32) -> String {
    let output = admin(platform, args).await;
    assert_eq!(output.code, code, "{args:?}: {}{}", output.stdout, output.stderr);
    assert!(output.stdout.is_empty(), "{args:?}: {output:?}");
    output.stderr
}

fn ids(events: &Value) -> Vec<&str> {
    events.as_array().into_iter().flatten().filter_map(|event| event["event_id"].as_str()).collect()
}

/// Makes a delivered event a dead letter, as a subscriber leaves it that has given up.
async fn give_up(pool: &PgPool, kind: &str) -> String {
    let text = "UPDATE outbox_deliveries d SET dead_at = clock_timestamp(), attempts = 320, last_error = 'nobody listens' FROM outbox o
                WHERE o.id = d.event_id AND o.kind = $1 AND d.finished_at IS NOT NULL RETURNING d.event_id";
    eventually(Duration::from_secs(30), async || sqlx::query_scalar::<_, Uuid>(text).bind(kind).fetch_optional(pool).await.unwrap()).await.to_string()
}

/// How often an event's deliveries were finished again without being given up.
async fn delivered(pool: &PgPool, event: &str) -> bool {
    let text = "SELECT count(*) FROM outbox_deliveries WHERE event_id = $1::uuid AND finished_at IS NOT NULL AND dead_at IS NULL AND attempts < 320";
    sqlx::query_scalar::<_, i64>(text).bind(event).fetch_one(pool).await.unwrap() > 0
}

async fn requeues_recorded(pool: &PgPool) -> i64 {
    let text = "SELECT count(*) FROM audit_log WHERE action = 'events.requeue' AND actor_kind = 'system' AND request_id = 'admin events requeue'";
    sqlx::query_scalar(text).fetch_one(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_letters_of_both_planes_are_listed_and_tried_again() {
    let platform = Platform::start().await;
    let organization = platform.sign_up().await;
    let control = platform.control.db().pool();
    let inside = platform.stack.admin_db(&format!("nxt_{}", organization.id.simple())).await;
    let welcome = give_up(control, "tenancy.tenant.activated.v1").await;
    let orphaned = Uuid::new_v4().to_string();
    sqlx::query(
        "INSERT INTO outbox (id, kind, aggregate_type, aggregate_id, payload, request_id, done_at) VALUES ($1::uuid, 'test.thing.done.v1', 'thing', $1::uuid, '{}', 'test', now())",
    )
    .bind(&orphaned)
    .execute(inside.pool())
    .await
    .unwrap();
    let dead = "INSERT INTO outbox_deliveries (event_id, subscriber, attempts, not_before, finished_at, dead_at, last_error)
                VALUES ($1::uuid, 'gone', 320, now(), now(), now(), 'nobody listens')";
    sqlx::query(dead).bind(&orphaned).execute(inside.pool()).await.unwrap();

    let all = data(&platform, &["events", "list", "--dead"]).await;
    assert_eq!(ids(&all), [welcome.as_str(), orphaned.as_str()], "{all}");
    assert_eq!([&all[0]["tenant"], &all[0]["state"], &all[0]["last_error"]], [&Value::Null, &Value::from("dead"), &Value::from("nobody listens")]);
    assert_eq!(all[1]["tenant"], organization.slug.as_str());
    let of_one = data(&platform, &["events", "list", "--dead", "--tenant", &organization.slug]).await;
    assert_eq!(ids(&of_one), [orphaned.as_str()]);

    refused(&platform, &["events", "requeue"], 2).await;
    refused(&platform, &["events", "requeue", &Uuid::nil().to_string()], 5).await;
    refused(&platform, &["events", "requeue", &welcome, "--tenant", &organization.slug], 5).await;
    refused(&platform, &["events", "list", "--tenant", "nobody-here"], 5).await;
    let one = data(&platform, &["events", "requeue", &welcome]).await;
    assert_eq!(ids(&one), [welcome.as_str()]);
    assert_eq!((requeues_recorded(control).await, requeues_recorded(inside.pool()).await), (1, 0));
    eventually(Duration::from_secs(90), async || delivered(control, &welcome).await.then_some(())).await;
    let rest = data(&platform, &["events", "requeue", "--all"]).await;
    assert_eq!(ids(&rest), [orphaned.as_str()]);
    assert_eq!((requeues_recorded(control).await, requeues_recorded(inside.pool()).await), (1, 1));
    assert_eq!(ids(&data(&platform, &["events", "list", "--dead"]).await), [""; 0]);
    inside.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pass_of_the_reconciler_makes_anew_what_a_tenant_lost() {
    let platform = Platform::start().await;
    let organization = platform.sign_up().await;
    let bucket = format!("nxt-{}", organization.id.simple());
    let objects = platform.stack.objects();
    objects.empty_and_delete_bucket(&bucket).await.unwrap();
    // A serving process reconciles, too: whoever comes first makes it anew, and one at a time is at it.
    let report = eventually(Duration::from_secs(60), async || {
        let output = admin(&platform, &["reconcile"]).await;
        (output.code != 6).then_some(output)
    })
    .await;
    let told: Value = serde_json::from_str(&report.stdout).unwrap_or_else(|error| panic!("{error}: {report:?}"));
    let repaired = told["data"]["repaired"].as_array().is_some_and(|things| things.iter().any(|thing| thing["name"] == bucket));
    assert!(nexus_test_support::bucket_exists(&platform.stack, &bucket).await, "{report:?}");
    // What was lost needs a person: its content is not there.
    assert_eq!(report.code, if repaired { 8 } else { 0 }, "{report:?}");
    let recorded = "SELECT count(*) FROM audit_log WHERE action = 'platform.reconcile'";
    assert_eq!(sqlx::query_scalar::<_, i64>(recorded).fetch_one(platform.control.db().pool()).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_that_there_is_not_is_refused_with_those_there_are() {
    let platform = Platform::start().await;
    let said = refused(&platform, &["tenants", "list", "--state", "activ"], 2).await;
    for state in ["active", "suspended", "broken", "deleting"] {
        assert!(said.contains(state), "{said}");
    }
    assert_eq!(data(&platform, &["tenants", "list", "--state", "active"]).await, Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_start_before_the_migration_says_what_is_missing() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let settings = std::fs::read_to_string(control.settings_file()).unwrap();
    let elsewhere = control.settings_file().with_file_name("elsewhere.toml");
    std::fs::write(&elsewhere, settings.replace(control.name(), &format!("{}_missing", control.name()))).unwrap();
    let command = Nexus::command(&stack, &["serve"]).on(&stack, &control).env("NEXUS_CONFIG", elsewhere.to_string_lossy());
    let started = command.run().await;
    assert_eq!(started.code, 4, "{started:?}");
    let told = &started.stderr;
    assert!(told.contains("does not exist; `nexus migrate` makes it") && !told.contains("at line"), "{told}");
}

#[tokio::test]
async fn the_doctor_tells_a_shut_database_from_a_missing_one() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let admin = stack.admin_db("postgres").await;
    let shut = format!("ALTER DATABASE \"{}\" ALLOW_CONNECTIONS false", control.name());
    sqlx::query(sqlx::AssertSqlSafe(shut)).execute(admin.pool()).await.unwrap();
    let looked = Nexus::command(&stack, &["doctor", "--json"]).on(&stack, &control).run().await;
    let open = format!("ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true", control.name());
    sqlx::query(sqlx::AssertSqlSafe(open)).execute(admin.pool()).await.unwrap();
    admin.close().await;
    assert_eq!(looked.code, 8, "{looked:?}");
    let findings: Value = serde_json::from_str(&looked.stdout).unwrap();
    let of = |check: &str| findings["data"].as_array().unwrap().iter().find(|finding| finding["check"] == check).unwrap()["message"].to_string();
    for check in ["control database", "tenant directory"] {
        let told = of(check);
        assert!(told.contains("lets nobody in") && !told.contains("migrate") && !told.contains("at line"), "{told}");
    }
}
