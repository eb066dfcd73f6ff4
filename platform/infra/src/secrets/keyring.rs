//! The master key, what is derived from it, and the key-encryption keys by id.

use std::sync::Arc;

use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, ExposeSecretMut, SecretBox, SecretString};

use super::seal::key_id;
use super::{DataKey, Sealer, SecretsError};

/// Separates these keys from any other use of the same master key.
const SALT: &[u8] = b"nexus/keys/v1";
const KEK: &str = "kek";
/// Label of the key from which everything of the tenant runtime is derived.
const RUNTIME: &str = "plane/tenant-runtime";

/// The key that all others are derived from.
pub struct MasterKey(Prk);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// Reads 32 bytes in base64.
    ///
    /// # Errors
    /// [`SecretsError::MasterKey`].
    pub fn from_base64(text: &SecretString) -> Result<Self, SecretsError> {
        let bytes = SecretBox::new(Box::new(STANDARD.decode(text.expose_secret()).map_err(|_| SecretsError::MasterKey)?));
        if bytes.expose_secret().len() != 32 {
            return Err(SecretsError::MasterKey);
        }
        Ok(Self(Salt::new(HKDF_SHA256, SALT).extract(bytes.expose_secret())))
    }

    /// The tenant runtime's key: a master key itself, from which nothing of the control plane can be derived.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn runtime_key(&self) -> Result<SecretString, SecretsError> {
        Ok(STANDARD.encode(self.derive(RUNTIME)?.expose_secret()).into())
    }

    /// The 256-bit key for one purpose. The same label always gives the same key.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn derive(&self, label: &str) -> Result<SecretBox<[u8; 32]>, SecretsError> {
        let info = [label.as_bytes()];
        let material = self.0.expand(&info, HKDF_SHA256).map_err(|_| SecretsError::System)?;
        let mut key = SecretBox::new(Box::new([0; 32]));
        material.fill(key.expose_secret_mut()).map_err(|_| SecretsError::System)?;
        Ok(key)
    }
}

/// The control plane's keys: seals records at rest and derives keys by label. One per process; clones share it.
#[derive(Debug, Clone)]
pub struct Keyring(Arc<Keys>);

#[derive(Debug)]
struct Keys {
    master: MasterKey,
    previous: Option<MasterKey>,
    current: Sealer,
    /// Open what is not sealed anew yet.
    older: Vec<Sealer>,
}

impl Keyring {
    /// The keyring of the settings.
    ///
    /// # Errors
    /// [`SecretsError::MasterKey`].
    pub fn from_settings(settings: &nexus_config::Secrets) -> Result<Self, SecretsError> {
        let older = Self::sealers(settings)?.into_iter().skip(1).collect();
        let previous = settings.previous_kek_id.as_ref().map(|_| MasterKey::from_base64(&settings.previous_master_key)).transpose()?;
        Self::with(settings.kek_id.clone(), MasterKey::from_base64(&settings.master_key)?, previous, older)
    }

    /// The key-encryption keys of the settings: the present one, and the one before if it is given.
    pub(super) fn sealers(settings: &nexus_config::Secrets) -> Result<Vec<Sealer>, SecretsError> {
        let sealer = |id: &str, master: &SecretString| Sealer::new(id, &MasterKey::from_base64(master)?.derive(KEK)?);
        let mut sealers = vec![sealer(&settings.kek_id, &settings.master_key)?];
        if let Some(id) = &settings.previous_kek_id {
            sealers.push(sealer(id, &settings.previous_master_key)?);
        }
        Ok(sealers)
    }

    /// Keys under `master`; `older` open what is sealed otherwise.
    pub(super) fn of(id: String, master: MasterKey, previous: Option<(String, MasterKey)>, mut older: Vec<Sealer>) -> Result<Self, SecretsError> {
        let previous = match previous {
            None => None,
            Some((id, key)) => {
                older.push(Sealer::new(&id, &key.derive(KEK)?)?);
                Some(key)
            }
        };
        Self::with(id, master, previous, older)
    }

    fn with(id: String, master: MasterKey, previous: Option<MasterKey>, older: Vec<Sealer>) -> Result<Self, SecretsError> {
        let current = Sealer::new(&id, &master.derive(KEK)?)?;
        Ok(Self(Arc::new(Keys { master, previous, current, older })))
    }

