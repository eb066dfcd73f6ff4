//! What holds between rows holds when many change them at once: the limits of a plan, and a tree of places without a circle.

use futures::future::{join, join_all};
use nexus_test_support::{Answer, Client, Role, TestTenant};
use serde_json::{Value, json};

use crate::fixtures::article;
use crate::platform::{Platform, key, text};

/// Tries at once.
const TRIES: usize = 16;
/// How often two moves are let loose on each other.
const ROUNDS: usize = 25;

/// A tenant whose plan has these limits, and its owner.
async fn limited(platform: &Platform, limits: Value) -> (TestTenant, Client) {
    let tenant = TestTenant::in_control(&platform.control).await;
    tenant.set_entitlements(json!({ "plan": "free", "limits": limits, "features": [] })).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    (tenant, client)
}

fn site() -> Value {
    json!({ "code": format!("S-{}", key()), "name": "Site", "type": "site" })
}

fn product() -> Value {
    json!({ "name": "Product", "status": "active", "variants": [{ "sku": key() }] })
}

async fn edit(client: &Client, path: &str, body: &Value) -> Answer {
    let version = client.get(path).send().await.expect(200).etag();
    client.patch(path, body).if_match(version).send().await
}

/// Creates many at once; exactly so many get through, and the others hear of the limit.
async fn exactly(client: &Client, path: &str, body: impl Fn() -> Value, expected: usize, limit: usize) {
    let answers = join_all((0..TRIES).map(|_| client.post(path, &body()).send())).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.as_u16() == 201);
    assert_eq!(made.len(), expected, "{path}: {:?}", answers.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>());
    for answer in refused {
        assert_eq!(answer.error(402, "QUOTA_EXCEEDED")["details"]["limit"], limit, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limits_of_a_plan_hold_however_many_come_at_once_or_come_back() {
    let platform = Platform::start().await;
    let (_tenant, client) = limited(&platform, json!({ "locations": 4, "products": 5 })).await;
    // One place is there from the beginning.
    exactly(&client, "/api/v1/locations", site, 3, 4).await;
    exactly(&client, "/api/v1/products", product, 5, 5).await;
    nothing_comes_back_over_the_limit(&client, "/api/v1/locations", site, 4).await;
    nothing_comes_back_over_the_limit(&client, "/api/v1/products", product, 5).await;
    many_at_once_do_not_come_back_over_the_limit(&client).await;
}

/// What is archived does not count, and therefore does not come back when its place is taken.
async fn nothing_comes_back_over_the_limit(client: &Client, list: &str, body: impl Fn() -> Value, limit: usize) {
    let own = client.get(&format!("{list}?sort=-created_at&status=active&limit=1")).send().await.expect(200).ok();
    let path = format!("{list}/{}", text(&own[0]["id"]));
    let _ = edit(client, &path, &json!({ "status": "archived" })).await.expect(200);
    let instead = client.post(list, &body()).send().await.created();
    let refused = edit(client, &path, &json!({ "status": "active" })).await;
    assert_eq!(refused.error(402, "QUOTA_EXCEEDED")["details"]["limit"], limit, "{}", refused.text());
    assert_eq!(client.get(&path).send().await.expect(200).ok()["status"], "archived");
    // A whole representation is no way around it.
    let version = client.get(&path).send().await.etag();
    let name = json!({ "code": key(), "name": "Back", "status": "active" });
    let name = if list.ends_with("products") { json!({ "name": name["name"], "status": "active" }) } else { name };
    client.put(&path, &name).if_match(version).send().await.error(402, "QUOTA_EXCEEDED");
    // There is room again.
    let other = format!("{list}/{}", text(&instead["id"]));
    let _ = edit(client, &other, &json!({ "status": "archived" })).await.expect(200);
    let _ = edit(client, &path, &json!({ "status": "active" })).await.expect(200);
}

async fn many_at_once_do_not_come_back_over_the_limit(client: &Client) {
    let mut archived = Vec::new();
    for _ in 0..3 {
        let own = client.get("/api/v1/products?status=active&limit=1").send().await.expect(200).ok();
        let path = format!("/api/v1/products/{}", text(&own[0]["id"]));
        let _ = edit(client, &path, &json!({ "status": "archived" })).await.expect(200);
        archived.push(path);
    }
    let _ = client.post("/api/v1/products", &product()).send().await.created();
    // Two may come back, and three try.
    let back = json!({ "status": "active" });
    let answers = join_all(archived.iter().map(|path| edit(client, path, &back))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 2, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 402).count(), 1, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_moves_at_once_close_no_circle_of_places() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    let main = article(&client, "TEA").await.main;
    let area = async || {
        let body = json!({ "code": format!("A-{}", key()), "name": "Area", "type": "area", "parent_id": main });
        text(&client.post("/api/v1/locations", &body).send().await.created()["id"])
    };
    let [left, right] = [area().await, area().await];
    let into = async |place: &str, parent: &str| edit(&client, &format!("/api/v1/locations/{place}"), &json!({ "parent_id": parent })).await;
    let mut closed = 0;
    for round in 0..ROUNDS {
        let (one, other) = join(into(&left, &right), into(&right, &left)).await;
        let moved = [&one, &other].iter().filter(|answer| answer.status.as_u16() == 200).count();
        assert_eq!(moved, 1, "round {round}: {} and {}", one.text(), other.text());
        let refused = if one.status.as_u16() == 200 { &other } else { &one };
        // Whoever comes second sees the circle; whoever asked with an old version is told so.
        match refused.status.as_u16() {
            412 => drop(refused.error(412, "PRECONDITION_FAILED")),
            _ => {
                refused.error(409, "LOCATION_CYCLE");
                closed += 1;
            }
        }
        let seen = client.get(&format!("/api/v1/locations?within={main}&limit=200")).send().await.expect(200).metadata();
        assert_eq!(seen["total"], 3, "round {round}: a place is lost in a circle");
        for place in [&left, &right] {
            let _ = into(place, &main).await.expect(200);
        }
    }
    assert!(closed > 0, "no two moves met");
}
