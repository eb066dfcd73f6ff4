//! Wire types of the console's sessions. None has a token in it but [`HandOverOut`], whose code is good once.

use chrono::{DateTime, Utc};
use nexus_config::Http;
use nexus_iam::accounts::{HandOver, Membership};
use nexus_iam::operators::Operator;
use nexus_iam::sessions::Tokens;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::account::AccountOut;
use crate::auth::{PasswordIn, TokenIn};

/// Credentials of a person or an operator.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionIn {
    /// E-mail address.
    #[validate(length(min = 1, max = 254))]
    #[schema(example = "ada@example.com", min_length = 1, max_length = 254)]
    pub email: String,
    /// Password.
    #[validate(nested)]
    #[schema(value_type = String, example = "correct horse battery staple", min_length = 1, max_length = 128, format = "password")]
    pub password: PasswordIn,
}

/// The organization to go on to.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOverIn {
    /// Slug or id of an organization of the person.
    #[validate(length(min = 1, max = 40))]
    #[schema(example = "acme", min_length = 1, max_length = 40)]
    pub organization: String,
}

/// The code of a hand-over.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnterIn {
    /// The code, as it was handed over.
    #[validate(nested)]
    #[schema(value_type = String, example = "nxh_3q2…", min_length = 1, max_length = 200)]
    pub code: TokenIn,
}

/// An organization of the person.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembershipOut {
    /// The organization.
    pub organization_id: Uuid,
    /// Its name in host names.
    #[schema(example = "acme")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Acme Trading")]
    pub name: String,
    /// `active` and others, such as `provisioning` or `suspended`; more may be added.
    #[schema(example = "active")]
    pub state: String,
    /// Whether the person owns it.
    pub is_owner: bool,
    /// Its host's address.
    #[schema(example = "https://acme.nexus.example")]
    pub url: String,
}

impl MembershipOut {
    fn of(http: &Http, membership: Membership) -> Self {
        let Membership { organization_id, slug, name, state, is_owner } = membership;
        Self { organization_id, url: http.organization_url(&slug), slug, name, state, is_owner }
    }
}

/// Who is logged in at the host that was asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConsoleSessionOut {
    /// The person; null without a session.
    #[schema(nullable = true)]
    pub account: Option<AccountOut>,
    /// The organization that the session is for; null at the apex host and without a session.
    #[schema(nullable = true)]
    pub organization: Option<MembershipOut>,
    /// With a session for the account itself the organizations that the person belongs to, by name, at most 200; else none.
    pub memberships: Vec<MembershipOut>,
    /// When the access cookie ends; null without a session. The session goes on by being refreshed.
    #[schema(nullable = true)]
    pub access_expires_at: Option<DateTime<Utc>>,
    /// Address of the apex host, where people log in.
    #[schema(example = "https://nexus.example")]
    pub apex_url: String,
    /// Whether the host that was asked is the apex host.
    pub at_apex: bool,
}

impl ConsoleSessionOut {
    /// Nobody is logged in.
    pub fn nobody(http: &Http, at_apex: bool) -> Self {
        Self { account: None, organization: None, memberships: Vec::new(), access_expires_at: None, apex_url: http.public_url.clone(), at_apex }
    }

    /// A session for the account itself.
    pub fn of_account(http: &Http, account: AccountOut, memberships: Vec<Membership>, access_expires_at: DateTime<Utc>) -> Self {
        let memberships = memberships.into_iter().map(|membership| MembershipOut::of(http, membership)).collect();
        Self { account: Some(account), memberships, access_expires_at: Some(access_expires_at), ..Self::nobody(http, true) }
    }

    /// A session for an organization.
    pub fn of_organization(http: &Http, account: AccountOut, membership: Membership, access_expires_at: DateTime<Utc>) -> Self {
        let organization = Some(MembershipOut::of(http, membership));
        Self { account: Some(account), organization, access_expires_at: Some(access_expires_at), ..Self::nobody(http, false) }
    }
}

/// New cookies were set.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefreshedOut {
    /// When the access cookie ends.
    pub access_expires_at: DateTime<Utc>,
    /// When the session ends unless it is refreshed before.
    pub refresh_expires_at: DateTime<Utc>,
}

impl From<&Tokens> for RefreshedOut {
    fn from(tokens: &Tokens) -> Self {
        Self { access_expires_at: tokens.access_expires_at, refresh_expires_at: tokens.refresh_expires_at }
    }
}

/// What opens a session at an organization's host.
#[derive(Serialize, ToSchema)]
pub(crate) struct HandOverOut {
    /// Good once, within 60 seconds, at `url` alone.
    #[schema(example = "nxh_3q2…")]
    pub code: String,
    /// Address of the organization's host.
    #[schema(example = "https://acme.nexus.example")]
    pub url: String,
}

impl HandOverOut {
    /// Of a code and its organization.
    pub fn of(http: &Http, handed: &HandOver) -> Self {
        Self { code: handed.code.expose_secret().to_owned(), url: http.organization_url(&handed.organization.slug) }
    }
}

/// An operator.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperatorOut {
    /// Id.
    pub id: Uuid,
    /// E-mail address.
    #[schema(example = "operator@nexus.example")]
    pub email: String,
    /// Name shown to people.
    #[schema(example = "Grace Hopper")]
    pub display_name: String,
    /// `super_admin`, `support` or `billing`; more may be added.
    #[schema(example = "support")]
    pub role: String,
    /// The last log-in.
    #[schema(nullable = true)]
    pub last_login_at: Option<DateTime<Utc>>,
}

impl From<Operator> for OperatorOut {
    fn from(operator: Operator) -> Self {
        let Operator { id, email, display_name, role, status: _, last_login_at, created_at: _ } = operator;
        Self { id, email, display_name, role, last_login_at }
    }
}

/// Which operator is logged in.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperatorSessionOut {
    /// The operator; null without a session.
    #[schema(nullable = true)]
    pub operator: Option<OperatorOut>,
    /// When the access cookie ends; null without a session.
    #[schema(nullable = true)]
    pub access_expires_at: Option<DateTime<Utc>>,
}

impl OperatorSessionOut {
    /// No operator is logged in.
    pub fn nobody() -> Self {
        Self { operator: None, access_expires_at: None }
    }

    /// A session.
    pub fn of(operator: Operator, access_expires_at: DateTime<Utc>) -> Self {
        Self { operator: Some(operator.into()), access_expires_at: Some(access_expires_at) }
    }
}
