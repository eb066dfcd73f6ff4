//! Logging in, and switching to an organization.

use nexus_core::{AuditEntry, Email, Origin, Slug, TenantId};
use nexus_infra::postgres::Tx;
use secrecy::SecretString;

use super::{Account, AccountError, Accounts, Authentication, Membership, store};
use crate::sessions::{Client, Holder, Tokens};

/// What a person hands in to log in.
#[derive(Debug)]
pub struct Login {
    /// The address as typed; one that is malformed fails like one that is unknown.
    pub email: String,
    /// The password.
    pub password: SecretString,
    /// The slug of the organization to enter; none for the account itself.
    pub organization: Option<String>,
}

impl Accounts {
    /// Logs a person in. With an organization the tokens are for its API, without for the account.
    ///
    /// # Errors
    /// [`AccountError::InvalidCredentials`] uniformly; [`AccountError::NotAMember`] only after a right password; [`AccountError::Throttled`].
    pub async fn login(&self, login: Login, client: &Client, origin: &Origin) -> Result<Tokens, AccountError> {
        let Ok(email) = Email::parse(&login.email) else {
            // The same work as for a well-formed address that nobody has.
            self.passwords.verify(&login.password, None).await?;
            return Err(AccountError::InvalidCredentials);
        };
        let account = match self.authenticate(&email, &login.password, client, true).await? {
            Authentication::Known(account) => *account,
            Authentication::Wrong | Authentication::Nobody => {
                metrics::counter!("nexus_logins_total", "outcome" => "refused").increment(1);
                return Err(AccountError::InvalidCredentials);
            }
        };
        let membership = match &login.organization {
            Some(slug) => Some(self.membership(&account, slug).await?),
            None => None,
        };
        let tokens = self.open(&account, membership.map(|membership| membership.tenant_id()), client, origin, "accounts.login").await?;
        metrics::counter!("nexus_logins_total", "outcome" => "accepted").increment(1);
        Ok(tokens)
    }

    /// A session for another organization (by slug or id) of a person who is logged in. The present session goes on.
    ///
    /// # Errors
    /// [`AccountError::NotAMember`], [`AccountError::Unknown`] when the account is gone or disabled.
    pub async fn switch(&self, account: nexus_core::AccountId, organization: &str, client: &Client, origin: &Origin) -> Result<Tokens, AccountError> {
        let account = self.get(account).await?;
        if account.status != "active" {
            return Err(AccountError::Unknown);
        }
        let membership = match organization.parse::<TenantId>() {
            Ok(id) => store::membership_by_id(self.db.conn(), account.account_id(), id).await?.ok_or(AccountError::NotAMember)?,
            Err(_) => self.membership(&account, organization).await?,
        };
        self.open(&account, Some(membership.tenant_id()), client, origin, "accounts.switch").await
    }

    async fn membership(&self, account: &Account, slug: &str) -> Result<Membership, AccountError> {
        let slug = Slug::parse(slug).map_err(|_| AccountError::NotAMember)?;
        store::membership_by_slug(self.db.conn(), account.account_id(), slug.as_str()).await?.ok_or(AccountError::NotAMember)
    }

    async fn open(
        &self,
        account: &Account,
        tenant: Option<TenantId>,
        client: &Client,
        origin: &Origin,
        action: &'static str,
    ) -> Result<Tokens, AccountError> {
        let holder = Holder::Account { id: account.account_id(), email_verified: account.is_verified(), tenant };
        let family = self
            .db
            .write("iam.login", &self.clock, origin, async |tx: &Tx| {
                let family = self.sessions.open(tx, &holder, client).await?;
                store::touch_login(tx, account.account_id()).await?;
                let after = serde_json::json!({ "session_id": family.id, "tenant_id": tenant });
                tx.audit(AuditEntry::of(action, "account", account.id).subject(account.id).after(after));
                Ok::<_, AccountError>(family)
            })
            .await?;
        Ok(self.sessions.tokens(&family, holder)?)
    }
}
