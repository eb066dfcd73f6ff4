//! A key as text: `nxk_` and 128 letters of base64url over `tenant id (16) | key id (16) | secret (32) | MAC (32)`.
//!
//! The MAC is HMAC-SHA-256 over everything before it, under a key that the runtime derives for this alone. So whoever sends rubbish, a key with a slip of
//! the pen or one of their own making is refused by arithmetic: no directory, no pool and no cache is asked. 96 bytes fill their 128 letters to the last bit,
//! so that a key has one spelling.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_core::TenantId;
use nexus_infra::secrets::{SecretsError, TenantKeyring, constant_time_eq, random_bytes};
use secrecy::SecretString;
use uuid::Uuid;

/// How every key begins: what tells it from an access token, and what secret scanners look for.
pub const PREFIX: &str = "nxk_";

/// Label of the key of the MACs.
const LABEL: &str = "iam/api-keys/v1";
const ID: usize = 16;
const SECRET: usize = 32;
const MAC: usize = 32;
const SIGNED: usize = 2 * ID + SECRET;
const BYTES: usize = SIGNED + MAC;
/// Letters after the prefix.
const LETTERS: usize = BYTES / 3 * 4;
/// Last letters shown to people; they are of the MAC, not of the secret.
const SHOWN: usize = 4;

/// A key just made.
#[derive(Debug)]
pub struct MintedKey {
    /// The whole key: shown once.
    pub key: SecretString,
    /// What the database keeps of the secret.
    pub digest: [u8; 32],
    /// What people tell it by from then on, such as `nxk_…x7Qa`.
    pub redacted: String,
}

/// An authentic key: made by this platform, for this tenant. Whether it is still good is the policy's to say.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which one.
    pub id: Uuid,
    digest: [u8; 32],
}

impl std::fmt::Debug for PresentedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PresentedKey").field("tenant", &self.tenant).field("id", &self.id).finish_non_exhaustive()
    }
}

impl PresentedKey {
    /// Whether its secret is the one whose digest was kept. Whoever got hold of the MACs' key alone can't make a key that the tenant's database knows.
    #[must_use]
    pub fn has_digest(&self, kept: &[u8; 32]) -> bool {
        constant_time_eq(&self.digest, kept)
    }
}

/// Makes the key `id` of a tenant.
///
/// # Errors
/// [`SecretsError::System`].
pub fn mint(keyring: &TenantKeyring, tenant: TenantId, id: Uuid) -> Result<MintedKey, SecretsError> {
    let secret: [u8; SECRET] = random_bytes();
    let signed = [tenant.0.as_bytes().as_slice(), id.as_bytes(), &secret].concat();
    let mac = keyring.hmac(LABEL, &signed)?;
    let letters = URL_SAFE_NO_PAD.encode([signed.as_slice(), &mac].concat());
    let redacted = format!("{PREFIX}…{}", &letters[letters.len() - SHOWN..]);
    Ok(MintedKey { key: format!("{PREFIX}{letters}").into(), digest: digest_of(&secret), redacted })
}

/// Reads a key. `None`: not one of ours. Asks nobody, and compares in constant time.
#[must_use]
pub fn read(keyring: &TenantKeyring, text: &str) -> Option<PresentedKey> {
    let letters = text.strip_prefix(PREFIX).filter(|letters| letters.len() == LETTERS)?;
    let mut bytes = [0; BYTES];
    let decoded = URL_SAFE_NO_PAD.decode_slice(letters, &mut bytes).ok()?;
    let (signed, mac) = bytes.split_at(SIGNED);
    if decoded != BYTES || !keyring.verify_hmac(LABEL, signed, mac) {
        return None;
    }
    let (ids, secret) = signed.split_at(2 * ID);
    let (tenant, id) = ids.split_at(ID);
    Some(PresentedKey { tenant: TenantId(Uuid::from_slice(tenant).ok()?), id: Uuid::from_slice(id).ok()?, digest: digest_of(secret) })
}

fn digest_of(secret: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, secret).as_ref());
    out
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
