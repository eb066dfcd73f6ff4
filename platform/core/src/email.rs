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
        let compatible: String = shown.nfkc().collect();
        let normalised: String = compatible.to_lowercase().nfkc().collect();
        // Mail goes to the address as typed. If it only compared as equal to another, its mailbox would prove that other one.
        if shown.len() > 254 || compatible != shown || !is_address(&normalised) {
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

/// One `@`, a local part of 1 to 64 characters without space or control characters (letters of any script: RFC 6531), and a
/// domain with a dot (or `localhost`, for development).
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |letter: char| !letter.is_control() && !letter.is_whitespace() && !"\"(),:;<>[\\]".contains(letter);
    let local_fits = (1..=64).contains(&local.chars().count()) && local.chars().all(plain) && !local.starts_with('.') && !local.ends_with('.');
    // The domain's own rules (labels, punycode) are the library's; it asks for an ASCII local part, so it gets one.
    // Nobody's mailbox is at a number: `[10.0.0.5]` would send mail into the platform's own network.
    local_fits && !domain.starts_with('[') && (domain.contains('.') || domain == "localhost") && format!("x@{domain}").validate_email()
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
        for bad in ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@example.com\nbcc: x@y.z", "ada@host", "ada@[10.0.0.5]"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        for look_alike in ["\u{ff41}da@example.com", "ada@\u{2147}xample.com", "\u{17f}am@example.com"] {
            assert!(Email::parse(look_alike).is_err(), "{look_alike}: another mailbox under the same comparison form");
        }
        assert_eq!(format!("{:?}", Email::parse("ada@example.com").unwrap()), "Email(…)");
    }
}
