//! The SQL that lists become, without a database.

use nexus_core::list::{FieldKind, Filter, Op, Scalar, SortKey};
use sea_orm::DbBackend;
use sea_orm::sea_query::{Alias, Query, SelectStatement};
use serde_json::json;
use uuid::Uuid;

use super::keyset::{self, Direction};
use super::{capped_count, planned_rows, sql};

fn key(column: &'static str, kind: FieldKind, descending: bool, nullable: bool) -> SortKey {
    SortKey { name: column, column, kind, descending, nullable }
}

fn products() -> SelectStatement {
    Query::select().column(Alias::new("id")).from(Alias::new("products")).take()
}

/// The statement with its values written in, without the part before WHERE.
fn shown(select: &SelectStatement) -> String {
    let text = DbBackend::Postgres.build(select).to_string();
    text.split_once(" FROM \"products\" ").map_or(text.clone(), |(_, rest)| rest.to_owned())
}

fn beyond(sort: &[SortKey], position: &[Scalar], direction: Direction) -> String {
    let mut select = products();
    select.cond_where(keyset::beyond(sort, position, direction));
    shown(&select)
}

fn filtered(op: Op, values: Vec<Scalar>) -> String {
    let mut select = products();
    select.cond_where(sql::condition(&Filter { name: "status", column: "products.status", op, values }));
    shown(&select)
}

const ID: Uuid = Uuid::nil();

#[test]
fn one_direction_without_nulls_is_a_row_comparison() {
    let sort = [key("created_at", FieldKind::Integer, true, false), key("id", FieldKind::Uuid, true, false)];
    let position = [Scalar::Integer(5), Scalar::Uuid(ID)];
    let forward = beyond(&sort, &position, Direction::Forward);
    assert_eq!(forward, format!(r#"WHERE ("created_at", "id") < (5, '{ID}')"#));
    let backward = beyond(&sort, &position, Direction::Backward);
    assert_eq!(backward, format!(r#"WHERE ("created_at", "id") > (5, '{ID}')"#));
}

#[test]
fn mixed_directions_compare_key_by_key_within_the_leading_range() {
    let sort = [key("name", FieldKind::Text, false, false), key("id", FieldKind::Uuid, true, false)];
    let text = beyond(&sort, &[Scalar::Text("b".into()), Scalar::Uuid(ID)], Direction::Forward);
    assert_eq!(text, format!(r#"WHERE "name" >= 'b' AND ("name" > 'b' OR ("name" = 'b' AND "id" < '{ID}'))"#));
}

#[test]
fn nulls_come_last_in_either_direction() {
    for descending in [false, true] {
        let sort = [key("brand", FieldKind::Text, descending, true), key("id", FieldKind::Uuid, false, false)];
        let sign = if descending { '<' } else { '>' };
        let after_value = beyond(&sort, &[Scalar::Text("b".into()), Scalar::Uuid(ID)], Direction::Forward);
        assert_eq!(after_value, format!(r#"WHERE "brand" {sign} 'b' OR "brand" IS NULL OR ("brand" = 'b' AND "id" > '{ID}')"#));
        // After a NULL only other NULLs follow.
        let after_null = beyond(&sort, &[Scalar::Null, Scalar::Uuid(ID)], Direction::Forward);
        assert_eq!(after_null, format!(r#"WHERE "brand" IS NULL AND "id" > '{ID}'"#));
        // Before a NULL lies every value, and NULLs with a smaller id.
        let before_null = beyond(&sort, &[Scalar::Null, Scalar::Uuid(ID)], Direction::Backward);
        assert_eq!(before_null, format!(r#"WHERE "brand" IS NOT NULL OR ("brand" IS NULL AND "id" < '{ID}')"#));
    }
}

#[test]
fn travelling_backward_is_the_exact_reverse() {
    let sort = [key("brand", FieldKind::Text, true, true), key("products.id", FieldKind::Uuid, false, false)];
    let mut forward = products();
    keyset::order(&mut forward, &sort, Direction::Forward);
    assert_eq!(shown(&forward), r#"ORDER BY "brand" DESC NULLS LAST, "products"."id" ASC"#);
    let mut backward = products();
    keyset::order(&mut backward, &sort, Direction::Backward);
    assert_eq!(shown(&backward), r#"ORDER BY "brand" ASC NULLS FIRST, "products"."id" DESC"#);
}

#[test]
fn filters_treat_null_as_a_reader_expects() {
    let draft = || Scalar::Text("draft".into());
    assert_eq!(filtered(Op::In, vec![draft()]), r#"WHERE "products"."status" = 'draft'"#);
    assert_eq!(filtered(Op::In, vec![draft(), Scalar::Null]), r#"WHERE "products"."status" = 'draft' OR "products"."status" IS NULL"#);
    assert_eq!(filtered(Op::NotIn, vec![draft()]), r#"WHERE "products"."status" NOT IN ('draft') OR "products"."status" IS NULL"#);
    assert_eq!(filtered(Op::NotIn, vec![Scalar::Null]), r#"WHERE "products"."status" IS NOT NULL"#);
    assert_eq!(filtered(Op::Gte, vec![Scalar::Integer(3)]), r#"WHERE "products"."status" >= 3"#);
}

#[test]
fn two_filters_both_hold() {
    let mut select = products();
    for values in [vec![Scalar::Text("a".into()), Scalar::Null], vec![Scalar::Text("b".into()), Scalar::Null]] {
        select.cond_where(sql::condition(&Filter { name: "x", column: "x", op: Op::In, values }));
    }
    assert_eq!(shown(&select), r#"WHERE ("x" = 'a' OR "x" IS NULL) AND ("x" = 'b' OR "x" IS NULL)"#);
}

#[test]
fn a_column_is_quoted_and_an_expression_left_alone() {
    for (text, expected) in [("position", r#""position""#), ("p.name", r#""p"."name""#), ("coalesce(a.b, 0)", "coalesce(a.b, 0)")] {
        let mut select = Query::select();
        select.expr(sql::column(text));
        assert_eq!(DbBackend::Postgres.build(&select).to_string(), format!("SELECT {expected}"));
    }
}

#[test]
fn the_count_stops_past_the_exact_limit() {
    let text = DbBackend::Postgres.build(&capped_count(&products())).to_string();
    assert_eq!(text, r#"SELECT count(*) AS "total" FROM (SELECT 1 FROM "products" LIMIT 10001) AS "capped""#);
}

#[test]
fn the_planner_is_read_from_its_json() {
    assert_eq!(planned_rows(&json!([{"Plan": {"Node Type": "Seq Scan", "Plan Rows": 48210}}])), 48_210);
    assert_eq!(planned_rows(&json!([])), 0);
}
