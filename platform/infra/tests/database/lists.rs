//! Pages and cursors over real rows: nothing is skipped, nothing comes twice.

use nexus_core::list::{FieldKind, Filter, Op, Paging, SortKey};
use nexus_core::{ListRequest, Listing, Problem};
use nexus_infra::DbError;
use nexus_infra::list::{self, PAGE_BYTES};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Alias, Query};

use crate::stack::Database;

#[derive(Debug, Clone, PartialEq, FromQueryResult)]
struct Row {
    id: i32,
    brand: Option<String>,
    price: rust_decimal::Decimal,
}

fn key(column: &'static str, kind: FieldKind, descending: bool, nullable: bool) -> SortKey {
    SortKey { name: column, column, kind, descending, nullable }
}

fn request(sort: Vec<SortKey>, paging: Paging) -> ListRequest {
    ListRequest { filters: vec![], sort, q: None, include: vec![], extra: Default::default(), paging }
}

async fn things(rows: u32) -> Database {
    let it = Database::new().await;
    sqlx::raw_sql("CREATE TABLE things (id int PRIMARY KEY, brand text, price numeric(19,4) NOT NULL, at timestamptz)")
        .execute(it.db.pool())
        .await
        .unwrap();
    // Brands repeat, every third one is missing; prices repeat too.
    sqlx::query("INSERT INTO things SELECT n, CASE WHEN n % 3 = 0 THEN NULL ELSE 'b' || n % 4 END, (n % 5) + 0.5, now() - n * interval '1 second' FROM generate_series(1, $1) n")
        .bind(i32::try_from(rows).unwrap())
        .execute(it.db.pool())
        .await
        .unwrap();
    it
}

async fn ask(it: &Database, request: &ListRequest) -> Listing<Row> {
    let select = Query::select().columns(["id", "brand", "price"].map(Alias::new)).from(Alias::new("things")).take();
    list::run_query(it.db.conn(), select, request).await.unwrap()
}

#[tokio::test]
async fn cursors_walk_the_whole_list_both_ways_whatever_the_order() {
    let it = things(47).await;
    let orders = [(false, false, false), (true, false, false), (false, true, true), (true, true, false), (true, true, true)];
    for (brand_down, price_down, id_down) in orders {
        let sort = vec![
            key("brand", FieldKind::Text, brand_down, true),
            key("price", FieldKind::Decimal, price_down, false),
            key("id", FieldKind::Integer, id_down, false),
        ];
        let all = ask(&it, &request(sort.clone(), Paging::Page { page: 1, limit: 200 })).await.items().to_vec();
        assert_eq!(all.len(), 47);
        assert!(all.last().is_some_and(|row| row.brand.is_none()), "NULLs come last");
        let (mut forward, mut after, mut last_prev) = (Vec::new(), None, None);
        loop {
            let Listing::Cursor { items, next, prev, has_more, .. } =
                ask(&it, &request(sort.clone(), Paging::Cursor { after, before: None, limit: 5 })).await
            else {
                panic!("a cursor was asked for")
            };
            forward.extend(items);
            assert_eq!(has_more, next.is_some());
            if next.is_none() {
                last_prev = prev.or(last_prev);
                break;
            }
            after = next;
        }
        assert_eq!(forward, all);
        let (mut backward, mut before) = (Vec::new(), last_prev);
        while before.is_some() {
            let Listing::Cursor { items, prev, next, .. } = ask(&it, &request(sort.clone(), Paging::Cursor { after: None, before, limit: 5 })).await
            else {
                panic!("a cursor was asked for")
            };
            assert!(next.is_some(), "where we came from there is more");
            backward.splice(0..0, items);
            before = prev;
        }
        // The last part forward had 47 mod 5 = 2 rows; backward begins in front of them.
        assert_eq!(backward, all[..45]);
    }
    it.drop().await;
}

#[tokio::test]
async fn a_uniform_order_and_times_read_back_exactly() {
    let it = things(20).await;
    let sort = vec![key("at", FieldKind::Timestamp, true, false), key("id", FieldKind::Integer, true, false)];
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let Listing::Cursor { items, next, .. } = ask(&it, &request(sort.clone(), Paging::Cursor { after, before: None, limit: 7 })).await else {
            panic!()
        };
        seen.extend(items.iter().map(|row| row.id));
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, (1..=20).collect::<Vec<_>>());
    it.drop().await;
}

#[tokio::test]
async fn totals_are_exact_up_to_ten_thousand_and_then_estimated() {
    let it = things(12_000).await;
    sqlx::raw_sql("ANALYZE things").execute(it.db.pool()).await.unwrap();
    let by_id = || vec![key("id", FieldKind::Integer, false, false)];
    let Listing::Page { total, total_estimated, items, .. } = ask(&it, &request(by_id(), Paging::Page { page: 2, limit: 20 })).await else {
        panic!()
    };
    assert_eq!((items.len(), items[0].id, total_estimated), (20, 21, true));
    assert!((10_001..=13_000).contains(&total), "{total}");
    let mut few = request(by_id(), Paging::Page { page: 1, limit: 20 });
    let value = |text: &str| nexus_core::list::Scalar::Text(text.into());
    few.filters.push(Filter { name: "brand", column: "things.brand", op: Op::In, values: vec![value("b1"), value("b2")] });
    few.filters.push(Filter { name: "price", column: "price", op: Op::Lt, values: vec![nexus_core::list::Scalar::Integer(1)] });
    let Listing::Page { total, total_estimated, items, .. } = ask(&it, &few).await else { panic!() };
    let counted = it.count("SELECT count(*) FROM things WHERE brand IN ('b1', 'b2') AND price < 1").await;
    assert_eq!((i64::try_from(total).unwrap(), total_estimated, items.len()), (counted, false, 20));
    let Listing::Page { total, items, .. } = ask(&it, &ListRequest { paging: Paging::Page { page: 400, limit: 20 }, ..few }).await else { panic!() };
    assert_eq!((i64::try_from(total).unwrap(), items.len()), (counted, 0), "past the end the total is still told");
    it.drop().await;
}

