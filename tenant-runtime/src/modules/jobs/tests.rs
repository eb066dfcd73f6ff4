//! Jobs over HTTP, on a real tenant database.

use nexus_test_support::Role;
use serde_json::json;
use uuid::Uuid;

use super::retention::{JobFiles, keep};
use super::service;
use crate::context::TenantContext;
use crate::retention::{UNSPOKEN_FOR, remove_unspoken};
use crate::test_app::App;
use crate::work::RESULTS;

#[tokio::test]
async fn who_started_a_job_sees_it_and_others_need_the_permission() {
    let app = App::without_workers().await;
    let viewer = app.client(Role::Viewer);
    let accepted = viewer.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let path = accepted.header("location").unwrap().to_owned();
    assert_eq!(viewer.get(&path).send().await.ok()["state"], "queued");
    viewer.get("/api/v1/jobs").send().await.error(403, "FORBIDDEN");
    let staff = app.client(Role::Staff);
    assert_eq!(staff.get("/api/v1/jobs?state=queued").send().await.metadata()["total"], 1);
    staff.post(&format!("{path}/cancel"), &json!({})).send().await.error(403, "FORBIDDEN");
    staff.get(&format!("{path}/result")).send().await.error(409, "JOB_NOT_FINISHED");
}

#[tokio::test]
async fn a_job_of_a_key_is_not_a_persons_whatever_its_id() {
    let app = App::without_workers().await;
    let viewer = app.client(Role::Viewer);
    let accepted = viewer.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let path = accepted.header("location").unwrap().to_owned();
    let _ = viewer.get(&path).send().await.expect(200);
    sqlx::query("UPDATE jobs SET created_by_kind = 'api_key'").execute(app.tenant.db().pool()).await.unwrap();
    viewer.get(&path).send().await.error(404, "NOT_FOUND");
    viewer.post(&format!("{path}/cancel"), &json!({})).send().await.error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_queued_job_is_cancelled_at_once_and_never_runs() {
    let app = App::without_workers().await;
    let client = app.client(Role::Manager);
    let accepted = client.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let path = accepted.header("location").unwrap().to_owned();
    let cancelled = client.post(&format!("{path}/cancel"), &json!({})).send().await.ok();
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(client.post(&format!("{path}/cancel"), &json!({})).send().await.ok()["state"], "cancelled");
    client.get(&format!("{path}/result")).send().await.error(404, "NOT_FOUND");
    app.expect_audit("jobs.cancel", "job").await;
}

#[tokio::test]
async fn a_cancelling_under_the_same_key_gets_the_same_answer() {
    let app = App::without_workers().await;
    let client = app.client(Role::Manager);
    let start = async || client.post("/api/v1/products/export", &json!({})).send().await.expect(202).header("location").unwrap().to_owned();
    let [path, other] = [start().await, start().await];
    let cancel = async |path: &str| client.post(&format!("{path}/cancel"), &json!({})).idempotency_key("cancel-1").send().await;
    let first = cancel(&path).await;
    assert_eq!((first.ok()["state"].as_str(), first.header("idempotency-replayed")), (Some("cancelled"), None));
    // Whatever became of the job since: the repeat is the answer that was given.
    sqlx::query("UPDATE jobs SET state = 'succeeded', finished_at = now() WHERE state = 'cancelled'").execute(app.tenant.db().pool()).await.unwrap();
    let again = cancel(&path).await;
    assert_eq!((again.ok(), again.header("idempotency-replayed")), (first.ok(), Some("true")));
    cancel(&other).await.error(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(client.get(&other).send().await.ok()["state"], "queued");
}

#[tokio::test]
async fn an_unknown_job_and_an_unknown_file_are_404() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    client.get("/api/v1/jobs/0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11").send().await.error(404, "NOT_FOUND");
    client.get("/api/v1/jobs/nonsense/result").send().await.error(404, "NOT_FOUND");
    let accepted = client.post("/api/v1/products/export", &json!({ "status": ["active"] })).send().await.expect(202);
    let done = app.job_done(&client, accepted.header("location").unwrap()).await;
    assert_eq!(done["state"], "succeeded", "{done}");
    assert!(done["errors_url"].is_null());
    client.get(&format!("/api/v1/jobs/{}/errors", done["id"].as_str().unwrap())).send().await.error(404, "NOT_FOUND");
}

#[tokio::test]
async fn an_old_result_goes_unless_a_job_speaks_of_it() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let accepted = client.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let job = app.job_done(&client, accepted.header("location").unwrap()).await;
    let bucket = app.bucket().await;
    let [old, fresh] = [(); 2].map(|()| format!("{RESULTS}{}.csv", Uuid::new_v4()));
    bucket.put_bytes(&old, "id\n", "text/csv").await.unwrap();
    let before = app.store_later(&fresh, &old).await;
    let ctx = TenantContext::system(&app.runtime, app.runtime.record_for_work(app.tenant.id).await.unwrap(), "test").await.unwrap();
    remove_unspoken::<JobFiles>(&ctx, before + keep(&ctx) + UNSPOKEN_FOR).await.unwrap();
    let mut kept = [format!("{RESULTS}{}.csv", job["id"].as_str().unwrap()), fresh];
    kept.sort();
    assert_eq!(app.keys_in_bucket(RESULTS).await, kept);
    let _ = client.get(job["result_url"].as_str().unwrap()).send().await.expect(200);
}

