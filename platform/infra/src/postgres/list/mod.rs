//! Lists: filters, order and paging of a [`ListRequest`] put onto a select.
//!
//! Invariants:
//! - NULLs sort last in either direction, in pages and in cursors alike.
//! - A cursor is a position between rows, not a row count: rows that come and go elsewhere neither repeat nor skip
//!   others.
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

use super::DbError;
use keyset::Direction;

pub use sql::any_text;

/// One part of a list of entities.
///
/// # Errors
/// When the database fails.
pub async fn run<E: EntityTrait>(conn: &impl ConnectionTrait, select: Select<E>, request: &ListRequest) -> Result<Listing<E::Model>, DbError> {
    run_query(conn, select.into_query(), request).await
}

/// One part of a list of rows of one's own making (joins, chosen columns). Qualify the columns of the `ListSpec`
/// where the select joins tables.
///
/// # Errors
/// When the database fails.
pub async fn run_into<M: FromQueryResult>(
    conn: &impl ConnectionTrait,
    select: impl QueryTrait<QueryStatement = SelectStatement>,
    request: &ListRequest,
) -> Result<Listing<M>, DbError> {
    run_query(conn, select.into_query(), request).await
}

/// [`run_into`] for a statement built with sea-query.
///
/// # Errors
/// When the database fails.
pub async fn run_query<M: FromQueryResult>(
    conn: &impl ConnectionTrait,
    mut select: SelectStatement,
    request: &ListRequest,
) -> Result<Listing<M>, DbError> {
    for filter in &request.filters {
        select.cond_where(sql::condition(filter));
    }
    match &request.paging {
        Paging::Page { page, limit } => numbered(conn, select, request, *page, *limit).await,
        Paging::Cursor { after: _, before: Some(position), limit } => {
            between(conn, select, request, Direction::Backward, Some(position), *limit).await
        }
        Paging::Cursor { after, before: None, limit } => between(conn, select, request, Direction::Forward, after.as_deref(), *limit).await,
    }
}

async fn numbered<M: FromQueryResult>(
    conn: &impl ConnectionTrait,
    select: SelectStatement,
    request: &ListRequest,
    page: u64,
    limit: u64,
) -> Result<Listing<M>, DbError> {
    let offset = page.saturating_sub(1).saturating_mul(limit);
    let mut part = select.clone();
    keyset::order(&mut part, &request.sort, Direction::Forward);
    part.limit(limit).offset(offset);
    let items = models(&conn.query_all(&part).await?)?;
    let seen = u64::try_from(items.len()).unwrap_or(u64::MAX);
    // A page that is not full ends the list: its length is known without a count.
    let (total, total_estimated) = if seen < limit && (seen > 0 || offset == 0) { (offset + seen, false) } else { count(conn, &select).await? };
    Ok(Listing::Page { items, page, limit, total, total_estimated })
}

async fn between<M: FromQueryResult>(
    conn: &impl ConnectionTrait,
    mut select: SelectStatement,
    request: &ListRequest,
    direction: Direction,
    position: Option<&[Scalar]>,
    limit: u64,
) -> Result<Listing<M>, DbError> {
    if let Some(position) = position {
        if position.len() != request.sort.len() {
            return Err(DbError::other("a cursor does not fit the sort keys it came with"));
        }
        select.cond_where(keyset::beyond(&request.sort, position, direction));
    }
    keyset::select_keys(&mut select, &request.sort);
    keyset::order(&mut select, &request.sort, direction);
    select.limit(limit.saturating_add(1));
    let mut rows = conn.query_all(&select).await?;
    let has_more = u64::try_from(rows.len()).unwrap_or(u64::MAX) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if direction == Direction::Backward {
        rows.reverse();
    }
    let key_of = |row: Option<&QueryResult>| row.map(|row| keyset::read_keys(row, &request.sort)).transpose();
    // What lies where we came from exists; what lies ahead exists when one row more was found.
    let (more_before, more_after) = match direction {
        Direction::Forward => (position.is_some(), has_more),
        Direction::Backward => (has_more, true),
    };
    let next = if more_after { key_of(rows.last())? } else { None };
    let prev = if more_before { key_of(rows.first())? } else { None };
    Ok(Listing::Cursor { items: models(&rows)?, limit, next, prev, has_more })
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
