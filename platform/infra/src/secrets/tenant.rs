//! A tenant's secrets as one sealed bundle, as it lies in `tenants.secret_sealed` and travels in the directory record:
//! `length of wrapped key (2, big endian) | wrapped data key | sealed JSON`.

use nexus_core::TenantId;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Serialize};

use super::{DataKey, Keyring, SecretsError, random_password};
use crate::object_store::BucketAccess;

/// What the runtime needs to enter a tenant's database and bucket. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct TenantSecrets {
    /// Password of the tenant's database role.
    pub db_password: SecretString,
    /// Access key of the tenant's bucket.
    pub s3_access_key: String,
    /// Its secret.
    pub s3_secret_key: SecretString,
}

impl TenantSecrets {
    /// Secrets of a new tenant: a random database password, and the way into its bucket.
    #[must_use]
    pub fn generate(bucket: &BucketAccess) -> Self {
        Self { db_password: random_password(), s3_access_key: bucket.access_key.clone(), s3_secret_key: bucket.secret_key.clone() }
    }

    /// The way into the tenant's bucket.
    #[must_use]
    pub fn bucket_access(&self, bucket: &str) -> BucketAccess {
        BucketAccess { bucket: bucket.to_owned(), access_key: self.s3_access_key.clone(), secret_key: self.s3_secret_key.clone() }
    }
}

#[derive(Serialize, Deserialize)]
struct Plain<'a> {
    db_password: std::borrow::Cow<'a, str>,
    s3_access_key: std::borrow::Cow<'a, str>,
    s3_secret_key: std::borrow::Cow<'a, str>,
}

impl Keyring {
    /// Seals a tenant's secrets under a new data key of that tenant, wrapped by the key-encryption key.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn seal_tenant(&self, tenant: TenantId, secrets: &TenantSecrets) -> Result<Vec<u8>, SecretsError> {
        let key = DataKey::generate();
        let wrapped = self.wrap(&subject(tenant), &key)?;
        let plain = Plain {
            db_password: secrets.db_password.expose_secret().into(),
            s3_access_key: secrets.s3_access_key.as_str().into(),
            s3_secret_key: secrets.s3_secret_key.expose_secret().into(),
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
        let key = self.unwrap(&subject(tenant), wrapped)?;
        let plain = SecretBox::new(Box::new(key.sealer()?.open(&aad(tenant), content)?));
        let plain: Plain<'_> = serde_json::from_slice(plain.expose_secret()).map_err(|_| SecretsError::Malformed)?;
        Ok(TenantSecrets {
            db_password: plain.db_password.into_owned().into(),
            s3_access_key: plain.s3_access_key.into_owned(),
            s3_secret_key: plain.s3_secret_key.into_owned().into(),
        })
    }

    /// The same bundle with its data key wrapped by the current key-encryption key; the content is not opened.
    ///
    /// # Errors
    /// As [`Keyring::open_tenant`].
    pub fn rewrap_tenant(&self, tenant: TenantId, sealed: &[u8]) -> Result<Vec<u8>, SecretsError> {
        let (wrapped, content) = split(sealed)?;
        let wrapped = self.wrap(&subject(tenant), &self.unwrap(&subject(tenant), wrapped)?)?;
        let length = u16::try_from(wrapped.len()).map_err(|_| SecretsError::System)?;
        Ok([length.to_be_bytes().as_slice(), &wrapped, content].concat())
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
