//! What is exported can be imported as it is: anywhere, and without changing anything where it came from.

use nexus_test_support::Role;
use serde_json::{Value, json};

use super::{PRODUCTS, errors, import};
use crate::test_app::App;

/// The catalogue as a file.
async fn export(app: &App) -> String {
    let client = app.client(Role::Manager);
    let accepted = client.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let done = app.job_done(&client, accepted.header("location").unwrap()).await;
    assert_eq!(done["state"], "succeeded", "{done}");
    client.get(done["result_url"].as_str().unwrap()).send().await.expect(200).text()
}

async fn category(app: &App, name: &str, parent: Option<&Value>) -> Value {
    let body = json!({ "name": name, "parent_id": parent.map(|parent| parent["id"].clone()) });
    app.client(Role::Manager).post("/api/v1/categories", &body).send().await.created()
}

async fn product(app: &App, body: Value) -> Value {
    app.client(Role::Manager).post("/api/v1/products", &body).send().await.created()
}

async fn archive(app: &App, path: &str, what: &Value) {
    let path = format!("/api/v1/{path}/{}", what["id"].as_str().unwrap());
    let client = app.client(Role::Manager);
    let _ = client.patch(&path, &json!({ "status": "archived" })).if_match(what["version"].as_i64().unwrap()).send().await.ok();
}

/// Every field of a product and of its variants, with what is hard to write into a file.
async fn fill(app: &App) {
    let drinks = category(app, "Drinks", None).await;
    let coffee = category(app, "Coffee", Some(&drinks)).await;
    let odd = category(app, "5 > 3 \\ 2", Some(&coffee)).await;
    let top = category(app, "Coffee", None).await;
    let beans = product(
        app,
        json!({
            "name": "=1+1", "description": "-first line\nsecond, \"quoted\"\r\n\tthird", "status": "active", "kind": "stocked", "brand": "@Acme",
            "unit": "kg", "category_id": odd["id"], "tags": ["+plus", "a|b;c", "naïve ☕", "back\\slash"],
            "metadata": { "origin": { "land": "Äthiopien", "altitude": [1, 2.5, null] }, "=key": true },
            "variants": [
                { "sku": "BEAN-1", "name": "-1 kg", "price": { "amount": "29.00", "currency": "EUR" }, "cost": { "amount": "1250", "currency": "JPY" },
                  "weight_g": "1000.125", "length_mm": "1", "width_mm": "0.5", "height_mm": "0",
                  "attributes": { "a=b": "c|d", "e\\": "", "size": "=1" },
                  "barcodes": [{ "barcode": "036000291452", "kind": "upca" }, { "barcode": "4006381333931", "kind": "other" },
                               { "barcode": "A|B:\\C", "kind": "code128" }, { "barcode": "ean13:x", "kind": "other" }] },
                { "sku": "'=BEAN", "name": "two", "position": 7 },
                { "sku": "+BEAN, \"3\"", "name": "three", "position": 5 },
            ],
        }),
    )
    .await;
    let second = &beans["variants"].as_array().unwrap().iter().find(|variant| variant["name"] == "two").unwrap().clone();
    archive(app, "variants", second).await;
    let _ = product(app, json!({ "name": "'quoted", "category_id": top["id"], "kind": "service", "description": "'=not a formula" })).await;
    let _ = product(app, json!({ "name": "咖啡 Крем", "category_id": coffee["id"], "kind": "non_stocked", "variants": [{ "sku": "ß☕" }] })).await;
    let old = product(app, json!({ "name": "Old", "status": "active", "variants": [{ "sku": "OLD" }] })).await;
    archive(app, "products", &old).await;
}

