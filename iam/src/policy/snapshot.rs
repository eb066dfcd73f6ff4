//! A tenant's whole access policy at one epoch, read in one statement, so that it is consistent without a transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use nexus_infra::postgres::{Db, DbError};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use serde::Deserialize;
use uuid::Uuid;

use super::PolicyError;

/// Whether a grant allows or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Allows, unless another role of the person denies.
    Allow,
    /// Forbids, whatever else allows.
    Deny,
}

impl Effect {
    /// Casbin's word, also the value of `role_permissions.effect`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// One permission of one role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Grant {
    /// `roles.id`.
    pub role: Uuid,
    /// A key of the catalogue, or one the tenant defined.
    pub permission: String,
    /// Allows or forbids.
    pub effect: Effect,
}

/// An active person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyUser {
    /// The roles held (`roles.id`).
    pub roles: BTreeSet<Uuid>,
}

/// A good API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyKey {
    /// The permissions it was given.
    pub scopes: BTreeSet<String>,
    /// SHA-256 of its secret.
    pub digest: [u8; 32],
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Users, roles, grants and API keys of a tenant at one epoch. Only active users and keys that are not revoked are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySnapshot {
    /// `policy_epoch.epoch` at the time of reading.
    pub epoch: i64,
    /// Active people by id.
    pub users: BTreeMap<Uuid, PolicyUser>,
    /// Every grant of every role.
    pub grants: Vec<Grant>,
    /// Role keys (`owner`, …) by id, for answers such as `GET /me`.
    pub role_keys: BTreeMap<Uuid, String>,
    /// Good API keys by id; `None` when they were not read, because the tenant's schema has none.
    pub keys: Option<BTreeMap<Uuid, PolicyKey>>,
}

/// What a snapshot is read with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// The tenant's schema has API keys.
    Read,
    /// It has none yet.
    Absent,
}

/// Revoked keys are left out, and so cost nothing however often they are tried.
const KEYS: &str = "
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'scopes', scopes, 'digest', encode(secret_digest, 'hex'), 'expires_at', expires_at)), '[]'::jsonb)
          FROM api_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())) AS keys,";
const NO_KEYS: &str = "
       NULL::jsonb AS keys,";

const SNAPSHOT: &str = "
       (SELECT epoch FROM policy_epoch) AS epoch,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'roles', coalesce(held.roles, '[]'::jsonb))), '[]'::jsonb)
          FROM users u
          LEFT JOIN (SELECT user_id, jsonb_agg(role_id) AS roles FROM user_roles GROUP BY user_id) held ON held.user_id = u.id
         WHERE u.status = 'active') AS users,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('role', role_id, 'permission', permission, 'effect', effect)), '[]'::jsonb) FROM role_permissions) AS grants,
       (SELECT coalesce(jsonb_object_agg(id, key), '{}'::jsonb) FROM roles) AS role_keys";

#[derive(FromQueryResult)]
struct SnapshotRow {
    epoch: Option<i64>,
    users: serde_json::Value,
    grants: serde_json::Value,
    role_keys: serde_json::Value,
    keys: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct KeyRow {
    id: Uuid,
    scopes: BTreeSet<String>,
    digest: String,
    expires_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct EpochRow {
    epoch: i64,
}

#[derive(Deserialize)]
struct UserRow {
    id: Uuid,
    roles: BTreeSet<Uuid>,
}

impl PolicySnapshot {
    /// Reads the policy from the tenant's database.
    ///
    /// # Errors
    /// [`PolicyError::Unreadable`], [`PolicyError::Malformed`].
    pub async fn load(db: &Db, keys: Keys) -> Result<Self, PolicyError> {
        let keys = match keys {
            Keys::Read => KEYS,
            Keys::Absent => NO_KEYS,
        };
        let row = SnapshotRow::find_by_statement(Statement::from_string(DbBackend::Postgres, format!("SELECT{keys}{SNAPSHOT}")))
            .one(db.conn())
            .await
            .map_err(DbError::from)?
            .ok_or_else(|| PolicyError::Malformed("no row".into()))?;
        row.try_into()
    }

    /// Reads only the current epoch.
    ///
    /// # Errors
    /// [`PolicyError::Unreadable`], [`PolicyError::Malformed`] when the tenant has no epoch.
    pub async fn load_epoch(db: &Db) -> Result<i64, PolicyError> {
        EpochRow::find_by_statement(Statement::from_string(DbBackend::Postgres, "SELECT epoch FROM policy_epoch"))
            .one(db.conn())
            .await
            .map_err(DbError::from)?
            .map(|row| row.epoch)
            .ok_or_else(|| PolicyError::Malformed("the tenant has no policy epoch".into()))
    }

    /// Reads the epoch inside a transaction, to announce it after the commit.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn epoch_in<C: ConnectionTrait>(conn: &C) -> Result<i64, DbError> {
        EpochRow::find_by_statement(Statement::from_string(DbBackend::Postgres, "SELECT epoch FROM policy_epoch"))
            .one(conn)
            .await?
            .map(|row| row.epoch)
            .ok_or(DbError::NotFound)
    }
}

impl TryFrom<SnapshotRow> for PolicySnapshot {
    type Error = PolicyError;

