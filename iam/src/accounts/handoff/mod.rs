//! Carrying a log-in from the apex host to an organization's host, which has cookies of its own: by a code that is made there and taken here.
//!
//! Invariants: a code is good once, for a minute, on the host of the one organization that it was made for; whatever is wrong with it, it is gone when it was
//! shown. Only its digest is stored. What it opens is a session that was switched to ([`crate::sessions`]): it ends with the one it came from, and whether the person
//! belongs to the organization is asked again.

mod store;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use nexus_core::{AccountId, AuditEntry, Origin, Slug, TenantId};
use nexus_infra::postgres::{DbError, Tx};
use nexus_infra::secrets::random_bytes;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{AccountError, Accounts, Membership};
use crate::sessions::{Client, Holder, SessionError, Tokens};
use store::Code;

/// How long a code is good: as long as a browser takes from one page to the next.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(60);
/// Starts every code, so that scanners and people recognise it.
const PREFIX: &str = "nxh_";

/// What carries a session over.
#[derive(Debug)]
pub struct HandOver {
    /// Shown once, on the organization's host.
    pub code: SecretString,
    /// Where to.
    pub organization: Membership,
}

/// A session that was carried over.
#[derive(Debug)]
pub struct Entered {
    /// Its tokens.
    pub tokens: Tokens,
    /// Where it is.
    pub organization: Membership,
}

impl Accounts {
    /// A code that opens a session for an organization (by slug or id) on its host, for the person of the session `session`.
    ///
    /// # Errors
    /// [`AccountError::NotAMember`], [`AccountError::Disabled`], [`AccountError::SessionEnded`].
    pub async fn hand_over(&self, session: Uuid, id: AccountId, organization: &str, origin: &Origin) -> Result<HandOver, AccountError> {
        let account = self.get(id).await?;
        if !account.is_active() {
            return Err(AccountError::Disabled);
        }
        let organization = self.membership(&account, organization).await?;
        let code = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
        self.db
            .write("sessions.hand_over", &self.clock, origin, async |tx: &Tx| {
                self.sessions.require_alive(tx, session).await.map_err(ended)?;
                let made = Code { session_id: session, account_id: id.0, tenant_id: organization.organization_id, expires_at: tx.now() + GOOD_FOR };
                store::insert(tx, &digest_of(&code), &made).await?;
                let after = serde_json::json!({ "tenant_id": organization.organization_id });
                tx.audit(AuditEntry::of("sessions.hand_over", "session", session).subject(id.0).after(after));
                Ok::<_, AccountError>(())
            })
            .await?;
        Ok(HandOver { code: code.into(), organization })
    }

    /// Takes a code on the host of the organization `slug` and opens the session that it carries.
    ///
    /// # Errors
    /// [`AccountError::InvalidSessionCode`] for every code that is not good here and now.
    pub async fn enter(&self, code: &SecretString, slug: &Slug, client: &Client, origin: &Origin) -> Result<Entered, AccountError> {
        let digest = digest_of(code.expose_secret());
        let opened = self
            .db
            .write("sessions.enter", &self.clock, origin, async |tx: &Tx| {
                // Whatever comes of it, the code is gone with the commit.
                let Some(code) = store::take(tx, &digest).await?.filter(|code| code.expires_at > tx.now()) else { return Ok(None) };
                let Some(account) = super::store::by_id(tx.conn(), AccountId(code.account_id)).await?.filter(super::Account::is_active) else {
                    return Ok(None);
                };
                let found = super::store::membership_by_id(tx.conn(), account.account_id(), code.tenant_id.into()).await?;
                let Some(organization) = found.filter(|organization| organization.slug == slug.as_str()) else { return Ok(None) };
                let holder =
                    Holder::Account { id: account.account_id(), email_verified: account.is_verified(), tenant: Some(organization.tenant_id()) };
                let family = match self.sessions.open_from(tx, code.session_id, &holder, client).await {
                    Ok(family) => family,
                    Err(SessionError::Refused(_)) => return Ok(None),
                    Err(error) => return Err(error.into()),
                };
                let after = serde_json::json!({ "session_id": family.id, "tenant_id": organization.organization_id });
                tx.audit(AuditEntry::of("sessions.enter", "account", account.id).subject(account.id).after(after));
                Ok::<_, AccountError>(Some((family, holder, organization)))
            })
            .await?;
        let (family, holder, organization) = opened.ok_or(AccountError::InvalidSessionCode)?;
        Ok(Entered { tokens: self.sessions.tokens(&family, holder)?, organization })
    }
}

/// Removes the codes for an organization that is erased, in the transaction that erases it.
///
/// # Errors
/// [`DbError`].
pub async fn end_codes_of(tx: &Tx, organization: TenantId) -> Result<(), DbError> {
    store::remove_of(tx, organization).await
}

fn ended(error: SessionError) -> AccountError {
    match error {
        SessionError::Refused(_) => AccountError::SessionEnded,
        other => other.into(),
    }
}

fn digest_of(code: &str) -> Vec<u8> {
    digest(&SHA256, code.as_bytes()).as_ref().to_vec()
}
