//! Keys and what is sealed with them.
//!
//! One master key comes from the settings; every other key is derived from it (HKDF-SHA-256) under a label of its own, so that no key serves two
//! purposes. One of those is the tenant runtime's own master key: with it alone, tenants' secrets open ([`TenantKeyring`]) and nothing of the control
//! plane does ([`Keyring`]). Records are sealed with AES-256-GCM: version, key id and the caller's associated data are authenticated, so that a sealed record that is
//! moved to another row, or opened for another tenant, does not open.
//!
//! A tenant's secrets lie under a data key of that tenant, which is wrapped by the key-encryption key: changing the master key means wrapping small
//! keys anew.
//!
//! Invariants: nothing here prints a key; comparisons of secrets take constant time; randomness is the system's.
//! Deliberately not here: password hashing and tokens (package `nexus-iam`).

mod keyring;
mod random;
mod rewrap;
mod seal;
mod tenant;

use nexus_core::Problem;
use thiserror::Error;

pub use keyring::{Keyring, MasterKey};
pub use random::{constant_time_eq, random_bytes, random_password};
pub use rewrap::Rewrapped;
pub use seal::{DataKey, Sealer};
pub use tenant::{TenantKeyring, TenantSecrets};

/// Why something can't be sealed or opened. Says nothing about the content.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SecretsError {
    /// The master key is not 32 bytes in base64.
    #[error("the master key must be 32 bytes in base64")]
    MasterKey,
    /// The record is cut off, or of a version that is not known here.
    #[error("a sealed record is malformed")]
    Malformed,
    /// The record was sealed with a key that the settings do not name (any more).
    #[error("a record is sealed with the key `{0}`, which is not configured")]
    UnknownKey(String),
    /// The record was changed, or belongs somewhere else.
    #[error("a sealed record was refused: it was changed, or belongs elsewhere")]
    Refused,
    /// The system's randomness or cryptography failed.
    #[error("the system's cryptography failed")]
    System,
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        Self::internal(error)
    }
}
