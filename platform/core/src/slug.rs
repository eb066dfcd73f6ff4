//! Slugs: an organization's name in host names (`acme.nexus.example`).
//!
//! ASCII only, so that look-alike letters of other scripts can't imitate an organization; digits may not stand where
//! they imitate a letter-only reserved word (`adm1n`).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::FieldFault;

/// Names that belong to the platform.
const RESERVED: &[&str] = &[
    "about",
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "billing",
    "blog",
    "cdn",
    "console",
    "control",
    "dashboard",
    "demo",
    "dev",
    "docs",
    "download",
    "email",
    "ftp",
    "graphql",
    "health",
    "help",
    "hostmaster",
    "id",
    "imap",
    "info",
    "internal",
    "localhost",
    "login",
    "logout",
    "mail",
    "media",
    "metrics",
    "mx",
    "nexus",
    "noreply",
    "ns",
    "ns1",
    "ns2",
    "oauth",
    "operator",
    "operators",
    "pop",
    "pop3",
    "postmaster",
    "portal",
    "prod",
    "production",
    "register",
    "root",
    "sales",
    "security",
    "signin",
    "signup",
    "smtp",
    "ssl",
    "sso",
    "staging",
    "static",
    "status",
    "support",
    "system",
    "tenant",
    "test",
    "tls",
    "webmail",
    "webmaster",
    "www",
    "wpad",
];

/// A valid slug: 3 to 40 of `a-z`, `0-9` and single inner hyphens, starting with a letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Checks a slug.
    ///
    /// # Errors
    /// A fault at field `slug` that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, FieldFault> {
        let fault = |code: &str, message: &str| Err(FieldFault::new("slug", code, message));
        if !(3..=40).contains(&text.len()) {
            return fault("length", "must be 3 to 40 characters long");
        }
        if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
            return fault("characters", "may contain only a-z, 0-9 and hyphens");
        }
        if !text.starts_with(|first: char| first.is_ascii_lowercase()) || text.ends_with('-') || text.contains("--") {
            return fault("format", "must start with a letter, end with a letter or digit, and have single hyphens only");
        }
        if is_reserved(text) {
            return fault("reserved", "is reserved; choose another");
        }
        Ok(Self(text.to_owned()))
    }

    /// The slug's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether it is, or looks like, a name of the platform: one of the reserved ones, or `nexus-` with anything after it.
fn is_reserved(text: &str) -> bool {
    let speaks_for_us = text.match_indices('-').any(|(end, _)| text.get(..end).is_some_and(|start| imitates(start, "nexus")));
    speaks_for_us || RESERVED.iter().any(|word| imitates(text, word))
}

/// Whether the text is the word, or looks like it: with hyphens in it, and digits for letters.
fn imitates(text: &str, word: &str) -> bool {
    let letters = || text.chars().filter(|letter| *letter != '-');
    letters().count() == word.chars().count()
        && letters().zip(word.chars()).all(|(letter, meant)| letter == meant || looks_like(letter).contains(meant))
}

/// The letters that a digit is taken for.
fn looks_like(digit: char) -> &'static str {
    match digit {
        '0' => "o",
        '1' => "il",
        '2' => "z",
        '3' => "e",
        '4' => "a",
        '5' => "s",
        '6' => "bg",
        '7' => "t",
        '8' => "b",
        '9' => "gq",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain_host_names_that_imitate_nobody() {
        for good in ["acme", "acme-2", "a1b", "blue-sky-goods", "nexusbikes", "connexus-trade", "helper", "mail-order"] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        for (bad, code) in [
            ("ab", "length"),
            ("Acme", "characters"),
            ("ácme", "characters"),
            ("аcme", "characters"),
            ("-acme", "format"),
            ("acme-", "format"),
            ("a--b", "format"),
            ("1acme", "format"),
            ("admin", "reserved"),
            ("adm1n", "reserved"),
            ("ad-min", "reserved"),
            ("www", "reserved"),
            ("ns1", "reserved"),
        ] {
            assert_eq!(Slug::parse(bad).unwrap_err().code, code, "{bad}");
        }
        let imitations =
            "he1p mai1 emai1 porta1 bi11ing conso1e contro1 sa1es b1og we8mail lo9in nexus nexus-support nexus-admin n3xus-help ne-xus-support";
        for bad in imitations.split(' ') {
            assert_eq!(Slug::parse(bad).unwrap_err().code, "reserved", "{bad}");
        }
    }
}