/// Twenty rows of 600,000 bytes that compress to next to nothing, and one of three million.
async fn heavy_things() -> Database {
    let it = Database::new().await;
    let sql = "CREATE TABLE heavy (id int PRIMARY KEY, body text NOT NULL); \
        INSERT INTO heavy SELECT n, repeat('x', CASE n WHEN 11 THEN 3000000 ELSE 600000 END) FROM generate_series(1, 20) n";
    sqlx::raw_sql(sql).execute(it.db.pool()).await.unwrap();
    it
}

#[derive(Debug, FromQueryResult)]
struct Heavy {
    id: i32,
    body: String,
}

async fn ask_heavy(it: &Database, paging: Paging) -> Result<Listing<i32>, DbError> {
    let select = Query::select().columns(["id", "body"].map(Alias::new)).from(Alias::new("heavy")).take();
    let sort = vec![key("id", FieldKind::Integer, false, false)];
    let listing = list::run_query::<Heavy>(it.db.conn(), select, &request(sort, paging)).await?;
    let weight: usize = listing.items().iter().map(|row| row.body.len()).sum();
    assert!(weight <= PAGE_BYTES || listing.items().len() == 1, "{weight} bytes");
    Ok(listing.map(|row| row.id))
}

#[tokio::test]
async fn a_part_ends_where_its_rows_weigh_too_much_and_the_next_goes_on_there() {
    let it = heavy_things().await;
    let (mut forward, mut after, mut sizes, mut last_prev) = (Vec::new(), None, Vec::new(), None);
    loop {
        let Ok(Listing::Cursor { items, next, prev, has_more, .. }) = ask_heavy(&it, Paging::Cursor { after, before: None, limit: 50 }).await else {
            panic!()
        };
        assert_eq!(has_more, next.is_some());
        sizes.push(items.len());
        forward.extend(items);
        last_prev = prev.or(last_prev);
        if next.is_none() {
            break;
        }
        after = next;
    }
    assert_eq!((forward, sizes), ((1..=20).collect::<Vec<_>>(), vec![3, 3, 3, 1, 1, 3, 3, 3]));
    let (mut backward, mut before) = (Vec::new(), last_prev);
    while before.is_some() {
        let Ok(Listing::Cursor { items, prev, .. }) = ask_heavy(&it, Paging::Cursor { after: None, before, limit: 50 }).await else { panic!() };
        backward.splice(0..0, items);
        before = prev;
    }
    assert_eq!(backward, (1..=17).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_numbered_page_that_weighs_too_much_is_refused_and_says_what_fits() {
    let it = heavy_things().await;
    let refused = ask_heavy(&it, Paging::Page { page: 1, limit: 50 }).await.unwrap_err();
    assert!(matches!(refused, DbError::PageTooHeavy { fit: 3 }), "{refused}");
    let problem = Problem::from(refused);
    assert_eq!((problem.code.status, &problem.details.unwrap()[0]["field"]), (400, &serde_json::json!("limit")));
    assert_eq!(ask_heavy(&it, Paging::Page { page: 2, limit: 3 }).await.unwrap().items(), [4, 5, 6]);
    assert_eq!(ask_heavy(&it, Paging::Page { page: 11, limit: 1 }).await.unwrap().items(), [11]);
}

#[tokio::test]
async fn an_expansion_may_end_a_part_early_too() {
    let it = things(10).await;
    let ask = async |paging: Paging| {
        let select = Query::select().columns(["id", "brand", "price"].map(Alias::new)).from(Alias::new("things")).take();
        let request = request(vec![key("id", FieldKind::Integer, false, false)], paging);
        list::run_expanded(it.db.conn(), select, &request, async |rows: Vec<Row>| Ok(rows.into_iter().map(|row| row.id).take(2).collect())).await
    };
    let Ok(Listing::Cursor { items, next, has_more, .. }) = ask(Paging::Cursor { after: None, before: None, limit: 5 }).await else { panic!() };
    assert_eq!((items, has_more), (vec![1, 2], true));
    let Ok(Listing::Cursor { items, next, .. }) = ask(Paging::Cursor { after: next, before: None, limit: 5 }).await else { panic!() };
    assert_eq!(items, [3, 4]);
    let Ok(Listing::Cursor { items, prev, .. }) = ask(Paging::Cursor { after: None, before: next, limit: 5 }).await else { panic!() };
    assert_eq!((items, prev.is_some()), (vec![2, 3], true), "those next to where it came from");
    assert!(matches!(ask(Paging::Page { page: 1, limit: 5 }).await, Err(DbError::PageTooHeavy { fit: 2 })));
}
