//! Wire types of `/auth/*`. Bodies with a password have no `Debug`.

use chrono::{DateTime, Utc};
use nexus_core::{Email, FieldFault, Slug};
use nexus_iam::accounts::Account;
use nexus_iam::password::{MAX_LENGTH, check_new};
use nexus_iam::sessions::{Holder, Tokens};
use nexus_web::validate;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError, ValidationErrors};

/// A password in a body: any at log-in, but of bounded length, since a long one costs time to hash. For new ones there is [`NewPasswordIn`].
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct PasswordIn(pub SecretString);

impl Validate for PasswordIn {
    fn validate(&self) -> Result<(), ValidationErrors> {
        bounded(&self.0, MAX_LENGTH)
    }
}

/// A new password: what its rule says of it alone is checked with the rules of the other fields, so that all faults are named together. That
/// it is not the person's own address is found later, when the address is known to be one.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct NewPasswordIn(pub SecretString);

impl Validate for NewPasswordIn {
    fn validate(&self) -> Result<(), ValidationErrors> {
        verdict(check_new(&self.0, "")).map_err(|fault| {
            let mut faults = ValidationErrors::new();
            faults.add("__all__", fault);
            faults
        })
    }
}

/// Longest token in a body; ours are below 80 characters.
const MAX_TOKEN: usize = 200;

/// An opaque token of ours in a body: whether it is good is found out later, its length is bounded first.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct TokenIn(pub SecretString);

impl Validate for TokenIn {
    fn validate(&self) -> Result<(), ValidationErrors> {
        bounded(&self.0, MAX_TOKEN)
    }
}

fn bounded(secret: &SecretString, longest: usize) -> Result<(), ValidationErrors> {
    let text = secret.expose_secret();
    let fault = match text.chars().count() {
        0 => ValidationError::new("empty").with_message("must not be empty".into()),
        length if length > longest => ValidationError::new("too_long").with_message(format!("must have at most {longest} characters").into()),
        _ => return Ok(()),
    };
    let mut faults = ValidationErrors::new();
    faults.add("__all__", fault);
    Err(faults)
}

/// A fault of a core type as a validator says it.
fn verdict<T>(parsed: Result<T, FieldFault>) -> Result<(), ValidationError> {
    parsed.map(drop).map_err(|fault| {
        let mut error = ValidationError::new("invalid").with_message(fault.message.into());
        error.code = fault.code.into();
        error
    })
}

/// An e-mail address, in an input that makes an account or names one.
pub(crate) fn email(value: &str) -> Result<(), ValidationError> {
    verdict(Email::parse(value))
}

/// The slug of a new organization.
pub(crate) fn slug(value: &str) -> Result<(), ValidationError> {
    verdict(Slug::parse(value))
}

/// A new person.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterIn {
    /// E-mail address; belongs to one account only.
    #[validate(custom(function = email))]
    #[schema(example = "ada@example.com", format = "email", max_length = 254)]
    pub email: String,
    /// 10 to 128 characters.
    #[validate(nested)]
    #[schema(value_type = String, example = "correct horse battery staple", min_length = 10, max_length = 128, format = "password")]
    pub password: NewPasswordIn,
    /// Name shown to people.
    #[validate(custom(function = validate::name))]
    #[schema(example = "Ada Lovelace", min_length = 1, max_length = 200)]
    pub display_name: String,
}

/// The link of a verification mail.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyEmailIn {
    /// The token in the link.
    #[validate(nested)]
    #[schema(value_type = String, example = "nxv_AZm…", min_length = 1, max_length = 200)]
    pub token: TokenIn,
}

/// Where another link shall go.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendVerificationIn {
    /// E-mail address.
    #[validate(custom(function = email))]
    #[schema(example = "ada@example.com", format = "email", max_length = 254)]
    pub email: String,
}

/// Whose password is forgotten.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgotPasswordIn {
    /// E-mail address of the account.
    #[validate(custom(function = email))]
    #[schema(example = "ada@example.com", format = "email", max_length = 254)]
    pub email: String,
}

/// What became of a forgotten password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForgotPasswordOut {
    /// `reset_sent`: look into the mailbox. It is the same for addresses without an account.
    #[schema(example = "reset_sent")]
    pub status: &'static str,
}

/// A new password by the link of a mail.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetPasswordIn {
    /// The token in the link.
    #[validate(nested)]
    #[schema(value_type = String, example = "nxp_AZm…", min_length = 1, max_length = 200)]
    pub token: TokenIn,
    /// The new password, 10 to 128 characters.
    #[validate(nested)]
    #[schema(value_type = String, example = "a better horse battery staple", min_length = 10, max_length = 128, format = "password")]
    pub password: NewPasswordIn,
}

