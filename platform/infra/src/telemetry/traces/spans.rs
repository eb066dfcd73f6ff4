//! The spans of calls that leave the process.

use futures::FutureExt;
use nexus_core::{EventEnvelope, TenantId};
use tracing::field::Empty;
use tracing::{Instrument, Span};
use uuid::Uuid;

/// How a traced call ended.
pub(crate) trait Traced {
    /// A word for the trace when it failed.
    fn fault(&self) -> Option<&'static str>;
}

impl<T, E> Traced for Result<T, E> {
    fn fault(&self) -> Option<&'static str> {
        self.is_err().then_some("ERROR")
    }
}

/// Runs a call in its span, and writes on it how it ended. No `async fn`: the call is laid out once, not again in each layer around it.
pub(crate) fn within<T: Traced>(span: Span, call: impl Future<Output = T>) -> impl Future<Output = T> {
    let own = span.clone();
    call.instrument(span).inspect(move |outcome| {
        if let Some(fault) = outcome.fault() {
            own.record("otel.status_code", fault);
        }
    })
}

/// Whether a call is a part of something that is traced: what loops in the background ask for is not.
fn belongs() -> bool {
    super::enabled() && !Span::current().is_none()
}

/// A statement of SQL, by what it does and to which table: its text has no values, but it is long, and the same each time.
pub(crate) fn statement(sql: &str) -> Span {
    if !belongs() {
        return Span::none();
    }
    let (operation, table) = summary(sql);
    tracing::info_span!(
        target: "nexus_trace", "statement", otel.kind = "client", otel.name = format!("{operation} {table}").trim_end(), db.system.name = "postgresql",
        db.operation.name = operation, db.collection.name = table, otel.status_code = Empty
    )
}

/// A job's try.
pub(crate) fn job(kind: &str, id: Uuid, tenant: Option<TenantId>) -> Span {
    tracing::info_span!(
        target: "nexus_trace", "job", otel.kind = "consumer", otel.name = format!("job {kind}"), job_id = %id, tenant_id = tenant.map(tracing::field::display), otel.status_code = Empty
    )
}

/// A try to hand an event to a subscriber.
pub(crate) fn event(event: &EventEnvelope, subscriber: &'static str) -> Span {
    tracing::info_span!(
        target: "nexus_trace", "event", otel.kind = "consumer", otel.name = format!("{subscriber} {}", event.kind), event_id = %event.id,
        tenant_id = event.tenant_id.map(tracing::field::display), otel.status_code = Empty
    )
}

/// A transaction, by the name it has in metrics.
pub(crate) fn transaction(name: &'static str) -> Span {
    if !belongs() {
        return Span::none();
    }
    tracing::info_span!(target: "nexus_trace", "transaction", otel.name = name, otel.status_code = Empty)
}

/// A command of Redis, by its name.
pub(crate) fn redis(command: &str) -> Span {
    if !belongs() {
        return Span::none();
    }
    tracing::info_span!(
        target: "nexus_trace", "redis", otel.kind = "client", otel.name = command, db.system.name = "redis", db.operation.name = command, otel.status_code = Empty
    )
}

/// A call of the object store, by its operation.
pub(crate) fn object_store(operation: &'static str) -> Span {
    tracing::info_span!(
        target: "nexus_trace", "object_store", otel.kind = "client", otel.name = operation, rpc.system = "aws-api", rpc.service = "S3", rpc.method = operation,
        otel.status_code = Empty
    )
}

/// A mail on its way to the server.
pub(crate) fn mail() -> Span {
    tracing::info_span!(target: "nexus_trace", "mail", otel.kind = "client", otel.name = "SMTP send", otel.status_code = Empty)
}

/// The first word of a statement and the table it begins with.
fn summary(sql: &str) -> (&str, &str) {
    let mut words = sql.split(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | ',')).filter(|word| !word.is_empty());
    let operation = words.next().unwrap_or_default();
    let table = match operation {
        "UPDATE" => words.next(),
        // What follows may be a query of its own: then the next one tells.
        _ => std::iter::from_fn(|| words.by_ref().find(|word| matches!(*word, "FROM" | "INTO" | "UPDATE")).and_then(|_| words.next()))
            .find(|word| !matches!(*word, "SELECT" | "LATERAL" | "SKIP")),
    };
    (operation, table.map_or("", |table| table.trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_named_by_what_it_does() {
        for (sql, named) in [
            ("SELECT * FROM \"products\" WHERE id = $1", ("SELECT", "products")),
            ("INSERT INTO outbox (id) VALUES ($1)", ("INSERT", "outbox")),
            ("UPDATE jobs SET state = 'x'", ("UPDATE", "jobs")),
            ("DELETE FROM tags WHERE id = $1", ("DELETE", "tags")),
            ("WITH a AS (SELECT 1 FROM users) SELECT 2", ("WITH", "users")),
            ("SELECT a.x FROM (SELECT x FROM jobs) a", ("SELECT", "jobs")),
            ("SELECT pg_advisory_xact_lock($1)", ("SELECT", "")),
            ("", ("", "")),
        ] {
            assert_eq!(summary(sql), named, "{sql}");
        }
    }
}