#[tokio::test]
async fn a_file_asks_for_the_permission_of_what_it_is_about() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let accepted = client.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let job = app.job_done(&client, accepted.header("location").unwrap()).await;
    let path = job["result_url"].as_str().unwrap();
    let watcher = app.server.client().bearer(&app.tenant.api_key(&["jobs.read"]).await);
    assert_eq!(watcher.get(&format!("/api/v1/jobs/{}", job["id"].as_str().unwrap())).send().await.ok()["state"], "succeeded");
    let refused = watcher.get(path).send().await.error(403, "FORBIDDEN");
    assert_eq!(refused["details"]["permission"], "products.read");
    let reader = app.server.client().bearer(&app.tenant.api_key(&["jobs.read", "products.read"]).await);
    let file = reader.get(path).send().await.expect(200);
    assert!(file.text().starts_with("product_id,") || file.text().contains("sku"), "{}", file.text());
    // Nor is one's own job a way around: who made it is asked like anybody else.
    sqlx::query("UPDATE jobs SET kind = 'of.yesterday'").execute(app.tenant.db().pool()).await.unwrap();
    client.get(path).send().await.error(404, "NOT_FOUND");
}

#[test]
fn files_of_every_kind_of_job_ask_for_a_permission_that_somebody_can_hold() {
    for job in crate::modules::modules().iter().flat_map(|module| (module.jobs)()) {
        let permission = job.permission();
        assert!(nexus_iam::permissions::find(permission).is_some(), "{}: {permission} is no permission of the catalogue", job.kind());
    }
}

#[tokio::test]
async fn the_list_knows_the_kinds_of_all_slices_and_no_other() {
    let app = App::start().await;
    let refused = app.client(Role::Owner).get("/api/v1/jobs?kind=nonsense").send().await.error(400, "BAD_REQUEST");
    for kind in ["catalog.export_products", "imports.movements", "imports.products", "inventory.verify"] {
        assert!(refused["message"].as_str().unwrap().contains(kind), "{refused}");
    }
}

#[tokio::test]
async fn downloads_at_once_are_bounded_and_end_with_the_client() {
    let app = App::start_with(|settings| settings.exports.max_downloads_per_tenant = 1).await;
    let ctx = TenantContext::system(&app.runtime, app.runtime.record_for_work(app.tenant.id).await.unwrap(), "test").await.unwrap();
    let client = app.client(Role::Manager);
    let accepted = client.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let job = app.job_done(&client, accepted.header("location").unwrap()).await;
    let id: Uuid = job["id"].as_str().unwrap().parse().unwrap();
    let held = service::take_download(&ctx).unwrap();
    let path = format!("/api/v1/jobs/{id}/result");
    let refused = client.get(&path).send().await;
    refused.error(429, "RATE_LIMITED");
    assert!(refused.header("retry-after").is_some());
    drop(held);
    for _ in 0..3 {
        let _ = client.get(&path).send().await.expect(200);
    }
}
