//! A file on its way in: written to a temporary file as it comes, digested, counted, and looked at for what it is. Memory stays flat.

use std::io::Write as _;

use aws_lc_rs::digest;
use nexus_core::{ErrorCode, Problem};
use serde_json::json;
use tempfile::NamedTempFile;

use super::error::ImportError;
use super::wire::Encoding;
use crate::scratch;

/// A file that came in whole.
#[derive(Debug)]
pub struct Received {
    /// Its content; gone when this is dropped.
    pub file: NamedTempFile,
    /// SHA-256, hex.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// Name as the client gave it, made harmless.
    pub name: String,
    /// Where it stops being UTF-8.
    not_utf8: Option<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    byte: u64,
    line: u64,
}

/// A file while it comes in.
pub struct Receiver {
    file: NamedTempFile,
    digest: digest::Context,
    name: String,
    size: u64,
    limit: u64,
    line: u64,
    head: Vec<u8>,
    // The begin of a character that the next piece goes on with.
    pending: Vec<u8>,
    not_utf8: Option<Place>,
}

impl Receiver {
    /// Ready for a file of at most `limit` bytes.
    ///
    /// # Errors
    /// [`ImportError::File`].
    pub fn new(name: Option<&str>, limit: u64) -> Result<Self, ImportError> {
        Ok(Self {
            file: scratch::file()?,
            digest: digest::Context::new(&digest::SHA256),
            name: harmless(name),
            size: 0,
            limit,
            line: 1,
            head: Vec::new(),
            pending: Vec::new(),
            not_utf8: None,
        })
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// 413 beyond the limit; [`ImportError::Encoding`] for UTF-16 and NUL bytes, which no option makes readable.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), ImportError> {
        let before = self.size;
        self.size += piece.len() as u64;
        if self.size > self.limit {
            return Err(too_large(self.limit));
        }
        if self.head.len() < 2 {
            self.head.extend(piece.iter().take(2 - self.head.len()));
            if matches!(self.head.as_slice(), [0xff, 0xfe] | [0xfe, 0xff]) {
                return Err(ImportError::Encoding("The file is UTF-16. Save it as CSV UTF-8 and send it again.".to_owned()));
            }
        }
        if piece.contains(&0) {
            return Err(ImportError::Encoding(
                "The file contains NUL bytes: it is no text, or UTF-16 without byte order mark. Save it as CSV UTF-8 and send it again.".to_owned(),
            ));
        }
        self.digest.update(piece);
        self.file.write_all(piece)?;
        if self.not_utf8.is_none() {
            self.check_utf8(before, piece);
        }
        Ok(())
    }

    fn check_utf8(&mut self, before: u64, piece: &[u8]) {
        let start = before - self.pending.len() as u64;
        let mut bytes = std::mem::take(&mut self.pending);
        bytes.extend_from_slice(piece);
        let valid = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            Err(error) => {
                let valid = error.valid_up_to();
                if error.error_len().is_some() {
                    let line = self.line + newlines(bytes.get(..valid).unwrap_or_default());
                    self.not_utf8 = Some(Place { byte: start + valid as u64, line });
                    return;
                }
                valid
            }
        };
        self.line += newlines(bytes.get(..valid).unwrap_or_default());
        self.pending = bytes.split_off(valid);
    }

    /// The whole file.
    ///
    /// # Errors
    /// [`ImportError::Empty`] without a byte.
    pub fn finish(mut self) -> Result<Received, ImportError> {
        if self.size == 0 {
            return Err(ImportError::Empty("The file is empty (0 bytes)."));
        }
        self.file.flush()?;
        if self.not_utf8.is_none() && !self.pending.is_empty() {
            self.not_utf8 = Some(Place { byte: self.size - self.pending.len() as u64, line: self.line });
        }
        let digest = hex::encode(self.digest.finish().as_ref());
        Ok(Received { file: self.file, digest, size: self.size, name: self.name, not_utf8: self.not_utf8 })
    }
}

impl Received {
    /// Checks that the file is what it is said to be. Every byte is a character of Windows-1252.
    ///
    /// # Errors
    /// [`ImportError::Encoding`] saying where the file stops being UTF-8 and what to do.
    pub fn check(&self, encoding: Encoding) -> Result<(), ImportError> {
        match (encoding, self.not_utf8) {
            (Encoding::Utf8, Some(place)) => Err(ImportError::Encoding(format!(
                "The file is not UTF-8 (byte {}, line {}); it looks like Latin-1 or Windows-1252. Save it as UTF-8, or send the form field encoding=windows-1252.",
                place.byte, place.line
            ))),
            _ => Ok(()),
        }
    }
}

fn too_large(limit: u64) -> ImportError {
    let problem =
        Problem::new(ErrorCode::PAYLOAD_TOO_LARGE, format!("A file may have at most {limit} bytes.")).with_details(json!({ "limit_bytes": limit }));
    ImportError::Form(Box::new(problem))
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// The last part of a path, without control characters, at most 200 characters.
fn harmless(name: Option<&str>) -> String {
    let last = name.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|letter| !letter.is_control()).take(200).collect();
    let kept = kept.trim();
    if kept.is_empty() { "import.csv".to_owned() } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(pieces: &[&[u8]]) -> Result<Received, ImportError> {
        let mut receiver = Receiver::new(Some("C:\\files\\a.csv"), 100)?;
        for piece in pieces {
            receiver.push(piece)?;
        }
        receiver.finish()
    }

    #[test]
    fn the_digest_is_that_of_the_bytes_however_they_come() {
        let whole = receive(&["sku\nä\n".as_bytes()]).unwrap();
        let split = receive(&[b"sku\n\xc3", b"\xa4\n"]).unwrap();
        assert_eq!((whole.digest, whole.size), (split.digest.clone(), split.size));
        assert_eq!(split.name, "a.csv");
        assert!(split.check(Encoding::Utf8).is_ok());
    }

    #[test]
    fn latin_1_is_named_with_its_line_unless_it_was_announced() {
        let received = receive(&[b"sku\n\xa3", b"5\n"]).unwrap();
        let Err(ImportError::Encoding(message)) = received.check(Encoding::Utf8) else { panic!("refused") };
        assert!(message.contains("byte 4, line 2"), "{message}");
        assert!(received.check(Encoding::Windows1252).is_ok());
        assert!(receive(&[b"a\xc3"]).unwrap().check(Encoding::Utf8).is_err(), "a character cut off at the end");
    }

    #[test]
    fn what_no_option_makes_readable_is_refused_at_once() {
        assert!(matches!(receive(&[b"\xff", b"\xfes\0k\0"]), Err(ImportError::Encoding(_))));
        assert!(matches!(receive(&[b"s\0k\0"]), Err(ImportError::Encoding(_))));
        assert!(matches!(receive(&[]), Err(ImportError::Empty(_))));
        assert!(matches!(receive(&[&[b'x'; 101]]), Err(ImportError::Form(_))));
    }
}
