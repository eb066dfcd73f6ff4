//! Products that weigh much.

use nexus_infra::list::PAGE_BYTES;
use nexus_test_support::Role;
use serde_json::{Value, json};

use crate::test_app::App;

/// Names and values of 4,095 bytes.
fn attributes() -> Value {
    (0..39).map(|number| (format!("a{number:02}"), Value::from("v".repeat(102)))).collect::<serde_json::Map<_, _>>().into()
}

fn product(name: &str, variants: usize) -> Value {
    let variant = |number| json!({ "sku": format!("{name}-{number}"), "attributes": attributes() });
    json!({ "name": name, "variants": (0..variants).map(variant).collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_page_with_variants_ends_before_it_weighs_too_much() {
    let app = App::without_workers().await;
    let client = app.client(Role::Manager);
    // One of them is heavier than a page by itself: what is added later is bounded by number only.
    for (name, variants) in [("a", 150), ("b", 0), ("c", 150), ("d", 150), ("e", 150), ("f", 150), ("g", 150)] {
        let _ = client.post("/api/v1/products", &product(name, variants)).send().await.expect(201);
    }
    let sql = "INSERT INTO variants (id, product_id, sku, name, attributes, position) \
        SELECT gen_random_uuid(), p.id, 'many-' || n, '', (SELECT attributes FROM variants WHERE sku = 'a-0'), n \
        FROM products p, generate_series(1, 700) n WHERE p.name = 'b'";
    sqlx::query(sql).execute(app.tenant.db().pool()).await.unwrap();

    let (mut names, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/products?include=variants&limit=100&cursor={cursor}");
        let page = client.get(&path).send().await;
        let products = page.ok().as_array().cloned().unwrap_or_default();
        let weight: usize = products.iter().map(|product| product["variants"].to_string().len()).sum();
        assert!(weight < PAGE_BYTES * 3 / 2 || products.len() == 1, "{weight} bytes");
        sizes.push(products.len());
        for product in &products {
            let variants = if product["name"] == "b" { 700 } else { 150 };
            assert_eq!(product["variants"].as_array().map(Vec::len), Some(variants), "{}", product["name"]);
        }
        names.extend(products.iter().map(|product| product["name"].as_str().unwrap().to_owned()));
        let metadata = page.metadata();
        assert_eq!(metadata["has_more"], metadata["next_cursor"].is_string());
        let Some(next) = metadata["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(names, ["a", "b", "c", "d", "e", "f", "g"]);
    assert!(sizes[..2] == [1, 1] && sizes[2] < 5, "{sizes:?}");

    let refused = client.get("/api/v1/products?include=variants&limit=100").send().await.error(400, "BAD_REQUEST");
    assert_eq!((&refused["details"][0]["field"], &refused["details"][0]["code"]), (&json!("limit"), &json!("too_heavy")));
    assert_eq!(client.get("/api/v1/products?limit=100").send().await.ok().as_array().map(Vec::len), Some(7), "without them it is light");
    assert_eq!(client.get("/api/v1/products?include=variants&limit=1&page=2").send().await.ok()[0]["name"], "b");
}

#[tokio::test]
async fn the_attributes_of_a_variant_are_bounded_together() {
    let app = App::without_workers().await;
    let client = app.client(Role::Manager);
    let mut product = product("bounded", 1);
    product["variants"][0]["attributes"]["more"] = json!("xx");
    let refused = client.post("/api/v1/products", &product).send().await.error(422, "VALIDATION_FAILED");
    assert_eq!((&refused["details"][0]["field"], &refused["details"][0]["code"]), (&json!("variants[0].attributes"), &json!("too_large")));
}
