//! The table `invitations`: the control plane's index of what tenants' databases hold.

use chrono::{DateTime, Utc};
use nexus_core::{AccountId, Email, TenantId};
use nexus_iam::accounts::memberships::Told;
use nexus_iam::heard::InvitationSent;
use nexus_infra::postgres::{Db, DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

/// Rows removed by one statement.
const BATCH: i64 = 5_000;

/// An invitation whose link is good, with who invites.
#[derive(Clone, FromQueryResult)]
pub(super) struct Invitation {
    pub id: Uuid,
    pub tenant_id: Uuid,
    pub invitation_id: Uuid,
    pub generation: i64,
    pub email: String,
    pub locale: Option<String>,
    pub expires_at: DateTime<Utc>,
    pub organization_name: String,
    pub organization_slug: String,
}

/// What is mailed.
#[derive(FromQueryResult)]
pub(super) struct Link {
    pub id: Uuid,
    pub email: String,
    /// Revoked or used up by now.
    pub has_ended: bool,
}

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

const GOOD: &str = "SELECT i.id, i.tenant_id, i.invitation_id, i.generation, i.email, i.locale, i.expires_at, t.name AS organization_name, t.slug AS organization_slug
                      FROM invitations i JOIN tenants t ON t.id = i.tenant_id
                     WHERE i.id = $1 AND i.generation = $2 AND i.expires_at > $3 AND i.revoked_at IS NULL AND i.joined_at IS NULL
                       AND t.state NOT IN ('deleting', 'deleted') AND t.slug !~ '~'";

/// The invitation of a link that is good.
pub(super) async fn good<C: ConnectionTrait>(conn: &C, id: Uuid, generation: u32, now: DateTime<Utc>) -> Result<Option<Invitation>, DbError> {
    Ok(Invitation::find_by_statement(sql(GOOD, [id.into(), i64::from(generation).into(), now.into()])).one(conn).await?)
}

/// The same, locked for the rest of the transaction.
pub(super) async fn lock_good(tx: &Tx, id: Uuid, generation: u32) -> Result<Option<Invitation>, DbError> {
    let statement = sql(&format!("{GOOD} FOR UPDATE OF i"), [id.into(), i64::from(generation).into(), tx.now().into()]);
    Ok(Invitation::find_by_statement(statement).one(tx.conn()).await?)
}

/// Takes in that an invitation was mailed; `fresh` is its new id, unless it is the mail that is known already. Another mail or another address is another link.
/// None where something later was told of the invitation.
pub(super) async fn sent(
    tx: &Tx,
    tenant: TenantId,
    sent: &InvitationSent,
    email: &Email,
    expires_at: DateTime<Utc>,
    told: Told,
    fresh: Uuid,
) -> Result<Option<Link>, DbError> {
    let statement = sql(
        "INSERT INTO invitations AS i (id, tenant_id, invitation_id, generation, email, email_normalised, locale, expires_at, created_at, told_seq, told_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (tenant_id, invitation_id) DO UPDATE SET (id, email, revoked_at, accepted_by, joined_at, generation, email_normalised, locale, expires_at, told_seq, told_at) = (
             SELECT CASE WHEN same THEN i.id ELSE excluded.id END, CASE WHEN same THEN i.email ELSE excluded.email END,
                    CASE WHEN same THEN i.revoked_at END, CASE WHEN same THEN i.accepted_by END, CASE WHEN same THEN i.joined_at END,
                    excluded.generation, excluded.email_normalised, excluded.locale, excluded.expires_at, excluded.told_seq, excluded.told_at
             FROM (SELECT i.generation = excluded.generation AND i.email_normalised = excluded.email_normalised AS same) AS compared)
         WHERE NOT (i.told_seq > excluded.told_seq AND i.told_at > excluded.told_at)
         RETURNING id, email, revoked_at IS NOT NULL OR joined_at IS NOT NULL AS has_ended",
        [
            fresh.into(),
            tenant.0.into(),
            sent.invitation_id.into(),
            i64::from(sent.generation).into(),
            email.as_str().into(),
            email.normalised().into(),
            sent.locale.clone().into(),
            expires_at.into(),
            tx.now().into(),
            told.seq.into(),
            told.at.into(),
        ],
    );
    Ok(Link::find_by_statement(statement).one(tx.conn()).await?)
}

/// The link is good no more.
pub(super) async fn revoked(tx: &Tx, tenant: TenantId, invitation: Uuid, told: Told) -> Result<(), DbError> {
    let text =
        "UPDATE invitations SET revoked_at = coalesce(revoked_at, $3), told_seq = $4, told_at = $5 WHERE tenant_id = $1 AND invitation_id = $2";
    tx.conn().execute_raw(sql(text, [tenant.0.into(), invitation.into(), tx.now().into(), told.seq.into(), told.at.into()])).await?;
    Ok(())
}

/// An account has accepted; whether it joins is up to the tenant.
pub(super) async fn accepted(tx: &Tx, id: Uuid, account: AccountId) -> Result<(), DbError> {
    tx.conn().execute_raw(sql("UPDATE invitations SET accepted_by = $2 WHERE id = $1", [id.into(), account.0.into()])).await?;
    Ok(())
}

/// The tenant has taken the account in; whether the account had accepted an invitation of it, whose link is used up now.
pub(super) async fn joined(tx: &Tx, tenant: TenantId, account: AccountId) -> Result<bool, DbError> {
    let text = "UPDATE invitations SET joined_at = coalesce(joined_at, $3) WHERE tenant_id = $1 AND accepted_by = $2";
    Ok(tx.conn().execute_raw(sql(text, [tenant.0.into(), account.0.into(), tx.now().into()])).await?.rows_affected() > 0)
}

/// The account belongs to the tenant no more: what it had accepted counts for nothing.
pub(super) async fn left(tx: &Tx, tenant: TenantId, account: AccountId) -> Result<(), DbError> {
    let text = "DELETE FROM invitations WHERE tenant_id = $1 AND accepted_by = $2 AND joined_at IS NOT NULL";
    tx.conn().execute_raw(sql(text, [tenant.0.into(), account.0.into()])).await?;
    Ok(())
}

/// Ends every invitation of an organization that is erased, in the transaction that erases it.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn end_all_of(tx: &Tx, organization: TenantId) -> Result<(), DbError> {
    tx.conn().execute_raw(sql("DELETE FROM invitations WHERE tenant_id = $1", [organization.0.into()])).await?;
    Ok(())
}

/// Forgets invitations that expired before. Answers how many; at most a batch at a time.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn purge(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let text = "DELETE FROM invitations WHERE id IN (SELECT id FROM invitations WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
    Ok(db.conn().execute_raw(sql(text, [before.into(), BATCH.into()])).await?.rows_affected())
}
