//! Exports that wait.

use futures::future::join_all;
use nexus_test_support::Role;
use serde_json::json;

use crate::test_app::App;
use crate::work::RESULTS;

#[tokio::test]
async fn exports_that_wait_are_bounded_however_many_are_asked_for_at_once() {
    let app = App::with_settings(|settings| settings.exports.max_pending = 3).await;
    let client = app.client(Role::Manager);
    let ask = async || client.post("/api/v1/products/export", &json!({})).send().await;
    let answers = join_all((0..8).map(|_| ask())).await;
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.as_u16() == 202);
    assert_eq!(accepted.len(), 3, "{:?}", answers.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>());
    for refused in refused {
        let _ = refused.error(429, "RATE_LIMITED");
        assert!(refused.header("retry-after").is_some());
    }
    let path = format!("/api/v1/jobs/{}/cancel", accepted[0].ok()["id"].as_str().unwrap());
    let _ = client.post(&path, &json!({})).send().await.ok();
    let _ = ask().await.expect(202);
}

#[tokio::test]
async fn exported_files_are_kept_up_to_a_bound() {
    let app = App::start_with(|settings| settings.exports.max_stored_bytes = 2_048).await;
    let client = app.client(Role::Manager);
    let product = |name: &str| json!({ "name": name, "description": "d".repeat(1_200), "variants": [{ "sku": name }] });
    let _ = client.post("/api/v1/products", &product("one")).send().await.expect(201);
    let export = async || {
        let accepted = client.post("/api/v1/products/export", &json!({})).send().await.expect(202);
        app.job_done(&client, accepted.header("location").unwrap()).await
    };
    assert_eq!(export().await["state"], "succeeded");
    // Beside the first file there is no room for another: it is not stored.
    let full = export().await;
    assert_eq!(full["state"], "failed", "{full}");
    assert!(full["error"].as_str().unwrap().contains("30 days"), "{full}");
    assert_eq!(app.keys_in_bucket(RESULTS).await.len(), 1);
    sqlx::query("UPDATE jobs SET result = jsonb_set(result, '{file,size_bytes}', '2048') WHERE result ? 'file'")
        .execute(app.tenant.db().pool())
        .await
        .unwrap();
    let refused = client.post("/api/v1/products/export", &json!({})).send().await.error(409, "EXPORT_STORAGE_FULL");
    assert_eq!(refused["details"], json!({ "used_bytes": 2_049, "limit_bytes": 2_048 }));
}
