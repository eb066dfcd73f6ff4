//! The form of a log line, and which fields may be on it.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use nexus_config::LogFormat;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Fields of spans that reach a line.
pub const SPAN_FIELDS: &[&str] = &["request_id", "tenant_id", "worker", "job_id", "operation_id", "trace_id"];

const REDACTED: &str = "[redacted]";
/// Names that mark a secret or something personal, alone or as the last part of a name (`smtp_password`).
const SENSITIVE: &[&str] = &["password", "secret", "token", "authorization", "cookie", "api_key", "email", "phone", "ip", "address", "url"];

/// Keeps the admitted fields of each span, with those of the spans around it.
pub(super) struct SpanFields;

#[derive(Debug, Clone, Default)]
struct Kept(BTreeMap<&'static str, String>);

impl Visit for Kept {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if let Some(name) = SPAN_FIELDS.iter().find(|name| **name == field.name()) {
            self.0.insert(name, format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if let Some(name) = SPAN_FIELDS.iter().find(|name| **name == field.name()) {
            self.0.insert(name, value.to_owned());
        }
    }
}

impl<S> Layer<S> for SpanFields
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut kept = span.parent().and_then(|parent| parent.extensions().get::<Kept>().cloned()).unwrap_or_default();
        attributes.record(&mut kept);
        span.extensions_mut().insert(kept);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(kept) = span.extensions_mut().get_mut::<Kept>() {
            values.record(kept);
        }
    }
}

/// Writes lines.
pub(super) struct Lines {
    pub(super) format: LogFormat,
}

#[derive(Default)]
struct Fields {
    message: String,
    rest: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        if name == "message" {
            self.message = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        } else if name.starts_with("log.") {
            // What the bridge from the `log` crate adds says nothing new.
        } else {
            let value = if is_sensitive(name) { Value::from(REDACTED) } else { value };
            self.rest.insert(name.to_owned(), value);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Value::from(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::from(value));
    }
}

fn is_sensitive(name: &str) -> bool {
    let last = name.rsplit(['.', '_']).next().unwrap_or(name);
    SENSITIVE.iter().any(|word| *word == name || *word == last || (word.contains('_') && name.ends_with(word)))
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let kept =
            context.event_scope().and_then(|mut scope| scope.next()).and_then(|span| span.extensions().get::<Kept>().cloned()).unwrap_or_default();
        let (level, target) = (event.metadata().level(), event.metadata().target());
        match self.format {
            LogFormat::Json => {
                let mut line = Map::new();
                line.insert("timestamp".to_owned(), time.into());
                line.insert("level".to_owned(), level.as_str().into());
                line.insert("target".to_owned(), target.into());
                line.insert("message".to_owned(), fields.message.into());
                line.extend(kept.0.into_iter().map(|(name, value)| (name.to_owned(), value.into())));
                for (name, value) in fields.rest {
                    line.entry(name).or_insert(value);
                }
                writeln!(writer, "{}", Value::Object(line))
            }
            LogFormat::Pretty => {
                write!(writer, "{time} {level:>5} {target}: {}", one_line(&fields.message))?;
                for (name, value) in fields.rest {
                    // JSON's quoting keeps a line a line.
                    write!(writer, " {name}={value}")?;
                }
                for (name, value) in kept.0 {
                    write!(writer, " {name}={}", one_line(&value))?;
                }
                writeln!(writer)
            }
        }
    }
}

/// A forged line break must not begin a forged line.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            let _ = write!(out, "{}", char.escape_default());
        } else {
            out.push(char);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Buffer {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn logged(format: LogFormat, log: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let subscriber = tracing_subscriber::registry()
            .with(SpanFields)
            .with(tracing_subscriber::fmt::layer().event_format(Lines { format }).with_writer(buffer.clone()));
        tracing::subscriber::with_default(subscriber, log);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_carries_the_ids_of_the_spans_around_it_and_no_other_field_of_theirs() {
        let text = logged(LogFormat::Json, || {
            let request = tracing::info_span!("request", request_id = "r-1", tenant_id = tracing::field::Empty, user_agent = "curl");
            let _entered = request.enter();
            request.record("tenant_id", "t-1");
            let inner = tracing::info_span!("transaction", name = "x");
            let _inner = inner.enter();
            tracing::info!(rows = 3, "done");
        });
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["request_id"], &line["tenant_id"], &line["rows"]), (&"r-1".into(), &"t-1".into(), &3.into()));
        assert_eq!((&line["message"], &line["level"]), (&"done".into(), &"INFO".into()));
        assert!(!text.contains("curl"));
    }

    #[test]
    fn sensitive_names_are_redacted_and_lines_stay_lines() {
        for format in [LogFormat::Json, LogFormat::Pretty] {
            let text = logged(format, || {
                tracing::warn!(smtp_password = "hunter2", email = "a@b.c", refresh_token = ?"t0k", database_url = "postgres://x", tokens = 2, "a\nforged line");
            });
            for leak in ["hunter2", "a@b.c", "t0k", "postgres://x"] {
                assert!(!text.contains(leak), "{text}");
            }
            assert!(text.contains("tokens") && text.trim_end().lines().count() == 1, "{text}");
        }
    }
}
