//! The tables `password_resets` and `credentials`, as far as they change.

use chrono::{DateTime, Utc};
use nexus_core::AccountId;
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::sql;

/// The link that sets a new password, and whose.
#[derive(FromQueryResult)]
pub(in crate::accounts) struct Reset {
    pub account_id: Uuid,
    pub email: String,
    pub expires_at: DateTime<Utc>,
}

/// Makes `id` the one link of the account: those before it are good no more.
pub(in crate::accounts) async fn put_reset(tx: &Tx, id: Uuid, account: AccountId, expires_at: DateTime<Utc>) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "INSERT INTO password_resets (account_id, id, email_normalised, expires_at, created_at)
             SELECT a.id, $2, a.email_normalised, $3, $4 FROM accounts a WHERE a.id = $1
             ON CONFLICT (account_id) DO UPDATE
                SET id = excluded.id, email_normalised = excluded.email_normalised, expires_at = excluded.expires_at, created_at = excluded.created_at",
            [account.0.into(), id.into(), expires_at.into(), tx.now().into()],
        ))
        .await?;
    Ok(())
}

/// A link that is the newest of an active account and went to the address that the account still has.
pub(in crate::accounts) async fn reset<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<Reset>, DbError> {
    let statement = sql(
        "SELECT r.account_id, a.email, r.expires_at FROM password_resets r JOIN accounts a ON a.id = r.account_id
          WHERE r.id = $1 AND a.status = 'active' AND a.email_normalised = r.email_normalised",
        [id.into()],
    );
    Ok(Reset::find_by_statement(statement).one(conn).await?)
}

/// Removes the link, whichever it is.
pub(in crate::accounts) async fn remove_reset(tx: &Tx, account: AccountId) -> Result<(), DbError> {
    tx.conn().execute_raw(sql("DELETE FROM password_resets WHERE account_id = $1", [account.0.into()])).await?;
    Ok(())
}

/// Gives the account another password. Lock the account first.
pub(in crate::accounts) async fn set_password(tx: &Tx, account: AccountId, hash: &str) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "INSERT INTO credentials (account_id, password_hash, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (account_id) DO UPDATE SET password_hash = excluded.password_hash, updated_at = excluded.updated_at",
            [account.0.into(), hash.into(), tx.now().into()],
        ))
        .await?;
    Ok(())
}

/// Whether this is the hash of the account's password. Lock the account first.
pub(in crate::accounts) async fn holds_password(tx: &Tx, account: AccountId, hash: Option<&str>) -> Result<bool, DbError> {
    let statement = sql("SELECT 1 FROM credentials WHERE account_id = $1 AND password_hash = $2", [account.0.into(), hash.into()]);
    Ok(tx.conn().query_one_raw(statement).await?.is_some())
}
