//! The warm pool in the real program: sign-ups begin with what is prepared, and whatever kills the program that prepares it, nothing is
//! orphaned.

use std::time::Duration;

use nexus_test_support::{ControlDb, Nexus, TestStack, eventually};
use serde_json::Value;

use crate::platform::{Platform, log_in, request_sign_up, text, unique_slug};
use crate::provisioning_faults::{Country, Ground};
use crate::sign_up::STEPS;

/// The points of preparing an entry, and of taking one down, in the order in which they are met.
const PREPARING: [&str; 5] = ["warm_entry", "warm_database", "warm_role", "warm_bucket", "warm_ready"];
const TAKING_DOWN: [&str; 4] = ["drain_database", "drain_role", "drain_bucket", "drain_entry"];

async fn warm_platform(size: usize) -> Platform {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let process = Platform::command(&stack, &control).env("NEXUS__PROVISIONING__WARM_POOL__SIZE", size.to_string()).spawn().await;
    Platform::of(stack, control, process).await
}

async fn admin(platform: &Platform, command: &str) -> Value {
    let output = Nexus::command(&platform.stack, &["admin", "--json", "warm-pool", command]).on(&platform.stack, &platform.control).run().await;
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    serde_json::from_str::<Value>(&output.stdout).expect("JSON")["data"].clone()
}

/// The ids of the entries, once so many are ready and there are no others.
async fn ready(platform: &Platform, size: usize) -> Vec<String> {
    eventually(Duration::from_secs(30), async || {
        let entries: Vec<(String, String)> =
            sqlx::query_as("SELECT id::text, state FROM warm_pool ORDER BY ready_at, id").fetch_all(platform.control.db().pool()).await.unwrap();
        let done = entries.len() == size && entries.iter().all(|(_, state)| state == "ready");
        done.then(|| entries.into_iter().map(|(id, _)| id).collect())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_begins_with_what_is_prepared_and_operators_see_the_pool() {
    let platform = warm_platform(2).await;
    let prepared = ready(&platform, 2).await;
    let client = platform.client();
    let slug = unique_slug();
    let operation = request_sign_up(&client, &slug).await;
    assert_eq!(operation.organization_id, prepared[0], "the oldest entry");
    operation.succeeded(&client).await;
    // Whoever watches is told every step, those that were done beforehand too.
    let ended = operation.look(&client).await;
    let steps: Vec<String> =
        ended["steps"].as_array().unwrap().iter().filter(|step| step["state"] == "succeeded").map(|step| text(&step["step"])).collect();
    assert_eq!(steps, STEPS);
    let owner = log_in(&client, &slug).await;
    let _ = owner.client.get("/api/v1/products").send().await.expect(200);

    // Its place is taken by another.
    let refilled = ready(&platform, 2).await;
    assert!(refilled.contains(&prepared[1]) && !refilled.contains(&prepared[0]));
    let listed = admin(&platform, "list").await;
    let states: Vec<String> = listed.as_array().unwrap().iter().map(|entry| text(&entry["state"])).collect();
    assert_eq!(states, ["ready", "ready"], "{listed}");
    eventually(Duration::from_secs(10), async || (platform.process.metric("nexus_warm_pool_claims_total").await == 1).then_some(())).await;
    eventually(Duration::from_secs(10), async || (platform.process.metric("nexus_warm_pool_entries").await == 2).then_some(())).await;

    let metrics = platform.process.metrics().await;
    let families: Vec<&str> = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let mute: Vec<&&str> = families.iter().filter(|family| !metrics.contains(&format!("# HELP {family} "))).collect();
    assert!(families.len() > 20 && mute.is_empty(), "without HELP, of {}: {mute:?}", families.len());

    // Taken out by hand, and kept full by the program.
    assert_eq!(admin(&platform, "drain").await, serde_json::json!({ "drained": 2, "left": 0 }));
    let anew = ready(&platform, 2).await;
    assert!(anew.iter().all(|id| !refilled.contains(id)));
    for gone in refilled {
        let name = format!("nxt_{}", gone.replace('-', ""));
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
            .bind(name)
            .fetch_one(platform.stack.admin_db("postgres").await.pool())
            .await
            .unwrap();
        assert_eq!(left, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_kills_a_program_that_fills_or_drains_the_pool_it_converges_and_nothing_is_orphaned() {
    let country = Country::new().await;
    let (one, other) = (country.warm_ground(2).await, country.warm_ground(2).await);
    tokio::join!(kills(&one, "before"), kills(&other, "after"));
    country.assert_nothing_orphaned(&[&one, &other]).await;
}

async fn kills(ground: &Ground, side: &str) {
    for point in PREPARING {
        dies(ground, point, side).await;
    }
    // Prepared by a program of another age.
    let text = "UPDATE warm_pool SET fingerprint = 'of another age', created_at = created_at - interval '5 minutes'";
    sqlx::query(text).execute(ground.pool()).await.unwrap();
    for point in TAKING_DOWN {
        dies(ground, point, side).await;
    }
    let (survivor, _) = ground.with("").await;
    ground.warmed().await;
    assert_eq!(survivor.terminate().await, 0, "the program ends cleanly");
}

/// The leases of the dead would run out by themselves, in a minute.
async fn dies(ground: &Ground, point: &str, side: &str) {
    let text = "UPDATE warm_pool SET leased_until = clock_timestamp() - interval '1 second' WHERE leased_by IS NOT NULL";
    sqlx::query(text).execute(ground.pool()).await.unwrap();
    ground.dies(&format!("{point}.{side}")).await;
}
