//! The table `token_families`.

mod own;

pub use own::OwnSession;
pub(super) use own::{last_log_in, own, page};

use chrono::{DateTime, Utc};
use nexus_core::{AccountId, TenantId};
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::{Holder, Realm, Shown};

/// A family as it is stored.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Family {
    /// The session id.
    pub id: Uuid,
    /// The session it was switched from, with which it ends.
    pub parent_id: Option<Uuid>,
    /// Rotations so far.
    pub generation: i32,
    /// The client of the last rotation.
    pub client_fingerprint: String,
    /// When the session began.
    pub created_at: DateTime<Utc>,
    /// When the password was given that it goes back to.
    pub authenticated_at: DateTime<Utc>,
    /// When the holder had logged in before that.
    pub last_log_in_at: Option<DateTime<Utc>>,
    /// When it was last rotated.
    pub rotated_at: Option<DateTime<Utc>>,
    /// When its current refresh token ends.
    pub expires_at: DateTime<Utc>,
    /// When the session was ended.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A family together with what its holder is now.
#[derive(FromQueryResult)]
struct HeldRow {
    account_id: Option<Uuid>,
    operator_id: Option<Uuid>,
    tenant_id: Option<Uuid>,
    account_status: Option<String>,
    email_verified_at: Option<DateTime<Utc>>,
    operator_status: Option<String>,
    operator_role: Option<String>,
}

/// A family and its holder; `None` for a holder that is disabled.
pub(super) struct Held {
    pub family: Family,
    pub holder: Option<Holder>,
    pub subject: Uuid,
}

/// What the sessions of a realm are for.
fn kinds(realm: Realm) -> &'static str {
    match realm {
        Realm::People => "('account', 'tenant')",
        Realm::Operators => "('operator')",
    }
}

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

pub(super) async fn insert(tx: &Tx, family: &Family, holder: &Holder, shown: &Shown) -> Result<(), DbError> {
    let (kind, account, operator, tenant) = match holder {
        Holder::Account { id, tenant: Some(tenant), .. } => ("tenant", Some(id.0), None, Some(tenant.0)),
        Holder::Account { id, tenant: None, .. } => ("account", Some(id.0), None, None),
        Holder::Operator { id, .. } => ("operator", None, Some(*id), None),
    };
    tx.conn()
        .execute_raw(sql(
            "INSERT INTO token_families (id, parent_id, kind, account_id, operator_id, tenant_id, generation, client_fingerprint, created_at,
                                         authenticated_at, last_log_in_at, expires_at, client_family, client_system, client_network)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            [
                family.id.into(),
                family.parent_id.into(),
                kind.into(),
                account.into(),
                operator.into(),
                tenant.into(),
                family.generation.into(),
                family.client_fingerprint.as_str().into(),
                family.created_at.into(),
                family.authenticated_at.into(),
                family.last_log_in_at.into(),
                family.expires_at.into(),
                shown.family.clone().into(),
                shown.system.clone().into(),
                shown.network.clone().into(),
            ],
        ))
        .await?;
    Ok(())
}

/// Locks a family of the realm for the rest of the transaction.
pub(super) async fn lock(tx: &Tx, realm: Realm, id: Uuid) -> Result<Option<Held>, DbError> {
    let kinds = kinds(realm);
    let statement = sql(
        &format!(
            "SELECT f.id, f.parent_id, f.generation, f.client_fingerprint, f.created_at, f.authenticated_at, f.last_log_in_at, f.rotated_at, f.expires_at,
                    f.revoked_at, f.account_id, f.operator_id, f.tenant_id, a.status AS account_status, a.email_verified_at, o.status AS operator_status, o.role AS operator_role
               FROM token_families f
               LEFT JOIN accounts a ON a.id = f.account_id
               LEFT JOIN operators o ON o.id = f.operator_id
              WHERE f.id = $1 AND f.kind IN {kinds}
                FOR UPDATE OF f"
        ),
        [id.into()],
    );
    let Some(row) = tx.conn().query_one_raw(statement).await? else { return Ok(None) };
    let family = Family::from_query_result(&row, "")?;
    let held = HeldRow::from_query_result(&row, "")?;
    let subject = held.account_id.or(held.operator_id).ok_or_else(|| DbError::other("a token family without a holder"))?;
    let holder = match (held.account_id, held.operator_id) {
        (Some(account), _) if held.account_status.as_deref() == Some("active") => {
            Some(Holder::Account { id: AccountId(account), email_verified: held.email_verified_at.is_some(), tenant: held.tenant_id.map(TenantId) })
        }
        (_, Some(operator)) if held.operator_status.as_deref() == Some("active") => {
            held.operator_role.map(|role| Holder::Operator { id: operator, role })
        }
        _ => None,
    };
    Ok(Some(Held { family, holder, subject }))
}

