//! Bounds on what one organization may send and keep.

use std::time::Duration;

use nexus_test_support::{Answer, Client, Role, TestTenant, eventually};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use uuid::Uuid;

use super::{PRODUCTS, upload};
use crate::test_app::App;

const SOON: Duration = Duration::from_secs(30);

/// An upload whose file never ends, though a row comes every second. Refused because another try has the place for a moment, it begins again.
async fn endless(client: Client) {
    loop {
        let rows = futures::stream::unfold(tokio::time::interval(Duration::from_secs(1)), async |mut clock| {
            clock.tick().await;
            Some((Ok::<_, std::io::Error>(b"sku,name\n".to_vec()), clock))
        });
        let part = Part::stream(reqwest::Body::wrap_stream(rows)).file_name("endless.csv");
        let form = Form::new().part("file", part);
        let _ = client.request(Method::POST, PRODUCTS).multipart(form).idempotency_key(&Uuid::new_v4().to_string()).send().await;
    }
}

/// An upload that begins, and ends without a trace.
async fn empty(client: &Client) -> Answer {
    upload(client, PRODUCTS, "", &[]).await
}

/// What an upload hears that may not begin.
async fn turned_away(client: &Client) -> Answer {
    eventually(SOON, async || {
        let answer = empty(client).await;
        (answer.status.as_u16() != 422).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn uploads_at_once_are_bounded_by_organization_and_process() {
    let app = App::with_settings(|settings| {
        settings.imports.max_uploads = 2;
        settings.imports.max_uploads_per_tenant = 1;
    })
    .await;
    let [second, third] = [TestTenant::in_control(&app.tenant.control).await, TestTenant::in_control(&app.tenant.control).await];
    let client = app.client(Role::Manager);
    let of = |tenant: &TestTenant| app.server.client().bearer(tenant.token(Role::Manager));

    let first_upload = tokio::spawn(endless(client.clone()));
    let refused = turned_away(&client).await;
    let _ = refused.error(429, "RATE_LIMITED");
    assert!(refused.header("retry-after").is_some());

    // Another organization is not held up by it, until the process has enough.
    let _ = empty(&of(&second)).await.error(422, "IMPORT_EMPTY");
    let second_upload = tokio::spawn(endless(of(&second)));
    let refused = turned_away(&of(&third)).await;
    let _ = refused.error(503, "SERVICE_UNAVAILABLE");
    assert!(refused.header("retry-after").is_some());

    // An upload that breaks off gives its place back.
    first_upload.abort();
    second_upload.abort();
    for client in [client, of(&third)] {
        eventually(SOON, async || (empty(&client).await.status.as_u16() == 422).then_some(())).await;
    }
}

#[tokio::test]
async fn imports_that_wait_are_bounded() {
    let app = App::with_settings(|settings| settings.imports.max_pending = 2).await;
    let client = app.client(Role::Manager);
    let first = upload(&client, PRODUCTS, "sku\nA\n", &[]).await.expect(202).ok();
    let _ = upload(&client, PRODUCTS, "sku\nB\n", &[]).await.expect(202);
    let refused = upload(&client, PRODUCTS, "sku\nC\n", &[]).await;
    let _ = refused.error(429, "RATE_LIMITED");
    assert!(refused.header("retry-after").is_some());
    let path = format!("/api/v1/jobs/{}/cancel", first["id"].as_str().unwrap());
    let _ = client.post(&path, &serde_json::json!({})).send().await.ok();
    let _ = upload(&client, PRODUCTS, "sku\nC\n", &[]).await.expect(202);
}

#[tokio::test]
async fn many_at_once_do_not_get_past_the_bound() {
    let app = App::with_settings(|settings| settings.imports.max_pending = 3).await;
    let client = app.client(Role::Manager);
    let answers = futures::future::join_all((0..8).map(|number| {
        let client = client.clone();
        async move { upload(&client, PRODUCTS, format!("sku\nLAMP-{number}\n"), &[]).await.status.as_u16() }
    }))
    .await;
    assert_eq!(
        (answers.iter().filter(|status| **status == 202).count(), answers.iter().filter(|status| **status == 429).count()),
        (3, 5),
        "{answers:?}"
    );
}

#[tokio::test]
async fn kept_files_are_bounded_in_bytes() {
    let app = App::with_settings(|settings| settings.imports.max_stored_bytes = 2_000).await;
    let client = app.client(Role::Manager);
    let file = |sku: &str| format!("sku,name\n{sku},{}\n", "x".repeat(1_200));
    let _ = upload(&client, PRODUCTS, file("A"), &[]).await.expect(202);
    let refused = upload(&client, PRODUCTS, file("B"), &[]).await;
    let error = refused.error(413, "IMPORT_STORAGE_FULL");
    assert_eq!(error["details"]["limit_bytes"], 2_000, "{error}");
    // What fits still comes in.
    let _ = upload(&client, PRODUCTS, "sku\nB\n", &[]).await.expect(202);
}
