//! Wire types of `/auth/invitations/*`. Bodies with a secret have no `Debug`.

use chrono::{DateTime, Utc};
use nexus_web::validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::service::Seen;
use crate::auth::{PasswordIn, TokenIn};

/// The link of an invitation.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookAtInvitationIn {
    /// The token in the link.
    #[validate(nested)]
    #[schema(value_type = String, example = "nxi_AZm…", min_length = 1, max_length = 200)]
    pub token: TokenIn,
}

/// The link of an invitation, and who follows it.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FollowInvitationIn {
    /// The token in the link.
    #[validate(nested)]
    #[schema(value_type = String, example = "nxi_AZm…", min_length = 1, max_length = 200)]
    pub token: TokenIn,
    /// The password of the account with the invited address; for a new account the one it shall have (10 to 128 characters). None with an account token.
    #[serde(default)]
    #[validate(nested)]
    #[schema(value_type = Option<String>, example = "correct horse battery staple", min_length = 1, max_length = 128, format = "password")]
    pub password: Option<PasswordIn>,
    /// Name of a new account, shown to people. One that exists keeps its name.
    #[serde(default)]
    #[validate(custom(function = validate::name))]
    #[schema(example = "Ada Lovelace", nullable = true, min_length = 1, max_length = 200)]
    pub display_name: Option<String>,
}

/// What an invitation is to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitingOrganizationOut {
    /// Id, also the tenant's.
    pub id: Uuid,
    /// Its name in host names.
    #[schema(example = "acme")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Acme Trading")]
    pub name: String,
}

/// An invitation, as the holder of its link sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeenInvitationOut {
    /// Who invites.
    pub organization: InvitingOrganizationOut,
    /// The address that the link was mailed to.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// Whether that address has an account, whose password is wanted then.
    pub account_exists: bool,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
}

impl From<Seen> for SeenInvitationOut {
    fn from(Seen { invitation, account_exists }: Seen) -> Self {
        Self {
            organization: InvitingOrganizationOut {
                id: invitation.tenant_id,
                slug: invitation.organization_slug,
                name: invitation.organization_name,
            },
            email: invitation.email,
            account_exists,
            expires_at: invitation.expires_at,
        }
    }
}
