//! Columns, values and conditions of a list, as SQL.

use nexus_core::list::{Filter, Op, Scalar};
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait, Value};

/// A column (`name`, `products.name`) or, when it is anything else, an expression written by the slice.
pub(super) fn column(text: &'static str) -> Expr {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match text.split_once('.') {
        None if plain(text) => Expr::col(Alias::new(text)),
        Some((table, name)) if plain(table) && plain(name) => Expr::col((Alias::new(table), Alias::new(name))),
        _ => Expr::cust(text),
    }
}

/// A bound value; NULL is never bound, its callers write `IS NULL`.
pub(super) fn value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => text.as_str().into(),
        Scalar::Uuid(id) => (*id).into(),
        Scalar::Decimal(number) => (*number).into(),
        Scalar::Integer(number) => (*number).into(),
        Scalar::Timestamp(at) => (*at).into(),
        Scalar::Bool(truth) => (*truth).into(),
        Scalar::Null => Value::String(None),
    }
}

/// One filter. "Not x" includes rows without a value, as a reader expects and SQL does not.
pub(super) fn condition(filter: &Filter) -> Cond {
    let column = || column(filter.column);
    match filter.op {
        Op::In => any_of(&column(), &filter.values),
        Op::NotIn if filter.values.contains(&Scalar::Null) => {
            let mut all = Cond::all().add(column().is_not_null());
            if let Some(bound) = bound(&filter.values) {
                all = all.add(column().is_not_in(bound));
            }
            all
        }
        Op::NotIn => match bound(&filter.values) {
            Some(bound) => Cond::any().add(column().is_not_in(bound)).add(column().is_null()),
            None => Cond::all(),
        },
        Op::Lt => compare(filter, |bound| column().lt(bound)),
        Op::Lte => compare(filter, |bound| column().lte(bound)),
        Op::Gt => compare(filter, |bound| column().gt(bound)),
        Op::Gte => compare(filter, |bound| column().gte(bound)),
    }
}

/// A filter on text that a slice compares in a way of its own (codes without regard to case, rows of another table): `condition` of
/// any of the values, or of none.
pub fn any_text(filter: &Filter, condition: impl Fn(&str) -> Expr) -> Cond {
    let texts = filter.values.iter().filter_map(|value| match value {
        Scalar::Text(text) => Some(text),
        _ => None,
    });
    let any = texts.fold(Cond::any(), |any, text| any.add(condition(text)));
    if filter.op == Op::NotIn { any.not() } else { any }
}

/// A filter on what either holds or does not, and is no column: true rows for `true`, the others for `false`.
pub fn flag(filter: &Filter, holds: Expr) -> Cond {
    let mut any = Cond::any();
    for (truth, condition) in [(true, holds.clone()), (false, holds.not())] {
        if filter.values.contains(&Scalar::Bool(truth)) {
            any = any.add(condition);
        }
    }
    if filter.op == Op::NotIn { any.not() } else { any }
}

fn any_of(column: &Expr, values: &[Scalar]) -> Cond {
    let mut any = Cond::any();
    match bound(values).as_deref() {
        None => {}
        Some([one]) => any = any.add(column.clone().eq(one.clone())),
        Some(many) => any = any.add(column.clone().is_in(many.to_vec())),
    }
    if values.contains(&Scalar::Null) {
        any = any.add(column.clone().is_null());
    }
    any
}

fn bound(values: &[Scalar]) -> Option<Vec<Value>> {
    let bound: Vec<Value> = values.iter().filter(|scalar| **scalar != Scalar::Null).map(value).collect();
    (!bound.is_empty()).then_some(bound)
}

/// Nothing is less or greater than NULL.
fn compare(filter: &Filter, by: impl Fn(Value) -> Expr) -> Cond {
    filter.values.iter().fold(Cond::all(), |all, scalar| match scalar {
        Scalar::Null => all.add(Expr::val(false)),
        known => all.add(by(value(known))),
    })
}
