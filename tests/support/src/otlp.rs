//! A receiver of traces (OTLP over HTTP): what a program under test sends to it can be looked at.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A span as it arrived.
#[derive(Debug, Clone)]
pub struct ReceivedSpan {
    /// Lower-case hex.
    pub trace_id: String,
    /// Lower-case hex.
    pub id: String,
    /// Lower-case hex; empty for a root.
    pub parent_id: String,
    /// Its name.
    pub name: String,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// Trace ids that it is linked to.
    pub links: Vec<String>,
    /// Whether it says that it failed.
    pub failed: bool,
}

/// A receiver on a free port of this machine. Ends with the test.
#[derive(Debug)]
pub struct OtlpReceiver {
    /// Base of its URL, for `telemetry.otlp_endpoint`.
    pub url: String,
    received: Arc<Mutex<Received>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Received {
    spans: Vec<ReceivedSpan>,
    /// Heads and bodies as they came, to be searched for what must not be in them.
    raw: Vec<u8>,
}

impl OtlpReceiver {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let received = Arc::new(Mutex::new(Received::default()));
        let into = Arc::clone(&received);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let into = Arc::clone(&into);
                tokio::spawn(async move { while_it_lasts(stream, &into).await });
            }
        });
        Self { url, received, task }
    }

    /// What has arrived so far.
    #[must_use]
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).spans.clone()
    }

    /// Whether this text was anywhere in what arrived.
    #[must_use]
    pub fn has_heard(&self, text: &str) -> bool {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).raw.windows(text.len()).any(|part| part == text.as_bytes())
    }
}

impl Drop for OtlpReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Requests of one connection, one after the other.
async fn while_it_lasts(stream: TcpStream, into: &Mutex<Received>) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length");
            }
            head.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).await.is_err() {
            return;
        }
        let spans = spans(&body);
        {
            let mut received = into.lock().unwrap_or_else(PoisonError::into_inner);
            received.spans.extend(spans);
            received.raw.extend(head.as_bytes());
            received.raw.extend(&body);
        }
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n").await.is_err() {
            return;
        }
    }
}

fn spans(body: &[u8]) -> Vec<ReceivedSpan> {
    let request = ExportTraceServiceRequest::decode(body).expect("spans");
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes
        .flat_map(|scope| scope.spans)
        .map(|span| ReceivedSpan {
            trace_id: hex::encode(&span.trace_id),
            id: hex::encode(&span.span_id),
            parent_id: hex::encode(&span.parent_span_id),
            name: span.name,
            attributes: span.attributes.into_iter().map(|pair| (pair.key, shown(pair.value.and_then(|value| value.value)))).collect(),
            links: span.links.iter().map(|link| hex::encode(&link.trace_id)).collect(),
            failed: span.status.is_some_and(|status| status.code == 2),
        })
        .collect()
}

fn shown(value: Option<Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(yes)) => yes.to_string(),
        other => format!("{other:?}"),
    }
}