    fn try_from(row: SnapshotRow) -> Result<Self, PolicyError> {
        let malformed = |error: serde_json::Error| PolicyError::Malformed(error.to_string());
        let users: Vec<UserRow> = serde_json::from_value(row.users).map_err(malformed)?;
        Ok(Self {
            epoch: row.epoch.ok_or_else(|| PolicyError::Malformed("the tenant has no policy epoch".into()))?,
            users: users.into_iter().map(|user| (user.id, PolicyUser { roles: user.roles })).collect(),
            grants: serde_json::from_value(row.grants).map_err(malformed)?,
            role_keys: serde_json::from_value(row.role_keys).map_err(malformed)?,
            keys: row.keys.map(keys_of).transpose()?,
        })
    }
}

fn keys_of(rows: serde_json::Value) -> Result<BTreeMap<Uuid, PolicyKey>, PolicyError> {
    let rows: Vec<KeyRow> = serde_json::from_value(rows).map_err(|error| PolicyError::Malformed(error.to_string()))?;
    let key = |row: KeyRow| {
        let mut digest = [0; 32];
        hex::decode_to_slice(&row.digest, &mut digest).map_err(|error| PolicyError::Malformed(format!("digest of key {}: {error}", row.id)))?;
        Ok((row.id, PolicyKey { scopes: row.scopes, digest, expires_at: row.expires_at }))
    };
    rows.into_iter().map(key).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(epoch: Option<i64>, effect: &str) -> SnapshotRow {
        SnapshotRow {
            epoch,
            users: json!([{ "id": Uuid::from_u128(1), "roles": [Uuid::from_u128(2)] }]),
            grants: json!([{ "role": Uuid::from_u128(2), "permission": "products.read", "effect": effect }]),
            role_keys: json!({ Uuid::from_u128(2).to_string(): "viewer" }),
            keys: Some(json!([{ "id": Uuid::from_u128(3), "scopes": ["products.read"], "digest": "07".repeat(32), "expires_at": null }])),
        }
    }

    #[test]
    fn a_row_becomes_a_snapshot() {
        let snapshot = PolicySnapshot::try_from(row(Some(4), "allow")).unwrap();
        assert_eq!(snapshot.epoch, 4);
        assert_eq!(snapshot.role_keys[&Uuid::from_u128(2)], "viewer");
        assert_eq!(snapshot.users[&Uuid::from_u128(1)].roles.len(), 1);
        let key = &snapshot.keys.unwrap()[&Uuid::from_u128(3)];
        assert_eq!((key.digest, key.scopes.len(), key.expires_at), ([7; 32], 1, None));
        assert_eq!(PolicySnapshot::try_from(SnapshotRow { keys: None, ..row(Some(4), "allow") }).unwrap().keys, None);
    }

    #[test]
    fn an_unknown_effect_a_missing_epoch_or_half_a_digest_is_malformed_and_so_denies() {
        assert!(matches!(PolicySnapshot::try_from(row(Some(4), "maybe")), Err(PolicyError::Malformed(_))));
        assert!(matches!(PolicySnapshot::try_from(row(None, "allow")), Err(PolicyError::Malformed(_))));
        let odd = SnapshotRow {
            keys: Some(json!([{ "id": Uuid::from_u128(3), "scopes": [], "digest": "07", "expires_at": null }])),
            ..row(Some(4), "allow")
        };
        assert!(matches!(PolicySnapshot::try_from(odd), Err(PolicyError::Malformed(_))));
    }
}