    /// Seals `plain` under the key-encryption key. It opens with the same `aad` only: name in it what the record is and whose.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SecretsError> {
        self.0.current.seal(aad, plain)
    }

    /// Opens what [`Keyring::seal`] sealed with the same `aad`, under the current key or the previous one.
    ///
    /// # Errors
    /// [`SecretsError::Malformed`], [`SecretsError::UnknownKey`], [`SecretsError::Refused`].
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SecretsError> {
        let id = key_id(sealed)?;
        let older = self.0.older.iter().find(|sealer| id != self.0.current.id() && sealer.id() == id);
        older.unwrap_or(&self.0.current).open(aad, sealed)
    }

    /// The record under the current key, if it lies under an older one.
    ///
    /// # Errors
    /// As [`Keyring::open`].
    pub fn reseal(&self, aad: &[u8], sealed: &[u8]) -> Result<Option<Vec<u8>>, SecretsError> {
        if key_id(sealed)? == self.0.current.id() {
            return Ok(None);
        }
        let plain = SecretBox::new(Box::new(self.open(aad, sealed)?));
        self.seal(aad, plain.expose_secret()).map(Some)
    }

    /// The key for one purpose that nothing else uses, such as `iam/refresh-tokens`. Changes with the master key.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn derive(&self, label: &str) -> Result<[u8; 32], SecretsError> {
        Ok(*self.0.master.derive(&format!("sub/{label}"))?.expose_secret())
    }

    /// The same purpose's key under the master key before this one, if it is known: what it made is good until it ends by itself.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn derive_previous(&self, label: &str) -> Result<Option<[u8; 32]>, SecretsError> {
        let Some(previous) = &self.0.previous else { return Ok(None) };
        Ok(Some(*previous.derive(&format!("sub/{label}"))?.expose_secret()))
    }

    /// A sealer under a derived key, for what is not kept beyond a change of the master key (caches).
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn sealer(&self, label: &str) -> Result<Sealer, SecretsError> {
        Sealer::new(self.0.current.id(), &self.0.master.derive(&format!("seal/{label}"))?)
    }

    /// HMAC-SHA-256 of `data` under the key of `label`.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn hmac(&self, label: &str, data: &[u8]) -> Result<[u8; 32], SecretsError> {
        let tag = hmac::sign(&self.hmac_key(label)?, data);
        tag.as_ref().try_into().map_err(|_| SecretsError::System)
    }

    /// Whether `mac` is the HMAC of `data` under the key of `label`, of this master key or the one before. Compared in constant time.
    #[must_use]
    pub fn verify_hmac(&self, label: &str, data: &[u8], mac: &[u8]) -> bool {
        let made_by = |master: &MasterKey| Self::hmac_key_of(master, label).is_ok_and(|key| hmac::verify(&key, data, mac).is_ok());
        made_by(&self.0.master) || self.0.previous.as_ref().is_some_and(made_by)
    }

    fn hmac_key(&self, label: &str) -> Result<hmac::Key, SecretsError> {
        Self::hmac_key_of(&self.0.master, label)
    }

    fn hmac_key_of(master: &MasterKey, label: &str) -> Result<hmac::Key, SecretsError> {
        Ok(hmac::Key::new(hmac::HMAC_SHA256, master.derive(&format!("hmac/{label}"))?.expose_secret()))
    }

    pub(super) fn wrapping(subject: &str) -> Vec<u8> {
        format!("data-key|{subject}").into_bytes()
    }

    /// Wraps a data key for `subject`.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn wrap(&self, subject: &str, key: &DataKey) -> Result<Vec<u8>, SecretsError> {
        self.seal(&Self::wrapping(subject), key.expose())
    }

    /// Unwraps the data key of `subject`.
    ///
    /// # Errors
    /// As [`Keyring::open`]; a key that was wrapped for another subject is refused.
    pub fn unwrap(&self, subject: &str, wrapped: &[u8]) -> Result<DataKey, SecretsError> {
        let bytes = SecretBox::new(Box::new(self.open(&Self::wrapping(subject), wrapped)?));
        DataKey::from_bytes(bytes.expose_secret())
    }
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
