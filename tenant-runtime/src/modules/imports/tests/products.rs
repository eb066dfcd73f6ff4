//! Products from files.

use nexus_test_support::Role;
use serde_json::json;

use super::{MOVEMENTS, PRODUCTS, code_of, errors, import, mapping, upload};
use crate::test_app::App;

const FILE: &str = "sku,name,description,tags,barcode,price,currency,unit,kind,status,category\n\
    BEAN,Espresso beans,Dark,coffee|organic,4006381333931,29,EUR,kg,stocked,active,\n\
    POST,Postage,,,,,,,non_stocked,active,\n";

#[tokio::test]
async fn products_are_created_then_unchanged_then_updated() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let job = import(&app, &format!("{PRODUCTS}?dry_run=true"), FILE, &[]).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["created"]), (Some("succeeded"), &json!(2)), "{job}");
    assert_eq!(client.get("/api/v1/products").send().await.metadata()["total"], 0, "a dry run leaves nothing");

    let job = import(&app, PRODUCTS, FILE, &[]).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["created"]), (Some("succeeded"), &json!(2)), "{job}");
    let found = client.get("/api/v1/products?q=espresso&include=variants").send().await.ok();
    assert_eq!((&found[0]["unit"], &found[0]["tags"], &found[0]["status"]), (&json!("kg"), &json!(["coffee", "organic"]), &json!("active")));
    assert_eq!(found[0]["variants"][0]["price"], json!({ "amount": "29.00", "currency": "EUR" }));
    assert_eq!(found[0]["variants"][0]["barcodes"][0], json!({ "barcode": "4006381333931", "kind": "ean13" }));

    let job = import(&app, &format!("{PRODUCTS}?again=true"), FILE, &[]).await;
    assert_eq!((&job["summary"]["created"], &job["summary"]["unchanged"]), (&json!(0), &json!(2)), "{job}");
    let job = import(&app, PRODUCTS, "sku,name,price\nbean,,31\nNEW,,\n", &[]).await;
    assert_eq!((&job["summary"]["created"], &job["summary"]["updated"]), (&json!(1), &json!(1)), "{job}");
    let found = client.get("/api/v1/products?q=bean&include=variants").send().await.ok();
    assert_eq!(
        (&found[0]["name"], &found[0]["variants"][0]["price"]["amount"]),
        (&json!("Espresso beans"), &json!("31.00")),
        "an empty cell leaves the name"
    );
    assert_eq!(client.get("/api/v1/products?q=new").send().await.ok()[0]["name"], "NEW", "a new product without name is called by its SKU");
}

#[tokio::test]
async fn spellings_that_differ_by_case_are_reported_merged_or_split() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let content = "sku,name,brand\n85123A,Heart,\n85123a,Heart (cream),Acme\n85123A,Again,\n";
    let case = |case: &str| [mapping(&json!({ "sku_case": case }))];
    let job = import(&app, PRODUCTS, content, &[]).await;
    assert_eq!(code_of(&job), "IMPORT_HAS_ERRORS", "reporting is what happens by itself: {job}");
    let lines = errors(&app, &job).await;
    assert!(lines[0].starts_with("3,sku,other_case,") && lines[1].starts_with("4,sku,duplicate,"), "{lines:?}");

    let job = import(&app, PRODUCTS, content, &case("merge")).await;
    assert_eq!(
        (&job["summary"]["created"], &job["summary"]["merged_rows"], &job["summary"]["skus_in_several_spellings"]),
        (&json!(1), &json!(2), &json!(1)),
        "{job}"
    );
    let found = client.get("/api/v1/products").send().await.ok();
    assert_eq!((&found[0]["name"], &found[0]["brand"]), (&json!("Heart"), &json!("Acme")), "of each field, the first row that fills it");

    let job = import(&app, PRODUCTS, content.replace("85123", "99"), &case("split")).await;
    assert_eq!(job["summary"]["created"], 2, "{job}");
    let found = client.get("/api/v1/products?q=99a~2&include=variants").send().await.ok();
    assert_eq!(found[0]["variants"][0]["sku"], "99a~2");
}

