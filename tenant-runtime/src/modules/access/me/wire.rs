//! The caller on the wire.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::modules::access::api_keys::wire::ApiKeyOut;
use crate::modules::access::users::wire::UserOut;

/// The caller in this organization.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MeOut {
    /// The caller, if it is a person.
    pub user: Option<UserOut>,
    /// The caller, if it is a program with an API key.
    pub api_key: Option<ApiKeyOut>,
    /// Whether the person has proved the e-mail address, as their token says: without it nobody invites, makes API keys or pays. None for an API key.
    #[schema(example = true)]
    pub email_verified: Option<bool>,
    /// The organization.
    pub organization: CurrentOrganizationOut,
    /// Keys of the roles held; an API key holds none.
    #[schema(example = json!(["owner"]))]
    pub roles: Vec<String>,
    /// Everything the caller may do.
    #[schema(example = json!(["products.read", "products.write"]))]
    pub permissions: Vec<String>,
    /// What the organization's plan grants.
    pub entitlements: EntitlementsOut,
    /// Feature flags of the organization, evaluated.
    #[schema(value_type = Object, example = json!({}))]
    pub flags: Value,
}

/// The organization, as its people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CurrentOrganizationOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Slug: its name in host names and in `X-Tenant`.
    #[schema(example = "acme")]
    pub slug: String,
    /// Name.
    #[schema(example = "Acme Ltd")]
    pub name: String,
    /// State; more may be added.
    #[schema(example = "active")]
    pub state: String,
}

/// What a plan grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntitlementsOut {
    /// Key of the plan.
    #[schema(example = "team")]
    pub plan: String,
    /// Countable limits by name; a missing name is unlimited.
    #[schema(example = json!({ "products": 1000 }))]
    pub limits: BTreeMap<String, i64>,
    /// Features switched on.
    #[schema(example = json!(["imports"]))]
    pub features: Vec<String>,
}
