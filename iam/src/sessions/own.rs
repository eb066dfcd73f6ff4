//! A person's own sessions: what they are, and ending them.
//!
//! Shown are those that live. Of a client it is told what it calls itself, in words of ours, and the prefix of its address: enough to know one's own.

use chrono::{DateTime, Utc};
use nexus_core::list::{ListRequest, Listing};
use nexus_core::{AccountId, Origin};
use nexus_infra::postgres::{DbError, Tx};
use uuid::Uuid;

use super::service::audit_end;
use super::store::{self, OwnSession};
use super::{EndReason, Realm, SessionError, Sessions};

impl Sessions {
    /// One part of the list of an account's sessions.
    ///
    /// # Errors
    /// [`SessionError::Db`].
    pub async fn list(&self, account: AccountId, request: &ListRequest) -> Result<Listing<OwnSession>, SessionError> {
        Ok(store::page(self.db.conn(), account, &self.clock, request).await?)
    }

    /// One session of an account.
    ///
    /// # Errors
    /// [`SessionError::Unknown`], alike for somebody else's and for one that has ended; [`SessionError::Db`].
    pub async fn get(&self, account: AccountId, session: Uuid) -> Result<OwnSession, SessionError> {
        store::own(self.db.conn(), account, &self.clock, session).await?.ok_or(SessionError::Unknown)
    }

    /// When the holder of a session had logged in before the log-in that it goes back to; none when never, or when the session is not kept any more.
    ///
    /// # Errors
    /// [`SessionError::Db`].
    pub async fn last_log_in(&self, session: Uuid) -> Result<Option<DateTime<Utc>>, SessionError> {
        Ok(store::last_log_in(self.db.conn(), session).await?)
    }

    /// Ends a session of an account, and those switched from it.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn end_own(&self, account: AccountId, session: Uuid, origin: &Origin) -> Result<(), SessionError> {
        let (ended, at) = self
            .db
            .write("sessions.end", &self.clock, origin, async |tx: &Tx| {
                store::own(tx.conn(), account, &self.clock, session).await?.ok_or(SessionError::Unknown)?;
                let ended = store::revoke(tx, Realm::People, session, EndReason::Ended.as_str()).await?;
                audit_end(tx, &ended, EndReason::Ended, Some(account.0));
                Ok::<_, SessionError>((ended, tx.now()))
            })
            .await?;
        self.tell(&ended, at).await;
        Ok(())
    }

    /// Ends every session of an account but those of one log-in with `kept`.
    ///
    /// # Errors
    /// [`SessionError::Db`].
    pub async fn end_others(&self, account: AccountId, kept: Uuid, origin: &Origin) -> Result<(), SessionError> {
        let (ended, at) = self
            .db
            .write("sessions.end", &self.clock, origin, async |tx: &Tx| {
                let ended = self.end_all_of_account(tx, account, Some(kept), EndReason::Ended).await?;
                Ok::<_, DbError>((ended, tx.now()))
            })
            .await?;
        self.tell(&ended, at).await;
        Ok(())
    }
}
