//! The upsert of products, as imports use it.

use nexus_core::{Entitlements, FieldFault, Origin, SystemClock};
use nexus_test_support::Role;
use serde_json::json;

use super::{beans, move_stock, path, version};
use crate::modules::catalog::upsert::{ProductUpsert, UpsertOutcome, VariantUpsert, upsert_products};
use crate::modules::catalog::variants::barcode::BarcodeKind;
use crate::modules::catalog::{Barcode, CatalogError, ProductKind, ProductStatus};
use crate::test_app::App;

fn row(sku: &str) -> ProductUpsert {
    let variants = vec![VariantUpsert { sku: sku.to_owned(), ..Default::default() }];
    ProductUpsert { name: format!("Article {sku}"), variants, ..Default::default() }
}

async fn upsert_within(app: &App, limits: &[(&str, i64)], rows: &[ProductUpsert]) -> Result<Vec<UpsertOutcome>, CatalogError> {
    let limits = limits.iter().map(|(name, most)| ((*name).to_owned(), *most)).collect();
    let plan = Entitlements { limits, ..Default::default() };
    app.tenant.db().write("test", &SystemClock::shared(), &Origin::system("test"), async |tx| upsert_products(tx, &plan, rows).await).await
}

pub(super) async fn upsert(app: &App, rows: &[ProductUpsert]) -> Vec<UpsertOutcome> {
    upsert_within(app, &[], rows).await.unwrap()
}

/// Field and code of each fault.
fn faults(outcome: &UpsertOutcome) -> Vec<(&str, &str)> {
    match outcome {
        UpsertOutcome::Refused(faults) => faults.iter().map(|FieldFault { field, code, .. }| (field.as_str(), code.as_str())).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_stock_forbids_is_refused_row_by_row() {
    let app = App::without_workers().await;
    let client = app.client(Role::Manager);
    assert!(matches!(upsert(&app, &[row("MOVED"), row("HELD"), row("NEW")]).await[..], [_, _, UpsertOutcome::Created { .. }]));
    let _ = move_stock(&client, "receive", "MOVED", "5").await.created();
    let _ = move_stock(&client, "issue", "MOVED", "5").await.created();
    let _ = move_stock(&client, "receive", "HELD", "5").await.created();
    let archived = Some(ProductStatus::Archived);
    let outcomes = upsert(
        &app,
        &[
            ProductUpsert { unit: Some("kg".to_owned()), status: archived, ..row("HELD") },
            ProductUpsert { unit: Some("kg".to_owned()), status: archived, ..row("MOVED") },
            ProductUpsert { unit: Some("kg".to_owned()), status: archived, ..row("NEW") },
        ],
    )
    .await;
    assert_eq!(faults(&outcomes[0]), [("unit", "fixed"), ("status", "has_stock")]);
    assert_eq!(faults(&outcomes[1]), [("unit", "fixed")]);
    assert!(matches!(outcomes[2], UpsertOutcome::Updated { .. }), "{outcomes:?}");
    let draft = json!({ "name": "Draft", "variants": [{ "sku": "DRAFT" }] });
    let _ = client.post("/api/v1/products", &draft).send().await.created();
    let _ = move_stock(&client, "receive", "DRAFT", "5").await.created();
    let outcomes =
        upsert(&app, &[ProductUpsert { kind: Some(ProductKind::NonStocked), ..row("DRAFT") }, ProductUpsert { status: archived, ..row("MOVED") }])
            .await;
    assert_eq!(faults(&outcomes[0]), [("kind", "fixed")]);
    assert!(matches!(outcomes[1], UpsertOutcome::Updated { .. }), "{outcomes:?}");
}

#[tokio::test]
async fn a_new_product_that_is_archived_in_the_file_is_archived_and_counts_when_it_comes_back() {
    let app = App::without_workers().await;
    let client = app.client(Role::Manager);
    let limits = [("products", 1)];
    let archived = ProductUpsert { status: Some(ProductStatus::Archived), ..row("OLD") };
    let outcomes = upsert_within(&app, &limits, &[archived.clone(), row("USED")]).await.unwrap();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, UpsertOutcome::Created { .. })), "{outcomes:?}");
    let found = client.get("/api/v1/products?q=old&include=variants").send().await.ok();
    assert_eq!((&found[0]["status"], &found[0]["variants"][0]["status"]), (&json!("archived"), &json!("active")));
    assert!(found[0]["archived_at"].is_string());
    assert!(matches!(upsert_within(&app, &limits, &[archived]).await.unwrap()[..], [UpsertOutcome::Unchanged { .. }]));
    let active = ProductUpsert { status: Some(ProductStatus::Active), ..row("OLD") };
    let over = upsert_within(&app, &limits, std::slice::from_ref(&active)).await;
    assert!(matches!(over, Err(CatalogError::Quota { limit: 1 })), "{over:?}");
    let swapped = upsert_within(&app, &limits, &[active, ProductUpsert { status: Some(ProductStatus::Archived), ..row("USED") }]).await.unwrap();
    assert!(swapped.iter().all(|outcome| matches!(outcome, UpsertOutcome::Updated { .. })), "{swapped:?}");
}

#[tokio::test]
async fn tags_in_another_case_are_the_same_tags() {
    let app = App::without_workers().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &beans()).send().await.created();
    let tagged = |tags: &[&str]| ProductUpsert {
        name: "Espresso beans".to_owned(),
        tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
        ..row("BEAN-250")
    };
    let outcomes = upsert(&app, &[tagged(&["ORGANIC", "coffee", "Coffee"])]).await;
    assert!(matches!(outcomes[..], [UpsertOutcome::Unchanged { .. }]), "{outcomes:?}");
    assert_eq!(client.get(&path("products", &product)).send().await.etag(), version(&product));
    let outcomes = upsert(&app, &[tagged(&["coffee", "dark"])]).await;
    assert!(
        matches!(&outcomes[..], [UpsertOutcome::Updated { changed, .. }] if changed.iter().map(|change| change.path()).eq(["tags"])),
        "{outcomes:?}"
    );
    assert_eq!(client.get(&path("products", &product)).send().await.ok()["tags"], json!(["Coffee", "dark"]));
}

#[tokio::test]
async fn skus_and_barcodes_of_one_call_compare_as_in_the_database() {
    let app = App::without_workers().await;
    // ς and σ are two letters, Σ is the capital of both and folds to σ.
    let outcomes = upsert(&app, &[row("ΑΣ"), row("ας"), row("ασ")]).await;
    assert!(matches!(outcomes[..2], [UpsertOutcome::Created { .. }, UpsertOutcome::Created { .. }]), "{outcomes:?}");
    assert_eq!(faults(&outcomes[2]), [("sku", "duplicate")]);
    let outcomes = upsert(&app, &[ProductUpsert { brand: Some("Acme".to_owned()), ..row("ασ") }]).await;
    assert!(matches!(&outcomes[..], [UpsertOutcome::Updated { .. }]), "{outcomes:?}");
    let mut twice = row("TWICE");
    let code = Barcode { barcode: "X".to_owned(), kind: BarcodeKind::Other };
    twice.variants[0].barcodes = Some(vec![code.clone(), code]);
    assert_eq!(faults(&upsert(&app, &[twice]).await[0]), [("variants[0].barcodes", "duplicate_barcode")]);
}
