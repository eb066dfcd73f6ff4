//! What a dry run would do, row by row: the first rows in the order of the file, and how many are left out beyond them. A file of its
//! own, beside the one of errors.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::ImportError;
use super::report::{Report, wrong};
use crate::modules::catalog::product_file::inert;

/// Most entries, and about how many bytes they may have: whichever is reached first.
const MAX_ENTRIES: usize = 20_000;
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What becomes of a row, or of one field of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Line of the file in which the row begins.
    pub line: i64,
    /// `created`, `updated` or `unchanged`.
    pub outcome: &'static str,
    /// Its article.
    pub sku: String,
    /// Which field is updated; empty for the row as a whole.
    pub field: String,
    /// What it was.
    pub before: String,
    /// What it becomes.
    pub after: String,
}

impl Entry {
    /// Of a row as a whole.
    pub fn whole(line: i64, outcome: &'static str, sku: &str) -> Self {
        Self { line, outcome, sku: sku.to_owned(), field: String::new(), before: String::new(), after: String::new() }
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.sku.len() + self.field.len() + self.before.len() + self.after.len()
    }
}

/// The rows of a dry run, as far as they are listed.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    entries: BTreeSet<Entry>,
    bytes: usize,
    left_out: u64,
    /// The first line of which something is left out.
    end: Option<i64>,
}

impl Preview {
    /// Whether what becomes of this line may still be listed.
    pub fn lists(&self, line: i64) -> bool {
        self.end.is_none_or(|end| line <= end)
    }

    /// Notes what becomes of a row. Beyond the bounds, the last line of the file goes, and no later one comes after it.
    pub fn note(&mut self, entry: Entry) {
        if !self.lists(entry.line) {
            self.left_out += 1;
            return;
        }
        self.bytes += entry.weight();
        self.entries.insert(entry);
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            let Some(last) = self.entries.pop_last() else { break };
            self.bytes -= last.weight();
            self.left_out += 1;
            self.end = Some(last.line);
        }
    }

    /// Notes entries that were not even made.
    pub fn leave_out(&mut self, entries: u64) {
        self.left_out += entries;
    }

    /// How many are not.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Writes `line,outcome,sku,field,before,after,reason` in the order of lines, faults of rows with outcome `error` among them. When
    /// not everything is listed, the last row says so.
    ///
    /// # Errors
    /// [`ImportError::File`].
    pub fn write(&self, report: &Report, path: &Path) -> Result<(), ImportError> {
        let failed = |error: csv::Error| ImportError::File(std::io::Error::other(error));
        let mut out = csv::Writer::from_path(path).map_err(failed)?;
        out.write_record(["line", "outcome", "sku", "field", "before", "after", "reason"]).map_err(failed)?;
        let mut entries = self.entries.iter().peekable();
        let mut faults = report.faults().peekable();
        loop {
            let is_entry = match (entries.peek(), faults.peek()) {
                (Some(entry), Some(fault)) => entry.line <= fault.line,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            let cells = if is_entry {
                entries.next().map(|Entry { line, outcome, sku, field, before, after }| {
                    [line.to_string(), (*outcome).to_owned(), sku.clone(), field.clone(), before.clone(), after.clone(), String::new()]
                })
            } else {
                faults.next().map(|fault| {
                    [
                        fault.line.to_string(),
                        "error".to_owned(),
                        String::new(),
                        fault.column.clone(),
                        String::new(),
                        String::new(),
                        format!("{}: {}", fault.code, fault.message),
                    ]
                })
            };
            out.write_record(cells.into_iter().flatten().map(|cell| inert(&cell).into_owned())).map_err(failed)?;
        }
        if self.left_out > 0 || report.is_capped() {
            let message = format!("{} further changes are not listed; {} in all", self.left_out, wrong(report.wrong_rows()));
            out.write_record(["", "capped", "", "", "", "", message.as_str()]).map_err(failed)?;
        }
        out.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(preview: &Preview, report: &Report) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        preview.write(report, file.path()).unwrap();
        std::fs::read_to_string(file.path()).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn rows_and_faults_are_in_the_order_of_the_file_and_harmless() {
        let (mut preview, mut report) = (Preview::default(), Report::new(10));
        preview.note(Entry::whole(4, "created", "=B"));
        preview.note(Entry { field: "name".to_owned(), before: "a".to_owned(), after: "b".to_owned(), ..Entry::whole(2, "updated", "A") });
        report.row(3, [("price".to_owned(), "amount".to_owned(), "no".to_owned())]);
        let expected = ["line,outcome,sku,field,before,after,reason", "2,updated,A,name,a,b,", "3,error,,price,,,amount: no", "4,created,'=B,,,,"];
        assert_eq!(lines(&preview, &report), expected);
    }

    #[test]
    fn however_many_rows_there_are_memory_is_bounded_and_the_rest_is_counted() {
        let mut preview = Preview::default();
        for line in (1..=60_000).rev() {
            preview.note(Entry::whole(line, "created", "LAMP"));
        }
        assert!(preview.lists(20_000) && !preview.lists(40_000));
        preview.leave_out(5);
        assert_eq!((preview.entries.len(), preview.left_out()), (MAX_ENTRIES, 40_005));
        let lines = lines(&preview, &Report::new(1));
        assert!(lines[1].starts_with("1,created,") && lines[MAX_ENTRIES + 1].contains("40005 further changes are not listed"), "{:?}", lines.last());
        for line in 1..=40_000 {
            preview.note(Entry { before: "x".repeat(2_000), ..Entry::whole(line, "updated", "LAMP") });
        }
        assert!(preview.bytes <= MAX_BYTES && preview.entries.len() < MAX_ENTRIES);
    }
}
