//! Moments that last too short to be met by chance: each is held open by a lock of the test.

use std::time::Duration;

use nexus_test_support::{Role, eventually};
use serde_json::json;
use sqlx::{PgPool, Postgres, Transaction};

use super::{MOVEMENTS, PRODUCTS, import, mapping, movements, on_hand, stock, upload};
use crate::test_app::App;

const SOON: Duration = Duration::from_secs(60);
/// Number of the advisory lock that the test holds.
const GATE: i64 = 7_777;

/// How many sessions of this database wait for a lock.
async fn waiting(behind: &PgPool) -> i64 {
    let sql = "SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database()";
    sqlx::query_scalar(sql).fetch_one(behind).await.unwrap()
}

async fn somebody_waits(behind: &PgPool) {
    eventually(SOON, async || (waiting(behind).await > 0).then_some(())).await;
}

/// Holds up every transaction that posts stock, at its very end: when its event is written.
async fn gate(behind: &PgPool) -> Transaction<'static, Postgres> {
    let function = "CREATE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN IF NEW.kind LIKE 'inventory.%' THEN PERFORM pg_advisory_xact_lock_shared(7777); END IF; RETURN NEW; END $$";
    sqlx::query(function).execute(behind).await.unwrap();
    sqlx::query("CREATE TRIGGER test_gate BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION test_gate()").execute(behind).await.unwrap();
    let mut closed = behind.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(GATE).execute(&mut *closed).await.unwrap();
    closed
}

#[tokio::test]
async fn what_is_about_to_be_committed_can_neither_be_called_off_nor_sent_again() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let client = app.client(Role::Manager);
    let owner = app.tenant.owner_db().await;
    let behind = owner.pool();
    let closed = gate(behind).await;
    let content = "sku,quantity,location\nLAMP,5,MAIN\n";
    let ticket = upload(&client, MOVEMENTS, content, &[]).await.expect(202).ok();
    somebody_waits(behind).await;

    // Its effect is written and not yet committed. Somebody calls it off.
    let path = format!("/api/v1/jobs/{}", ticket["id"].as_str().unwrap());
    let cancelled = {
        let (client, path) = (client.clone(), path.clone());
        tokio::spawn(async move { client.post(&format!("{path}/cancel"), &json!({})).send().await.status.as_u16() })
    };
    eventually(SOON, async || (cancelled.is_finished() || waiting(behind).await > 1).then_some(())).await;
    // And sends the file again.
    let again = upload(&client, MOVEMENTS, content, &[]).await;
    assert_eq!((again.status.as_u16(), &again.ok()["id"]), (200, &ticket["id"]));

    closed.rollback().await.unwrap();
    let job = app.job_done(&client, &path).await;
    let _ = cancelled.await.unwrap();
    eventually(SOON, async || (waiting(behind).await == 0).then_some(())).await;
    assert_eq!((on_hand(&app, "LAMP").await.as_str(), movements(&app).await), ("105", 2), "{job}");
    let again = upload(&client, MOVEMENTS, content, &[]).await;
    assert_eq!((again.status.as_u16(), &again.ok()["id"]), (200, &ticket["id"]));
    assert_eq!(on_hand(&app, "LAMP").await, "105");
}

#[tokio::test]
async fn an_import_that_is_called_off_before_it_commits_leaves_nothing() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let client = app.client(Role::Manager);
    let owner = app.tenant.owner_db().await;
    let behind = owner.pool();
    // The import waits for the level, before it looks whether it is still wanted.
    let mut held = behind.begin().await.unwrap();
    sqlx::query("SELECT FROM stock_levels FOR UPDATE").execute(&mut *held).await.unwrap();
    let content = "sku,quantity,location\nLAMP,5,MAIN\n";
    let ticket = upload(&client, MOVEMENTS, content, &[]).await.expect(202).ok();
    somebody_waits(behind).await;
    let path = format!("/api/v1/jobs/{}", ticket["id"].as_str().unwrap());
    let _ = client.post(&format!("{path}/cancel"), &json!({})).send().await.ok();
    held.rollback().await.unwrap();
    // Its staged rows go when its run has stopped.
    eventually(SOON, async || {
        let staged: i64 = sqlx::query_scalar("SELECT count(*) FROM import_movement_rows").fetch_one(behind).await.unwrap();
        (staged == 0).then_some(())
    })
    .await;
    assert_eq!((client.get(&path).send().await.ok()["state"].as_str(), on_hand(&app, "LAMP").await.as_str()), (Some("cancelled"), "100"));
    let again = import(&app, MOVEMENTS, content, &[]).await;
    assert_eq!((again["state"].as_str(), on_hand(&app, "LAMP").await.as_str()), (Some("succeeded"), "105"), "what left nothing may come again");
}

#[tokio::test]
async fn rows_that_repeat_an_article_are_staged_as_few() {
    let app = App::start().await;
    let _ = import(&app, PRODUCTS, "sku,name\nLAMP,Lamp\n", &[]).await;
    let client = app.client(Role::Manager);
    let owner = app.tenant.owner_db().await;
    let behind = owner.pool();
    let mut held = behind.begin().await.unwrap();
    sqlx::query("SELECT FROM products FOR UPDATE").execute(&mut *held).await.unwrap();
    let content = format!("sku,brand\n{}", "LAMP,Acme\n".repeat(30_000));
    let merge = mapping(&json!({ "sku_case": "merge" }));
    let ticket = upload(&client, PRODUCTS, content, &[merge]).await.expect(202).ok();
    somebody_waits(behind).await;
    let staged: i64 = sqlx::query_scalar("SELECT count(*) FROM import_product_rows").fetch_one(behind).await.unwrap();
    assert!((1..=10).contains(&staged), "{staged} rows are staged of one article");
    held.rollback().await.unwrap();
    let job = app.job_done(&client, &format!("/api/v1/jobs/{}", ticket["id"].as_str().unwrap())).await;
    assert_eq!((&job["summary"]["updated"], &job["summary"]["merged_rows"]), (&json!(1), &json!(29_999)), "{job}");
}

#[tokio::test]
async fn an_error_file_that_could_not_be_noted_is_made_again_by_the_next_try() {
    let app = App::start().await;
    let owner = app.tenant.owner_db().await;
    // As when the worker dies after its commit: what it does then fails, in its first try.
    let function = "CREATE FUNCTION test_fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        IF OLD.summary ? 'output' AND EXISTS (SELECT FROM jobs WHERE id = NEW.id AND attempts = 1) THEN RAISE EXCEPTION 'not now'; END IF; \
        RETURN NEW; END $$";
    sqlx::query(function).execute(owner.pool()).await.unwrap();
    sqlx::query("CREATE TRIGGER test_fail BEFORE UPDATE ON imports FOR EACH ROW EXECUTE FUNCTION test_fail()").execute(owner.pool()).await.unwrap();
    let job = import(&app, PRODUCTS, "sku,price\nA,1\nB,cheap\n", &[("skip_invalid", "true".to_owned())]).await;
    assert_eq!((job["state"].as_str(), &job["attempts"], &job["summary"]["created"]), (Some("succeeded"), &json!(2), &json!(1)), "{job}");
    assert!(super::errors(&app, &job).await[0].starts_with("3,price,"), "{job}");
}
