//! API keys: credentials of an organization that outlive log-ins.
//!
//! - `format`: what a key looks like, and telling a real one from a forged one without asking anybody.
//! - `store`: the tenant's table `api_keys`. Truth about which keys are good is there; what each may do is computed with the policy of everybody else
//!   ([`policy`](crate::policy)).
//!
//! Invariants: the secret of a key is shown once, when it is made, and kept nowhere; what a key may do never grows.
//!
//! Deliberately not here: the routes (the tenant runtime's slice `access`) and noting when a key was last used, which is the runtime's.

mod entity;
mod format;
mod store;

pub use format::{MintedKey, PREFIX, PresentedKey, mint, read};
pub use store::{ApiKey, NewApiKey, count_live, find, find_locked, insert, list, note_uses, purge, revoke};

use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};

/// What keys can be filtered and sorted by.
pub static API_KEYS: ListSpec = ListSpec {
    fields: &[
        ListField::new("name", "api_keys.name", FieldKind::Text),
        ListField::new("created_by", "api_keys.created_by", FieldKind::Uuid).filter_only(),
        ListField::new("created_at", "api_keys.created_at", FieldKind::Timestamp),
        ListField::new("expires_at", "api_keys.expires_at", FieldKind::Timestamp).nullable(),
        ListField::new("last_used_at", "api_keys.last_used_at", FieldKind::Timestamp).nullable(),
        ListField::new("revoked_at", "api_keys.revoked_at", FieldKind::Timestamp).nullable(),
    ],
    default_sort: "-created_at",
    key: ListField::new("id", "api_keys.id", FieldKind::Uuid),
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
