//! Proving an e-mail address by the link in a mail.

use chrono::TimeDelta;
use nexus_core::{AccountId, AuditEntry, Email, Origin};
use nexus_infra::postgres::Tx;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::uniform::in_even_time;
use super::{Account, AccountError, Accounts, events, store};
use crate::derived::Purpose;
use crate::sessions::Client;
use crate::throttle::{Attempt, Charge, MailKind};

/// How long a link is good.
pub const VERIFICATION_TTL: TimeDelta = TimeDelta::days(3);

impl Accounts {
    /// The token of a link; derived, so that the mail can be sent again and nothing secret is stored.
    pub fn verification_token(&self, verification: Uuid) -> SecretString {
        self.derived.mint(Purpose::VerifyEmail, verification, 0).into()
    }

    /// Mails another link, where the address has an account that has not proved it. Whoever asks hears the same, in the same time, for every address.
    /// Earlier links stay good.
    ///
    /// # Errors
    /// [`AccountError::Throttled`], for addresses with and without an account alike; [`AccountError::Db`].
    pub async fn resend_verification(&self, email: &Email, client: &Client, origin: &Origin) -> Result<(), AccountError> {
        self.throttle.charge(Charge::VerificationMail, client).await?;
        drop(self.throttle.reserve(Attempt::mail(MailKind::Verification, &self.derived.blind(email.normalised()), client)).await?);
        in_even_time(self.request_again(email, origin)).await
    }

    async fn request_again(&self, email: &Email, origin: &Origin) -> Result<(), AccountError> {
        let Some(found) = store::credentials(self.db.conn(), email).await? else { return Ok(()) };
        let id = found.account.account_id();
        self.db
            .write("accounts.resend_verification", &self.clock, origin, async |tx: &Tx| {
                let Some(account) = store::lock(tx, id).await? else { return Ok(()) };
                if account.is_active() && !account.is_verified() {
                    self.request_verification(tx, id, email).await?;
                    tx.audit(AuditEntry::of("accounts.resend_verification", "account", id.0).subject(id.0));
                }
                Ok(())
            })
            .await
    }

    /// The person has proved the address otherwise than by this module's links: by another one that was mailed to it.
    ///
    /// # Errors
    /// [`AccountError::Db`].
    pub async fn prove(&self, tx: &Tx, account: AccountId) -> Result<(), AccountError> {
        if store::prove(tx, account).await? {
            tx.audit(AuditEntry::of("accounts.verify_email", "account", account.0).subject(account.0));
            tx.emit(events::verified(tx, account));
        }
        Ok(())
    }

    /// Takes a link. Following it twice is no fault (mail scanners do).
    ///
    /// # Errors
    /// [`AccountError::InvalidVerificationToken`] when it is malformed, expired, or for a former address.
    pub async fn verify_email(&self, token: &SecretString, origin: &Origin) -> Result<Account, AccountError> {
        let (id, _) = self.derived.open(Purpose::VerifyEmail, token.expose_secret()).ok_or(AccountError::InvalidVerificationToken)?;
        self.db
            .write("accounts.verify_email", &self.clock, origin, async |tx: &Tx| {
                let found = store::lock_verification(tx, id).await?.ok_or(AccountError::InvalidVerificationToken)?;
                if found.email_normalised != found.current_email {
                    return Err(AccountError::InvalidVerificationToken);
                }
                let account = AccountId(found.account_id);
                if found.used_at.is_none() {
                    if found.expires_at <= tx.now() {
                        return Err(AccountError::InvalidVerificationToken);
                    }
                    store::use_verification(tx, id).await?;
                    self.prove(tx, account).await?;
                }
                store::by_id(tx.conn(), account).await?.ok_or(AccountError::InvalidVerificationToken)
            })
            .await
    }
}
