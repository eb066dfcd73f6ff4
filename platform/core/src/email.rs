//! E-mail addresses: kept as typed, compared after Unicode normalisation and without case.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use validator::ValidateEmail;

use crate::FieldFault;

/// An e-mail address. `Debug` hides it: addresses are personal data and stay out of logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    shown: String,
    normalised: String,
}

impl Email {
    /// Checks and normalises an address.
    ///
    /// # Errors
    /// A fault at field `email`.
    pub fn parse(text: &str) -> Result<Self, FieldFault> {
        let shown: String = text.trim().nfc().collect();
        let normalised: String = shown.nfkc().collect::<String>().to_lowercase().nfkc().collect();
        let plain = !shown.chars().any(|letter| letter.is_control() || letter.is_whitespace());
        if shown.len() > 254 || !plain || !normalised.as_str().validate_email() || !normalised.split('@').nth(1).is_some_and(|domain| domain.contains('.') || domain == "localhost") {
            return Err(FieldFault::new("email", "email", "must be an e-mail address of at most 254 characters"));
        }
        Ok(Self { shown, normalised })
    }

    /// The address as typed, for sending mail.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The form in which addresses are compared and are unique.
    #[must_use]
    pub fn normalised(&self) -> &str {
        &self.normalised
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_compare_without_case_and_after_normalisation() {
        let same = |left: &str, right: &str| Email::parse(left).unwrap().normalised() == Email::parse(right).unwrap().normalised();
        assert!(same("Ada@Example.com", "ada@example.COM"));
        assert!(same("e\u{301}ve@example.com", "\u{e9}ve@example.com"));
        for bad in ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@example.com\nbcc: x@y.z", "ada@host"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", Email::parse("ada@example.com").unwrap()), "Email(…)");
    }
}
