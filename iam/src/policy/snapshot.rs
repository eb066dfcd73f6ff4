//! A tenant's whole access policy at one epoch, read in one statement, so that it is consistent without a transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use nexus_infra::postgres::{Db, DbError};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use serde::{Deserialize, Serialize};
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

/// Which policy of a tenant: it names one content. The epoch alone does not: a database that was restored counts on from where it was then, and comes to the
/// same numbers with other people, roles and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
pub struct PolicyVersion {
    /// Raised by each change (`policy_epoch.epoch`).
    pub epoch: i64,
    /// When it was raised, to the microsecond.
    pub changed_at: DateTime<Utc>,
}

/// Users, roles, grants and API keys of a tenant at one epoch. Only active users and keys that are not revoked are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySnapshot {
    /// The version that was read.
    pub version: PolicyVersion,
    /// Active people by id.
    pub users: BTreeMap<Uuid, PolicyUser>,
    /// Every grant of every role.
    pub grants: Vec<Grant>,
    /// Role keys (`owner`, …) by id, for answers such as `GET /me`.
    pub role_keys: BTreeMap<Uuid, String>,
    /// Good API keys by id.
    pub keys: BTreeMap<Uuid, PolicyKey>,
}

/// Revoked keys are left out, and so cost nothing however often they are tried.
const SNAPSHOT: &str = "SELECT
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'scopes', scopes, 'digest', encode(secret_digest, 'hex'), 'expires_at', expires_at)), '[]'::jsonb)
          FROM api_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())) AS keys,
       (SELECT epoch FROM policy_epoch) AS epoch,
       (SELECT updated_at FROM policy_epoch) AS changed_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'roles', coalesce(held.roles, '[]'::jsonb))), '[]'::jsonb)
          FROM users u
          LEFT JOIN (SELECT user_id, jsonb_agg(role_id) AS roles FROM user_roles GROUP BY user_id) held ON held.user_id = u.id
         WHERE u.status = 'active') AS users,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('role', role_id, 'permission', permission, 'effect', effect)), '[]'::jsonb) FROM role_permissions) AS grants,
       (SELECT coalesce(jsonb_object_agg(id, key), '{}'::jsonb) FROM roles) AS role_keys";

#[derive(FromQueryResult)]
struct SnapshotRow {
    epoch: Option<i64>,
    changed_at: Option<DateTime<Utc>>,
    users: serde_json::Value,
    grants: serde_json::Value,
    role_keys: serde_json::Value,
    keys: serde_json::Value,
}

#[derive(Deserialize)]
struct KeyRow {
    id: Uuid,
    scopes: serde_json::Value,
    digest: String,
    expires_at: Option<DateTime<Utc>>,
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
    pub async fn load(db: &Db) -> Result<Self, PolicyError> {
        let row = SnapshotRow::find_by_statement(Statement::from_string(DbBackend::Postgres, SNAPSHOT))
            .one(db.conn())
            .await
            .map_err(DbError::from)?
            .ok_or_else(|| PolicyError::Malformed("no row".into()))?;
        row.try_into()
    }
}

impl PolicyVersion {
    /// The version in force.
    ///
    /// # Errors
    /// [`PolicyError::Unreadable`], [`PolicyError::Malformed`] when the tenant has none.
    pub async fn load(db: &Db) -> Result<Self, PolicyError> {
        Self::read(db.conn()).await?.ok_or_else(no_version)
    }

    /// The version that a transaction has made, to announce it after the commit.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn in_transaction<C: ConnectionTrait>(conn: &C) -> Result<Self, DbError> {
        Self::read(conn).await?.ok_or(DbError::NotFound)
    }

    async fn read<C: ConnectionTrait>(conn: &C) -> Result<Option<Self>, DbError> {
        let sql = "SELECT epoch, updated_at AS changed_at FROM policy_epoch";
        Ok(Self::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).one(conn).await?)
    }
}

fn no_version() -> PolicyError {
    PolicyError::Malformed("the tenant has no policy epoch".into())
}

