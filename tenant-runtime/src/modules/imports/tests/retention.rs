//! Files of imports go a while after them; so does what a dead process left behind.

use chrono::TimeDelta;
use nexus_infra::object_store::TenantBucket;
use nexus_test_support::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{PRODUCTS, code_of, import, upload};
use crate::context::TenantContext;
use crate::modules::imports::retention::ImportFiles;
use crate::modules::imports::service::SOURCES;
use crate::modules::jobs::keep;
use crate::retention::{UNSPOKEN_FOR, remove_unspoken};
use crate::test_app::App;
use crate::workers::tidy_all;

async fn bucket(app: &App) -> TenantBucket {
    app.bucket().await
}

/// Keys of the uploaded files.
async fn kept(app: &App) -> Vec<String> {
    let objects = bucket(app).await.list("imports/", None).await.unwrap();
    objects.into_iter().map(|object| object.key).filter(|key| !key.ends_with("-errors.csv") && !key.ends_with("-changes.csv")).collect()
}

fn source_of(job: &Value) -> String {
    format!("imports/{}.csv", job["id"].as_str().unwrap())
}

/// As when an import ended so many days ago.
async fn ended_days_ago(app: &App, job: &Value, days: i32) {
    sqlx::query("UPDATE jobs SET finished_at = now() - make_interval(days => $2) WHERE id = $1::uuid")
        .bind(job["id"].as_str().unwrap())
        .bind(days)
        .execute(app.tenant.db().pool())
        .await
        .unwrap();
}

#[tokio::test]
async fn files_go_a_while_after_their_import_however_it_ended() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let dry = import(&app, &format!("{PRODUCTS}?dry_run=true"), "sku\nA\n", &[]).await;
    let failed = import(&app, PRODUCTS, "sku,price\nB,cheap\n", &[]).await;
    let done = import(&app, PRODUCTS, "sku\nC\n", &[]).await;
    let recent = import(&app, PRODUCTS, "sku\nD\n", &[]).await;
    assert_eq!(kept(&app).await.len(), 4);
    for (job, days) in [(&dry, 31), (&failed, 31), (&done, 400), (&recent, 29)] {
        ended_days_ago(&app, job, days).await;
    }
    tidy_all(&app.runtime).await;
    assert_eq!(kept(&app).await, [source_of(&recent)]);
    let held: i64 = sqlx::query_scalar("SELECT count(*) FROM imports WHERE file_key IS NOT NULL").fetch_one(app.tenant.db().pool()).await.unwrap();
    assert_eq!(held, 1);
    // The file is still known.
    let again = upload(&client, PRODUCTS, "sku\nC\n", &[]).await;
    assert_eq!((again.status.as_u16(), &again.ok()["id"]), (200, &done["id"]));

    // A job that is run again without its file says so.
    sqlx::query("UPDATE jobs SET state = 'queued', attempts = 0, finished_at = NULL, run_at = now() WHERE id = $1::uuid")
        .bind(failed["id"].as_str().unwrap())
        .execute(app.tenant.db().pool())
        .await
        .unwrap();
    let _ = import(&app, PRODUCTS, "sku\nWAKE\n", &[]).await;
    let job = app.job_done(&client, &format!("/api/v1/jobs/{}", failed["id"].as_str().unwrap())).await;
    assert_eq!((job["state"].as_str(), code_of(&job).as_str()), (Some("failed"), "IMPORT_SOURCE_REMOVED"), "{job}");
}

#[tokio::test]
async fn a_file_of_which_no_import_knows_goes_once_it_is_old() {
    let app = App::without_workers().await;
    let known = upload(&app.client(Role::Manager), PRODUCTS, "sku\nA\n", &[]).await.expect(202).ok();
    let left = format!("imports/{}.csv", Uuid::new_v4());
    bucket(&app).await.put_bytes(&left, "sku\nB\n", "text/csv").await.unwrap();
    tidy_all(&app.runtime).await;
    assert_eq!(kept(&app).await.len(), 2, "an upload may still be under way");
    let ctx = TenantContext::system(&app.runtime, app.runtime.record_for_work(app.tenant.id).await.unwrap(), "test").await.unwrap();
    remove_unspoken::<ImportFiles>(&ctx, ctx.now() + UNSPOKEN_FOR + TimeDelta::hours(1)).await.unwrap();
    assert_eq!(kept(&app).await, [source_of(&json!({ "id": known["id"] }))]);
}

