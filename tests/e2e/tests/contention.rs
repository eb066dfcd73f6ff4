//! Many at once on one short article, and many tries under one key: never negative, never lost, never twice.

use std::time::Duration;

use futures::future::join_all;
use nexus_test_support::{Answer, Client, Role, TestTenant, eventually};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::fixtures::{Article, article, movement, receive};
use crate::platform::{Platform, key, text};

/// Clients at once.
const CLIENTS: usize = 32;
/// Moves of each.
const MOVES: usize = 6;
/// What is there at first: far less than the clients ask for.
const STOCK: i64 = 40;

/// A number line without a generator: the same moves in every run, in another order by the scheduler's whim.
fn piece(client: usize, number: usize) -> i64 {
    i64::try_from((client * 7 + number * 3) % 5 + 1).unwrap()
}

/// What a client asks for, what it brings to the whole stock, and what it moves into the shop.
fn wish(article: &Article, shop: &str, client: usize, number: usize) -> (&'static str, Value, i64) {
    let quantity = piece(client, number);
    let line = |place: &str| json!({ "variant_id": article.variant, "location_id": place, "quantity": quantity.to_string() });
    match (client + number) % 8 {
        0 => ("/api/v1/stock-movements", json!({ "kind": "receive", "lines": [line(&article.main)] }), quantity),
        1 | 2 => {
            let line =
                json!({ "variant_id": article.variant, "from_location_id": article.main, "to_location_id": shop, "quantity": quantity.to_string() });
            ("/api/v1/inventory/transfer", json!({ "lines": [line] }), 0)
        }
        3 => {
            let line = json!({ "variant_id": article.variant, "location_id": shop, "delta": format!("-{quantity}") });
            ("/api/v1/inventory/adjust", json!({ "reason": "damage", "lines": [line] }), -quantity)
        }
        4 => ("/api/v1/stock-movements", json!({ "kind": "scrap", "lines": [line(&article.main), line(shop)] }), -2 * quantity),
        5 => ("/api/v1/stock-movements", json!({ "kind": "issue", "lines": [line(shop)] }), -quantity),
        _ => ("/api/v1/stock-movements", json!({ "kind": "issue", "lines": [line(&article.main)] }), -quantity),
    }
}

