//! Rows in bulk: `COPY … FROM STDIN` in its text format, one statement whatever the number of rows.

use std::fmt::{Display, Write as _};

use sqlx::PgConnection;

use super::DbError;

/// Rows as COPY reads them. Write the fields of a row in the order of the columns, then [`end_row`](Self::end_row).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyRows(String);

impl CopyRows {
    /// No row yet, with room for so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// A field that is text, whatever it contains.
    pub fn text(&mut self, value: &str) -> &mut Self {
        escape(&mut self.0, value);
        self.0.push('\t');
        self
    }

    /// A field that may be NULL.
    pub fn optional(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.plain("\\N"),
        }
    }

    /// A field whose form has no tab, line end or backslash: a number, an id, a time, a word of an enumeration.
    pub fn plain(&mut self, value: impl Display) -> &mut Self {
        // Writing to a string does not fail.
        let _ = write!(self.0, "{value}\t");
        self
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        if self.0.ends_with('\t') {
            self.0.pop();
        }
        self.0.push('\n');
    }

    /// Sends the rows; `into` is the table with its columns, such as `staged (import_id, line)`.
    ///
    /// # Errors
    /// [`DbError`] of the statement, such as a violated constraint; no row is there then.
    pub async fn send(self, conn: &mut PgConnection, into: &str) -> Result<(), DbError> {
        let mut copy = conn.copy_in_raw(&format!("COPY {into} FROM STDIN")).await?;
        copy.send(self.0.into_bytes()).await?;
        copy.finish().await?;
        Ok(())
    }
}

/// Tab, line ends and backslash are written with a backslash.
fn escape(out: &mut String, value: &str) {
    let mut written = 0;
    for (at, byte) in value.bytes().enumerate() {
        let escaped = match byte {
            b'\\' => "\\\\",
            b'\t' => "\\t",
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => continue,
        };
        out.push_str(value.get(written..at).unwrap_or_default());
        out.push_str(escaped);
        written = at + 1;
    }
    out.push_str(value.get(written..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copy_would_misread_is_escaped() {
        let mut rows = CopyRows::default();
        rows.plain(2).text("A\tB\\N").text("two\r\nlines \u{e4}").optional(None).optional(Some("")).end_row();
        assert_eq!(rows.0, "2\tA\\tB\\\\N\ttwo\\r\\nlines \u{e4}\t\\N\t\n");
    }

    #[test]
    fn an_empty_last_field_is_kept() {
        let mut rows = CopyRows::default();
        rows.plain(1).text("").end_row();
        rows.plain(2).text("x").end_row();
        assert_eq!(rows.0, "1\t\n2\tx\n");
    }
}
