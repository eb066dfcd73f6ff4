//! The table `signing_keys`: making, reading and rotating the keys that sign access tokens.
//!
//! Two keys are live at all times: the active one and the next one, which is published before it ever signs. All of it happens under an advisory lock, so that
//! processes that start together make one pair of keys, not two.

mod rewrap;

use nexus_core::{AuditEntry, Origin, SharedClock};
use nexus_infra::postgres::advisory::SIGNING_KEYS;
use nexus_infra::postgres::{Db, DbError, Tx, WriteError};
use nexus_infra::secrets::Keyring;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use thiserror::Error;

use crate::tokens::{Jwk, KeyState, SigningKey, SigningKeys, TokenError};

pub use rewrap::rewrap;

/// Why the keys can't be had.
#[derive(Debug, Error)]
pub enum SigningKeyError {
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A key could not be made or read.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A sealed key does not open: another key-encryption key is configured than the one that sealed it.
    #[error("signing key `{kid}` does not open with the configured master key")]
    Sealed {
        /// Which key.
        kid: String,
    },
    /// What is stored makes no sense.
    #[error("the stored signing keys are malformed: {0}")]
    Malformed(String),
}

impl WriteError for SigningKeyError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

#[derive(FromQueryResult)]
struct Row {
    kid: String,
    public_jwk: serde_json::Value,
    private_sealed: Vec<u8>,
    state: String,
}

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

fn aad(kid: &str) -> String {
    format!("signing_keys/{kid}")
}

/// The live keys; makes the first two when there are none.
///
/// # Errors
/// [`SigningKeyError`].
pub async fn load_or_create(db: &Db, keyring: &Keyring, clock: &SharedClock) -> Result<SigningKeys, SigningKeyError> {
    let rows = read(db.conn()).await?;
    if rows.iter().any(|row| row.state == KeyState::Active.as_str()) {
        return keys(rows, keyring);
    }
    db.write("signing_keys.create", clock, &Origin::system("signing-keys"), async |tx: &Tx| {
        tx.lock(SIGNING_KEYS, "live").await?;
        let rows = read(tx.conn()).await?;
        if rows.iter().any(|row| row.state == KeyState::Active.as_str()) {
            return keys(rows, keyring);
        }
        for state in [KeyState::Active, KeyState::Next] {
            insert(tx, keyring, state).await?;
        }
        keys(read(tx.conn()).await?, keyring)
    })
    .await
}

/// Rotates: the next key becomes the active one, the active one retires (and stays published for a day), and a new next one is made. Signers of other processes
/// take it over within a minute; every verifier has known the key for as long as it was the next one.
///
/// # Errors
/// [`SigningKeyError`].
pub async fn rotate(db: &Db, keyring: &Keyring, clock: &SharedClock, origin: &Origin) -> Result<SigningKeys, SigningKeyError> {
    db.write("signing_keys.rotate", clock, origin, async |tx: &Tx| {
        tx.lock(SIGNING_KEYS, "live").await?;
        if promote(tx).await? == 0 {
            insert(tx, keyring, KeyState::Active).await?;
        }
        insert(tx, keyring, KeyState::Next).await?;
        let live = keys(read(tx.conn()).await?, keyring)?;
        tx.audit(AuditEntry::batch("signing_keys.rotate", "signing_key").after(serde_json::json!({ "active": live.active.public().kid })));
        Ok(live)
    })
    .await
}

/// Retires the active key and makes the next one active; how many were made so.
async fn promote(tx: &Tx) -> Result<u64, DbError> {
    tx.conn().execute_raw(sql("UPDATE signing_keys SET state = 'retired', retired_at = $1 WHERE state = 'active'", [tx.now().into()])).await?;
    let promoted = tx
        .conn()
        .execute_raw(sql(
            "UPDATE signing_keys SET state = 'active', activated_at = $1
              WHERE kid = (SELECT kid FROM signing_keys WHERE state = 'next' ORDER BY created_at, kid LIMIT 1)",
            [tx.now().into()],
        ))
        .await?;
    Ok(promoted.rows_affected())
}

async fn read<C: ConnectionTrait>(conn: &C) -> Result<Vec<Row>, DbError> {
    let statement =
        sql("SELECT k.kid, k.public_jwk, k.private_sealed, k.state FROM signing_keys k JOIN jwks USING (kid) ORDER BY k.created_at, k.kid", []);
    Ok(Row::find_by_statement(statement).all(conn).await?)
}

async fn insert(tx: &Tx, keyring: &Keyring, state: KeyState) -> Result<(), SigningKeyError> {
    let kid = tx.new_id().simple().to_string();
    let key = SigningKey::generate(&kid)?;
    let sealed = keyring.seal(aad(&kid).as_bytes(), key.private_pkcs8()).map_err(|error| SigningKeyError::Malformed(error.to_string()))?;
    let public = serde_json::to_value(key.public()).map_err(|error| SigningKeyError::Malformed(error.to_string()))?;
    let activated_at = (state == KeyState::Active).then(|| tx.now());
    tx.conn()
        .execute_raw(sql(
            "INSERT INTO signing_keys (kid, algorithm, public_jwk, private_sealed, state, created_at, activated_at) VALUES ($1, 'ES256', $2, $3, $4, $5, $6)",
            [kid.into(), public.into(), sealed.into(), state.as_str().into(), tx.now().into(), activated_at.into()],
        ))
        .await
        .map_err(DbError::from)?;
    Ok(())
}

fn keys(rows: Vec<Row>, keyring: &Keyring) -> Result<SigningKeys, SigningKeyError> {
    let mut published = Vec::with_capacity(rows.len());
    let mut active = None;
    for row in rows {
        let public: Jwk = serde_json::from_value(row.public_jwk).map_err(|error| SigningKeyError::Malformed(error.to_string()))?;
        published.push(public);
        if row.state == KeyState::Active.as_str() {
            let private =
                keyring.open(aad(&row.kid).as_bytes(), &row.private_sealed).map_err(|_| SigningKeyError::Sealed { kid: row.kid.clone() })?;
            active = Some(SigningKey::from_pkcs8(row.kid, &private)?);
        }
    }
    let active = active.ok_or_else(|| SigningKeyError::Malformed("no active key".into()))?;
    Ok(SigningKeys { active, published })
}
