//! Every request example of the document can be sent as it stands, once its ids are real ones: those of an organization's operations. The
//! control plane's are sent by `control_plane`.

use std::collections::BTreeMap;

use nexus_test_support::{Client, Role, TestTenant};
use serde_json::{Value, json};

use crate::accepted;
use crate::document::Operation;
use crate::fixtures::Belongings;
use crate::platform::{Platform, key};

/// The example of an operation, its ids replaced by those of the organization's own resources.
async fn example(platform: &Platform, operation: &Operation, ours: &Belongings) -> Value {
    let bodies = accepted::of(operation).bodies();
    let kinds: BTreeMap<String, String> = bodies.flat_map(|body| accepted::ids(&body)).map(|id| (id.path, id.kind)).collect();
    let mut body = operation.example();
    for path in platform.document.id_paths(operation.body.as_ref().expect("a body")) {
        put(&mut body, &path, async || ours.another(&kinds[&path]).await).await;
    }
    body
}

/// Puts a real id wherever the example has one at `path`, such as `lines[].variant_id`.
async fn put(body: &mut Value, path: &str, real: impl AsyncFnOnce() -> String) {
    let mut places = vec![body];
    for step in path.split('.') {
        let name = step.trim_end_matches("[]");
        places = places.into_iter().filter_map(|place| place.get_mut(name)).collect();
        if step.ends_with("[]") {
            places = places.into_iter().filter_map(Value::as_array_mut).flatten().collect();
        }
    }
    if places.iter().any(|place| place.is_string()) {
        let id = real().await;
        places.into_iter().filter(|place| place.is_string()).for_each(|place| *place = json!(id));
    }
}

/// The article, the places and the stock that the examples of the inventory speak of.
async fn set_the_scene(client: &Client) {
    let beans = json!({ "name": "Espresso beans", "status": "active", "variants": [{ "sku": "BEAN-1KG" }] });
    let _ = client.post("/api/v1/products", &beans).send().await.created();
    let _ = client.post("/api/v1/locations", &json!({ "code": "SHOP", "name": "Shop", "type": "site", "kind": "store" })).send().await.created();
    let stock = json!({ "kind": "receive", "lines": [{ "sku": "BEAN-1KG", "location": "MAIN", "quantity": "100" }] });
    let _ = client.post("/api/v1/stock-movements", &stock).idempotency_key(&key()).send().await.created();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_an_organizations_operations_is_accepted() {
    let platform = Platform::start().await;
    let mut sent = 0;
    // The examples use the same names: those that would get into each other's way have a tenant each.
    let mut tenants: BTreeMap<(String, bool, bool), (Client, Belongings)> = BTreeMap::new();
    let members = |operation: &&Operation| operation.is_tenants() && !operation.is_by_invitation();
    let operations = platform.document.operations();
    for operation in operations.values().filter(members).filter(|operation| operation.body.is_some()) {
        let moves_stock = ["/api/v1/inventory", "/api/v1/stock-movements"].iter().any(|path| operation.path.starts_with(path));
        let group = (operation.method.clone(), operation.has_parameters(), moves_stock);
        if !tenants.contains_key(&group) {
            let tenant = TestTenant::in_control(&platform.control).await;
            let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
            if moves_stock {
                set_the_scene(&client).await;
            }
            let ours = Belongings::none(&client, &tenant);
            tenants.insert(group.clone(), (client, ours));
        }
        let (client, ours) = &tenants[&group];
        let body = example(&platform, operation, ours).await;
        let (path, version) = ours.aim(operation).await;
        let answer = operation.request(client, &path, version).json(&body).send().await;
        assert!(answer.status.is_success(), "{}: the example is refused: {}\n{body}", operation.id, answer.text());
        sent += 1;
    }
    assert!(sent > 15, "only {sent} examples were sent");
}

/// As somebody does who presses "Try it out" in a new organization: nothing of the example is replaced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_organizations_first_steps_are_the_examples_as_they_stand() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    let operations = platform.document.operations();
    for id in
        ["create_location", "create_category", "create_tag", "create_product", "create_stock_movements", "transfer_inventory", "adjust_inventory"]
    {
        let operation = operations.get(id).unwrap_or_else(|| panic!("{id} is gone"));
        let answer = operation.request(&client, &operation.path, 0).json(&operation.example()).send().await;
        assert!(answer.status.is_success(), "{id}: the example is refused: {}", answer.text());
    }
}
