//! Which ids a request's trace has, and whether it is sent.

use std::cell::Cell;

use aws_lc_rs::digest::{SHA256, digest};
use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SamplingDecision, SamplingResult, ShouldSample};
use uuid::Uuid;

thread_local! {
    /// Ids of the root span that this thread builds right now.
    static ASSIGNED: Cell<Option<(TraceId, SpanId)>> = const { Cell::new(None) };
}

/// The trace of a request, and its root span. A request id that is a UUID (and not all zeros, which is no trace id) is the trace id, digit for digit; of any
/// other text it is a digest.
pub(super) fn of_request(request_id: &str) -> (TraceId, SpanId) {
    let digest = digest(&SHA256, request_id.as_bytes());
    let (mut trace, mut root) = ([0; 16], [0; 8]);
    for (place, byte) in trace.iter_mut().chain(root.iter_mut()).zip(digest.as_ref()) {
        *place = *byte;
    }
    if let Some(id) = request_id.parse::<Uuid>().ok().filter(|id| !id.is_nil()) {
        trace = id.into_bytes();
    }
    (TraceId::from_bytes(trace), SpanId::from_bytes(root))
}

/// The caller's span of a well-formed `traceparent` (W3C Trace Context).
pub(super) fn of_traceparent(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let lower_hex =
        |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let good = lower_hex(version, 2) && version != "ff" && lower_hex(trace, 32) && lower_hex(span, 16);
    let context = good.then(|| {
        let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
        Some(SpanContext::new(trace, span, TraceFlags::default(), true, TraceState::NONE))
    });
    context.flatten().filter(SpanContext::is_valid)
}

/// Lets the next root span of this thread have a request's ids, until it is dropped.
pub(super) struct Assigned;

pub(super) fn assign(request_id: &str) -> Assigned {
    ASSIGNED.set(Some(of_request(request_id)));
    Assigned
}

impl Drop for Assigned {
    fn drop(&mut self) {
        ASSIGNED.set(None);
    }
}

/// Random ids, but for the root spans of requests.
#[derive(Debug)]
pub(super) struct RequestIds;

impl IdGenerator for RequestIds {
    fn new_trace_id(&self) -> TraceId {
        ASSIGNED.get().map_or_else(|| RandomIdGenerator::default().new_trace_id(), |(trace, _)| trace)
    }

    fn new_span_id(&self) -> SpanId {
        ASSIGNED.get().map_or_else(|| RandomIdGenerator::default().new_span_id(), |(_, root)| root)
    }
}

/// So many of a hundred traces. Every process decides alike, without being told.
#[derive(Debug, Clone)]
pub(super) struct Sampler {
    pub(super) percent: u8,
}

impl Sampler {
    /// By a digest: callers choose their request ids, and are not to see from one whether it is sampled.
    fn takes(&self, trace: TraceId) -> bool {
        let digest = digest(&SHA256, &trace.to_bytes());
        let random = digest.as_ref().iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        u64::from(random) * 100 < u64::from(self.percent) << 32
    }
}

impl ShouldSample for Sampler {
    fn should_sample(&self, _: Option<&Context>, trace: TraceId, _: &str, _: &SpanKind, _: &[KeyValue], _: &[Link]) -> SamplingResult {
        let decision = if self.takes(trace) { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
        SamplingResult { decision, attributes: Vec::new(), trace_state: TraceState::NONE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_that_is_a_uuid_is_the_trace_id() {
        let id = "0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b";
        assert_eq!(of_request(id).0.to_string(), id.replace('-', ""));
        assert_ne!(of_request("a").0, of_request("b").0);
        assert_ne!(of_request("a").1, of_request("b").1);
        assert_eq!(of_request("a"), of_request("a"));
    }

    #[test]
    fn so_many_of_a_hundred_are_taken() {
        let taken = |percent: u8| {
            let sampler = Sampler { percent };
            (0..10_000_u32)
                .filter(|n| sampler.takes(of_request(&Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, u64::from(*n), 0)).to_string()).0))
                .count()
        };
        assert_eq!((taken(0), taken(100)), (0, 10_000));
        let tenth = taken(10);
        assert!((800..1_200).contains(&tenth), "{tenth}");
    }

    #[test]
    fn only_a_well_formed_traceparent_is_linked() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(of_traceparent(good).unwrap().trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        for bad in [
            "",
            "00",
            "00-0-0-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            &good.to_uppercase(),
        ] {
            assert!(of_traceparent(bad).is_none(), "{bad}");
        }
    }
}