#[tokio::test]
async fn an_exported_file_makes_the_same_catalogue_elsewhere_and_changes_nothing_here() {
    let app = App::start().await;
    fill(&app).await;
    let file = export(&app).await;
    assert!(file.lines().count() > 6 && !file.contains("\n=") && !file.contains(",="), "{file}");

    let here = import(&app, PRODUCTS, file.clone(), &[]).await;
    let summary = &here["summary"];
    assert_eq!(here["state"], "succeeded", "{here}");
    assert_eq!((&summary["unchanged"], &summary["created"], &summary["updated"]), (&json!(4), &json!(0), &json!(0)), "{here}");
    assert_eq!((&summary["rows"], &summary["categories_created"], &summary["ignored_columns"]), (&json!(6), &json!(0), &json!([])), "{here}");
    assert_eq!(export(&app).await, file);

    let other = App::start().await;
    let there = import(&other, PRODUCTS, file.clone(), &[]).await;
    assert_eq!(there["state"], "succeeded", "{there}: {:?}", if there["errors_url"].is_null() { Vec::new() } else { errors(&other, &there).await });
    assert_eq!((&there["summary"]["created"], &there["summary"]["categories_created"]), (&json!(4), &json!(4)), "{there}");
    assert_eq!(export(&other).await, file);
    let again = import(&other, &format!("{PRODUCTS}?again=true"), file, &[]).await;
    assert_eq!(again["summary"]["unchanged"], 4, "{again}");
}

#[tokio::test]
async fn columns_that_feed_nothing_are_named() {
    let app = App::start().await;
    let wide: String = (0..60).map(|number| format!(",extra {number}")).collect();
    let job = import(&app, PRODUCTS, format!("Colour,sku,{wide}\nred,A{}\n", ",".repeat(61)), &[]).await;
    let named = job["summary"]["ignored_columns"].as_array().unwrap();
    assert_eq!((&job["summary"]["ignored_column_count"], named.len()), (&json!(62), 50), "{job}");
    assert_eq!(named[..3], [json!("Colour"), json!("(column 3, without a name)"), json!("extra 0")]);
}

#[tokio::test]
async fn categories_are_found_by_path_or_made_unless_they_must_not_be() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let drinks = category(&app, "Drinks", None).await;
    let _ = category(&app, "Tea", Some(&drinks)).await;
    let content = "sku,category\nA,drinks > TEA\nB,tea\nC,Drinks > Coffee > Ground\nD,> Tea\nE,Snacks\n";
    let strict = super::mapping(&json!({ "create_categories": false }));
    let job = import(&app, PRODUCTS, content, std::slice::from_ref(&strict)).await;
    let lines: Vec<String> = errors(&app, &job).await.iter().map(|line| line.splitn(4, ',').take(3).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(lines, ["4,category,unknown", "5,category,unknown", "6,category,unknown"], "{job}");

    let job = import(&app, &format!("{PRODUCTS}?dry_run=true"), content, &[]).await;
    assert_eq!(job["summary"]["categories_created"], 4, "{job}");
    assert_eq!(client.get("/api/v1/categories").send().await.metadata()["total"], 2, "a dry run makes none");
    let job = import(&app, PRODUCTS, content, &[]).await;
    assert_eq!((&job["summary"]["created"], &job["summary"]["categories_created"]), (&json!(5), &json!(4)), "{job}");
    app.expect_event("catalog.category.created.v1").await;
    let file = export(&app).await;
    let mut paths: Vec<(&str, &str)> = file.lines().skip(1).map(|line| (line.split(',').nth(1).unwrap(), line.split(',').nth(6).unwrap())).collect();
    paths.sort_unstable();
    let paths: Vec<&str> = paths.into_iter().map(|(_, path)| path).collect();
    assert_eq!(paths, ["Drinks > Tea", "Drinks > Tea", "Drinks > Coffee > Ground", "> Tea", "> Snacks"]);

    // Now two have the name: which is meant has to be said.
    let job = import(&app, PRODUCTS, "sku,category\nF,Tea\n", &[]).await;
    assert!(errors(&app, &job).await[0].contains("several categories are called Tea"), "{job}");
}

