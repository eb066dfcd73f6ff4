//! SKUs and barcodes: how they compare, and who has them.

use nexus_test_support::Role;
use serde_json::{Value, json};

use super::{beans, path};
use crate::modules::catalog::sku::{fold, normalise_sku};
use crate::test_app::App;

/// Strings whose lower case or normal form is a matter of taste.
const TRICKY: &[&str] = &[
    "ΑΣ",
    "ΑΣ-1",
    "ΟΔΟΣ ΑΣ",
    "Σ",
    "İSTANBUL",
    "I\u{307}",
    "ıI",
    "ẞ",
    "STRAẞE",
    "ﬃ",
    "ＡＢＣ１",
    "Å",
    "A\u{30a}",
    "e\u{301}\u{328}",
    "ǅ",
    "Ⅷ",
    "①",
    "ﷺ",
    "각",
    "각",
    "ϴ",
    "K",
    "Ω",
    "꙲A",
    "𐐀",
    "½",
    "a\u{300}\u{316}",
];

/// Blocks that new versions of Unicode add nothing to: the database may know an older one than the program.
const SETTLED: &[(i32, i32)] = &[(0x1, 0x52F), (0x1E00, 0x1FFF), (0x2100, 0x218B), (0xFB00, 0xFB06), (0xFF00, 0xFFEF)];

#[tokio::test]
async fn skus_compare_in_the_program_as_in_the_database() {
    let app = App::start().await;
    let pool = app.tenant.db().pool();
    for text in TRICKY {
        let theirs: String = sqlx::query_scalar("SELECT lower(normalize($1, NFKC))").bind(text).fetch_one(pool).await.unwrap();
        assert_eq!(fold(text), theirs, "{text}");
    }
    let sql = "SELECT n, lower(normalize(chr(n), NFKC)) FROM generate_series($1, $2) AS n";
    for (first, last) in SETTLED {
        let theirs: Vec<(i32, String)> = sqlx::query_as(sql).bind(first).bind(last).fetch_all(pool).await.unwrap();
        for (number, theirs) in theirs {
            let letter = u32::try_from(number).ok().and_then(char::from_u32).unwrap();
            assert_eq!(fold(letter.encode_utf8(&mut [0; 4])), theirs, "{letter} {number:x}");
        }
    }
    assert_eq!(normalise_sku(" ΑΣ "), "ασ");
}

#[tokio::test]
async fn a_barcode_twice_in_one_request_is_no_other_variants() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &beans()).send().await.created();
    let code = |code: &str| json!({ "barcode": code, "kind": "other" });
    let twice = json!({ "sku": "NEW", "barcodes": [code("A"), code("X"), code("X")] });
    let variants = format!("{}/variants", path("products", &product));
    let variant = path("variants", &product["variants"][0]);
    let repeated = |error: &Value, field: &str| {
        assert_eq!((&error["details"][0]["field"], &error["details"][0]["code"]), (&json!(field), &json!("duplicate_barcode")), "{error}");
    };
    repeated(&client.post(&variants, &twice).send().await.error(422, "VALIDATION_FAILED"), "barcodes");
    repeated(&client.put(&variant, &twice).if_match(1).send().await.error(422, "VALIDATION_FAILED"), "barcodes");
    let patch = json!({ "barcodes": twice["barcodes"] });
    repeated(&client.patch(&variant, &patch).if_match(1).send().await.error(422, "VALIDATION_FAILED"), "barcodes");
    let whole = json!({ "name": "Other", "variants": [twice] });
    repeated(&client.post("/api/v1/products", &whole).send().await.error(422, "VALIDATION_FAILED"), "variants[0].barcodes");
    let apart = json!({ "name": "Other", "variants": [{ "sku": "O1", "barcodes": [code("X")] }, { "sku": "O2", "barcodes": [code("X")] }] });
    repeated(&client.post("/api/v1/products", &apart).send().await.error(422, "VALIDATION_FAILED"), "");
    let taken = json!({ "sku": "NEW", "barcodes": [code("A"), code("4006381333931")] });
    let error = client.post(&variants, &taken).send().await.error(409, "BARCODE_TAKEN");
    assert_eq!(error["details"]["barcode"], "4006381333931");
}

#[tokio::test]
async fn a_full_product_says_that_archived_variants_count() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let variants: Vec<Value> = (0..200).map(|number| json!({ "sku": format!("V-{number}") })).collect();
    let product = client.post("/api/v1/products", &json!({ "name": "Full", "variants": variants })).send().await.created();
    let variant = path("variants", &product["variants"][0]);
    let _ = client.patch(&variant, &json!({ "status": "archived" })).if_match(1).send().await.expect(200).ok();
    let more = client.post(&format!("{}/variants", path("products", &product)), &json!({ "sku": "V-200" })).send().await;
    let error = more.error(409, "TOO_MANY_VARIANTS");
    assert!(error["message"].as_str().unwrap().contains("archived ones included"), "{error}");
}
