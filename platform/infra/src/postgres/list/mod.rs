//! Lists: filters, order and paging of a [`ListRequest`] put onto a select.
//!
//! Invariants:
//! - NULLs sort last in either direction, in pages and in cursors alike.
//! - A cursor is a position between rows, not a row count: rows that come and go elsewhere neither repeat nor skip
//!   others.
//! - A part ends where its rows weigh more than [`PAGE_BYTES`], however many were asked for: by cursor the next one goes on there; a numbered page, whose
//!   successor would not, is refused. One row is answered in any case.
//! - A list never costs a full count: up to 10,000 rows are counted, beyond that the planner estimates.
//!
//! The select comes from the slice with its joins, its own conditions and its search (`q`), but without order,
//! limit or `DISTINCT` (use `EXISTS`). Columns come from the slice's `ListSpec`, never from a caller.

mod keyset;
mod sql;

use nexus_core::list::{EXACT_TOTAL, Paging, Scalar};
use nexus_core::{ListRequest, Listing};
use sea_orm::sea_query::{Alias, Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryResult, QueryTrait, Select, Statement};
use serde_json::Value;

use super::{DbError, FirstRows, PageConn};
use keyset::Direction;

pub use sql::{any_text, flag};

/// What the rows of a part may weigh together; what is added to them ([`run_expanded`]) may weigh as much again.
pub const PAGE_BYTES: usize = 2 * 1_024 * 1_024;

/// One part of a list of entities.
///
/// # Errors
/// When the database fails.
pub async fn run<E: EntityTrait>(conn: &impl PageConn, select: Select<E>, request: &ListRequest) -> Result<Listing<E::Model>, DbError> {
    run_query(conn, select.into_query(), request).await
}

/// One part of a list of rows of one's own making (joins, chosen columns). Qualify the columns of the `ListSpec`
/// where the select joins tables.
///
/// # Errors
/// When the database fails.
pub async fn run_into<M: FromQueryResult>(
    conn: &impl PageConn,
    select: impl QueryTrait<QueryStatement = SelectStatement>,
    request: &ListRequest,
) -> Result<Listing<M>, DbError> {
    run_query(conn, select.into_query(), request).await
}

/// [`run_into`] for a statement built with sea-query.
///
/// # Errors
/// When the database fails.
pub async fn run_query<M: FromQueryResult>(conn: &impl PageConn, select: SelectStatement, request: &ListRequest) -> Result<Listing<M>, DbError> {
    run_expanded(conn, select, request, async |rows| Ok(rows)).await
}

/// [`run_query`] whose rows are expanded. What is added has a weight, too: `expand` may answer the first few of the rows only, then the part ends there.
///
/// # Errors
/// When the database or `expand` fails.
pub async fn run_expanded<M: FromQueryResult, T>(
    conn: &impl PageConn,
    mut select: SelectStatement,
    request: &ListRequest,
    expand: impl AsyncFnOnce(Vec<M>) -> Result<Vec<T>, DbError>,
) -> Result<Listing<T>, DbError> {
    for filter in &request.filters {
        select.cond_where(sql::condition(filter));
    }
    match &request.paging {
        Paging::Page { page, limit } => numbered(conn, select, request, (*page, *limit), expand).await,
        Paging::Cursor { after: _, before: Some(position), limit } => {
            between(conn, select, request, (Direction::Backward, Some(position)), *limit, expand).await
        }
        Paging::Cursor { after, before: None, limit } => between(conn, select, request, (Direction::Forward, after.as_deref()), *limit, expand).await,
    }
}

/// The first rows of `select`, as many as weigh no more than [`PAGE_BYTES`], and whether more follow.
///
/// # Errors
/// When the database fails.
pub async fn first<M: FromQueryResult>(conn: &impl PageConn, select: &SelectStatement) -> Result<(Vec<M>, bool), DbError> {
    let first = conn.query_first(DbBackend::Postgres.build(select), PAGE_BYTES).await?;
    Ok((models(&first.rows)?, first.is_cut))
}

