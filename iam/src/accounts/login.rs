//! Logging in, and switching to an organization.

use nexus_core::{AccountId, Actor, AuditEntry, Email, Origin, Slug, TenantId};
use nexus_infra::postgres::Tx;
use secrecy::SecretString;
use uuid::Uuid;

use super::authenticate::Proven;
use super::{Account, AccountError, Accounts, Authentication, Membership, store};
use crate::sessions::{Client, Family, Holder, Presented, SessionError, Tokens};

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

/// What shows that a person may switch. A token for one organization does not: leaked, it would open the others.
#[derive(Debug, Clone, Copy)]
pub enum Proof<'a> {
    /// An account token that was verified.
    AccountToken {
        /// The session it belongs to.
        session: Uuid,
        /// Whose.
        account: AccountId,
    },
    /// The refresh token of any session of the person: the session's own secret. It is not spent.
    RefreshToken(&'a SecretString),
}

impl Accounts {
    /// Logs a person in. With an organization the tokens are for its API, without for the account.
    ///
    /// # Errors
    /// [`AccountError::InvalidCredentials`] uniformly; [`AccountError::NotAMember`] only after a right password; [`AccountError::Throttled`].
    pub async fn login(&self, login: Login, client: &Client, origin: &Origin) -> Result<Tokens, AccountError> {
        let Ok(email) = Email::parse(&login.email) else {
            self.refuse(&login.email, &login.password, client).await?;
            return Err(AccountError::InvalidCredentials);
        };
        let proven = match self.authenticate(&email, &login.password, client, true).await? {
            Authentication::Known(proven) => *proven,
            Authentication::Wrong | Authentication::Nobody => {
                metrics::counter!("nexus_logins_total", "outcome" => "refused").increment(1);
                return Err(AccountError::InvalidCredentials);
            }
        };
        let account = &proven.account;
        let tenant = match &login.organization {
            Some(slug) => Some(self.membership(account, slug).await?.tenant_id()),
            None => None,
        };
        let holder = Holder::Account { id: account.account_id(), email_verified: account.is_verified(), tenant };
        let origin = Origin { actor: Actor::user(account.id), ..origin.clone() };
        let family = self
            .db
            .write("accounts.login", &self.clock, &origin, async |tx: &Tx| {
                let family = self.open_session(tx, &proven, &holder, client).await?;
                tx.audit(opened("accounts.login", account, family.id, tenant));
                Ok::<_, AccountError>(family)
            })
            .await?;
        metrics::counter!("nexus_logins_total", "outcome" => "accepted").increment(1);
        Ok(self.sessions.tokens(&family, holder)?)
    }

    /// Opens a session of whoever has just given the right password. The row first, locked: whoever changes the password or disables the account meanwhile ends
    /// this session, or comes before it.
    ///
    /// # Errors
    /// [`AccountError::InvalidCredentials`] when the password is another by now, or the account disabled.
    pub async fn open_session(&self, tx: &Tx, proven: &Proven, holder: &Holder, client: &Client) -> Result<Family, AccountError> {
        let id = proven.account.account_id();
        let current = store::lock(tx, id).await?.filter(Account::is_active).ok_or(AccountError::InvalidCredentials)?;
        if !store::touch_login(tx, id, &proven.hash).await? {
            return Err(AccountError::InvalidCredentials);
        }
        Ok(self.sessions.open(tx, holder, client, current.last_login_at).await?)
    }

    /// A session for an organization (by slug or id), or for the account itself, of a person who is logged in. The present session goes on, and the new one ends
    /// with it.
    ///
    /// # Errors
    /// [`AccountError::NotAMember`], [`AccountError::Disabled`], [`AccountError::SessionEnded`]; with a refresh token that is not good, [`AccountError::Session`].
    pub async fn switch(&self, proof: Proof<'_>, organization: Option<&str>, client: &Client, origin: &Origin) -> Result<Tokens, AccountError> {
        let (session, id) = match proof {
            Proof::AccountToken { session, account } => (session, account),
            Proof::RefreshToken(token) => match self.sessions.prove(token, client, origin).await? {
                Presented { session, holder: Holder::Account { id, .. } } => (session, id),
                Presented { holder: Holder::Operator { .. }, .. } => return Err(AccountError::Unknown),
            },
        };
        let account = self.get(id).await?;
        if !account.is_active() {
            return Err(AccountError::Disabled);
        }
        let tenant = match organization {
            Some(organization) => Some(self.membership(&account, organization).await?.tenant_id()),
            None => None,
        };
        let holder = Holder::Account { id, email_verified: account.is_verified(), tenant };
        let origin = Origin { actor: Actor::user(id.0), ..origin.clone() };
        let family = self
            .db
            .write("accounts.switch", &self.clock, &origin, async |tx: &Tx| {
                let family = self.sessions.open_from(tx, session, &holder, client).await.map_err(|error| match error {
                    SessionError::Refused(_) => AccountError::SessionEnded,
                    other => other.into(),
                })?;
                tx.audit(opened("accounts.switch", &account, family.id, tenant));
                Ok::<_, AccountError>(family)
            })
            .await?;
        Ok(self.sessions.tokens(&family, holder)?)
    }

    pub(super) async fn membership(&self, account: &Account, organization: &str) -> Result<Membership, AccountError> {
        let found = match organization.parse::<TenantId>() {
            Ok(id) => store::membership_by_id(self.db.conn(), account.account_id(), id).await?,
            Err(_) => {
                let slug = Slug::parse(organization).map_err(|_| AccountError::NotAMember)?;
                store::membership_by_slug(self.db.conn(), account.account_id(), slug.as_str()).await?
            }
        };
        found.ok_or(AccountError::NotAMember)
    }
}

fn opened(action: &'static str, account: &Account, session: Uuid, tenant: Option<TenantId>) -> AuditEntry {
    let after = serde_json::json!({ "session_id": session, "tenant_id": tenant });
    AuditEntry::of(action, "account", account.id).subject(account.id).after(after)
}
