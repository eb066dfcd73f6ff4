//! Traces as a receiver gets them: one per request, with all that comes of it, and nothing private in them.

use std::time::Duration;

use nexus_test_support::{ControlDb, OtlpReceiver, ReceivedSpan, TestStack, eventually};
use serde_json::json;
use uuid::Uuid;

use crate::platform::{PASSWORD, Platform, key};

const SECRET: &str = "Bearer receiver-secret";

async fn traced(receiver: &OtlpReceiver, percent: &str) -> Platform {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let command = Platform::command(&stack, &control)
        .env("NEXUS__TELEMETRY__OTLP_ENDPOINT", &receiver.url)
        .env("NEXUS__TELEMETRY__OTLP_AUTHORIZATION", SECRET)
        .env("NEXUS__TELEMETRY__SAMPLE_PERCENT", percent);
    let process = command.spawn().await;
    Platform::of(stack, control, process).await
}

/// The spans of a trace, as soon as one of them is what is waited for.
async fn trace_with(receiver: &OtlpReceiver, trace: &str, is_wanted: impl Fn(&ReceivedSpan) -> bool) -> Vec<ReceivedSpan> {
    eventually(Duration::from_secs(20), async || {
        let spans: Vec<_> = receiver.spans().into_iter().filter(|span| span.trace_id == trace).collect();
        spans.iter().any(&is_wanted).then_some(spans)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_and_what_comes_of_it_are_one_trace_under_the_requests_id() {
    let receiver = OtlpReceiver::start().await;
    let platform = traced(&receiver, "100").await;
    let acme = platform.sign_up().await;

    // A product, by a caller with a trace of its own.
    let (id, caller) = (Uuid::new_v4(), "4bf92f3577b34da6a3ce929d0e0e4736");
    let made = acme
        .client
        .post("/api/v1/products", &json!({ "name": "Confidential name", "variants": [{ "sku": "SECRET-SKU" }] }))
        .header("X-Request-Id", &id.to_string())
        .header("traceparent", &format!("00-{caller}-00f067aa0ba902b7-01"))
        .send()
        .await;
    assert_eq!(made.status, 201);
    let trace = id.simple().to_string();
    let spans = trace_with(&receiver, &trace, |span| span.name == "POST /api/v1/products").await;
    let root = spans.iter().find(|span| span.name == "POST /api/v1/products").unwrap();
    assert_eq!((root.parent_id.as_str(), root.links.as_slice()), ("", [caller.to_owned()].as_slice()));
    assert_eq!(root.attributes["http.response.status_code"], "201");
    assert_eq!(root.attributes["tenant_id"], acme.id.to_string());
    let spans = trace_with(&receiver, &trace, |span| span.name == "COMMIT").await;
    let transaction = spans.iter().find(|span| span.name == "products.create").expect("the transaction by its name");
    assert_eq!(transaction.parent_id, root.id);
    assert!(spans.iter().any(|span| span.parent_id == transaction.id && span.name == "INSERT products"), "{spans:?}");

    // An export: a job, and its file in the bucket, in the trace of the request that asked for it.
    let id = Uuid::new_v4();
    let asked = acme
        .client
        .post("/api/v1/products/export", &json!({}))
        .header("X-Request-Id", &id.to_string())
        .header("Idempotency-Key", &key())
        .send()
        .await;
    assert_eq!(asked.status, 202);
    let trace = id.simple().to_string();
    let spans = trace_with(&receiver, &trace, |span| span.name == "job catalog.export_products").await;
    let root = spans.iter().find(|span| span.name == "POST /api/v1/products/export").unwrap();
    let job = spans.iter().find(|span| span.name == "job catalog.export_products").unwrap();
    assert_eq!(job.parent_id, root.id);
    trace_with(&receiver, &trace, |span| span.parent_id == job.id && span.name == "PutObject").await;

    // A sign-up: the saga, its steps, and the mail that an event caused.
    let sign_ups: Vec<_> = receiver.spans().into_iter().filter(|span| span.name == "POST /api/v1/signup").collect();
    let [sign_up] = sign_ups.as_slice() else { panic!("{sign_ups:?}") };
    trace_with(&receiver, &sign_up.trace_id, |span| span.name == "SMTP send").await;
    let spans = trace_with(&receiver, &sign_up.trace_id, |span| span.name == "saga provision").await;
    let saga = spans.iter().find(|span| span.name == "saga provision").expect("the saga");
    assert_eq!(saga.parent_id, sign_up.id);
    assert!(spans.iter().any(|span| span.name == "forward activate"), "{spans:?}");

    for private in ["Confidential name", "SECRET-SKU", PASSWORD, &acme.email, &acme.token, "Ada Owner"] {
        assert!(!receiver.has_heard(private), "{private}");
    }
    assert!(receiver.has_heard(SECRET), "the receiver is told who sends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_sampled_is_not_sent() {
    let receiver = OtlpReceiver::start().await;
    let platform = traced(&receiver, "0").await;
    let acme = platform.sign_up().await;
    assert_eq!(acme.client.get("/api/v1/products").send().await.status, 200);
    // Its end sends whatever waits to be sent.
    platform.process.terminate().await;
    assert!(receiver.spans().is_empty(), "{:?}", receiver.spans());
}