/// Credentials.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginIn {
    /// E-mail address.
    #[validate(length(min = 1, max = 254))]
    #[schema(example = "ada@example.com", min_length = 1, max_length = 254)]
    pub email: String,
    /// Password.
    #[validate(nested)]
    #[schema(value_type = String, example = "correct horse battery staple", min_length = 1, max_length = 128, format = "password")]
    pub password: PasswordIn,
    /// Slug or id of the organization to work in. Without one the tokens are for the account itself.
    #[serde(default)]
    #[validate(length(min = 1, max = 40))]
    #[schema(example = "acme", nullable = true, min_length = 1, max_length = 40)]
    pub organization: Option<String>,
}

/// A refresh token.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshIn {
    /// The refresh token handed out last.
    #[validate(nested)]
    #[schema(value_type = String, example = "nxr_AZm…", min_length = 1, max_length = 200)]
    pub refresh_token: TokenIn,
}

/// The session to end.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogoutIn {
    /// The session's refresh token.
    #[validate(nested)]
    #[schema(value_type = String, example = "nxr_AZm…", min_length = 1, max_length = 200)]
    pub refresh_token: TokenIn,
}

/// Where to switch to, and by what right.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchIn {
    /// Slug or id of the organization; without one the tokens are for the account itself.
    #[serde(default)]
    #[validate(length(min = 1, max = 40))]
    #[schema(example = "acme", nullable = true, min_length = 1, max_length = 40)]
    pub organization: Option<String>,
    /// The refresh token of any of the person's sessions, instead of an account token. It is not spent.
    #[serde(default)]
    #[validate(nested)]
    #[schema(value_type = Option<String>, example = "nxr_AZm…", min_length = 1, max_length = 200)]
    pub refresh_token: Option<TokenIn>,
}

/// Tokens of a session.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokensOut {
    /// Send it as `Authorization: Bearer …`.
    #[schema(example = "eyJhbGciOiJFUzI1NiIs…")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// When the access token ends.
    pub expires_at: DateTime<Utc>,
    /// Good for one refresh. Repeating that refresh within 10 seconds gives the same successor; using it later ends the session.
    #[schema(example = "nxr_AZm…")]
    pub refresh_token: String,
    /// When the refresh token ends.
    pub refresh_expires_at: DateTime<Utc>,
    /// The session.
    pub session_id: Uuid,
    /// The account, or the operator.
    pub subject_id: Uuid,
    /// The organization the tokens are for; null for the account itself and for operators.
    #[schema(nullable = true)]
    pub organization_id: Option<Uuid>,
    /// Whether the account's address is proved; false for operators.
    pub email_verified: bool,
}

impl From<Tokens> for TokensOut {
    fn from(tokens: Tokens) -> Self {
        let (subject_id, organization_id, email_verified) = match &tokens.holder {
            Holder::Account { id, email_verified, tenant } => (id.0, tenant.map(|tenant| tenant.0), *email_verified),
            Holder::Operator { id, .. } => (*id, None, false),
        };
        Self {
            access_token: tokens.access_token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_at: tokens.access_expires_at,
            refresh_token: tokens.refresh_token.expose_secret().to_owned(),
            refresh_expires_at: tokens.refresh_expires_at,
            session_id: tokens.session_id,
            subject_id,
            organization_id,
            email_verified,
        }
    }
}

/// What became of a registration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisteredOut {
    /// The new account; null where the platform does not tell whether the address was free.
    #[schema(nullable = true)]
    pub account_id: Option<Uuid>,
    /// `verification_sent`: look into the mailbox.
    #[schema(example = "verification_sent")]
    pub status: &'static str,
}

impl From<Option<Account>> for RegisteredOut {
    fn from(account: Option<Account>) -> Self {
        Self { account_id: account.map(|account| account.id), status: "verification_sent" }
    }
}

/// A proved address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerifiedOut {
    /// The account.
    pub account_id: Uuid,
    /// When the address was proved.
    #[schema(nullable = true)]
    pub email_verified_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: serde_json::Value) -> Vec<(String, String)> {
        let body: RegisterIn = serde_json::from_value(body).unwrap();
        let faults = nexus_core::Faults::from(body.validate().unwrap_err()).into_vec();
        faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
    }

    #[test]
    fn a_poor_password_is_named_with_the_other_faults() {
        let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
        for (password, code) in [("short", "length"), ("aaaaaaaaaaaa", "too_easy")] {
            let found = faults(serde_json::json!({ "email": "nobody", "password": password, "display_name": "" }));
            assert_eq!(found.len(), 3, "{found:?}");
            assert!(found.contains(&pair("password", code)), "{found:?}");
        }
    }
}
