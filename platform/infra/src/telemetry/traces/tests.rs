//! What is traced, and what is not.

use tracing::Metadata;

use super::*;

#[test]
fn without_a_receiver_nothing_is_traced() {
    let settings = nexus_config::Settings::development().telemetry;
    let (layer, _traces) = layer::<tracing_subscriber::Registry>(&settings, "serve").unwrap();
    assert!(layer.is_none() && !enabled());
    assert_eq!(trace_id("r"), None);
    assert!(statement("SELECT 1").is_disabled());
}

#[test]
fn only_spans_of_ours_are_wanted() {
    fn metadata(span: &tracing::Span) -> Option<&'static Metadata<'static>> {
        span.metadata()
    }
    tracing::subscriber::with_default(tracing_subscriber::registry(), || {
        let ours = tracing::info_span!(target: "nexus_web::x", "request");
        let foreign = tracing::info_span!(target: "hyper::x", "request");
        let noise = tracing::debug_span!(target: "nexus_web::x", "request");
        assert!(wanted(metadata(&ours).unwrap()));
        assert!(!wanted(metadata(&foreign).unwrap()) && !wanted(metadata(&noise).unwrap()));
    });
}
