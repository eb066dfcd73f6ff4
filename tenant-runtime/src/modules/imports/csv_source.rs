//! A CSV file as rows of text: encoding, header, row widths and lengths. Cells are text and nothing else; a formula is never computed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

use super::csv_guard::{CsvGuard, GuardFault};
use super::error::ImportError;
use super::wire::Encoding;

/// Greatest length of a cell in characters.
const MAX_CELL: usize = 100_000;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// An open file.
pub struct CsvSource {
    reader: csv::Reader<CsvGuard<BufReader<File>>>,
    encoding: Encoding,
    record: ByteRecord,
    header: Vec<String>,
}

/// A row, or why it can't be read as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvRow {
    /// Line of the file in which it begins.
    pub line: i64,
    /// Bytes of the file read so far.
    pub position: u64,
    /// Its cells, or what is wrong with its shape.
    pub cells: Result<Vec<String>, String>,
}

impl CsvSource {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    /// [`ImportError::Header`] with too many columns, [`ImportError::Malformed`], [`ImportError::Empty`].
    pub fn open(path: &Path, encoding: Encoding, delimiter: u8, max_columns: usize) -> Result<Self, ImportError> {
        let mut file = BufReader::with_capacity(256 * 1024, File::open(path)?);
        // The guard takes a mark for a cell's first character, and a quote behind it for part of the cell.
        while file.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
            file.consume(BYTE_ORDER_MARK.len());
        }
        let guard = CsvGuard::new(file, delimiter);
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(guard);
        let mut source = Self { reader, encoding, record: ByteRecord::new(), header: Vec::new() };
        let Some(first) = source.next()? else { return Err(ImportError::Empty("The file has no header.")) };
        let mut header = first.cells.map_err(ImportError::Malformed)?;
        if let Some(name) = header.first_mut() {
            *name = name.trim_start_matches('\u{feff}').to_owned();
        }
        if header.len() > max_columns {
            let message = format!("the file has {} columns, at most {max_columns} are allowed", header.len());
            return Err(ImportError::Header(vec![nexus_core::FieldFault::new("", "too_many_columns", message)]));
        }
        source.header = header;
        Ok(source)
    }

    /// The header's cells.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Bytes of the file read so far.
    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next row that is not empty.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] when the file can't be read on.
    pub fn next(&mut self) -> Result<Option<CsvRow>, ImportError> {
        if !self.reader.read_byte_record(&mut self.record).map_err(unreadable)? {
            return Ok(None);
        }
        // The parser counts a row from the end of the one before, empty lines included.
        let line = self.reader.get_mut().next_line().unwrap_or_default();
        Ok(Some(CsvRow { line, position: self.position(), cells: self.cells() }))
    }

    fn cells(&self) -> Result<Vec<String>, String> {
        let expected = self.header.len();
        // A last empty cell too many is how many programs end a row.
        let surplus = self.record.len() > expected && self.record.iter().skip(expected).any(|cell| !cell.is_empty());
        if expected > 0 && (self.record.len() < expected || surplus) {
            return Err(format!("has {} cells, the header has {expected}", self.record.len()));
        }
        self.record.iter().map(|cell| self.text(cell)).collect()
    }

    fn text(&self, cell: &[u8]) -> Result<String, String> {
        let text = match self.encoding {
            Encoding::Utf8 => std::str::from_utf8(cell).map_err(|_| "is not UTF-8".to_owned())?.to_owned(),
            Encoding::Windows1252 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(cell).0.into_owned(),
        };
        if text.contains('\0') {
            return Err("contains NUL characters".to_owned());
        }
        if text.len() > MAX_CELL && text.chars().count() > MAX_CELL {
            return Err(format!("has a cell of more than {MAX_CELL} characters"));
        }
        Ok(text)
    }
}

fn unreadable(error: csv::Error) -> ImportError {
    let csv::ErrorKind::Io(cause) = error.kind() else { return ImportError::Malformed("The file can't be read as CSV.".to_owned()) };
    match cause.get_ref().and_then(|cause| cause.downcast_ref::<GuardFault>()) {
        Some(fault) => ImportError::Malformed(fault.to_string()),
        None => ImportError::File(std::io::Error::new(cause.kind(), cause.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn open(content: &[u8], encoding: Encoding) -> Result<CsvSource, ImportError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        CsvSource::open(file.path(), encoding, b',', 10)
    }

    fn rows(content: &[u8], encoding: Encoding) -> Vec<(i64, Result<Vec<String>, String>)> {
        let mut source = open(content, encoding).unwrap();
        std::iter::from_fn(|| source.next().unwrap()).map(|row| (row.line, row.cells)).collect()
    }

    #[test]
    fn rows_carry_the_line_they_begin_in_and_formulas_stay_text() {
        let found = rows("\u{feff}sku,note\nA,\"two\nlines\"\n\nB,=1+1\n".as_bytes(), Encoding::Utf8);
        assert_eq!(found, [(2, Ok(vec!["A".into(), "two\nlines".into()])), (5, Ok(vec!["B".into(), "=1+1".into()]))]);
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        let found = rows(b"a,b\r\n\r\n1,2\r\n\"x\r\ny\",4\r\n5,6", Encoding::Utf8);
        assert_eq!(found.iter().map(|row| row.0).collect::<Vec<_>>(), [3, 4, 6]);
    }

    #[test]
    fn a_byte_order_mark_before_a_quoted_header_counts_for_nothing() {
        let content = "\u{feff}\"the\nsku\",note\nA,1\n".as_bytes();
        assert_eq!(open(content, Encoding::Utf8).unwrap().header(), ["the\nsku", "note"]);
        assert_eq!(rows(content, Encoding::Utf8).iter().map(|row| row.0).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn a_row_of_another_width_is_said_so() {
        let found = rows(b"a,b\n1\n1,2,\n1,2,3\n", Encoding::Utf8);
        assert!(found[0].1.is_err() && found[1].1.is_ok() && found[2].1.is_err());
    }

    #[test]
    fn windows_1252_is_read_when_asked_for() {
        assert_eq!(rows(b"a\n\xa35\n", Encoding::Windows1252)[0].1, Ok(vec!["\u{a3}5".to_owned()]));
        assert!(rows(b"a\n\xa35\n", Encoding::Utf8)[0].1.is_err());
    }

    #[test]
    fn too_many_columns_and_open_quotes_are_refused() {
        assert!(matches!(open(["c"; 11].join(",").as_bytes(), Encoding::Utf8), Err(ImportError::Header(_))));
        assert!(matches!(open(b"", Encoding::Utf8), Err(ImportError::Empty(_))));
        let mut source = open(b"a\n\"open\n", Encoding::Utf8).unwrap();
        assert!(matches!(source.next(), Err(ImportError::Malformed(_))));
    }
}
