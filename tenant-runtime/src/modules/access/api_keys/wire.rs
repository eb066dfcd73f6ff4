//! API keys on the wire.

use chrono::{DateTime, Utc};
use nexus_iam::api_keys::ApiKey;
use nexus_web::validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// A new API key.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyIn {
    /// What it is for, as its people will know it again.
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "Web shop", min_length = 1, max_length = 100)]
    pub name: String,
    /// Permissions that it gets: of your own, and of those that a key can have (`GET /permissions` says which). They can't be changed later.
    #[validate(length(min = 1, max = 100))]
    #[schema(example = json!(["inventory.read", "products.read"]), min_items = 1, max_items = 100)]
    pub scopes: Vec<String>,
    /// When it stops working by itself, at most five years ahead. Without it, it works until it is revoked.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whether a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyState {
    /// It works.
    Active,
    /// Its time is up.
    Expired,
    /// It was revoked.
    Revoked,
}

/// An API key, without what could be used as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Name.
    #[schema(example = "Web shop")]
    pub name: String,
    /// How the key begins and ends, to know it again.
    #[schema(example = "nxk_…x7Qa")]
    pub redacted_key: String,
    /// What it may do, sorted.
    #[schema(example = json!(["inventory.read", "products.read"]))]
    pub scopes: Vec<String>,
    /// Whether it works; more may be added.
    pub state: ApiKeyState,
    /// The person who made it.
    pub created_by: Uuid,
    /// When it stops working by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// An API key just made. The key itself is shown here and never again.
#[derive(Clone, Serialize, ToSchema)]
pub struct CreatedApiKeyOut {
    /// The whole key, for `Authorization: Bearer`. Keep it: it can't be shown again.
    #[schema(example = "nxk_AZmjwHsefFWfEDpdLwxOEQGZo8B7HnxVnxA6XS8MThEq…")]
    pub key: String,
    /// The rest of it.
    #[serde(flatten)]
    pub api_key: ApiKeyOut,
}

impl std::fmt::Debug for CreatedApiKeyOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedApiKeyOut").field("api_key", &self.api_key).finish_non_exhaustive()
    }
}

impl ApiKeyOut {
    /// The key as it is at an instant.
    pub(super) fn at(key: ApiKey, now: DateTime<Utc>) -> Self {
        let ApiKey { id, name, redacted_key, scopes, created_by, expires_at, last_used_at, revoked_at, created_at } = key;
        let state = match (revoked_at, expires_at) {
            (Some(_), _) => ApiKeyState::Revoked,
            (None, Some(end)) if end <= now => ApiKeyState::Expired,
            _ => ApiKeyState::Active,
        };
        Self { id, name, redacted_key, scopes, state, created_by, expires_at, last_used_at, revoked_at, created_at }
    }
}