impl TryFrom<SnapshotRow> for PolicySnapshot {
    type Error = PolicyError;

    fn try_from(row: SnapshotRow) -> Result<Self, PolicyError> {
        let malformed = |error: serde_json::Error| PolicyError::Malformed(error.to_string());
        let users: Vec<UserRow> = serde_json::from_value(row.users).map_err(malformed)?;
        Ok(Self {
            version: row.epoch.zip(row.changed_at).map(|(epoch, changed_at)| PolicyVersion { epoch, changed_at }).ok_or_else(no_version)?,
            users: users.into_iter().map(|user| (user.id, PolicyUser { roles: user.roles })).collect(),
            grants: serde_json::from_value(row.grants).map_err(malformed)?,
            role_keys: serde_json::from_value(row.role_keys).map_err(malformed)?,
            keys: keys_of(row.keys)?,
        })
    }
}

fn keys_of(rows: serde_json::Value) -> Result<BTreeMap<Uuid, PolicyKey>, PolicyError> {
    let rows: Vec<KeyRow> = serde_json::from_value(rows).map_err(|error| PolicyError::Malformed(error.to_string()))?;
    let key = |row: KeyRow| {
        let mut digest = [0; 32];
        hex::decode_to_slice(&row.digest, &mut digest).map_err(|error| PolicyError::Malformed(format!("digest of key {}: {error}", row.id)))?;
        let scopes = serde_json::from_value(row.scopes).map_err(|error| PolicyError::Malformed(format!("scopes of key {}: {error}", row.id)))?;
        Ok((row.id, PolicyKey { scopes, digest, expires_at: row.expires_at }))
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
            changed_at: DateTime::from_timestamp(1_800_000_000, 0),
            users: json!([{ "id": Uuid::from_u128(1), "roles": [Uuid::from_u128(2)] }]),
            grants: json!([{ "role": Uuid::from_u128(2), "permission": "products.read", "effect": effect }]),
            role_keys: json!({ Uuid::from_u128(2).to_string(): "viewer" }),
            keys: json!([{ "id": Uuid::from_u128(3), "scopes": ["products.read"], "digest": "07".repeat(32), "expires_at": null }]),
        }
    }

    #[test]
    fn a_row_becomes_a_snapshot() {
        let snapshot = PolicySnapshot::try_from(row(Some(4), "allow")).unwrap();
        assert_eq!(snapshot.version.epoch, 4);
        assert_eq!(snapshot.role_keys[&Uuid::from_u128(2)], "viewer");
        assert_eq!(snapshot.users[&Uuid::from_u128(1)].roles.len(), 1);
        let key = &snapshot.keys[&Uuid::from_u128(3)];
        assert_eq!((key.digest, key.scopes.len(), key.expires_at), ([7; 32], 1, None));
    }

    #[test]
    fn an_unknown_effect_a_missing_epoch_half_a_digest_or_a_scope_that_is_none_is_malformed_and_so_denies() {
        assert!(matches!(PolicySnapshot::try_from(row(Some(4), "maybe")), Err(PolicyError::Malformed(_))));
        assert!(matches!(PolicySnapshot::try_from(row(None, "allow")), Err(PolicyError::Malformed(_))));
        let odd =
            SnapshotRow { keys: json!([{ "id": Uuid::from_u128(3), "scopes": [], "digest": "07", "expires_at": null }]), ..row(Some(4), "allow") };
        assert!(matches!(PolicySnapshot::try_from(odd), Err(PolicyError::Malformed(_))));
        let id = Uuid::from_u128(3);
        let odd = SnapshotRow { keys: json!([{ "id": id, "scopes": [7], "digest": "07".repeat(32), "expires_at": null }]), ..row(Some(4), "allow") };
        let Err(PolicyError::Malformed(why)) = PolicySnapshot::try_from(odd) else { panic!("believed") };
        assert!(why.contains(&id.to_string()) && why.contains("scopes"), "{why}");
    }
}
