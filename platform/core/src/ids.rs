//! Typed ids for what must never be mixed up: whose database, and which person.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

typed_id!(
    /// A tenant, which is an organization: one organization is one tenant, with the same id.
    TenantId
);
typed_id!(
    /// A person's global account; after joining also the id of the tenant's user.
    AccountId
);

impl TenantId {
    /// 32 hex digits: the opaque part of the tenant's database, role and bucket names, which never carry a slug.
    #[must_use]
    pub fn opaque(&self) -> String {
        self.0.simple().to_string()
    }
}
