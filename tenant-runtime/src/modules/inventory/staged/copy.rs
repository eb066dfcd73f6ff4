//! Staging by COPY: one statement per call, whatever the number of lines.

use std::fmt::Write as _;

use nexus_infra::{Db, DbError};
use uuid::Uuid;

use super::{OccurredAt, StagedLine, store};

/// Adds lines to what is staged for the import; `time_zone` (a name the database knows) is where their local times are local.
///
/// # Errors
/// [`DbError`]; a line number staged twice is a unique violation.
pub async fn stage(db: &Db, import_id: Uuid, time_zone: &str, lines: &[StagedLine]) -> Result<(), DbError> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut text = String::with_capacity(lines.len() * 160);
    for line in lines {
        write_line(&mut text, import_id, line).map_err(DbError::other)?;
    }
    store::copy_in(db, time_zone, text).await
}

fn write_line(out: &mut String, import_id: Uuid, line: &StagedLine) -> std::fmt::Result {
    write!(out, "{import_id}\t{}\t", line.line)?;
    for field in [&line.sku, &line.sku_key, &line.location, &line.counter_location] {
        escape(out, field);
        out.push('\t');
    }
    write!(out, "{}\t{}\t", line.delta, line.reason)?;
    optional(out, line.unit.as_deref());
    match line.occurred_at {
        OccurredAt::Instant(at) => write!(out, "\t{}\t", at.to_rfc3339())?,
        OccurredAt::Local(at) => write!(out, "\t{}\t", at.format("%Y-%m-%d %H:%M:%S%.f"))?,
    }
    optional(out, line.reference.as_ref().map(|(kind, _)| kind.as_str()));
    out.push('\t');
    optional(out, line.reference.as_ref().map(|(_, number)| number.as_str()));
    out.push('\t');
    optional(out, line.note.as_deref());
    out.push('\n');
    Ok(())
}

fn optional(out: &mut String, field: Option<&str>) {
    match field {
        Some(field) => escape(out, field),
        None => out.push_str("\\N"),
    }
}

/// COPY's text format: tab, line ends and backslash are written with a backslash.
fn escape(out: &mut String, field: &str) {
    for letter in field.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copy_would_misread_is_escaped() {
        let line = StagedLine {
            line: 2,
            sku: "A\tB\\N".to_owned(),
            sku_key: "a\tb\\n".to_owned(),
            location: "main".to_owned(),
            counter_location: "customer".to_owned(),
            delta: "-1.5".parse().unwrap(),
            reason: "sale",
            unit: None,
            occurred_at: OccurredAt::Instant("2010-12-01T08:26:00Z".parse().unwrap()),
            reference: Some(("invoice".to_owned(), "536365".to_owned())),
            note: Some("two\nlines".to_owned()),
        };
        let mut text = String::new();
        write_line(&mut text, Uuid::nil(), &line).unwrap();
        let expected = "00000000-0000-0000-0000-000000000000\t2\tA\\tB\\\\N\ta\\tb\\\\n\tmain\tcustomer\t-1.5\tsale\t\\N\t2010-12-01T08:26:00+00:00\tinvoice\t536365\ttwo\\nlines\n";
        assert_eq!(text, expected);
    }
}
