//! The table `account_avatars`. The account's row says whether there is a picture; its version changes with each.

use nexus_core::AccountId;
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::ConnectionTrait;

use super::sql;
use crate::accounts::avatar::Avatar;

pub(in crate::accounts) async fn avatar<C: ConnectionTrait>(conn: &C, account: AccountId) -> Result<Option<Avatar>, DbError> {
    let text = "SELECT p.image, a.version FROM account_avatars p JOIN accounts a ON a.id = p.account_id WHERE a.id = $1";
    let Some(row) = conn.query_one_raw(sql(text, [account.0.into()])).await? else { return Ok(None) };
    Ok(Some(Avatar { image: row.try_get("", "image")?, version: row.try_get("", "version")? }))
}

pub(in crate::accounts) async fn put_avatar(tx: &Tx, account: AccountId, image: &[u8]) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "WITH account AS (UPDATE accounts SET has_avatar = true WHERE id = $1 RETURNING id)
             INSERT INTO account_avatars (account_id, image, updated_at) SELECT id, $2, $3 FROM account
             ON CONFLICT (account_id) DO UPDATE SET image = excluded.image, updated_at = excluded.updated_at",
            [account.0.into(), image.to_vec().into(), tx.now().into()],
        ))
        .await?;
    Ok(())
}

pub(in crate::accounts) async fn remove_avatar(tx: &Tx, account: AccountId) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "WITH account AS (UPDATE accounts SET has_avatar = false WHERE id = $1 RETURNING id)
             DELETE FROM account_avatars WHERE account_id IN (SELECT id FROM account)",
            [account.0.into()],
        ))
        .await?;
    Ok(())
}