/// Sends until the answer is clear: a busy server says 503 and when to come back.
async fn clearly(client: &Client, path: &str, body: &Value) -> Answer {
    let key = key();
    eventually(Duration::from_secs(60), async || {
        let answer = client.post(path, body).idempotency_key(&key).send().await;
        let busy = answer.status.as_u16() == 503;
        assert!(!busy || answer.header("retry-after").is_some(), "503 without Retry-After");
        (!busy).then_some(answer)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_two_clients_never_oversell_one_short_article() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    let scarce = article(&client, "SCARCE").await;
    let shop = client.post("/api/v1/locations", &json!({ "code": "SHOP", "name": "Shop", "type": "site", "kind": "store" })).send().await.created();
    let shop = text(&shop["id"]);
    receive(&client, &scarce, &STOCK.to_string()).await;

    let clients = (0..CLIENTS).map(async |number| {
        let (mut sum, mut moved, mut short) = (0, 0, 0);
        for turn in 0..MOVES {
            let (path, body, change) = wish(&scarce, &shop, number, turn);
            let answer = clearly(&client, path, &body).await;
            if answer.status.as_u16() == 201 {
                sum += change;
                moved += body["lines"].as_array().map_or(0, Vec::len);
            } else {
                let error = answer.error(409, "INSUFFICIENT_STOCK");
                assert_eq!(error["details"]["lines"][0]["variant_id"], scarce.variant, "{error}");
                short += 1;
            }
        }
        (sum, moved, short)
    });
    let outcomes: Vec<(i64, usize, usize)> = join_all(clients).await;
    let (moved, short) = (outcomes.iter().map(|one| one.1).sum::<usize>(), outcomes.iter().map(|one| one.2).sum::<usize>());
    assert!(moved > 20 && short > 20, "{moved} moves and {short} refusals: the article was not short");

    let admin = tenant.owner_db().await;
    assert_ledger_is_sound(admin.pool()).await;
    let movements: i64 = sqlx::query_scalar("SELECT count(*) FROM stock_movements").fetch_one(admin.pool()).await.unwrap();
    assert_eq!(movements, i64::try_from(moved).unwrap() + 1, "movements were lost, or posted without an answer");
    let left: Decimal = sqlx::query_scalar("SELECT sum(on_hand) FROM stock_levels").fetch_one(admin.pool()).await.unwrap();
    assert_eq!(left, Decimal::from(STOCK + outcomes.iter().map(|one| one.0).sum::<i64>()), "the stock is not what was promised");
    twenty_tries_under_one_key_are_one_request(&client, &scarce, admin.pool()).await;
}

/// The levels are the fold of the ledger, no entry ever left one negative, and each says what was there after it.
async fn assert_ledger_is_sound(admin: &PgPool) {
    const SIDES: &str = "WITH sides AS (
            SELECT m.variant_id, m.to_location_id AS location_id, m.seq, m.recorded_at, m.quantity AS change, m.to_quantity_after AS told
            FROM stock_movements m JOIN locations l ON l.id = m.to_location_id AND l.type <> 'virtual'
            UNION ALL
            SELECT m.variant_id, m.from_location_id, m.seq, m.recorded_at, -m.quantity, m.from_quantity_after
            FROM stock_movements m JOIN locations l ON l.id = m.from_location_id AND l.type <> 'virtual'
        ), running AS (
            SELECT sides.*, sum(change) OVER level AS held, lag(recorded_at) OVER level AS before
            FROM sides WINDOW level AS (PARTITION BY variant_id, location_id ORDER BY seq)
        )";
    let count = async |rest: &str| {
        let statement = sqlx::AssertSqlSafe(format!("{SIDES} {rest}"));
        sqlx::query_scalar::<_, i64>(statement).fetch_one(admin).await.unwrap()
    };
    assert!(count("SELECT count(*) FROM running").await > 0, "an empty ledger proves nothing");
    assert_eq!(count("SELECT count(*) FROM running WHERE held < 0").await, 0, "a level was negative");
    assert_eq!(count("SELECT count(*) FROM running WHERE held IS DISTINCT FROM told").await, 0, "an entry tells another quantity than the ledger");
    assert_eq!(count("SELECT count(*) FROM running WHERE recorded_at <= before").await, 0, "the time of recording does not grow along a level");
    let unequal = "SELECT count(*) FROM (SELECT variant_id, location_id, sum(change) AS folded FROM sides GROUP BY 1, 2) f
         FULL JOIN stock_levels USING (variant_id, location_id) WHERE coalesce(folded, 0) <> coalesce(on_hand, 0)";
    assert_eq!(count(unequal).await, 0, "the levels are not the fold of the ledger");
}

async fn twenty_tries_under_one_key_are_one_request(client: &Client, article: &Article, admin: &PgPool) {
    let before: i64 = sqlx::query_scalar("SELECT count(*) FROM stock_movements").fetch_one(admin).await.unwrap();
    let (key, body) = (key(), movement("receive", article, json!("3")));
    let tries = join_all((0..20).map(|_| client.post("/api/v1/stock-movements", &body).idempotency_key(&key).send())).await;
    let mut fresh = 0;
    let last = client.post("/api/v1/stock-movements", &body).idempotency_key(&key).send().await.expect(201);
    assert_eq!(last.header("idempotency-replayed"), Some("true"));
    for answer in tries {
        match answer.status.as_u16() {
            201 => {
                fresh += usize::from(answer.header("idempotency-replayed").is_none());
                assert_eq!(answer.ok(), last.ok(), "two answers to one request");
            }
            409 => {
                answer.error(409, "CONFLICT");
                assert!(answer.header("retry-after").is_some(), "in flight, without Retry-After");
            }
            503 => assert!(answer.header("retry-after").is_some(), "503 without Retry-After"),
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert_eq!(fresh, 1, "one try does it, the others hear of it");
    let after: i64 = sqlx::query_scalar("SELECT count(*) FROM stock_movements").fetch_one(admin).await.unwrap();
    assert_eq!(after, before + 1, "one key had several effects");
    client
        .post("/api/v1/stock-movements", &movement("receive", article, json!("4")))
        .idempotency_key(&key)
        .send()
        .await
        .error(422, "IDEMPOTENCY_KEY_REUSED");
}
