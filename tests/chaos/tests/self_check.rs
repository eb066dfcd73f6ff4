//! The scenarios' own eyes: a fault that bites nobody is noticed, and so is one acknowledged write that is missing.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::future::FutureExt;
use sqlx::{AssertSqlSafe, PgPool};

use crate::ground::Ground;
use crate::load::{Kind, Load};
use crate::outage::{Outage, Worst};
use crate::platform::{sign_up, unique_slug};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_did_not_happen_and_what_is_missing_is_noticed() {
    let ground = Ground::start(&[]).await;
    let client = ground.client().await;
    let organization = sign_up(&client, &unique_slug()).await;
    let load = Load::of(&ground, &organization, false).await;
    let seen = load
        .during(async {
            load.goes_on(Instant::now(), 3, Duration::from_secs(60)).await;
            let outage = Outage { bites_within: Duration::from_secs(1), ..Outage::of(&[Kind::Post]) };
            let mut worst = Worst::default();
            let nothing = outage.happens(&load, &mut worst, async || {}, || true, async || {});
            AssertUnwindSafe(nothing).catch_unwind().await
        })
        .await;
    assert!(told(seen).contains("not within 1s"), "a fault that hit nobody was not noticed");

    let database = ground.behind(&format!("nxt_{}", organization.id.simple())).await;
    let kept = load.books.assert_kept(&database).await;
    assert!(kept.acknowledged > 0);
    forget_one(&database).await;
    let seen = AssertUnwindSafe(load.books.assert_kept(&database)).catch_unwind().await;
    assert!(told(seen).contains(&format!("1 of {} acknowledged postings are lost", kept.acknowledged)), "a lost posting was not noticed");
}

/// What a panic said; nothing where there was none.
fn told<T>(outcome: Result<T, Box<dyn std::any::Any + Send>>) -> String {
    outcome.err().and_then(|panic| panic.downcast::<String>().ok()).map_or_else(String::new, |text| *text)
}

/// A posting that came in is taken out of the ledger, and out of the levels, as if it had never been.
async fn forget_one(database: &PgPool) {
    let statements = [
        "ALTER TABLE stock_movements DISABLE TRIGGER USER",
        "CREATE TEMP TABLE forgotten AS SELECT * FROM stock_movements
         WHERE batch_id = (SELECT batch_id FROM stock_movements JOIN locations l ON l.id = to_location_id AND l.is_stock
                           WHERE reference_type = 'chaos' ORDER BY seq DESC LIMIT 1)",
        "UPDATE stock_levels l SET on_hand = on_hand - f.quantity FROM forgotten f WHERE l.variant_id = f.variant_id AND l.location_id = f.to_location_id",
        "DELETE FROM stock_movements m USING forgotten f WHERE m.id = f.id",
    ];
    let mut transaction = database.begin().await.unwrap();
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}