#[tokio::test]
async fn what_an_import_told_goes_once_it_is_old_unless_its_job_speaks_of_it() {
    let app = App::start().await;
    let dry = import(&app, &format!("{PRODUCTS}?dry_run=true"), "sku\nA\n", &[]).await;
    let failed = import(&app, PRODUCTS, "sku,price\nB,cheap\n", &[]).await;
    let told = |id: &str, what: &str| format!("{SOURCES}{id}-{what}.csv");
    let [errors, changes, fresh] = ["errors", "changes", "errors"].map(|what| told(&Uuid::new_v4().to_string(), what));
    for old in [&errors, &changes] {
        bucket(&app).await.put_bytes(old, "line\n", "text/csv").await.unwrap();
    }
    let before = app.store_later(&fresh, &changes).await;
    let ctx = TenantContext::system(&app.runtime, app.runtime.record_for_work(app.tenant.id).await.unwrap(), "test").await.unwrap();
    remove_unspoken::<ImportFiles>(&ctx, before + keep(&ctx) + UNSPOKEN_FOR).await.unwrap();
    let of = |job: &Value, what: &str| told(job["id"].as_str().unwrap(), what);
    let mut kept = [source_of(&dry), of(&dry, "changes"), source_of(&failed), of(&failed, "errors"), fresh];
    kept.sort();
    assert_eq!(app.keys_in_bucket(SOURCES).await, kept);
}

#[tokio::test]
async fn what_jobs_leave_is_kept_until_they_say_and_then_gone() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let dry = import(&app, &format!("{PRODUCTS}?dry_run=true"), "sku\nA\n", &[]).await;
    let failed = import(&app, PRODUCTS, "sku,price\nB,cheap\n", &[]).await;
    let accepted = client.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let export = app.job_done(&client, accepted.header("location").unwrap()).await;
    let plain = import(&app, PRODUCTS, "sku\nC\n", &[]).await;
    assert_eq!(plain["expires_at"], Value::Null, "it left no file");
    let url = |job: &Value, which: &str| format!("/api/v1/jobs/{}/{which}", job["id"].as_str().unwrap());
    let files = [url(&dry, "result"), url(&failed, "errors"), url(&export, "result")];
    for file in &files {
        let _ = client.get(file).send().await.expect(200);
    }
    for (job, days) in [(&dry, 30), (&failed, 31), (&export, 400)] {
        let at = |field: &str| job[field].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!(at("expires_at") - at("finished_at"), TimeDelta::days(30), "{job}");
        ended_days_ago(&app, job, days).await;
    }
    // Their time is up, whether they are removed yet or not.
    for removed in [false, true] {
        if removed {
            tidy_all(&app.runtime).await;
            let left: Vec<String> = bucket(&app).await.list("", None).await.unwrap().into_iter().map(|object| object.key).collect();
            assert_eq!(left, [source_of(&plain)]);
        }
        for file in &files {
            let _ = client.get(file).send().await.error(410, "JOB_FILE_EXPIRED");
        }
        let job = client.get(&format!("/api/v1/jobs/{}", export["id"].as_str().unwrap())).send().await.ok();
        assert!(job["result_url"].is_null() && job["expires_at"].is_string() && job["summary"]["products"].is_number(), "{job}");
        let _ = client.get(&url(&plain, "errors")).send().await.error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_bucket_is_listed_once_a_day_by_whoever_comes_first_and_not_where_nothing_was_imported() {
    let app = App::without_workers().await;
    let left = || format!("imports/{}.csv", Uuid::new_v4());
    let turns = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM idempotency_keys WHERE scope = 'turn'").fetch_one(app.tenant.db().pool()).await.unwrap()
    };
    bucket(&app).await.put_bytes(&left(), "sku\nB\n", "text/csv").await.unwrap();
    tidy_all(&app.runtime).await;
    assert_eq!(turns().await, 0);
    let _ = upload(&app.client(Role::Manager), PRODUCTS, "sku\nA\n", &[]).await.expect(202);
    futures::future::join_all((0..4).map(|_| tidy_all(&app.runtime))).await;
    assert_eq!(turns().await, 2, "one of the imports' files, one of the jobs'");
    let mut taken = Vec::new();
    for period in ["monday", "monday", "tuesday"] {
        taken.push(nexus_infra::postgres::turns::take(app.tenant.db(), "test", period).await.unwrap());
    }
    assert_eq!(taken, [true, false, true]);
}
