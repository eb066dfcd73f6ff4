//! What a run of the reconciler found and did.

use serde::Serialize;

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrphanKind {
    /// A database (of a tenant, or an outdated template).
    Database,
    /// A login role.
    Role,
    /// A bucket.
    Bucket,
}

impl OrphanKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Role => "role",
            Self::Bucket => "bucket",
        }
    }
}

/// Something that exists and that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Orphan {
    /// What it is.
    pub kind: OrphanKind,
    /// Name of the server, or the object store.
    pub place: String,
    /// Its name.
    pub name: String,
}

/// What a run found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReconcileReport {
    /// Unknown things, those removed now included.
    pub orphans: Vec<Orphan>,
    /// Unknown things removed now.
    pub removed: Vec<Orphan>,
    /// Roles and buckets of tenants made anew.
    pub repaired: Vec<Orphan>,
    /// Parts that entries of the warm pool lost: those entries are thrown away.
    pub discarded: Vec<Orphan>,
    /// Databases of tenants that are gone: restore them from a backup.
    pub lost: Vec<Orphan>,
    /// Databases, roles and buckets in use that the control database knows nothing about: its newest state was lost.
    pub protected: Vec<Orphan>,
    /// Databases that anybody who can log in may enter, and that are not ours to close.
    pub open_to_public: Vec<String>,
    /// What could not be looked at or done.
    pub faults: Vec<String>,
}
