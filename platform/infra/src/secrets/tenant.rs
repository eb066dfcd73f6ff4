//! A tenant's secrets as one sealed bundle, as it lies in `tenants.secret_sealed` and travels in the directory record:
//! `length of wrapped key (2, big endian) | wrapped data key | sealed JSON`.

use nexus_core::TenantId;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Serialize};

use super::{DataKey, Keyring, MasterKey, Sealer, SecretsError};
use crate::object_store::BucketKey;

/// What the runtime needs to enter a tenant's database and bucket. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct TenantSecrets {
    /// Password of the tenant's database role.
    pub db_password: SecretString,
    /// The key of the tenant's bucket; `None` where all buckets are entered with the key of the settings.
    pub bucket_key: Option<BucketKey>,
}

#[derive(Serialize, Deserialize)]
struct Plain<'a> {
    db_password: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s3_access_key: Option<std::borrow::Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s3_secret_key: Option<std::borrow::Cow<'a, str>>,
}

/// The keys of the tenants' secrets, which both planes hold: derived from the runtime's key, and so no way to anything of the control plane.
/// One per process; clones share it.
#[derive(Debug, Clone)]
pub struct TenantKeyring(Keyring);

impl TenantKeyring {
    /// From the runtime's key where the settings give it, else from the master key, which it is derived from. Whoever holds the master key also opens
    /// what lies under the control plane's key from before the runtime had one of its own, until it is sealed anew.
    ///
    /// # Errors
    /// [`SecretsError::MasterKey`].
    pub fn from_settings(settings: &nexus_config::Secrets) -> Result<Self, SecretsError> {
        let id = |kek_id: &String| format!("{kek_id}/runtime");
        let previous_id = settings.previous_kek_id.as_ref().map(id);
        let runtime_only = !settings.runtime_key.expose_secret().is_empty();
        let runtime_key = |given: &SecretString, master: &SecretString| {
            if runtime_only { MasterKey::from_base64(given) } else { MasterKey::from_base64(&MasterKey::from_base64(master)?.runtime_key()?) }
        };
        let current = runtime_key(&settings.runtime_key, &settings.master_key)?;
        let previous = match previous_id {
            None => None,
            Some(id) => Some((id, runtime_key(&settings.previous_runtime_key, &settings.previous_master_key)?)),
        };
        let older = if runtime_only { Vec::new() } else { Keyring::sealers(settings)? };
        Ok(Self(Keyring::of(id(&settings.kek_id), current, previous, older)?))
    }

    #[cfg(test)]
    pub(super) fn of(keyring: Keyring) -> Self {
        Self(keyring)
    }

    /// A sealer under a key derived from the runtime's: see [`Keyring::sealer`].
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn sealer(&self, label: &str) -> Result<Sealer, SecretsError> {
        self.0.sealer(label)
    }

    /// The key for one purpose of the runtime: see [`Keyring::derive`].
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn derive(&self, label: &str) -> Result<[u8; 32], SecretsError> {
        self.0.derive(label)
    }

    /// HMAC-SHA-256 under a key of the runtime's: see [`Keyring::hmac`].
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn hmac(&self, label: &str, data: &[u8]) -> Result<[u8; 32], SecretsError> {
        self.0.hmac(label, data)
    }

    /// Whether a MAC is of this runtime's key or of the one before: see [`Keyring::verify_hmac`].
    #[must_use]
    pub fn verify_hmac(&self, label: &str, data: &[u8], mac: &[u8]) -> bool {
        self.0.verify_hmac(label, data, mac)
    }

    /// Seals a tenant's secrets under a new data key of that tenant, wrapped by the key-encryption key.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn seal_tenant(&self, tenant: TenantId, secrets: &TenantSecrets) -> Result<Vec<u8>, SecretsError> {
        let key = DataKey::generate();
        let wrapped = self.0.wrap(&subject(tenant), &key)?;
        let bucket_key = secrets.bucket_key.as_ref();
        let plain = Plain {
            db_password: secrets.db_password.expose_secret().into(),
            s3_access_key: bucket_key.map(|key| key.access_key.as_str().into()),
            s3_secret_key: bucket_key.map(|key| key.secret_key.expose_secret().into()),
        };
        let plain = SecretBox::new(Box::new(serde_json::to_vec(&plain).map_err(|_| SecretsError::System)?));
        let content = key.sealer()?.seal(&aad(tenant), plain.expose_secret())?;
        let length = u16::try_from(wrapped.len()).map_err(|_| SecretsError::System)?;
        Ok([length.to_be_bytes().as_slice(), &wrapped, &content].concat())
    }

    /// Opens the bundle of `tenant`. Another tenant's bundle is refused.
    ///
    /// # Errors
    /// [`SecretsError::Malformed`], [`SecretsError::UnknownKey`], [`SecretsError::Refused`].
    pub fn open_tenant(&self, tenant: TenantId, sealed: &[u8]) -> Result<TenantSecrets, SecretsError> {
        let (wrapped, content) = split(sealed)?;
        let key = self.0.unwrap(&subject(tenant), wrapped)?;
        let plain = SecretBox::new(Box::new(key.sealer()?.open(&aad(tenant), content)?));
        let plain: Plain<'_> = serde_json::from_slice(plain.expose_secret()).map_err(|_| SecretsError::Malformed)?;
        let bucket_key = match (plain.s3_access_key, plain.s3_secret_key) {
            (Some(access_key), Some(secret_key)) => {
                Some(BucketKey { access_key: access_key.into_owned(), secret_key: secret_key.into_owned().into() })
            }
            _ => None,
        };
        Ok(TenantSecrets { db_password: plain.db_password.into_owned().into(), bucket_key })
    }

    /// The same bundle with its data key wrapped by the current key-encryption key, if it is wrapped by an older one; the content is not
    /// opened.
    ///
    /// # Errors
    /// As [`Keyring::open_tenant`].
    pub fn rewrap_tenant(&self, tenant: TenantId, sealed: &[u8]) -> Result<Option<Vec<u8>>, SecretsError> {
        let (wrapped, content) = split(sealed)?;
        let Some(wrapped) = self.0.reseal(&Keyring::wrapping(&subject(tenant)), wrapped)? else { return Ok(None) };
        let length = u16::try_from(wrapped.len()).map_err(|_| SecretsError::System)?;
        Ok(Some([length.to_be_bytes().as_slice(), &wrapped, content].concat()))
    }
}

fn split(sealed: &[u8]) -> Result<(&[u8], &[u8]), SecretsError> {
    let (length, rest) = sealed.split_first_chunk::<2>().ok_or(SecretsError::Malformed)?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(SecretsError::Malformed)
}

fn subject(tenant: TenantId) -> String {
    format!("tenant|{tenant}")
}

fn aad(tenant: TenantId) -> Vec<u8> {
    format!("tenant-secrets|{tenant}").into_bytes()
}
