//! Movements from files.

use nexus_test_support::Role;
use serde_json::json;

use super::{MOVEMENTS, PRODUCTS, assert_levels_are_true, code_of, errors, import, mapping, movements, on_hand, stock, upload};
use crate::test_app::App;

fn retail() -> serde_json::Value {
    json!({
        "columns": { "sku": "StockCode", "quantity": "Quantity", "occurred_at": "InvoiceDate", "reference": "InvoiceNo" },
        "defaults": { "location": "MAIN" }, "sign": "sale", "date_format": "%m/%d/%Y %H:%M", "time_zone": "Europe/London",
        "non_stocked_skus": ["POST"],
    })
}

const INVOICES: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate\n\
    536365,LAMP,White lamp,6,12/1/2010 8:26\n\
    536365,LAMP,White lamp,6,12/1/2010 8:26\n\
    536366,lamp,White lamp,1,7/1/2010 8:26\n\
    C536367,CHAIR,,-2,12/1/2010 9:00\n\
    536368,POST,Postage,1,12/1/2010 9:00\n";

#[tokio::test]
async fn invoices_become_sales_and_returns_once_however_often_they_are_sent() {
    let app = App::start().await;
    stock(&app, &["LAMP", "CHAIR"]).await;
    let job = import(&app, MOVEMENTS, INVOICES, &[mapping(&retail())]).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let summary = &job["summary"];
    assert_eq!(
        (&summary["rows"], &summary["movements"], &summary["not_stocked"], &summary["skus_in_several_spellings"]),
        (&json!(5), &json!(4), &json!(1), &json!(1))
    );
    assert_eq!(job["progress"], json!({ "done": 1000, "total": 1000 }));
    assert_eq!((on_hand(&app, "LAMP").await, on_hand(&app, "CHAIR").await), ("87".to_owned(), "102".to_owned()));

    let client = app.client(Role::Manager);
    let posted = client.get(&format!("/api/v1/stock-movements?import_id={}", job["id"].as_str().unwrap())).send().await.ok();
    let newest = &posted[0];
    assert_eq!(
        (newest["reason"].as_str(), newest["to_quantity_after"].as_str(), newest["import_line"].as_i64()),
        (Some("customer_return"), Some("102"), Some(5))
    );
    assert_eq!(newest["reference"]["number"], "C536367");
    assert_eq!(newest["backdating_reason"], "import of file.csv");
    assert!(newest["occurred_at"].as_str().unwrap().starts_with("2010-12-01T09:00:00"), "London in winter is UTC");
    assert!(posted[1]["occurred_at"].as_str().unwrap().starts_with("2010-07-01T07:26:00"), "in summer it is an hour ahead");

    let again = upload(&client, MOVEMENTS, INVOICES, &[mapping(&retail())]).await;
    assert_eq!((again.status.as_u16(), &again.ok()["id"]), (200, &job["id"]), "the first job answers");
    assert_eq!(movements(&app).await, 6);
    let once_more = import(&app, &format!("{MOVEMENTS}?again=true"), INVOICES, &[mapping(&retail())]).await;
    assert_eq!((once_more["state"].as_str(), movements(&app).await), (Some("succeeded"), 10));
    assert_eq!(on_hand(&app, "LAMP").await, "74");
    app.expect_audit("inventory.import", "import").await;
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn a_dry_run_reports_and_consumes_nothing() {
    let app = App::start().await;
    stock(&app, &["LAMP", "CHAIR"]).await;
    let before = movements(&app).await;
    let job = import(&app, &format!("{MOVEMENTS}?dry_run=true"), INVOICES, &[mapping(&retail())]).await;
    assert_eq!(
        (job["state"].as_str(), &job["summary"]["movements"], &job["summary"]["dry_run"]),
        (Some("succeeded"), &json!(4), &json!(true)),
        "{job}"
    );
    assert_eq!((&job["summary"]["quantity_out"], &job["summary"]["quantity_in"]), (&json!("13"), &json!("2")));
    assert_eq!(movements(&app).await, before);
    let job = import(&app, MOVEMENTS, INVOICES, &[mapping(&retail())]).await;
    assert_eq!(job["state"], "succeeded");
    assert_eq!(movements(&app).await, before + 4);
}

#[tokio::test]
async fn one_wrong_row_keeps_everything_out_and_every_fault_is_listed() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let content = "sku,quantity,location,occurred_at,unit\n\
        LAMP,1,MAIN,2020-01-01,\n\
        NOPE,1,MAIN,2020-01-01,\n\
        LAMP,0,MAIN,2020-01-01,\n\
        LAMP,x,NOWHERE,soon,\n\
        LAMP,1,NOWHERE,2020-01-01,kg\n\
        LAMP,1\n";
    let job = import(&app, MOVEMENTS, content, &[]).await;
    assert_eq!((job["state"].as_str(), code_of(&job).as_str()), (Some("failed"), "IMPORT_HAS_ERRORS"), "{job}");
    let found: Vec<String> = errors(&app, &job).await.iter().map(|line| line.splitn(4, ',').take(3).collect::<Vec<_>>().join(",")).collect();
    let expected =
        ["3,sku,unknown", "4,quantity,zero", "5,occurred_at,time", "5,quantity,quantity", "6,location,unknown", "6,unit,unit_mismatch", "7,,shape"];
    assert_eq!(found, expected);
    assert_eq!(on_hand(&app, "LAMP").await, "100");
    // The failed import used nothing up: the same file may come again, and its good rows may be taken alone.
    let job = import(&app, MOVEMENTS, content, &[("skip_invalid", "true".to_owned())]).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["movements"], &job["summary"]["errors"]), (Some("succeeded"), &json!(1), &json!(5)), "{job}");
    assert_eq!(on_hand(&app, "LAMP").await, "101");
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn a_line_that_would_go_below_zero_is_an_error_with_its_line() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let content = "sku,quantity,location,reason\nLAMP,60,MAIN,issue\nLAMP,50,MAIN,issue\nLAMP,30,MAIN,receive\nLAMP,40,MAIN,issue\n";
    let job = import(&app, MOVEMENTS, content, &[]).await;
    assert_eq!(code_of(&job), "IMPORT_HAS_ERRORS", "{job}");
    assert!(errors(&app, &job).await[0].starts_with("3,quantity,insufficient_stock,"));
    assert_eq!(on_hand(&app, "LAMP").await, "100");
    let job = import(&app, MOVEMENTS, content, &[("skip_invalid", "true".to_owned())]).await;
    assert_eq!((&job["summary"]["movements"], &job["summary"]["skipped"]), (&json!(3), &json!(1)), "{job}");
    assert_eq!(on_hand(&app, "LAMP").await, "30");
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn transfers_change_both_places() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let client = app.client(Role::Manager);
    let _ = client.post("/api/v1/locations", &json!({ "code": "SHOP", "name": "Shop", "type": "site" })).send().await.created();
    let job = import(&app, MOVEMENTS, "sku,quantity,location,to_location\nLAMP,30,MAIN,SHOP\nLAMP,10,shop,main\n", &[]).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["levels"], &job["summary"]["new_levels"]), (Some("succeeded"), &json!(2), &json!(1)), "{job}");
    let levels = client.get("/api/v1/inventory?sku=LAMP&sort=location").send().await.ok();
    assert_eq!((&levels[0]["on_hand"], &levels[1]["on_hand"]), (&json!("80"), &json!("20")));
    let newest = client.get("/api/v1/stock-movements?limit=1").send().await.ok();
    assert_eq!((&newest[0]["from_quantity_after"], &newest[0]["to_quantity_after"]), (&json!("20"), &json!("80")));
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn a_job_that_runs_again_after_its_effect_posts_nothing_twice() {
    let app = App::start().await;
    stock(&app, &["LAMP", "CHAIR"]).await;
    let job = import(&app, MOVEMENTS, INVOICES, &[mapping(&retail())]).await;
    let before = movements(&app).await;
    // As after a crash between the commit and the end of the job.
    let id: uuid::Uuid = job["id"].as_str().unwrap().parse().unwrap();
    sqlx::query("UPDATE jobs SET state = 'queued', finished_at = NULL, result = NULL, run_at = now() WHERE id = $1")
        .bind(id)
        .execute(app.tenant.db().pool())
        .await
        .unwrap();
    let client = app.client(Role::Manager);
    // Another job wakes the pump.
    let _ = import(&app, PRODUCTS, "sku,name\nWAKE,Up\n", &[]).await;
    let done = app.job_done(&client, &format!("/api/v1/jobs/{id}")).await;
    assert_eq!((done["state"].as_str(), &done["summary"]["movements"]), (Some("succeeded"), &json!(4)), "{done}");
    assert_eq!(movements(&app).await, before);
}

