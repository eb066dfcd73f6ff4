//! Another password for whoever knows the present one.
//!
//! The session that asks goes on, with those that it was switched from and to; every other ends. A link to set a new password is good no more.

use nexus_core::{AccountId, AuditEntry, FieldFault, Origin};
use nexus_infra::postgres::Tx;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::events::{self, Cause};
use super::{Account, AccountError, Accounts, store};
use crate::password;
use crate::sessions::{Client, EndReason};

/// What a person hands in to change the password. `Debug` shows nothing.
#[derive(Debug)]
pub struct PasswordChange {
    /// The present one.
    pub current: SecretString,
    /// The one to come.
    pub new: SecretString,
}

impl Accounts {
    /// Changes the password of `id`, as asked in `session`. The present password is tried like one to log in.
    ///
    /// # Errors
    /// [`AccountError::Invalid`] for a wrong present password and for a weak or unchanged new one; [`AccountError::Throttled`], [`AccountError::Disabled`].
    pub async fn change_password(
        &self,
        id: AccountId,
        session: Uuid,
        change: PasswordChange,
        client: &Client,
        origin: &Origin,
    ) -> Result<(), AccountError> {
        let found = store::credentials_of(self.db.conn(), id).await?.ok_or(AccountError::Unknown)?;
        if !found.account.is_active() {
            return Err(AccountError::Disabled);
        }
        check(&change, &found.account)?;
        if !self.is_password(&found, &change.current, client).await? {
            return Err(wrong());
        }
        let hash = self.passwords.hash(&change.new).await?;
        let (ended, at) = self
            .db
            .write("accounts.change_password", &self.clock, origin, async |tx: &Tx| {
                store::lock(tx, id).await?.filter(Account::is_active).ok_or(AccountError::Disabled)?;
                // Another change, or a link, may have come first.
                if !store::holds_password(tx, id, found.password_hash.as_deref()).await? {
                    return Err(wrong());
                }
                store::set_password(tx, id, &hash).await?;
                store::remove_reset(tx, id).await?;
                tx.audit(AuditEntry::of("accounts.change_password", "account", id.0).subject(id.0));
                tx.emit(events::password_changed(tx, id, Cause::Change));
                let ended = self.sessions.end_all_of_account(tx, id, Some(session), EndReason::PasswordChanged).await?;
                Ok((ended, tx.now()))
            })
            .await?;
        self.sessions.tell(&ended, at).await;
        Ok(())
    }
}

/// What can be said of a new password without the present one's hash.
fn check(change: &PasswordChange, account: &Account) -> Result<(), FieldFault> {
    password::check_new(&change.new, &account.email).map_err(|fault| FieldFault { field: "new_password".into(), ..fault })?;
    if change.new.expose_secret() == change.current.expose_secret() {
        return Err(FieldFault::new("new_password", "unchanged", "must be another than the present one"));
    }
    Ok(())
}

/// No 401: the session is good, and whoever hears that it is not would renew it and try again.
fn wrong() -> AccountError {
    FieldFault::new("current_password", "wrong", "is not the account's password").into()
}
