//! Wire types of `/account`.

use chrono::{DateTime, Utc};
use nexus_iam::accounts::{Account, ProfileChange};
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::auth::{NewPasswordIn, PasswordIn};

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountOut {
    /// Id; the same in every organization the person belongs to.
    pub id: Uuid,
    /// E-mail address.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// When the address was proved.
    #[schema(nullable = true)]
    pub email_verified_at: Option<DateTime<Utc>>,
    /// Name shown to people.
    #[schema(example = "Ada Lovelace")]
    pub display_name: String,
    /// Language of mails and documents; null follows the platform.
    #[schema(example = "de-AT", nullable = true)]
    pub locale: Option<String>,
    /// IANA time zone; null follows the organization.
    #[schema(example = "Europe/Vienna", nullable = true)]
    pub time_zone: Option<String>,
    /// Path of the picture; null when there is none.
    #[schema(example = "/api/v1/account/avatar", nullable = true)]
    pub avatar: Option<&'static str>,
    /// When the person had logged in before the log-in that the present session goes back to: one that they do not know of was not theirs.
    #[schema(nullable = true)]
    pub last_log_in_at: Option<DateTime<Utc>>,
    /// When the person registered.
    pub created_at: DateTime<Utc>,
    /// When the account last changed.
    pub updated_at: DateTime<Utc>,
    /// Row version; the ETag is made from it.
    #[schema(example = 3)]
    pub version: i64,
}

/// Where the picture of the own account is.
const AVATAR: &str = "/api/v1/account/avatar";

impl AccountOut {
    /// As it is shown to a session before which the person had logged in then.
    pub fn new(account: Account, last_log_in_at: Option<DateTime<Utc>>) -> Self {
        let Account { id, email, email_verified_at, display_name, locale, time_zone, has_avatar, version, created_at, updated_at, .. } = account;
        let avatar = has_avatar.then_some(AVATAR);
        Self { id, email, email_verified_at, display_name, locale, time_zone, avatar, last_log_in_at, created_at, updated_at, version }
    }
}

/// Changes to an account: absent fields stay as they are, `null` clears.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountPatch {
    /// Name shown to people.
    #[serde(default)]
    #[validate(custom(function = validate::patch_name))]
    #[schema(value_type = String, example = "Ada King", min_length = 1, max_length = 200)]
    pub display_name: Patch<String>,
    /// Language tag.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "de-AT", max_length = 35, pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub locale: Patch<String>,
    /// IANA time zone.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Vienna", max_length = 64, pattern = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)*$")]
    pub time_zone: Patch<String>,
}

impl From<AccountPatch> for ProfileChange {
    fn from(patch: AccountPatch) -> Self {
        Self {
            display_name: patch.display_name.into_change().flatten(),
            locale: patch.locale.into_change(),
            time_zone: patch.time_zone.into_change(),
        }
    }
}

/// The present password and another. It has no `Debug`.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChangeIn {
    /// The present password.
    #[validate(nested)]
    #[schema(value_type = String, example = "correct horse battery staple", min_length = 1, max_length = 128, format = "password")]
    pub current_password: PasswordIn,
    /// The one to come, 10 to 128 characters; another than the present one.
    #[validate(nested)]
    #[schema(value_type = String, example = "a better horse battery staple", min_length = 10, max_length = 128, format = "password")]
    pub new_password: NewPasswordIn,
}

/// A picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it is a schema alone: files are bytes")]
pub(crate) struct PictureFile(Vec<u8>);
