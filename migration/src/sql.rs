//! Quoting for the statements that take no parameters (roles and databases).

use crate::MigrationError;

/// A quoted identifier. Names are ASCII letters, digits, `_` and `-`, at most 63 bytes, so nothing can be cut off or slip out.
///
/// # Errors
/// [`MigrationError::InvalidName`] for anything else.
pub fn ident(name: &str) -> Result<String, MigrationError> {
    let fine = !name.is_empty() && name.len() <= 63 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if fine { Ok(format!("\"{name}\"")) } else { Err(MigrationError::InvalidName) }
}

/// A quoted identifier that comes from the catalogue of the database itself, whatever it looks like.
#[must_use]
pub fn catalogue_ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A quoted string constant, independent of `standard_conforming_strings`.
#[must_use]
pub fn literal(text: &str) -> String {
    let text = text.replace('\'', "''");
    if text.contains('\\') { format!(" E'{}'", text.replace('\\', "\\\\")) } else { format!("'{text}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_slip_out_are_refused() {
        assert_eq!(ident("nxt_0192").unwrap(), "\"nxt_0192\"");
        for bad in ["", "a\"b", "a b", "ü", &"x".repeat(64)] {
            assert!(ident(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn strings_are_quoted() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\'"), " E'a\\\\'''");
    }
}
