//! Invitations on the wire.

use chrono::{DateTime, Utc};
use nexus_core::Email;
use nexus_iam::tenant_users::{Invitation, InvitationState};
use nexus_web::validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::modules::access::settings;

/// Somebody to be invited.
#[derive(Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationIn {
    /// Address that the mail goes to.
    #[validate(custom(function = "email"))]
    #[schema(example = "grace@acme.example", format = "email", max_length = 254)]
    pub email: String,
    /// Name of the person, until they say it themselves; the address without one.
    #[serde(default)]
    #[validate(custom(function = "validate::name"))]
    #[schema(example = "Grace Hopper", min_length = 1, max_length = 200)]
    pub display_name: Option<String>,
    /// Keys of the roles that the person will hold. Each must name only permissions that you hold.
    #[validate(length(min = 1, max = 50))]
    #[schema(example = json!(["staff"]), min_items = 1, max_items = 50)]
    pub roles: Vec<String>,
    /// Language and region (BCP 47) of the mail; the organization's without one.
    #[serde(default)]
    #[validate(custom(function = "settings::language_tag"))]
    #[schema(example = "en-GB", max_length = 35, pattern = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
    pub locale: Option<String>,
}

/// Joining an organization.
#[derive(Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AcceptInvitationIn {
    /// Name shown to the organization's people; without it the one in the person's account.
    #[validate(custom(function = "validate::name"))]
    #[schema(example = "Grace Hopper", min_length = 1, max_length = 200)]
    pub display_name: Option<String>,
}

/// What has become of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// Can be accepted until it expires.
    Pending,
    /// The person has joined.
    Accepted,
    /// Taken back.
    Revoked,
    /// Its time is up; it can be sent again.
    Expired,
}

/// An invitation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// The invited person; none once it was revoked.
    pub user_id: Option<Uuid>,
    /// Address that the mail went to.
    #[schema(example = "grace@acme.example")]
    pub email: String,
    /// Name of the person, if it was given.
    #[schema(example = "Grace Hopper")]
    pub display_name: Option<String>,
    /// Keys of the roles offered.
    #[schema(example = json!(["staff"]))]
    pub roles: Vec<String>,
    /// What has become of it; more may be added.
    pub status: InvitationStatus,
    /// Language and region of its mails.
    #[schema(example = "en-GB")]
    pub locale: String,
    /// How many mails were asked for; only the link of the last one is good.
    #[schema(example = 1)]
    pub generation: u32,
    /// Who invited.
    pub invited_by: Uuid,
    /// When the last mail was asked for.
    pub sent_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted or revoked.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl InvitationOut {
    /// The invitation as it is at an instant.
    pub(super) fn at(row: Invitation, now: DateTime<Utc>) -> Self {
        let status = match row.status {
            InvitationState::Pending if row.expires_at <= now => InvitationStatus::Expired,
            InvitationState::Pending => InvitationStatus::Pending,
            InvitationState::Accepted => InvitationStatus::Accepted,
            InvitationState::Revoked => InvitationStatus::Revoked,
        };
        Self {
            id: row.id,
            user_id: row.user_id,
            email: row.email,
            display_name: row.display_name,
            roles: row.roles,
            status,
            locale: row.locale,
            generation: row.generation,
            invited_by: row.invited_by,
            sent_at: row.sent_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
            created_at: row.created_at,
        }
    }
}

fn email(value: &str) -> Result<(), ValidationError> {
    Email::parse(value).map(drop).map_err(|fault| ValidationError::new("email").with_message(fault.message.into()))
}