pub(super) async fn rotate(tx: &Tx, family: &Family, shown: &Shown) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "UPDATE token_families SET generation = $2, client_fingerprint = $3, rotated_at = $4, expires_at = $5, client_family = $6, client_system = $7,
                    client_network = $8
              WHERE id = $1",
            [
                family.id.into(),
                family.generation.into(),
                family.client_fingerprint.as_str().into(),
                family.rotated_at.into(),
                family.expires_at.into(),
                shown.family.clone().into(),
                shown.system.clone().into(),
                shown.network.clone().into(),
            ],
        ))
        .await?;
    Ok(())
}

/// Ends a family of the realm and those switched from it, theirs too; answers which. Empty when there is none or it was ended before.
pub(super) async fn revoke(tx: &Tx, realm: Realm, id: Uuid, reason: &str) -> Result<Vec<Uuid>, DbError> {
    revoke_from(tx, &format!("id = $1 AND kind IN {}", kinds(realm)), id, reason).await
}

/// The session of the realm that began with the log-in which this one goes back to.
pub(super) async fn root_of<C: ConnectionTrait>(conn: &C, realm: Realm, id: Uuid) -> Result<Option<Uuid>, DbError> {
    let kinds = kinds(realm);
    let statement = sql(
        &format!(
            "WITH RECURSIVE above AS (
                SELECT id, parent_id FROM token_families WHERE id = $1 AND kind IN {kinds}
                UNION SELECT f.id, f.parent_id FROM token_families f JOIN above ON f.id = above.parent_id
             ) SELECT id FROM above WHERE parent_id IS NULL"
        ),
        [id.into()],
    );
    Ok(conn.query_one_raw(statement).await?.map(|row| row.try_get("", "id")).transpose()?)
}

/// Ends every family for a tenant and those switched from them; answers which.
pub(super) async fn revoke_tenant(tx: &Tx, tenant: TenantId, reason: &str) -> Result<Vec<Uuid>, DbError> {
    revoke_from(tx, "tenant_id = $1", tenant.0, reason).await
}

/// Ends every family of an operator; answers which.
pub(super) async fn revoke_operator(tx: &Tx, operator: Uuid, reason: &str) -> Result<Vec<Uuid>, DbError> {
    revoke_from(tx, "operator_id = $1", operator, reason).await
}

/// Ends every family of an account but those of one log-in with `kept`; answers which.
pub(super) async fn revoke_account(tx: &Tx, account: AccountId, kept: Option<Uuid>, reason: &str) -> Result<Vec<Uuid>, DbError> {
    let living = "up AS (
            SELECT id, parent_id FROM token_families WHERE id = $4 AND account_id = $1
            UNION SELECT f.id, f.parent_id FROM token_families f JOIN up ON f.id = up.parent_id
         ), kept AS (
            SELECT id FROM up UNION SELECT f.id FROM token_families f JOIN kept ON f.parent_id = kept.id
         ), ended AS (
            SELECT id FROM token_families WHERE account_id = $1 AND revoked_at IS NULL AND id NOT IN (SELECT id FROM kept)
         )";
    revoke_all(tx, living, &[account.0.into(), tx.now().into(), reason.into(), kept.into()]).await
}

/// Ends the living families that `roots` finds by `$1`, and their descendants.
async fn revoke_from(tx: &Tx, roots: &str, id: Uuid, reason: &str) -> Result<Vec<Uuid>, DbError> {
    let tree = format!(
        "ended AS (
            SELECT id FROM token_families WHERE {roots}
            UNION SELECT f.id FROM token_families f JOIN ended ON f.parent_id = ended.id
         )"
    );
    revoke_all(tx, &tree, &[id.into(), tx.now().into(), reason.into()]).await
}

/// Ends the living families among those that `ended` names, again and again until there are none: whoever switches locks the session that they come from, so a
/// statement that waits for such a one may not see the new session yet, but the next does.
async fn revoke_all(tx: &Tx, ended: &str, values: &[Value]) -> Result<Vec<Uuid>, DbError> {
    let text = format!(
        "WITH RECURSIVE {ended}
         UPDATE token_families SET revoked_at = $2, revoke_reason = $3 WHERE id IN (SELECT id FROM ended) AND revoked_at IS NULL RETURNING id"
    );
    let mut all = Vec::new();
    loop {
        let rows = tx.conn().query_all_raw(sql(&text, values.iter().cloned())).await?;
        if rows.is_empty() {
            return Ok(all);
        }
        for row in rows {
            all.push(row.try_get("", "id")?);
        }
    }
}
