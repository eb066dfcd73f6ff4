//! Wire types of `/admin/auth/*`.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::auth::{PasswordIn, TokenIn};

/// An operator's credentials.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorLoginIn {
    /// E-mail address.
    #[validate(length(min = 1, max = 254))]
    #[schema(example = "operator@nexus.example", min_length = 1, max_length = 254)]
    pub email: String,
    /// Password.
    #[validate(nested)]
    #[schema(value_type = String, example = "correct horse battery staple", min_length = 1, max_length = 128, format = "password")]
    pub password: PasswordIn,
}

/// An operator's refresh token.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorSessionIn {
    /// The refresh token handed out last.
    #[validate(nested)]
    #[schema(value_type = String, example = "nxo_AZm…", min_length = 1, max_length = 200)]
    pub refresh_token: TokenIn,
}
