//! What a tenant is looked up by.

use std::fmt;

use nexus_core::TenantId;

/// Longest slug there can be. Longer texts are not even asked for.
const LONGEST_SLUG: usize = 40;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum LookupKey {
    Id(TenantId),
    Slug(String),
}

impl LookupKey {
    /// A slug in lower case; `None` when no tenant can have it.
    pub(super) fn slug(text: &str) -> Option<Self> {
        let possible = (1..=LONGEST_SLUG).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        possible.then(|| Self::Slug(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Slug(slug) => write!(f, "slug:{slug}"),
        }
    }
}
