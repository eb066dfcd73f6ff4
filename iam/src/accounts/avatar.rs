//! A person's picture. It is part of the account: it is edited at the account's version, and raises it.

use nexus_core::{AccountId, AuditEntry, Origin};
use nexus_infra::postgres::Tx;

use super::{Account, AccountError, Accounts, store};
use crate::picture::Upload;

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    /// WebP, [`crate::picture::SIDE`] pixels square.
    pub image: Vec<u8>,
    /// The account's version.
    pub version: i64,
}

impl Accounts {
    /// The account's picture.
    ///
    /// # Errors
    /// [`AccountError::NoAvatar`], [`AccountError::Db`].
    pub async fn avatar(&self, id: AccountId) -> Result<Avatar, AccountError> {
        store::avatar(self.db.conn(), id).await?.ok_or(AccountError::NoAvatar)
    }

    /// Draws the account's picture from a file, when the account's row is still at `version`.
    ///
    /// # Errors
    /// [`AccountError::Stale`] with the current row, [`AccountError::Picture`], [`AccountError::Unknown`].
    pub async fn set_avatar(&self, id: AccountId, version: i64, upload: Upload, origin: &Origin) -> Result<Account, AccountError> {
        // Drawn outside of the transaction, and not for nothing.
        at_version(self.get(id).await?, version)?;
        let image = self.pictures.draw(upload).await?;
        self.db
            .write("accounts.set_avatar", &self.clock, origin, async |tx: &Tx| {
                at_version(store::lock(tx, id).await?.ok_or(AccountError::Unknown)?, version)?;
                store::put_avatar(tx, id, &image).await?;
                tx.audit(AuditEntry::of("accounts.set_avatar", "account", id.0).subject(id.0));
                store::by_id(tx.conn(), id).await?.ok_or(AccountError::Unknown)
            })
            .await
    }

    /// Removes the account's picture, when the account's row is still at `version`.
    ///
    /// # Errors
    /// [`AccountError::Stale`] with the current row, [`AccountError::NoAvatar`], [`AccountError::Unknown`].
    pub async fn remove_avatar(&self, id: AccountId, version: i64, origin: &Origin) -> Result<(), AccountError> {
        self.db
            .write("accounts.remove_avatar", &self.clock, origin, async |tx: &Tx| {
                let account = at_version(store::lock(tx, id).await?.ok_or(AccountError::Unknown)?, version)?;
                if !account.has_avatar {
                    return Err(AccountError::NoAvatar);
                }
                store::remove_avatar(tx, id).await?;
                tx.audit(AuditEntry::of("accounts.remove_avatar", "account", id.0).subject(id.0));
                Ok(())
            })
            .await
    }
}

fn at_version(account: Account, version: i64) -> Result<Account, AccountError> {
    if account.version == version { Ok(account) } else { Err(AccountError::Stale(Box::new(account))) }
}
