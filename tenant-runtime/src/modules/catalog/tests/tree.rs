//! Categories: one tree, whoever changes it at once.

use futures::future::join;
use nexus_test_support::{Client, Role};
use serde_json::{Value, json};

use super::{path, version};
use crate::test_app::App;

async fn category(client: &Client, name: &str, parent: Option<&Value>) -> Value {
    client.post("/api/v1/categories", &json!({ "name": name, "parent_id": parent.map(|parent| &parent["id"]) })).send().await.created()
}

/// `length` categories, each below the one before.
async fn chain(client: &Client, name: &str, length: usize) -> Vec<Value> {
    let mut chain: Vec<Value> = Vec::new();
    for number in 1..=length {
        chain.push(category(client, &format!("{name}{number}"), chain.last()).await);
    }
    chain
}

#[tokio::test]
async fn categories_form_a_tree_without_cycles() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let drinks = category(&client, "Drinks", None).await;
    let coffee = category(&client, "Coffee", Some(&drinks)).await;
    let beans = category(&client, "Beans", Some(&coffee)).await;
    assert_eq!(coffee["slug"], "coffee");
    let path = format!("/api/v1/categories/{}", drinks["id"].as_str().unwrap());
    let cycle = client.patch(&path, &json!({ "parent_id": beans["id"] })).if_match(1).send().await;
    cycle.error(409, "CATEGORY_CYCLE");
    let tree = client.get("/api/v1/categories/tree").send().await.ok();
    assert_eq!(tree[0]["children"][0]["children"][0]["name"], "Beans");
    client.delete(&path).if_match(1).send().await.error(409, "CATEGORY_IN_USE");
    let unknown = json!({ "name": "X", "category_id": "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11" });
    let error = client.post("/api/v1/products", &unknown).send().await.error(422, "VALIDATION_FAILED");
    assert_eq!(error["details"][0]["field"], "category_id");
    let leaf = format!("/api/v1/categories/{}", beans["id"].as_str().unwrap());
    client.delete(&leaf).if_match(1).send().await.no_content();
}

#[tokio::test]
async fn a_taken_name_and_a_taken_slug_are_told_apart() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let drinks = category(&client, "Drinks", None).await;
    let coffee = category(&client, "Coffee", Some(&drinks)).await;
    let same_name = json!({ "name": "COFFEE", "parent_id": drinks["id"], "slug": "c2" });
    let error = client.post("/api/v1/categories", &same_name).send().await.error(409, "CATEGORY_EXISTS");
    assert_eq!(error["details"], json!({ "field": "name" }));
    let error = client.post("/api/v1/categories", &json!({ "name": "Tea", "slug": "coffee" })).send().await.error(409, "CATEGORY_EXISTS");
    assert_eq!(error["details"], json!({ "field": "slug" }));
    let error = client.patch(&path("categories", &coffee), &json!({ "slug": "drinks" })).if_match(1).send().await.error(409, "CATEGORY_EXISTS");
    assert_eq!(error["details"], json!({ "field": "slug" }));
    let elsewhere = category(&client, "Coffee", None).await;
    assert_ne!(elsewhere["slug"], "coffee", "a slug that nobody typed is in nobody's way");
}

