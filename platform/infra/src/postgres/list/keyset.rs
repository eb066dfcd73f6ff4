//! Keyset paging: the rows beyond a position, for any mix of directions and with NULLs.
//!
//! For the sort keys `a, b, id` the rows after `(x, y, z)` are those with `a` beyond `x`, or `a = x` and `b` beyond
//! `y`, or `a = x`, `b = y` and `id` beyond `z`; "beyond" follows each key's direction, and NULL is beyond every value.
//! Where all keys run one way and none is NULL, that is a row comparison, which an index answers directly.

use nexus_core::list::{FieldKind, Scalar, SortKey};
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait, NullOrdering, Order, SelectStatement};
use sea_orm::{QueryResult, TryGetable};

use super::sql::{column, value};
use crate::postgres::DbError;

/// Which way the list is travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

/// Adds the order; travelled backward, it is the exact reverse.
pub(super) fn order(select: &mut SelectStatement, sort: &[SortKey], direction: Direction) {
    for key in sort {
        let (order, nulls) = match (key.descending, direction) {
            (false, Direction::Forward) => (Order::Asc, NullOrdering::Last),
            (true, Direction::Forward) => (Order::Desc, NullOrdering::Last),
            (false, Direction::Backward) => (Order::Desc, NullOrdering::First),
            (true, Direction::Backward) => (Order::Asc, NullOrdering::First),
        };
        if key.nullable {
            select.order_by_expr_with_nulls(column(key.column), order, nulls);
        } else {
            select.order_by_expr(column(key.column), order);
        }
    }
}

/// The condition for rows strictly beyond `position` in the direction of travel.
pub(super) fn beyond(sort: &[SortKey], position: &[Scalar], direction: Direction) -> Cond {
    let keys: Vec<(&SortKey, &Scalar)> = sort.iter().zip(position).collect();
    let uniform = keys.iter().all(|(key, at)| !key.nullable && **at != Scalar::Null && key.descending == keys[0].0.descending);
    if uniform && !keys.is_empty() {
        return Cond::all().add(row_comparison(&keys, direction));
    }
    let mut any = Cond::any();
    for (place, (key, at)) in keys.iter().enumerate() {
        let Some(step) = step(key, at, direction) else { continue };
        let mut all = Cond::all();
        for (earlier, at) in &keys[..place] {
            all = all.add(equal(earlier, at));
        }
        any = any.add(all.add(step));
    }
    // An empty disjunction would be no condition at all.
    let any = if any.is_empty() { any.add(Expr::val(false)) } else { any };
    match keys.first() {
        // Redundant, but a range of the leading key that an index can start from.
        Some((first, at)) if !first.nullable && **at != Scalar::Null => {
            let (column, at) = (column(first.column), value(at));
            let range = if grows(first, direction) { column.gte(at) } else { column.lte(at) };
            Cond::all().add(range).add(any)
        }
        _ => any,
    }
}

fn row_comparison(keys: &[(&SortKey, &Scalar)], direction: Direction) -> Expr {
    let columns = keys.iter().map(|(key, _)| column(key.column));
    let values = keys.iter().map(|(_, at)| Expr::val(value(at)));
    let (left, right) = (Expr::tuple(columns), Expr::tuple(values));
    if grows(keys[0].0, direction) { left.gt(right) } else { left.lt(right) }
}

/// Whether values grow in the direction of travel.
fn grows(key: &SortKey, direction: Direction) -> bool {
    key.descending == (direction == Direction::Backward)
}

fn equal(key: &SortKey, at: &Scalar) -> Expr {
    match at {
        Scalar::Null => column(key.column).is_null(),
        known => column(key.column).eq(value(known)),
    }
}

/// Rows whose `key` lies beyond `at`; none if nothing can.
fn step(key: &SortKey, at: &Scalar, direction: Direction) -> Option<Cond> {
    let column = || column(key.column);
    match (at, direction) {
        (Scalar::Null, Direction::Forward) => None,
        (Scalar::Null, Direction::Backward) => Some(Cond::all().add(column().is_not_null())),
        (known, _) => {
            let at = value(known);
            let moved = if grows(key, direction) { column().gt(at) } else { column().lt(at) };
            let any = Cond::any().add(moved);
            let nulls_ahead = key.nullable && direction == Direction::Forward;
            Some(if nulls_ahead { any.add(column().is_null()) } else { any })
        }
    }
}

fn alias(place: usize) -> String {
    format!("nx_key_{place}")
}

/// Selects the sort keys beside the row, in types that read back exactly.
pub(super) fn select_keys(select: &mut SelectStatement, sort: &[SortKey]) {
    for (place, key) in sort.iter().enumerate() {
        let sql_type = match key.kind {
            FieldKind::Text | FieldKind::Enum(_) => "text",
            FieldKind::Uuid => "uuid",
            FieldKind::Decimal => "numeric",
            FieldKind::Integer => "bigint",
            FieldKind::Timestamp => "timestamptz",
            FieldKind::Bool => "boolean",
        };
        select.expr_as(column(key.column).cast_as(Alias::new(sql_type)), Alias::new(alias(place)));
    }
}

/// The position of a row: the values of its sort keys.
pub(super) fn read_keys(row: &QueryResult, sort: &[SortKey]) -> Result<Vec<Scalar>, DbError> {
    sort.iter()
        .enumerate()
        .map(|(place, key)| {
            let name = alias(place);
            Ok(match key.kind {
                FieldKind::Text | FieldKind::Enum(_) => read(row, &name, Scalar::Text)?,
                FieldKind::Uuid => read(row, &name, Scalar::Uuid)?,
                FieldKind::Decimal => read(row, &name, Scalar::Decimal)?,
                FieldKind::Integer => read(row, &name, Scalar::Integer)?,
                FieldKind::Timestamp => read(row, &name, Scalar::Timestamp)?,
                FieldKind::Bool => read(row, &name, Scalar::Bool)?,
            })
        })
        .collect()
}

fn read<T>(row: &QueryResult, name: &str, wrap: impl Fn(T) -> Scalar) -> Result<Scalar, DbError>
where
    Option<T>: TryGetable,
{
    Ok(row.try_get::<Option<T>>("", name)?.map_or(Scalar::Null, wrap))
}
