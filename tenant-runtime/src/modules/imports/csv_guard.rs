//! What a CSV reader would swallow: a quote that never ends (the rest of the file becomes one cell) and rows without end. A filter
//! before the parser follows quotes and row ends byte by byte, so that memory stays flat whatever the file is.

use std::collections::VecDeque;
use std::io::{self, Read};

use thiserror::Error;

/// Greatest length of a row in bytes, line breaks in cells included.
pub const MAX_ROW: u64 = 1024 * 1024;

/// Why the file can't be read on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GuardFault {
    /// A quote is opened and never closed.
    #[error("A quote opened in line {line} is never closed.")]
    OpenQuote {
        /// Where it is opened.
        line: u64,
    },
    /// A row is too long.
    #[error("The row that begins in line {line} is longer than 1 MiB; a quote may be missing.")]
    LongRow {
        /// Where it begins.
        line: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    RowStart,
    CellStart,
    Bare,
    Quoted,
    /// Behind a quote within a quoted cell: the cell's end, or half of a doubled quote.
    Closing,
}

/// Passes bytes on while they are CSV.
#[derive(Debug)]
pub struct CsvGuard<R> {
    inner: R,
    delimiter: u8,
    state: State,
    line: u64,
    row_line: u64,
    quote_line: u64,
    row_length: u64,
    after_return: bool,
    // Lines in which the rows begin that were passed on and not yet asked for.
    begun: VecDeque<i64>,
}

impl<R: Read> CsvGuard<R> {
    /// Guards `inner`, whose cells are separated by `delimiter`.
    pub fn new(inner: R, delimiter: u8) -> Self {
        Self {
            inner,
            delimiter,
            state: State::RowStart,
            line: 1,
            row_line: 1,
            quote_line: 1,
            row_length: 0,
            after_return: false,
            begun: VecDeque::new(),
        }
    }

    /// The line in which the next row begins; asked for once per row, in their order. Empty lines are no rows.
    pub fn next_line(&mut self) -> Option<i64> {
        self.begun.pop_front()
    }

    fn follow(&mut self, bytes: &[u8]) -> Result<(), GuardFault> {
        for &byte in bytes {
            self.row_length += 1;
            if self.state == State::RowStart && !matches!(byte, b'\n' | b'\r') {
                self.row_line = self.line;
                self.begun.push_back(i64::try_from(self.line).unwrap_or(i64::MAX));
            }
            // A line ends with LF, CR LF or, in files of old programs, CR alone.
            if byte == b'\r' || (byte == b'\n' && !self.after_return) {
                self.line += 1;
            }
            self.after_return = byte == b'\r';
            self.state = match (self.state, byte) {
                (State::Quoted, b'"') => State::Closing,
                (State::Quoted, _) | (State::Closing, b'"') => State::Quoted,
                (State::RowStart | State::CellStart, b'"') => {
                    self.quote_line = self.line;
                    State::Quoted
                }
                (_, b'\n' | b'\r') => {
                    self.row_length = 0;
                    State::RowStart
                }
                (_, byte) if byte == self.delimiter => State::CellStart,
                _ => State::Bare,
            };
            if self.row_length > MAX_ROW {
                return Err(GuardFault::LongRow { line: self.row_line });
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for CsvGuard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        if length == 0 && self.state == State::Quoted {
            return Err(io::Error::other(GuardFault::OpenQuote { line: self.quote_line }));
        }
        self.follow(buffer.get(..length).unwrap_or_default()).map_err(io::Error::other)?;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<GuardFault> {
        let mut out = Vec::new();
        let error = CsvGuard::new(text.as_bytes(), b',').read_to_end(&mut out).err()?;
        error.get_ref().and_then(|cause| cause.downcast_ref::<GuardFault>()).cloned()
    }

    #[test]
    fn quotes_that_end_pass() {
        for text in ["a,b\n1,\"x\ny\"\n", "a\n\"say \"\"hi\"\"\"\n", "12\" ruler,5\n", "a,\"b\"", ""] {
            assert_eq!(fault(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_open_quote_names_its_line() {
        assert_eq!(fault("a,b\n1,2\n3,\"open\nand on\n"), Some(GuardFault::OpenQuote { line: 3 }));
        let endless = format!("a\n\"{}", "x".repeat(2 * 1024 * 1024));
        assert_eq!(fault(&endless), Some(GuardFault::LongRow { line: 2 }));
    }

    #[test]
    fn rows_have_a_line_each_whatever_ends_it() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "1,2", "", "3,\"x", "y\"", "5,6"].join(end);
            let mut guard = CsvGuard::new(text.as_bytes(), b',');
            guard.read_to_end(&mut Vec::new()).unwrap();
            assert_eq!(std::iter::from_fn(|| guard.next_line()).collect::<Vec<_>>(), [1, 2, 4, 6], "{end:?}");
        }
    }
}