async fn numbered<M: FromQueryResult, T>(
    conn: &impl PageConn,
    select: SelectStatement,
    request: &ListRequest,
    (page, limit): (u64, u64),
    expand: impl AsyncFnOnce(Vec<M>) -> Result<Vec<T>, DbError>,
) -> Result<Listing<T>, DbError> {
    let offset = page.saturating_sub(1).saturating_mul(limit);
    let mut part = select.clone();
    keyset::order(&mut part, &request.sort, Direction::Forward);
    part.limit(limit).offset(offset);
    let (rows, is_cut) = first(conn, &part).await?;
    let found = rows.len();
    let items = expand(rows).await?;
    if is_cut || items.len() < found {
        return Err(DbError::PageTooHeavy { fit: items.len() });
    }
    let seen = u64::try_from(found).unwrap_or(u64::MAX);
    // A page that is not full ends the list: its length is known without a count.
    let (total, total_estimated) = if seen < limit && (seen > 0 || offset == 0) { (offset + seen, false) } else { count(conn, &select).await? };
    Ok(Listing::Page { items, page, limit, total, total_estimated })
}

async fn between<M: FromQueryResult, T>(
    conn: &impl PageConn,
    mut select: SelectStatement,
    request: &ListRequest,
    (direction, position): (Direction, Option<&[Scalar]>),
    limit: u64,
    expand: impl AsyncFnOnce(Vec<M>) -> Result<Vec<T>, DbError>,
) -> Result<Listing<T>, DbError> {
    if let Some(position) = position {
        if position.len() != request.sort.len() {
            return Err(DbError::other("a cursor does not fit the sort keys it came with"));
        }
        select.cond_where(keyset::beyond(&request.sort, position, direction));
    }
    keyset::select_keys(&mut select, &request.sort);
    keyset::order(&mut select, &request.sort, direction);
    select.limit(limit.saturating_add(1));
    let FirstRows { mut rows, is_cut } = conn.query_first(DbBackend::Postgres.build(&select), PAGE_BYTES).await?;
    let found = rows.len();
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut items = expand(models(&rows)?).await?;
    // In the order of travel, so that a part that ends early ends where the next one goes on.
    rows.truncate(items.len());
    let has_more = is_cut || rows.len() < found;
    if direction == Direction::Backward {
        rows.reverse();
        items.reverse();
    }
    let key_of = |row: Option<&QueryResult>| row.map(|row| keyset::read_keys(row, &request.sort)).transpose();
    // What lies where we came from exists; what lies ahead exists when one row more was found.
    let (more_before, more_after) = match direction {
        Direction::Forward => (position.is_some(), has_more),
        Direction::Backward => (has_more, true),
    };
    let next = if more_after { key_of(rows.last())? } else { None };
    let prev = if more_before { key_of(rows.first())? } else { None };
    Ok(Listing::Cursor { items, limit, next, prev, has_more })
}

fn models<M: FromQueryResult>(rows: &[QueryResult]) -> Result<Vec<M>, DbError> {
    Ok(rows.iter().map(|row| M::from_query_result(row, "")).collect::<Result<_, _>>()?)
}

/// The number of rows, and whether it is an estimate.
async fn count(conn: &impl ConnectionTrait, select: &SelectStatement) -> Result<(u64, bool), DbError> {
    let row = conn.query_one(&capped_count(select)).await?.ok_or(DbError::NotFound)?;
    let counted: i64 = row.try_get("", "total")?;
    let counted = u64::try_from(counted).unwrap_or_default();
    if counted <= EXACT_TOTAL {
        return Ok((counted, false));
    }
    Ok((Ord::max(estimate(conn, select).await?, counted), true))
}

fn capped_count(select: &SelectStatement) -> SelectStatement {
    let mut bare = select.clone();
    bare.clear_selects().clear_order_by().expr(Expr::val(1)).limit(EXACT_TOTAL + 1);
    Query::select().expr_as(Expr::cust("count(*)"), Alias::new("total")).from_subquery(bare, Alias::new("capped")).take()
}

/// How many rows the planner expects.
async fn estimate(conn: &impl ConnectionTrait, select: &SelectStatement) -> Result<u64, DbError> {
    let plain = DbBackend::Postgres.build(select);
    let values = plain.values.map(|values| values.0).unwrap_or_default();
    let explain = Statement::from_sql_and_values(DbBackend::Postgres, format!("EXPLAIN (FORMAT JSON) {}", plain.sql), values);
    let row = conn.query_one_raw(explain).await?.ok_or(DbError::NotFound)?;
    let plan: Value = row.try_get_by_index(0)?;
    Ok(planned_rows(&plan))
}

fn planned_rows(plan: &Value) -> u64 {
    let rows = &plan[0]["Plan"]["Plan Rows"];
    rows.as_u64().unwrap_or_default()
}

#[cfg(test)]
mod tests;
