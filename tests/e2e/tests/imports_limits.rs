//! Uploads that do not come to an end: each pause and the whole are bounded, and nothing of them stays.

use std::time::Duration;

use futures::{Stream, stream};
use nexus_test_support::{Client, ControlDb, Role, TestStack, TestTenant, eventually};

use crate::platform::{Platform, unique_slug, watched};
use crate::uploads::{PRODUCTS, Upload};

/// The file's begin, then a row whenever `every` has passed.
fn dripping(every: Duration) -> impl Stream<Item = Result<Vec<u8>, std::io::Error>> + Send + 'static {
    stream::unfold(tokio::time::interval(every), async |mut clock| {
        clock.tick().await;
        Some((Ok(b"sku,name\n".to_vec()), clock))
    })
}

async fn given_up(client: &Client, every: Duration, why: &str) {
    let error = Upload::stream(reqwest::Body::wrap_stream(dripping(every))).send(client, PRODUCTS).await.error(408, "REQUEST_TIMEOUT");
    assert!(error["message"].as_str().is_some_and(|message| message.contains(why)), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_does_not_come_is_given_up_and_leaves_nothing() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let temporary = std::env::temp_dir().join(unique_slug());
    std::fs::create_dir(&temporary).unwrap();
    let command = Platform::command(&stack, &control)
        .env("NEXUS__HTTP__BODY_IDLE_TIMEOUT_S", "1")
        .env("NEXUS__HTTP__UPLOAD_TIMEOUT_S", "3")
        .env("TMPDIR", temporary.to_string_lossy());
    let process = command.spawn().await;
    let (client, _) = watched(&process).await;
    let tenant = TestTenant::in_control(&control).await;
    let client = client.bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    given_up(&client, Duration::from_secs(60), "Nothing of the body arrived for 1 seconds").await;
    given_up(&client, Duration::from_millis(200), "did not arrive within 3 seconds").await;
    // What had arrived is gone, and the next file is taken in.
    eventually(Duration::from_secs(10), async || (std::fs::read_dir(&temporary).unwrap().count() == 0).then_some(())).await;
    let imports: i64 = sqlx::query_scalar("SELECT count(*) FROM imports").fetch_one(tenant.db().pool()).await.unwrap();
    assert_eq!(imports, 0);
    Upload::csv("sku,name\nA,Lamp\n").import(&client, PRODUCTS).await;
    eventually(Duration::from_secs(10), async || (std::fs::read_dir(&temporary).unwrap().count() == 0).then_some(())).await;
    std::fs::remove_dir(&temporary).unwrap();
}
