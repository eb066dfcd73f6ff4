//! The daily proof that the levels are what the ledger says.

use chrono::Days;
use futures::future::join_all;
use nexus_test_support::Role;
use serde_json::{Value, json};

use super::{movement, product, warehouse};
use crate::context::TenantContext;
use crate::modules::inventory::verify::jobs::verify_on;
use crate::test_app::App;
use crate::workers::tidy_all;

/// The jobs of this kind, newest first.
async fn verifications(app: &App) -> Vec<Value> {
    app.client(Role::Owner).get("/api/v1/jobs?kind=inventory.verify").send().await.ok().as_array().unwrap().clone()
}

#[tokio::test]
async fn the_daily_run_finds_the_one_level_that_was_tampered_with_and_no_other() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    warehouse(&app, "SHOP").await;
    let beans = product(&app, "BEANS", "stocked").await;
    product(&app, "CUPS", "stocked").await;
    for (sku, location) in [("BEANS", "MAIN"), ("BEANS", "SHOP"), ("CUPS", "MAIN"), ("CUPS", "SHOP")] {
        let _ = movement(&client, "receive", sku, location, "10").await.created();
    }
    sqlx::query("UPDATE stock_levels SET on_hand = 7 WHERE variant_id = $1::uuid AND location_id = (SELECT id FROM locations WHERE code = 'SHOP')")
        .bind(&beans)
        .execute(app.tenant.owner_db().await.pool())
        .await
        .unwrap();
    tidy_all(&app.runtime).await;
    let asked = verifications(&app).await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    let job = app.job_done(&app.client(Role::Owner), &format!("/api/v1/jobs/{}", asked[0]["id"].as_str().unwrap())).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let shop = client.get("/api/v1/locations?code=SHOP").send().await.ok()[0]["id"].clone();
    let broken = json!({ "variant_id": beans, "location_id": shop, "lot_id": null, "ledger": "10", "level": "7" });
    assert_eq!(job["summary"], json!({ "levels": 4, "different": 1, "differences": [broken] }));
}

#[tokio::test]
async fn however_many_processes_ask_a_day_gets_one_verification() {
    let app = App::without_workers().await;
    join_all((0..8).map(|_| tidy_all(&app.runtime))).await;
    tidy_all(&app.runtime).await;
    let asked = verifications(&app).await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((asked[0]["state"].as_str(), asked[0]["created_by"].as_str()), (Some("queued"), None));

    // Once it has ended, the same day asks for none; the next day does.
    sqlx::query("UPDATE jobs SET state = 'succeeded', finished_at = now()").execute(app.tenant.db().pool()).await.unwrap();
    let ctx = TenantContext::system(&app.runtime, app.runtime.record_for_work(app.tenant.id).await.unwrap(), "test").await.unwrap();
    let today = ctx.now().date_naive();
    verify_on(&ctx, today).await.unwrap();
    assert_eq!(verifications(&app).await.len(), 1);
    verify_on(&ctx, today + Days::new(1)).await.unwrap();
    assert_eq!(verifications(&app).await.len(), 2);
}