#[tokio::test]
async fn variants_of_one_product_come_from_several_rows_that_agree() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let id = "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11";
    let file = format!("product_id,sku,name,variant_name\n{id},SHIRT-L,Shirt,large\n,LAMP,Lamp,\n{id},SHIRT-A,,all\n");
    let job = import(&app, PRODUCTS, file, &[]).await;
    assert_eq!((&job["summary"]["created"], &job["summary"]["rows"]), (&json!(2), &json!(3)), "{job}");
    let shirt = client.get(&format!("/api/v1/products/{id}")).send().await.ok();
    let skus: Vec<&Value> = shirt["variants"].as_array().unwrap().iter().map(|variant| &variant["sku"]).collect();
    assert_eq!((&shirt["name"], skus), (&json!("Shirt"), vec![&json!("SHIRT-L"), &json!("SHIRT-A")]), "in the order of the file");

    // Without ids the SKUs say that it is one product.
    let job = import(&app, PRODUCTS, "sku,name,price\nSHIRT-A,Blouse,1\nSHIRT-L,,2\n", &[]).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["updated"]), (Some("succeeded"), &json!(1)), "{job}");
    let job = import(&app, PRODUCTS, "sku,name\nSHIRT-A,Blouse\nSHIRT-L,Skirt\n", &[]).await;
    assert!(errors(&app, &job).await[0].starts_with("3,name,contradiction,line 2 "), "{job}");
    assert_eq!(client.get(&format!("/api/v1/products/{id}")).send().await.ok()["name"], "Blouse");

    let wrong = format!("product_id,sku,weight_g\n{id},LAMP,\n{id},SHIRT-A,-1\nx,B,\n");
    let job = import(&app, PRODUCTS, wrong, &[("skip_invalid", "true".to_owned())]).await;
    let lines: Vec<String> = errors(&app, &job).await.iter().map(|line| line.splitn(4, ',').take(3).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(lines, ["2,sku,other_product", "3,weight_g,negative", "4,product_id,value"], "{job}");
}

#[tokio::test]
async fn stock_keeps_a_variant_from_being_put_away_by_a_file() {
    let app = App::start().await;
    super::stock(&app, &["LAMP", "CHAIR"]).await;
    let _ = import(&app, PRODUCTS, "sku\nEMPTY\n", &[]).await;
    let file = "sku,variant_status\nLAMP,archived\nEMPTY,archived\n";
    let job = import(&app, PRODUCTS, file, &[("skip_invalid", "true".to_owned())]).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["updated"]), (Some("succeeded"), &json!(1)), "{job}");
    assert!(errors(&app, &job).await[0].starts_with("2,variant_status,has_stock,"), "{job}");
}

#[tokio::test]
async fn a_cell_goes_before_a_constant_whichever_row_it_is_in() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    // The piece of wrong rows puts the last row of LIGHT into another piece of the file.
    let content = format!("sku,name,price,brand\nLAMP,,,\nLAMP,Lamp,3,Acme\nLIGHT,,,\n{}LIGHT,Light,,\n", super::products::a_piece_of_wrong_rows());
    let defaults = json!({ "sku_case": "merge", "defaults": { "name": "Unnamed", "brand": "None", "price": "9.99", "unit": "kg" } });
    let fields = [super::mapping(&defaults), ("skip_invalid", "true".to_owned())];
    let job = import(&app, PRODUCTS, content, &fields).await;
    assert_eq!((job["state"].as_str(), &job["summary"]["created"]), (Some("succeeded"), &json!(2)), "{job}");
    let of = async |word: &str| client.get(&format!("/api/v1/products?q={word}&include=variants")).send().await.ok()[0].clone();
    let lamp = of("LAMP").await;
    assert_eq!((&lamp["name"], &lamp["brand"], &lamp["unit"]), (&json!("Lamp"), &json!("Acme"), &json!("kg")), "{lamp}");
    assert_eq!(lamp["variants"][0]["price"]["amount"], "3.00");
    let light = of("LIGHT").await;
    assert_eq!((&light["name"], &light["brand"], &light["variants"][0]["price"]["amount"]), (&json!("Light"), &json!("None"), &json!("9.99")));
}