#[tokio::test]
async fn a_file_counts_as_imported_whatever_became_of_its_job_afterwards() {
    let app = App::start().await;
    stock(&app, &["LAMP", "CHAIR"]).await;
    let client = app.client(Role::Manager);
    let job = import(&app, MOVEMENTS, INVOICES, &[mapping(&retail())]).await;
    let before = movements(&app).await;
    // As when its tries were used up, or it was called off, after its effect was committed.
    for state in ["failed", "cancelled"] {
        let id: uuid::Uuid = job["id"].as_str().unwrap().parse().unwrap();
        sqlx::query("UPDATE jobs SET state = $2 WHERE id = $1").bind(id).bind(state).execute(app.tenant.db().pool()).await.unwrap();
        let again = upload(&client, MOVEMENTS, INVOICES, &[mapping(&retail())]).await;
        assert_eq!((again.status.as_u16(), &again.ok()["id"]), (200, &job["id"]), "{state}");
        assert_eq!(movements(&app).await, before);
    }
}

#[tokio::test]
async fn a_running_import_that_is_cancelled_leaves_nothing() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let client = app.client(Role::Manager);
    let before = movements(&app).await;
    let content = format!("sku,quantity,location,reason\n{}", "LAMP,1,MAIN,receive\n".repeat(60_000));
    let ticket = upload(&client, MOVEMENTS, content, &[]).await.ok();
    let path = format!("/api/v1/jobs/{}", ticket["id"].as_str().unwrap());
    nexus_test_support::eventually(std::time::Duration::from_secs(60), async || {
        let job = client.get(&path).send().await.ok();
        (job["progress"]["done"].as_i64() > Some(0)).then_some(())
    })
    .await;
    let _ = client.post(&format!("{path}/cancel"), &json!({})).send().await.ok();
    // Its staged rows go when its run has stopped.
    nexus_test_support::eventually(std::time::Duration::from_secs(60), async || {
        let staged: i64 = sqlx::query_scalar("SELECT count(*) FROM import_movement_rows").fetch_one(app.tenant.db().pool()).await.unwrap();
        (staged == 0).then_some(())
    })
    .await;
    assert_eq!(client.get(&path).send().await.ok()["state"], "cancelled");
    assert_eq!(movements(&app).await, before);
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn who_may_not_backdate_does_not_by_a_file_either() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let scopes = ["inventory.import", "inventory.receive", "inventory.read", "jobs.read"];
    let program = app.server.client().bearer(&app.tenant.api_key(&scopes).await);
    let line = json!([{ "sku": "LAMP", "location": "MAIN", "quantity": "1" }]);
    let posting = json!({ "kind": "receive", "lines": line, "occurred_at": "2020-01-01T00:00:00Z", "backdating_reason": "late" });
    let refused = program.post("/api/v1/stock-movements", &posting).idempotency_key("late").send().await.error(403, "FORBIDDEN");
    assert_eq!(refused["details"]["permission"], "inventory.backdate");

    // An instant, a time on the wall, and none.
    let content = "sku,quantity,location,occurred_at\nLAMP,1,MAIN,2020-01-01T00:00:00Z\nLAMP,2,MAIN,2020-01-01 08:00\nLAMP,4,MAIN,\n";
    let zone = mapping(&json!({ "time_zone": "Pacific/Kiritimati" }));
    let send = async |query: &str, fields: &[(&'static str, String)]| {
        let ticket = upload(&program, &format!("{MOVEMENTS}{query}"), content, fields).await.ok();
        app.job_done(&program, &format!("/api/v1/jobs/{}", ticket["id"].as_str().unwrap())).await
    };
    for (query, state, movements) in [("?dry_run=true", "succeeded", 1), ("", "failed", 0)] {
        let job = send(query, std::slice::from_ref(&zone)).await;
        assert_eq!(
            (job["state"].as_str(), &job["summary"]["errors"], &job["summary"]["movements"]),
            (Some(state), &json!(2), &json!(movements)),
            "{job}"
        );
        let found = errors(&app, &job).await;
        assert!(found[0].starts_with("2,occurred_at,backdated,") && found[1].starts_with("3,occurred_at,backdated,"), "{found:?}");
        assert!(found[0].contains("inventory.backdate"), "{found:?}");
    }
    assert_eq!(on_hand(&app, "LAMP").await, "100");
    let job = send("", &[zone, ("skip_invalid", "true".to_owned())]).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["movements"], &job["summary"]["skipped"]), (Some("succeeded"), &json!(1), &json!(2)), "{job}");
    assert_eq!(on_hand(&app, "LAMP").await, "104");
    // Who may, may.
    let job = import(&app, &format!("{MOVEMENTS}?again=true"), content, &[]).await;
    assert_eq!((job["state"].as_str(), on_hand(&app, "LAMP").await), (Some("succeeded"), "111".to_owned()), "{job}");
}