/// Moves `category` below `parent` and leaves the transaction open.
async fn move_open(app: &App, category: &Value, parent: &Value) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut moving = app.tenant.db().pool().begin().await.unwrap();
    sqlx::query("UPDATE categories SET parent_id = $1::text::uuid WHERE id = $2::text::uuid")
        .bind(parent["id"].as_str())
        .bind(category["id"].as_str())
        .execute(&mut *moving)
        .await
        .unwrap();
    moving
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_moves_that_close_a_circle_together_one_is_refused() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let (left, right) = (chain(&client, "Left", 2).await, chain(&client, "Right", 2).await);
    let moving = move_open(&app, &left[0], &right[1]).await;
    let (moved, ()) = join(client.patch(&path("categories", &right[0]), &json!({ "parent_id": left[1]["id"] })).if_match(1).send(), async {
        app.sessions_wait(1).await;
        moving.commit().await.unwrap();
    })
    .await;
    moved.error(409, "CATEGORY_CYCLE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_of_two_moves_comes_first_the_tree_stays_a_tree() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    for round in 0..5 {
        let (left, right) = (chain(&client, &format!("Left {round} "), 2).await, chain(&client, &format!("Right {round} "), 2).await);
        let (left_path, right_path) = (path("categories", &left[0]), path("categories", &right[0]));
        let (to_right, to_left) = (json!({ "parent_id": right[1]["id"] }), json!({ "parent_id": left[1]["id"] }));
        let moves = join(client.patch(&left_path, &to_right).if_match(1).send(), client.patch(&right_path, &to_left).if_match(1).send());
        let (one, other) = moves.await;
        let refused = if one.status.is_success() { other } else { one };
        refused.error(409, "CATEGORY_CYCLE");
    }
    let tree = client.get("/api/v1/categories/tree").send().await.ok();
    assert_eq!(tree.as_array().unwrap().len(), 5, "four categories a round below one root: {tree}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_insert_beside_a_move_is_not_deeper_than_the_tree_may_be() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let upper = chain(&client, "Upper", 8).await;
    let lower = chain(&client, "Lower", 8).await;
    let moving = move_open(&app, &lower[0], &upper[7]).await;
    let pool = app.tenant.db().pool();
    let insert = "INSERT INTO categories (id, parent_id, name, slug) VALUES (gen_random_uuid(), $1::text::uuid, 'Deepest', 'deepest')";
    let inserting = async { sqlx::query(insert).bind(lower[7]["id"].as_str()).execute(pool).await };
    let (inserted, ()) = join(inserting, async {
        app.sessions_wait(1).await;
        moving.commit().await.unwrap();
    })
    .await;
    let refusal = inserted.unwrap_err();
    assert_eq!(refusal.as_database_error().and_then(|error| error.constraint()), Some("categories_depth"));
    let over_http = client.post("/api/v1/categories", &json!({ "name": "Deepest", "parent_id": lower[7]["id"] })).send().await;
    assert_eq!(over_http.error(422, "VALIDATION_FAILED")["details"][0]["code"], "too_deep");
}

#[tokio::test]
async fn the_whole_tree_is_one_answer_and_has_an_end() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let root = category(&client, "Root", None).await;
    // The first in the order of siblings last, so that a cut would take children and not the end of the list.
    let fill = "INSERT INTO categories (id, parent_id, name, slug, position) \
        SELECT gen_random_uuid(), CASE WHEN n > 5000 THEN $1::text::uuid END, 'C' || n, 'c' || n, 1 FROM generate_series(1, 9999) AS n";
    sqlx::query(fill).bind(root["id"].as_str()).execute(app.tenant.db().pool()).await.unwrap();
    let error = client.post("/api/v1/categories", &json!({ "name": "One more" })).send().await.error(409, "TOO_MANY_CATEGORIES");
    assert!(error["message"].as_str().unwrap().contains("10000"), "{error}");
    let tree = client.get("/api/v1/categories/tree").send().await.ok();
    let roots = tree.as_array().unwrap();
    assert_eq!(roots.len() + roots.iter().map(|root| root["children"].as_array().unwrap().len()).sum::<usize>(), 10_000);
    let renamed = client.patch(&path("categories", &root), &json!({ "name": "Renamed" })).if_match(version(&root)).send().await.ok();
    client.delete(&path("categories", &category_of(&client).await)).if_match(1).send().await.no_content();
    let _ = category(&client, "One more", Some(&renamed)).await;
}

async fn category_of(client: &Client) -> Value {
    client.get("/api/v1/categories?limit=1&sort=name&slug=c1").send().await.ok()[0].clone()
}
