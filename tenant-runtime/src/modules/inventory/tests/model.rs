//! Random sequences of operations against a small model: the same answers, the same levels.

use std::collections::BTreeMap;

use nexus_test_support::{Client, Role};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{assert_levels_are_true, post, product, warehouse};
use crate::test_app::App;

const PLACES: [&str; 3] = ["MAIN", "SHOP", "DEPOT"];
const ITEMS: usize = 2;

/// One change of one level, in thousandths.
type Step = (usize, usize, i64);

#[derive(Debug, Clone)]
enum Operation {
    Receive(Vec<Step>),
    Issue(Vec<Step>),
    Adjust(Vec<Step>),
    Transfer { item: usize, from: usize, to: usize, quantity: i64 },
}

fn steps(quantity: std::ops::RangeInclusive<i64>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..ITEMS, 0..PLACES.len(), quantity), 1..4)
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        steps(1..=9_000).prop_map(Operation::Receive),
        steps(1..=6_000).prop_map(Operation::Issue),
        steps(-4_000..=4_000).prop_filter("a delta is never zero", |steps| steps.iter().all(|step| step.2 != 0)).prop_map(Operation::Adjust),
        (0..ITEMS, 0..PLACES.len(), 1..PLACES.len(), 1..=6_000_i64).prop_map(|(item, from, further, quantity)| Operation::Transfer {
            item,
            from,
            to: (from + further) % PLACES.len(),
            quantity
        }),
    ]
}

/// What is on hand by item and place, in thousandths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Model(BTreeMap<(usize, usize), i64>);

impl Model {
    /// All steps in their order, or none.
    fn apply(&mut self, steps: impl IntoIterator<Item = Step>) -> bool {
        let mut next = self.0.clone();
        for (item, place, delta) in steps {
            let level = next.entry((item, place)).or_default();
            *level += delta;
            if *level < 0 && delta < 0 {
                return false;
            }
        }
        self.0 = next;
        true
    }
}

fn shown(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", thousandths.abs() / 1_000, thousandths.abs() % 1_000)
}

fn request(operation: &Operation, skus: &[String]) -> (&'static str, Value) {
    let line = |field: &str, step: &Step| json!({ "sku": skus[step.0], "location": PLACES[step.1], field: shown(step.2) });
    let lines = |field: &str, steps: &[Step]| steps.iter().map(|step| line(field, step)).collect::<Vec<_>>();
    match operation {
        Operation::Receive(steps) => ("/api/v1/stock-movements", json!({ "kind": "receive", "lines": lines("quantity", steps) })),
        Operation::Issue(steps) => ("/api/v1/stock-movements", json!({ "kind": "issue", "lines": lines("quantity", steps) })),
        Operation::Adjust(steps) => ("/api/v1/inventory/adjust", json!({ "reason": "correction", "lines": lines("delta", steps) })),
        Operation::Transfer { item, from, to, quantity } => {
            let line = json!({ "sku": skus[*item], "from_location": PLACES[*from], "to_location": PLACES[*to], "quantity": shown(*quantity) });
            ("/api/v1/inventory/transfer", json!({ "lines": [line] }))
        }
    }
}

fn changes(operation: &Operation) -> Vec<Step> {
    match operation {
        Operation::Receive(steps) | Operation::Adjust(steps) => steps.clone(),
        Operation::Issue(steps) => steps.iter().map(|(item, place, quantity)| (*item, *place, -quantity)).collect(),
        Operation::Transfer { item, from, to, quantity } => vec![(*item, *from, -quantity), (*item, *to, *quantity)],
    }
}

async fn levels(client: &Client, skus: &[String]) -> Model {
    let mut model = Model::default();
    for (item, sku) in skus.iter().enumerate() {
        for level in client.get(&format!("/api/v1/inventory?sku={sku}")).send().await.ok().as_array().unwrap() {
            let place = PLACES.iter().position(|place| level["location"] == *place).unwrap();
            let on_hand: rust_decimal::Decimal = level["on_hand"].as_str().unwrap().parse().unwrap();
            model.0.insert((item, place), i64::try_from(on_hand * rust_decimal::Decimal::from(1_000)).unwrap());
        }
    }
    model
}

async fn run(app: &App, operations: &[Operation]) {
    let client = app.client(Role::Manager);
    let mut skus = Vec::new();
    for _ in 0..ITEMS {
        let sku = Uuid::new_v4().simple().to_string();
        product(app, &sku, "stocked").await;
        skus.push(sku);
    }
    let mut model = Model::default();
    for operation in operations {
        let (path, body) = request(operation, &skus);
        let answer = post(&client, path, &body).await;
        if model.apply(changes(operation)) {
            let _ = answer.created();
        } else {
            let _ = answer.error(409, "INSUFFICIENT_STOCK");
        }
    }
    assert_eq!(levels(&client, &skus).await, model);
    assert_levels_are_true(app).await;
}

#[test]
fn random_sequences_agree_with_a_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let app = runtime.block_on(async {
        let app = App::start().await;
        for code in &PLACES[1..] {
            warehouse(&app, code).await;
        }
        app
    });
    let config = Config { cases: 24, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    TestRunner::new(config)
        .run(&prop::collection::vec(operation(), 1..25), |operations| {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(run(&app, &operations))));
            outcome.map_err(|_| TestCaseError::fail("the answers or levels differ from the model's"))
        })
        .unwrap();
}
