//! Another password for whoever reads the account's mail.
//!
//! - An account has one link at a time: the newest, good for an hour and for one new password. Whoever asks for one never learns whether there is an account.
//! - A link that is not good is refused before anything is hashed.
//! - A new password proves the address and ends every session: somebody else may have had the old one, or a session.

use chrono::TimeDelta;
use nexus_core::{AccountId, AuditEntry, Email, Origin};
use nexus_infra::postgres::Tx;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::events::{self, Cause};
use super::uniform::in_even_time;
use super::{Account, AccountError, Accounts, store};
use crate::derived::Purpose;
use crate::password;
use crate::sessions::{Client, EndReason};
use crate::throttle::{Attempt, Charge, MailKind};

/// How long a link is good.
pub const RESET_TTL: TimeDelta = TimeDelta::hours(1);

impl Accounts {
    /// The token of a link; derived, so that the mail can be sent again and nothing secret is stored.
    pub fn reset_token(&self, reset: Uuid) -> SecretString {
        self.derived.mint(Purpose::ResetPassword, reset, 0).into()
    }

    /// Whether a link would still be taken.
    ///
    /// # Errors
    /// [`AccountError::Db`].
    pub async fn is_reset_open(&self, reset: Uuid) -> Result<bool, AccountError> {
        Ok(store::reset(self.db.conn(), reset).await?.is_some_and(|reset| self.clock.now() < reset.expires_at))
    }

    /// Mails a link to set a new password, where the address has an account. Whoever asks hears the same, in the same time, for every address.
    /// Earlier links are good no more.
    ///
    /// # Errors
    /// [`AccountError::Throttled`], for addresses with and without an account alike; [`AccountError::Db`].
    pub async fn forgot_password(&self, email: &Email, client: &Client, origin: &Origin) -> Result<(), AccountError> {
        self.throttle.charge(Charge::ResetMail, client).await?;
        drop(self.throttle.reserve(Attempt::mail(MailKind::Reset, &self.derived.blind(email.normalised()), client)).await?);
        in_even_time(self.request_reset(email, origin)).await
    }

    async fn request_reset(&self, email: &Email, origin: &Origin) -> Result<(), AccountError> {
        let Some(found) = store::credentials(self.db.conn(), email).await? else { return Ok(()) };
        let id = found.account.account_id();
        self.db
            .write("accounts.request_password_reset", &self.clock, origin, async |tx: &Tx| {
                if store::lock(tx, id).await?.is_none_or(|account| !account.is_active()) {
                    return Ok(());
                }
                let reset = tx.new_id();
                store::put_reset(tx, reset, id, tx.now() + RESET_TTL).await?;
                tx.audit(AuditEntry::of("accounts.request_password_reset", "account", id.0).subject(id.0));
                tx.emit(events::password_reset_requested(tx, id, reset));
                Ok(())
            })
            .await
    }

    /// Takes a link, and with it a new password.
    ///
    /// # Errors
    /// [`AccountError::InvalidResetToken`] when the link is malformed, used, expired, not the newest or for a former address; [`AccountError::Invalid`] for a
    /// weak password, which leaves the link good.
    pub async fn reset_password(&self, token: &SecretString, password: &SecretString, origin: &Origin) -> Result<(), AccountError> {
        let (reset, _) = self.derived.open(Purpose::ResetPassword, token.expose_secret()).ok_or(AccountError::InvalidResetToken)?;
        let found = store::reset(self.db.conn(), reset).await?.ok_or(AccountError::InvalidResetToken)?;
        if found.expires_at <= self.clock.now() {
            return Err(AccountError::InvalidResetToken);
        }
        password::check_new(password, &found.email)?;
        let hash = self.passwords.hash(password).await?;
        let id = AccountId(found.account_id);
        let (ended, at) = self
            .db
            .write("accounts.reset_password", &self.clock, origin, async |tx: &Tx| {
                store::lock(tx, id).await?.filter(Account::is_active).ok_or(AccountError::InvalidResetToken)?;
                // Under the lock once more: of several who follow one link at once, one is the first.
                if store::reset(tx.conn(), reset).await?.is_none_or(|reset| reset.expires_at <= tx.now()) {
                    return Err(AccountError::InvalidResetToken);
                }
                store::set_password(tx, id, &hash).await?;
                store::remove_reset(tx, id).await?;
                tx.audit(AuditEntry::of("accounts.reset_password", "account", id.0).subject(id.0));
                tx.emit(events::password_changed(tx, id, Cause::Reset));
                self.prove(tx, id).await?;
                let ended = self.sessions.end_all_of_account(tx, id, None, EndReason::PasswordReset).await?;
                Ok((ended, tx.now()))
            })
            .await?;
        self.sessions.tell(&ended, at).await;
        Ok(())
    }
}