#[tokio::test]
async fn wrong_rows_are_listed_and_the_plan_is_kept() {
    let app = App::with_limits(json!({ "products": 2 })).await;
    let client = app.client(Role::Manager);
    let content = "sku,name,price,kind,status,category\n,No SKU,,,,\nA,A,-1,,,\nB,B,,fluid,,\nC,C,,,gone,\nD,D,,,,Nowhere\n";
    let job = import(&app, PRODUCTS, content, &[mapping(&json!({ "create_categories": false }))]).await;
    assert_eq!(code_of(&job), "IMPORT_HAS_ERRORS", "{job}");
    let found: Vec<String> = errors(&app, &job).await.iter().map(|line| line.splitn(4, ',').take(3).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(found, ["2,sku,required", "3,price,negative", "4,kind,value", "5,status,value", "6,category,unknown"]);
    let content = "sku,price,cost,currency\nA,12,,EURO\nB,12,11,EURO\nC,1;2,,EUR\n";
    let job = import(&app, PRODUCTS, content, &[mapping(&json!({ "defaults": { "price": "5" } }))]).await;
    let found = errors(&app, &job).await;
    let told = [("2,currency,currency,", "`EURO`"), ("3,currency,currency,", "`EURO`"), ("4,price,amount,", "`1;2` is no amount such as 12.50")];
    assert_eq!(found.len(), told.len(), "each cell's fault once, under its own column: {found:?}");
    assert!(found.iter().zip(told).all(|(line, (start, word))| line.starts_with(start) && line.contains(word)), "{found:?}");
    let job = import(&app, PRODUCTS, "sku,name\nA,A\nB,B\nC,C\n", &[]).await;
    assert_eq!((job["state"].as_str(), code_of(&job).as_str()), (Some("failed"), "QUOTA_EXCEEDED"), "{job}");
    assert_eq!(client.get("/api/v1/products").send().await.metadata()["total"], 0);
    let _ = upload(&app.client(Role::Viewer), PRODUCTS, "sku\nA\n", &[]).await.error(403, "FORBIDDEN");
}

/// Enough wrong rows to bring what follows into another piece of the file.
pub(super) fn a_piece_of_wrong_rows() -> String {
    "WRONG,,cheap,\n".repeat(10_000)
}

#[tokio::test]
async fn what_was_refused_as_a_whole_says_that_nothing_was_done() {
    let app = App::start().await;
    let content = "sku,name,price,category\nA,A,1,New\nB,B,2,\nC,C,cheap,\n";
    let job = import(&app, PRODUCTS, content, &[]).await;
    let summary = &job["summary"];
    assert_eq!((&summary["created"], &summary["categories_created"], &summary["errors"]), (&json!(0), &json!(0), &json!(1)), "{job}");
    assert!(job["error"].as_str().unwrap().contains(": 1 row is wrong, so nothing was imported"), "{job}");
    assert_eq!(app.client(Role::Manager).get("/api/v1/products").send().await.metadata()["total"], 0);

    let job = import(&app, MOVEMENTS, "sku,quantity,location\nX,1,MAIN\n", &[]).await;
    assert_eq!((&job["summary"]["movements"], job["state"].as_str()), (&json!(0), Some("failed")), "{job}");
}

#[tokio::test]
async fn rows_of_one_article_are_brought_together_over_the_whole_file() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let content = format!("sku,name,price,brand\nLamp,,,\nlamp,First,,\n{}LAMP,Second,,Acme\nlamp,,3,Other\n", a_piece_of_wrong_rows());
    let skip = || ("skip_invalid", "true".to_owned());
    let case = |case: &str| mapping(&json!({ "sku_case": case }));

    let job = import(&app, PRODUCTS, content.clone(), &[skip()]).await;
    assert_eq!((&job["summary"]["created"], &job["summary"]["errors"]), (&json!(1), &json!(10_003)), "all but the first are faults: {job}");
    assert_eq!(client.get("/api/v1/products?q=lamp&include=variants").send().await.ok()[0]["variants"][0]["sku"], "Lamp");

    let job = import(&app, PRODUCTS, content.replace("amp", "ight").replace("AMP", "IGHT"), &[skip(), case("merge")]).await;
    let summary = &job["summary"];
    assert_eq!((&summary["created"], &summary["merged_rows"], &summary["errors"]), (&json!(1), &json!(3), &json!(10_000)), "{job}");
    assert_eq!((&summary["skus_in_several_spellings"], &summary["spelling_examples"]), (&json!(1), &json!([["LIGHT", "Light", "light"]])), "{job}");
    let found = client.get("/api/v1/products?q=light&include=variants").send().await.ok();
    assert_eq!((&found[0]["name"], &found[0]["brand"]), (&json!("First"), &json!("Acme")), "of each field, the first row that fills it");
    assert_eq!((&found[0]["variants"][0]["sku"], &found[0]["variants"][0]["price"]["amount"]), (&json!("Light"), &json!("3.00")));

    let job = import(&app, PRODUCTS, content.replace("amp", "ens").replace("AMP", "ENS"), &[skip(), case("split")]).await;
    assert_eq!((&job["summary"]["created"], &job["summary"]["merged_rows"]), (&json!(3), &json!(1)), "{job}");
    let found = client.get("/api/v1/products?q=lens&include=variants&sort=name").send().await.ok();
    let named: Vec<_> =
        found.as_array().unwrap().iter().map(|one| (one["variants"][0]["sku"].as_str().unwrap(), one["name"].as_str().unwrap())).collect();
    assert_eq!(named, [("lens~3", "First"), ("Lens~2", "Lens~2"), ("LENS", "Second")]);
}

