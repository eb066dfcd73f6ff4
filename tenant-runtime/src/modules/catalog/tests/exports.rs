//! Exports that wait.

use futures::future::join_all;
use nexus_test_support::Role;
use serde_json::json;

use crate::test_app::App;

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
