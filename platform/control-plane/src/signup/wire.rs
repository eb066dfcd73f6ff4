//! Wire types of `/signup`, and the answer of everything that founds an organization.

use nexus_web::validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::auth::{self, NewPasswordIn};
use crate::operations::OperationOut;

/// A new organization and the person who founds it.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignupIn {
    /// Name of the organization.
    #[validate(custom(function = validate::name))]
    #[schema(example = "Acme Trading", min_length = 1, max_length = 200)]
    pub organization: String,
    /// Its name in host names (`acme.nexus.example`): 3 to 40 of a-z, 0-9 and single inner hyphens, beginning with a letter.
    #[validate(custom(function = auth::slug))]
    #[schema(example = "acme", min_length = 3, max_length = 40, pattern = "^[a-z][a-z0-9-]*[a-z0-9]$")]
    pub slug: String,
    /// The founder's e-mail address. If it has an account, `password` must be that account's.
    #[validate(custom(function = auth::email))]
    #[schema(example = "ada@example.com", format = "email", max_length = 254)]
    pub email: String,
    /// 10 to 128 characters.
    #[validate(nested)]
    #[schema(value_type = String, example = "correct horse battery staple", min_length = 10, max_length = 128, format = "password")]
    pub password: NewPasswordIn,
    /// The founder's name.
    #[validate(custom(function = validate::name))]
    #[schema(example = "Ada Lovelace", min_length = 1, max_length = 200)]
    pub display_name: String,
    /// Key of a plan on sale; the platform's default without one.
    #[serde(default)]
    #[validate(length(max = 64))]
    #[schema(example = "free", nullable = true)]
    pub plan: Option<String>,
}

/// An organization in the making.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundedOut {
    /// The organization, which is the tenant.
    pub organization_id: Uuid,
    /// Its slug.
    #[schema(example = "acme")]
    pub slug: String,
    /// Its owner's account.
    pub account_id: Uuid,
    /// What builds it. Its path is in `Location`; `/events` below it streams the progress.
    pub operation: OperationOut,
    /// Bearer token that is good for watching this operation and nothing else.
    #[schema(example = "nxc_AZm…")]
    pub capability: String,
}
