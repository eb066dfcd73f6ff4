//! Sealing under one key: `version 1 | length of key id | key id | nonce (12) | ciphertext and tag`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret, SecretBox};

use super::SecretsError;
use super::random::random_bytes;

const VERSION: u8 = 1;
const TAG_LEN: usize = 16;

/// Seals and opens under one 256-bit key. Nonces are random: good for 2³² records under one key, so what is sealed without end gets a key per subject.
pub struct Sealer {
    id: String,
    key: LessSafeKey,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Sealer {
    /// A sealer that writes `id` (at most 255 bytes, beyond that cut off) beside what it seals.
    pub(super) fn new(id: &str, key: &SecretBox<[u8; 32]>) -> Result<Self, SecretsError> {
        let key = UnboundKey::new(&AES_256_GCM, key.expose_secret()).map_err(|_| SecretsError::System)?;
        let id = id.chars().take(63).collect();
        Ok(Self { id, key: LessSafeKey::new(key) })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Seals `plain`. It opens with the same `aad` only: name in it what the record is and whose.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SecretsError> {
        let id = self.id.as_bytes();
        let id_len = u8::try_from(id.len()).map_err(|_| SecretsError::System)?;
        let nonce = random_bytes::<NONCE_LEN>();
        let mut sealed = Vec::with_capacity(2 + id.len() + NONCE_LEN + plain.len() + TAG_LEN);
        sealed.extend_from_slice(&[VERSION, id_len]);
        sealed.extend_from_slice(id);
        let bound = bind(&sealed, aad);
        let mut content = plain.to_vec();
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut content).map_err(|_| SecretsError::System)?;
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut content);
        Ok(sealed)
    }

    /// Opens what this key sealed with the same `aad`.
    ///
    /// # Errors
    /// [`SecretsError::Malformed`], [`SecretsError::UnknownKey`], [`SecretsError::Refused`].
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SecretsError> {
        let parts = Parts::of(sealed)?;
        if parts.id != self.id {
            return Err(SecretsError::UnknownKey(parts.id.to_owned()));
        }
        let nonce = Nonce::try_assume_unique_for_key(parts.nonce).map_err(|_| SecretsError::Malformed)?;
        let mut content = parts.content.to_vec();
        let length = self.key.open_in_place(nonce, Aad::from(bind(parts.header, aad)), &mut content).map_err(|_| SecretsError::Refused)?.len();
        content.truncate(length);
        Ok(content)
    }
}

/// The id of the key that sealed a record.
pub(super) fn key_id(sealed: &[u8]) -> Result<&str, SecretsError> {
    Parts::of(sealed).map(|parts| parts.id)
}

/// Header and associated data in one, unambiguously: the header carries its own length.
fn bind(header: &[u8], aad: &[u8]) -> Vec<u8> {
    [header, aad].concat()
}

struct Parts<'a> {
    header: &'a [u8],
    id: &'a str,
    nonce: &'a [u8],
    content: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a [u8]) -> Result<Self, SecretsError> {
        let &[VERSION, id_len, ..] = sealed else { return Err(SecretsError::Malformed) };
        let (header, rest) = sealed.split_at_checked(2 + usize::from(id_len)).ok_or(SecretsError::Malformed)?;
        let (nonce, content) = rest.split_at_checked(NONCE_LEN).ok_or(SecretsError::Malformed)?;
        let id = header.get(2..).and_then(|id| std::str::from_utf8(id).ok()).ok_or(SecretsError::Malformed)?;
        if content.len() < TAG_LEN {
            return Err(SecretsError::Malformed);
        }
        Ok(Self { header, id, nonce, content })
    }
}

/// A random key for the data of one subject (a tenant, later a person): kept only wrapped; destroying it destroys what it sealed.
pub struct DataKey(SecretBox<[u8; 32]>);

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl DataKey {
    /// A new key.
    #[must_use]
    pub fn generate() -> Self {
        Self(SecretBox::new(Box::new(random_bytes())))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, SecretsError> {
        let key: [u8; 32] = bytes.try_into().map_err(|_| SecretsError::Malformed)?;
        Ok(Self(SecretBox::new(Box::new(key))))
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    /// A sealer under this key.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn sealer(&self) -> Result<Sealer, SecretsError> {
        Sealer::new("dk", &self.0)
    }
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
