//! Queries on the tenant's `invitations` and `invitation_mails`.

use chrono::{DateTime, NaiveDate, Utc};
use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{DbError, PageConn, Tx, list};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Set};
use uuid::Uuid;

use super::sql;
use crate::tenant_users::InvitationState;
use crate::tenant_users::entity::invitations::{ActiveModel, Column, Entity, Model};

/// An invitation. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Id.
    pub id: Uuid,
    /// The invited person; none once it was revoked.
    pub user_id: Option<Uuid>,
    /// The address as typed.
    pub email: String,
    /// Name of the invited person, if it was given.
    pub display_name: Option<String>,
    /// Language of its mails.
    pub locale: String,
    /// Keys of the roles offered, sorted.
    pub roles: Vec<String>,
    /// What has become of it.
    pub status: InvitationState,
    /// How many mails were asked for: only the link of the last one opens.
    pub generation: u32,
    /// Who invited.
    pub invited_by: Uuid,
    /// When the last mail was asked for.
    pub sent_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted or revoked.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

impl TryFrom<Model> for Invitation {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        let id = row.id;
        let Model { user_id, email, display_name, locale, roles, status, generation, invited_by, sent_at, expires_at, ended_at, created_at, .. } =
            row;
        let roles = serde_json::from_value(roles).map_err(|error| DbError::other(format!("invitations.roles of {id}: {error}")))?;
        let generation = u32::try_from(generation).map_err(|error| DbError::other(format!("invitations.generation of {id}: {error}")))?;
        Ok(Self { id, user_id, email, display_name, locale, roles, status, generation, invited_by, sent_at, expires_at, ended_at, created_at })
    }
}

/// An invitation to be kept, of generation 1.
#[derive(Debug)]
pub struct NewInvitation<'a> {
    /// Id.
    pub id: Uuid,
    /// The invited person.
    pub user_id: Uuid,
    /// The address as typed.
    pub email: &'a str,
    /// Name of the invited person, if it was given.
    pub display_name: Option<&'a str>,
    /// Language of its mails.
    pub locale: &'a str,
    /// Keys of the roles offered, sorted.
    pub roles: &'a [String],
    /// Who invites.
    pub invited_by: Uuid,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

/// One page of invitations.
///
/// # Errors
/// [`DbError`].
pub async fn list_invitations<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<Invitation>, DbError> {
    list::run(conn, Entity::find(), request).await?.try_map_all(|rows| rows.into_iter().map(Invitation::try_from).collect())
}

/// The invitation with this id.
///
/// # Errors
/// [`DbError`].
pub async fn find_invitation<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<Invitation>, DbError> {
    Entity::find_by_id(id).one(conn).await?.map(Invitation::try_from).transpose()
}

/// The invitation with this id, its row locked until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn find_invitation_locked(tx: &Tx, id: Uuid) -> Result<Option<Invitation>, DbError> {
    Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?.map(Invitation::try_from).transpose()
}

/// The invitation that an invited person has yet to accept, its row locked until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn pending_invitation_of(tx: &Tx, user_id: Uuid) -> Result<Option<Invitation>, DbError> {
    let pending = Entity::find().filter(Column::UserId.eq(user_id)).filter(Column::Status.eq(InvitationState::Pending));
    pending.lock_exclusive().one(tx.conn()).await?.map(Invitation::try_from).transpose()
}

/// Keeps an invitation.
///
/// # Errors
/// [`DbError`].
pub async fn insert_invitation(tx: &Tx, new: &NewInvitation<'_>) -> Result<Invitation, DbError> {
    let row = ActiveModel {
        id: Set(new.id),
        user_id: Set(Some(new.user_id)),
        email: Set(new.email.to_owned()),
        display_name: Set(new.display_name.map(str::to_owned)),
        locale: Set(new.locale.to_owned()),
        roles: Set(new.roles.into()),
        status: Set(InvitationState::Pending),
        invited_by: Set(new.invited_by),
        sent_at: Set(tx.now()),
        expires_at: Set(new.expires_at),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    row.insert(tx.conn()).await?.try_into()
}

/// Another mail: links of the former ones open nothing any more.
///
/// # Errors
/// [`DbError`].
pub async fn renew_invitation(tx: &Tx, before: &Invitation, expires_at: DateTime<Utc>) -> Result<Invitation, DbError> {
    let generation = i32::try_from(before.generation).ok().and_then(|generation| generation.checked_add(1));
    let row = ActiveModel {
        id: Set(before.id),
        generation: Set(generation.ok_or_else(|| DbError::other(format!("invitation {}: no further generation", before.id)))?),
        sent_at: Set(tx.now()),
        expires_at: Set(expires_at),
        updated_at: Set(tx.now()),
        ..Default::default()
    };
    row.update(tx.conn()).await?.try_into()
}

/// Says which roles a pending invitation offers now.
///
/// # Errors
/// [`DbError`].
pub async fn offer_roles(tx: &Tx, id: Uuid, roles: &[String]) -> Result<(), DbError> {
    let row = ActiveModel { id: Set(id), roles: Set(roles.into()), updated_at: Set(tx.now()), ..Default::default() };
    row.update(tx.conn()).await?;
    Ok(())
}

/// Ends an invitation: it was accepted or revoked.
///
/// # Errors
/// [`DbError`].
pub async fn end_invitation(tx: &Tx, id: Uuid, state: InvitationState) -> Result<Invitation, DbError> {
    let row = ActiveModel { id: Set(id), status: Set(state), ended_at: Set(Some(tx.now())), updated_at: Set(tx.now()), ..Default::default() };
    row.update(tx.conn()).await?.try_into()
}

/// Counts one more mail of this day, and says how many it has had with it.
///
/// # Errors
/// [`DbError`].
pub async fn count_mail(tx: &Tx, day: NaiveDate) -> Result<i64, DbError> {
    #[derive(FromQueryResult)]
    struct Row {
        sent: i64,
    }
    let text = "INSERT INTO invitation_mails (day, sent) VALUES ($1, 1)
                ON CONFLICT (day) DO UPDATE SET sent = invitation_mails.sent + 1 RETURNING sent::bigint AS sent";
    let counted = Row::find_by_statement(sql(text, [day.into()])).one(tx.conn()).await?.ok_or(DbError::NotFound)?;
    Ok(counted.sent)
}

/// Forgets invitations that ended before `before`, and days before it. Returns how many invitations.
///
/// # Errors
/// [`DbError`].
pub async fn purge_invitations<C: ConnectionTrait>(conn: &C, before: DateTime<Utc>) -> Result<u64, DbError> {
    conn.execute_raw(sql("DELETE FROM invitation_mails WHERE day < $1", [before.date_naive().into()])).await?;
    Ok(Entity::delete_many().filter(Column::EndedAt.lt(before)).exec(conn).await?.rows_affected)
}