#[tokio::test]
async fn rows_of_a_known_product_are_one_however_far_apart_their_skus_are() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let id = "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11";
    let _ = import(&app, PRODUCTS, format!("product_id,sku,name\n{id},A0,Shirt\n{id},Z0,\n"), &[]).await;
    let others: String = (1..=1_100).map(|number| format!("M{number},Other\n")).collect();
    let content = format!("sku,name\nA0,First\n{others}Z0,Second\n");
    let job = import(&app, PRODUCTS, content.clone(), &[]).await;
    assert_eq!(code_of(&job), "IMPORT_HAS_ERRORS", "{job}");
    let lines = errors(&app, &job).await;
    assert!(lines.len() == 1 && lines[0].starts_with("1103,name,contradiction,line 2 "), "{lines:?}");
    // Where the first row that fills a field counts, it does so here too.
    let job = import(&app, PRODUCTS, content, &[mapping(&json!({ "sku_case": "merge" }))]).await;
    assert_eq!((&job["summary"]["created"], &job["summary"]["updated"]), (&json!(1_100), &json!(1)), "{job}");
    assert_eq!(client.get(&format!("/api/v1/products/{id}")).send().await.ok()["name"], "First");
}

#[tokio::test]
async fn writing_stops_when_the_list_of_faults_is_full() {
    let app = App::start().await;
    let names: String = (0..5_000).map(|number| format!("S{number:04},Nowhere\n")).collect();
    let content = format!("sku,category\n{names}");
    let known = || mapping(&json!({ "create_categories": false }));
    let job = import(&app, PRODUCTS, content.clone(), &[known()]).await;
    let wrong = job["summary"]["errors"].as_i64();
    assert!(code_of(&job) == "IMPORT_HAS_ERRORS" && (Some(1_000)..Some(3_000)).contains(&wrong), "{job}");
    assert_eq!(errors(&app, &job).await.len(), 1_001);
    let job = import(&app, PRODUCTS, content, &[known(), ("skip_invalid", "true".to_owned())]).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["errors"]), (Some("succeeded"), &json!(5_000)), "{job}");
}
