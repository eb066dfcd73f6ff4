//! A person's living sessions, as that person is shown them.

use chrono::{DateTime, Utc};
use nexus_core::list::{ListRequest, Listing};
use nexus_core::{AccountId, SharedClock};
use nexus_infra::postgres::{DbError, PageConn, list};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use crate::sessions::ABSOLUTE_LIFETIME;

/// One of a person's sessions.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OwnSession {
    /// Its id.
    pub id: Uuid,
    /// The session it was switched from.
    pub parent_id: Option<Uuid>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed; when it began, if it never was.
    pub last_used_at: DateTime<Utc>,
    /// When it ends unless it is refreshed.
    pub expires_at: DateTime<Utc>,
    /// The program that refreshed it last, such as `Firefox`.
    pub client_family: Option<String>,
    /// What that runs on, such as `Windows`.
    pub client_system: Option<String>,
    /// The prefix of its address.
    pub client_network: Option<String>,
    /// The organization it is for.
    pub organization_id: Option<Uuid>,
    /// Its slug.
    pub organization_slug: Option<String>,
    /// Its name.
    pub organization_name: Option<String>,
}

/// The columns are qualified as the list's specification names them: `token_families.created_at`.
fn living(account: AccountId, clock: &SharedClock) -> SelectStatement {
    let now = clock.now();
    let mut select = Query::select();
    select
        .expr(Expr::cust(
            "token_families.id, token_families.parent_id, token_families.created_at,
             coalesce(token_families.rotated_at, token_families.created_at) AS last_used_at, token_families.expires_at, token_families.client_family,
             token_families.client_system, token_families.client_network, token_families.tenant_id AS organization_id,
             split_part(tenants.slug, '~', 1) AS organization_slug, tenants.name AS organization_name",
        ))
        .from("token_families")
        .join(JoinType::LeftJoin, "tenants", Expr::cust("tenants.id = token_families.tenant_id"))
        .and_where(Expr::col(("token_families", "account_id")).eq(account.0))
        .and_where(Expr::col(("token_families", "revoked_at")).is_null())
        .and_where(Expr::col(("token_families", "expires_at")).gt(now))
        .and_where(Expr::col(("token_families", "authenticated_at")).gt(now - ABSOLUTE_LIFETIME));
    select
}

/// One part of the list.
pub(in crate::sessions) async fn page<C: PageConn>(
    conn: &C,
    account: AccountId,
    clock: &SharedClock,
    request: &ListRequest,
) -> Result<Listing<OwnSession>, DbError> {
    list::run_query(conn, living(account, clock), request).await
}

/// One of them.
pub(in crate::sessions) async fn own<C: ConnectionTrait>(
    conn: &C,
    account: AccountId,
    clock: &SharedClock,
    session: Uuid,
) -> Result<Option<OwnSession>, DbError> {
    let select = living(account, clock).and_where(Expr::col(("token_families", "id")).eq(session)).take();
    Ok(OwnSession::find_by_statement(DbBackend::Postgres.build(&select)).one(conn).await?)
}

/// When the holder had logged in before.
pub(in crate::sessions) async fn last_log_in<C: ConnectionTrait>(conn: &C, session: Uuid) -> Result<Option<DateTime<Utc>>, DbError> {
    let text = "SELECT last_log_in_at FROM token_families WHERE id = $1";
    let row = conn.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, text, [session.into()])).await?;
    Ok(row.map(|row| row.try_get("", "last_log_in_at")).transpose()?.flatten())
}
