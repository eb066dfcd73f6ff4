//! API keys of an organization, as its database keeps them.

use chrono::{DateTime, Utc};
use nexus_core::{Clock, SystemClock};
use nexus_iam::api_keys::{MintedKey, mint};
use nexus_iam::permissions::PERMISSIONS;
use nexus_infra::secrets::TenantKeyring;
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use crate::{Role, TestTenant};

/// A master key that no platform of the tests has.
const FOREIGN_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// An API key. It goes where a token goes: `client.bearer(&key)`.
#[derive(Debug, Clone)]
pub struct TestApiKey {
    /// `api_keys.id`, the actor of what is done with it.
    pub id: Uuid,
    /// The whole key, `nxk_…`.
    pub key: String,
}

impl From<&TestApiKey> for String {
    fn from(key: &TestApiKey) -> Self {
        key.key.clone()
    }
}

/// Every permission that an API key can have.
#[must_use]
pub fn scopes() -> Vec<&'static str> {
    PERMISSIONS.iter().filter(|permission| permission.is_scope()).map(|permission| permission.key).collect()
}

impl TestTenant {
    /// A key with these scopes, made by the owner; without an end, and good at once in every process. What the API would refuse
    /// (scopes that no key can have) is not refused here.
    ///
    /// ```ignore
    /// let client = platform.client().bearer(&tenant.api_key(&["products.read"]).await).tenant(&tenant.slug);
    /// let reader_and_writer = client.bearer(&tenant.api_key(&nexus_test_support::scopes()).await);
    /// ```
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn api_key(&self, scopes: &[&str]) -> TestApiKey {
        self.api_key_until(scopes, None).await
    }

    /// The same with an end.
    ///
    /// # Panics
    /// When the database refuses it.
    pub async fn api_key_until(&self, scopes: &[&str], expires_at: Option<DateTime<Utc>>) -> TestApiKey {
        let (id, minted) = self.minted(None);
        sqlx::query(
            "INSERT INTO api_keys (id, name, redacted_key, secret_digest, scopes, created_by, expires_at) VALUES ($1, 'A test', $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(&minted.redacted)
        .bind(minted.digest.to_vec())
        .bind(json!(scopes))
        .bind(self.user(Role::Owner).account_id.0)
        .bind(expires_at)
        .execute(self.db().pool())
        .await
        .expect("an API key");
        TestApiKey { id, key: minted.key.expose_secret().to_owned() }
    }

    /// A real key of this organization that its database does not know: revoked and forgotten, or lost by a restore.
    ///
    /// # Panics
    /// When no key can be made.
    #[must_use]
    pub fn forgotten_api_key(&self) -> TestApiKey {
        let (id, minted) = self.minted(None);
        TestApiKey { id, key: minted.key.expose_secret().to_owned() }
    }

    /// A key of the right form whose MAC is not this platform's: what a forger has.
    ///
    /// # Panics
    /// When no key can be made.
    #[must_use]
    pub fn forged_api_key(&self) -> TestApiKey {
        let (id, minted) = self.minted(Some(FOREIGN_KEY));
        TestApiKey { id, key: minted.key.expose_secret().to_owned() }
    }

    fn minted(&self, master_key: Option<&str>) -> (Uuid, MintedKey) {
        let mut secrets = self.control.stack().settings(&self.control).secrets;
        if let Some(other) = master_key {
            secrets.master_key = other.into();
        }
        let keyring = TenantKeyring::from_settings(&secrets).expect("a keyring");
        let id = SystemClock.new_id();
        (id, mint(&keyring, self.id, id).expect("a key"))
    }
}
