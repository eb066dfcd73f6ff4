//! Signing keys under the present key-encryption key, after a change of the master key.

use nexus_core::{AuditEntry, Origin, SharedClock};
use nexus_infra::secrets::{Keyring, Rewrapped};
use nexus_infra::{Db, DbError, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{SigningKeyError, aad, sql};
use nexus_infra::advisory::SIGNING_KEYS;

#[derive(FromQueryResult)]
struct Sealed {
    kid: String,
    private_sealed: Vec<u8>,
}

/// Seals every private half anew that lies under an older key. There are few: one transaction, which waits for a rotation and lets none in between.
///
/// # Errors
/// [`SigningKeyError::Db`].
pub async fn rewrap(db: &Db, keyring: &Keyring, clock: &SharedClock, origin: &Origin) -> Result<Rewrapped, SigningKeyError> {
    db.write("secrets.rewrap", clock, origin, async |tx: &Tx| {
        tx.lock(SIGNING_KEYS, "live").await?;
        let mut done = Rewrapped::default();
        for row in sealed(tx).await? {
            match keyring.reseal(aad(&row.kid).as_bytes(), &row.private_sealed) {
                Ok(None) => done.current += 1,
                Ok(Some(anew)) => {
                    let text = "UPDATE signing_keys SET private_sealed = $2 WHERE kid = $1";
                    tx.conn().execute_raw(sql(text, [row.kid.into(), anew.into()])).await.map_err(DbError::from)?;
                    done.rewrapped += 1;
                }
                Err(error) => {
                    tracing::warn!(kid = row.kid, %error, "a signing key can't be sealed anew");
                    done.failed += 1;
                }
            }
        }
        if done.rewrapped > 0 {
            tx.audit(AuditEntry::batch("secrets.rewrap", "signing_key").after(serde_json::json!({ "rewrapped": done.rewrapped })));
        }
        Ok(done)
    })
    .await
}

async fn sealed(tx: &Tx) -> Result<Vec<Sealed>, DbError> {
    let text = "SELECT kid, private_sealed FROM signing_keys WHERE length(private_sealed) > 0 ORDER BY kid";
    Ok(Sealed::find_by_statement(sql(text, [])).all(tx.conn()).await?)
}
