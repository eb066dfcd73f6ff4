//! What a dry run tells: row by row, with what was and what would be.

use nexus_test_support::Role;
use serde_json::{Value, json};

use super::{MOVEMENTS, PRODUCTS, import, mapping, stock, upload};
use crate::test_app::App;

/// The lines of a dry run's file, without its header.
async fn changes(app: &App, job: &Value) -> Vec<String> {
    assert_eq!(job["state"], "succeeded", "{job}");
    let file = app.client(Role::Manager).get(job["result_url"].as_str().expect("a file")).send().await.expect(200);
    assert!(file.header("content-disposition").unwrap().contains("changes"));
    let text = file.text();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("line,outcome,sku,field,before,after,reason"));
    lines.map(str::to_owned).collect()
}

async fn dry(app: &App, path: &str, content: &str, fields: &[(&'static str, String)]) -> Value {
    import(app, &format!("{path}?dry_run=true"), content, fields).await
}

#[tokio::test]
async fn a_dry_run_of_products_says_what_each_row_would_change() {
    let app = App::start().await;
    let before = "sku,name,price,category,tags,variant_name\nBEAN,Beans,29,Drinks > Coffee,b|a,\nTEA,Tea,3,,,\nSAME,Same,1,,,\n";
    let done = import(&app, PRODUCTS, before, &[]).await;
    assert_eq!(done["result_url"], Value::Null, "an import in earnest lists what it did nowhere but in its figures");
    let after = "sku,name,price,category,tags,variant_name\nNEW,=New,,,,\nbean,Espresso,31,Drinks > Tea,b|c,1 kg\nBAD,Bad,cheap,,,\nSAME,Same,1,,,\nTEA,Tea,3.00,,,\n";
    let job = dry(&app, PRODUCTS, after, &[]).await;
    let expected = [
        "2,created,NEW,,,,",
        "3,updated,bean,category,Drinks > Coffee,Drinks > Tea,",
        "3,updated,bean,name,Beans,Espresso,",
        "3,updated,bean,price,29.00 EUR,31.00 EUR,",
        "3,updated,bean,tags,a|b,b|c,",
        "3,updated,bean,variant_name,,1 kg,",
        "4,error,,price,,,amount: `cheap`",
        "5,unchanged,SAME,,,,",
        "6,unchanged,TEA,,,,",
    ];
    let found = changes(&app, &job).await;
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.replace('"', "").starts_with(expected), "{found} is not {expected}");
    }
    assert_eq!((&job["summary"]["changes_not_listed"], &job["summary"]["updated"]), (&json!(0), &json!(1)), "{job}");
    let found = app.client(Role::Manager).get("/api/v1/products?q=beans&include=variants").send().await.ok();
    assert_eq!((&found[0]["name"], &found[0]["variants"][0]["price"]["amount"]), (&json!("Beans"), &json!("29.00")), "nothing was changed");
}

#[tokio::test]
async fn variants_of_a_product_are_told_apart() {
    let app = App::start().await;
    let id = "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11";
    let _ = import(&app, PRODUCTS, format!("product_id,sku,name\n{id},S,Shirt\n{id},M,\n"), &[]).await;
    let job = dry(&app, PRODUCTS, &format!("product_id,sku,name,weight_g\n{id},S,,\n{id},M,,250\n{id},L,,\n"), &[]).await;
    assert_eq!(changes(&app, &job).await, ["2,unchanged,S,,,,", "3,updated,M,weight_g,,250,", "4,created,L,,,,"]);
}

#[tokio::test]
async fn a_dry_run_of_movements_says_what_each_line_would_leave() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let _ = app.client(Role::Manager).post("/api/v1/locations", &json!({ "code": "SHOP", "name": "Shop", "type": "site" })).send().await.created();
    let content = "sku,quantity,location,to_location\nlamp,-30,MAIN,\nLAMP,20,MAIN,SHOP\nLAMP,-1000,MAIN,\nNONE,1,MAIN,\nLAMP,5.5,MAIN,\n";
    let job = dry(&app, MOVEMENTS, content, &[("skip_invalid", "true".to_owned())]).await;
    let found = changes(&app, &job).await;
    assert_eq!(
        found[..3],
        ["2,created,LAMP,on_hand of MAIN,100,70,", "3,created,LAMP,on_hand of MAIN,70,50,", "3,created,LAMP,on_hand of SHOP,0,20,"],
        "{found:#?}"
    );
    assert!(found[3].starts_with("4,error,,quantity,,,") && found[4].starts_with("5,error,,sku,,,"), "{found:#?}");
    assert_eq!(found[5], "6,created,LAMP,on_hand of MAIN,50,55.5,");
    assert_eq!((found.len(), &job["summary"]["changes_not_listed"]), (6, &json!(0)));
}

#[tokio::test]
async fn a_long_dry_run_lists_the_first_rows_and_counts_the_rest() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let content = format!("sku,quantity,location\n{}", "LAMP,1,MAIN\n".repeat(30_000));
    let job = dry(&app, MOVEMENTS, &content, &[]).await;
    let found = changes(&app, &job).await;
    assert_eq!((found.len(), &job["summary"]["changes_not_listed"]), (10_001, &json!(20_000)), "{job}");
    assert!(found[10_000].contains("20000 further changes are not listed"), "{:?}", found.last());
    // Wrong from its first row on, it is not even read to its end.
    let wrong = format!("sku,price\n{}", "A,cheap\n".repeat(30_000));
    let job = dry(&app, PRODUCTS, &wrong, &[]).await;
    assert!(changes(&app, &job).await[0].starts_with("2,error,,price,"), "{job}");
}

#[tokio::test]
async fn wrong_lines_of_a_dry_run_are_neither_listed_nor_counted_as_changes() {
    let app = App::start().await;
    stock(&app, &["LAMP"]).await;
    let content = format!("sku,quantity,location\n{}{}", "NONE,1,MAIN\n".repeat(5), "LAMP,1,MAIN\n".repeat(10_010));
    let job = dry(&app, MOVEMENTS, &content, &[]).await;
    let created = |found: &[String]| found.iter().filter(|line| line.contains(",created,")).count();
    let found = changes(&app, &job).await;
    assert_eq!((created(&found), &job["summary"]["changes_not_listed"]), (9_995, &json!(15)), "of the first 10,000 lines, five are wrong: {job}");
    // More of them are short than the report lists.
    let content = format!("sku,quantity,location\nLAMP,-100,MAIN\n{}", "LAMP,-1,MAIN\n".repeat(1_100));
    let job = dry(&app, MOVEMENTS, &content, &[]).await;
    let found = changes(&app, &job).await;
    assert_eq!((created(&found), &job["summary"]["errors"], &job["summary"]["changes_not_listed"]), (1, &json!(1_100), &json!(0)), "{job}");
    assert_eq!(found[0], "2,created,LAMP,on_hand of MAIN,100,0,");
}

#[tokio::test]
async fn who_may_not_import_may_not_try_either() {
    let app = App::without_workers().await;
    let path = format!("{PRODUCTS}?dry_run=true");
    let _ = upload(&app.client(Role::Viewer), &path, "sku\nA\n", &[mapping(&json!({}))]).await.error(403, "FORBIDDEN");
}
