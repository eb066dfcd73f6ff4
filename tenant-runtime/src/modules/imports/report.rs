//! What is wrong with a file: collected up to a number, counted beyond it, and written as a CSV file of its own.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::ImportError;
use crate::modules::catalog::product_file::inert;

/// One fault of one row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowFault {
    /// Line of the file.
    pub line: i64,
    /// Column of the file or field of the import; empty for the row as a whole.
    pub column: String,
    /// Stable reason.
    pub code: String,
    /// What is wrong, in English.
    pub message: String,
}

/// The faults of a file: the first ones, in the order of lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    faults: BTreeSet<RowFault>,
    most: usize,
    rows: i64,
    stopped: bool,
}

impl Report {
    /// Lists at most `most` faults.
    pub fn new(most: usize) -> Self {
        Self { faults: BTreeSet::new(), most, rows: 0, stopped: false }
    }

    /// Notes the faults of one row.
    pub fn row(&mut self, line: i64, faults: impl IntoIterator<Item = (String, String, String)>) {
        self.rows += 1;
        for (column, code, message) in faults {
            self.list(RowFault { line, column, code, message });
        }
    }

    /// Notes rows of which only some faults are known one by one.
    pub fn rows(&mut self, rows: i64, faults: impl IntoIterator<Item = RowFault>) {
        self.rows += rows;
        for fault in faults {
            self.list(fault);
        }
    }

    fn list(&mut self, fault: RowFault) {
        self.faults.insert(fault);
        if self.faults.len() > self.most {
            self.faults.pop_last();
        }
    }

    /// The listed faults, in the order of lines.
    pub fn faults(&self) -> impl Iterator<Item = &RowFault> {
        self.faults.iter()
    }

    /// Rows with something wrong.
    pub fn wrong_rows(&self) -> i64 {
        self.rows
    }

    /// How many faults are listed at most.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Whether no further fault can be listed: then reading on teaches nobody anything. Notes that it was stopped.
    pub fn stop_when_full(&mut self) -> bool {
        self.stopped = self.faults.len() >= self.most;
        self.stopped
    }

    /// Whether reading was stopped before the end of the file.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Writes `line,column,code,reason`, in the order of lines. When not every fault is listed, the last row says so.
    ///
    /// # Errors
    /// [`ImportError::File`].
    pub fn write(&self, path: &Path) -> Result<(), ImportError> {
        let failed = |error: csv::Error| ImportError::File(std::io::Error::other(error));
        let mut out = csv::Writer::from_path(path).map_err(failed)?;
        out.write_record(["line", "column", "code", "reason"]).map_err(failed)?;
        for fault in &self.faults {
            out.write_record([&fault.line.to_string(), inert(&fault.column).as_ref(), &fault.code, inert(&fault.message).as_ref()])
                .map_err(failed)?;
        }
        if self.is_capped() {
            let message = if self.stopped {
                format!("reading stopped here, after {} faults; the rest of the file was not looked at", self.faults.len())
            } else {
                format!("{}; only the first {} faults are listed", wrong(self.rows), self.faults.len())
            };
            out.write_record(["", "", "capped", message.as_str()]).map_err(failed)?;
        }
        out.flush()?;
        Ok(())
    }

    /// Whether there are faults that are not listed.
    pub fn is_capped(&self) -> bool {
        self.stopped || (self.faults.len() >= self.most && self.listed_rows() < self.rows)
    }

    fn listed_rows(&self) -> i64 {
        let lines: BTreeSet<i64> = self.faults.iter().map(|fault| fault.line).collect();
        i64::try_from(lines.len()).unwrap_or(i64::MAX)
    }
}

/// How many rows are wrong, in words.
#[must_use]
pub fn wrong(rows: i64) -> String {
    if rows == 1 { "1 row is wrong".to_owned() } else { format!("{rows} rows are wrong") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_in_order_harmless_and_says_when_it_is_cut_off() {
        let mut report = Report::new(2);
        let fault = |message: &str| [("sku".to_owned(), "unknown".to_owned(), message.to_owned())];
        report.row(9, fault("nine"));
        report.row(3, fault("three"));
        report.row(4, fault("=four"));
        let file = tempfile::NamedTempFile::new().unwrap();
        report.write(file.path()).unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[..3], ["line,column,code,reason", "3,sku,unknown,three", "4,sku,unknown,'=four"]);
        assert!(lines[3].contains("3 rows are wrong") && report.is_capped() && report.wrong_rows() == 3);
        let kept: Report = serde_json::from_value(serde_json::to_value(&report).unwrap()).unwrap();
        assert_eq!(kept, report);
    }
}
