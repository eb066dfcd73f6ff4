//! Ids of another tenant, derived from the OpenAPI document: in paths, in bodies and in queries. Each request is one that is accepted
//! but for a single id, so that nothing else can be the reason of the refusal.

use std::collections::BTreeSet;

use nexus_test_support::{Answer, Client, Role, scopes};
use serde_json::{Value, json};

use crate::accepted::{self, Id};
use crate::document::Operation;
use crate::fixtures::{Belongings, succeeded};
use crate::isolation::{Ground, MARK, fingerprint};
use crate::platform::{key, text};

/// Operations whose body may name an id that does not exist: a filter that finds nothing. This list may only shrink.
const FILTERS: &[&str] = &["export_products"];

/// Whose credential is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Person,
    Program,
}

/// A tenant with belongings next to a foreign one.
struct Neighbours {
    ground: Ground,
    /// The own tenant's owner.
    client: Client,
    /// An API key of the own tenant with every scope.
    program: Client,
    ours: Belongings,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_of_another_tenant_opens_nothing() {
    let ground = Ground::new().await;
    let client = ground.client(ground.own.token(Role::Owner)).tenant(&ground.own.slug);
    let ours = Belongings::furnish(&client, &ground.own, "OWNDATUM").await;
    let program = client.bearer(&ground.own.api_key(&scopes()).await);
    let neighbours = Neighbours { ground, client, program, ours };
    let before = fingerprint(&neighbours.ground.foreign).await;
    for caller in [Caller::Person, Caller::Program] {
        neighbours.in_paths(caller).await;
        neighbours.in_queries(caller).await;
    }
    neighbours.in_bodies().await;
    assert_eq!(before, fingerprint(&neighbours.ground.foreign).await, "the foreign tenant's data have changed");
}

impl Neighbours {
    /// A caller's client, and what they may ask for at all.
    fn of(&self, caller: Caller) -> (&Client, impl Iterator<Item = &Operation>) {
        let client = match caller {
            Caller::Person => &self.client,
            Caller::Program => &self.program,
        };
        (client, self.ground.operations.iter().filter(move |operation| caller == Caller::Person || operation.takes_keys))
    }

    /// An id that exists next door is answered like one that exists nowhere.
    async fn in_paths(&self, caller: Caller) {
        let (client, operations) = self.of(caller);
        for operation in operations.filter(|operation| operation.has_parameters()) {
            let body = operation.body.is_some().then(|| accepted::of(operation).bodies().next().expect("a body"));
            let ask = async |id: &str| {
                let request = operation.request(client, &operation.path_with(id), 1);
                let request = match &body {
                    Some(body) => request.json(&accepted::filled(body, |kind| self.own_id(kind))),
                    None => request,
                };
                request.send().await
            };
            let foreign = ask(self.ground.foreign_id(operation)).await;
            let nowhere = ask(&key()).await;
            shows_nothing(operation, &foreign);
            assert_eq!(foreign.error(404, "NOT_FOUND")["message"], nowhere.error(404, "NOT_FOUND")["message"], "{}", operation.id);
        }
    }

    /// Every id of every body, one at a time: the rest of the request is the tenant's own, and accepted.
    async fn in_bodies(&self) {
        // Who joins by an invitation is nobody's owner yet.
        let members = self.ground.operations.iter().filter(|operation| !operation.is_by_invitation());
        let with_bodies = members.filter_map(|operation| Some((operation, operation.body.as_ref()?)));
        let mut tried = 0;
        for (operation, schema) in with_bodies {
            let expected = self.ground.platform.document.id_paths(schema);
            let mut covered = BTreeSet::new();
            for body in accepted::of(operation).bodies() {
                let own = self.send(operation, &body, None).await;
                assert!(own.status.is_success(), "{}: the accepted body is refused: {} {}", operation.id, own.status, own.text());
                for id in accepted::ids(&body) {
                    covered.insert(id.path.clone());
                    self.swapped(operation, &body, &id).await;
                    tried += 1;
                }
            }
            assert_eq!(expected, covered, "{}: each id of its body needs an accepted body in tests/e2e/tests/accepted.rs", operation.id);
        }
        assert!(tried > 15, "only {tried} ids were tried");
    }

    async fn swapped(&self, operation: &Operation, body: &Value, id: &Id) {
        let place = format!("{} with a foreign id as {}", operation.id, id.field);
        let foreign = self.send(operation, body, Some((id, self.foreign_id(&id.kind)))).await;
        shows_nothing(operation, &foreign);
        if FILTERS.contains(&operation.id.as_str()) {
            let job = text(&foreign.expect(202).ok()["id"]);
            succeeded(&self.client, &job).await;
            let file = self.client.get(&format!("/api/v1/jobs/{job}/result")).send().await.expect(200);
            assert_eq!(file.text().lines().count(), 1, "{place}: something was found: {}", file.text());
        } else if id.kind == "given" {
            assert!(foreign.status.is_success(), "{place}: {}", foreign.text());
        } else {
            let nowhere = self.send(operation, body, Some((id, key()))).await;
            let refusal = foreign.error(422, "VALIDATION_FAILED");
            assert_eq!(refusal["details"].as_array().map(Vec::len), Some(1), "{place}: {refusal}");
            assert_eq!(refusal["details"][0]["field"], *id.field, "{place}: {refusal}");
            assert_eq!(refusal["details"], nowhere.error(422, "VALIDATION_FAILED")["details"], "{place} is answered otherwise than an id of nowhere");
        }
    }

    /// Sends an accepted body on a fresh target, with one id replaced by another.
    async fn send(&self, operation: &Operation, body: &Value, other: Option<(&Id, String)>) -> Answer {
        let (path, version) = self.ours.aim(operation).await;
        let mut body = accepted::filled(body, |kind| self.own_id(kind));
        if let Some((id, other)) = other {
            *body.pointer_mut(&id.pointer).expect("an id") = json!(other);
        }
        operation.request(&self.client, &path, version).json(&body).send().await
    }

    fn own_id(&self, kind: &str) -> String {
        if kind == "given" { key() } else { self.ours.id(kind).to_owned() }
    }

    fn foreign_id(&self, kind: &str) -> String {
        let kind = if kind == "given" { "stock-movements" } else { kind };
        self.ground.theirs.id(kind).to_owned()
    }

    /// A filter by a foreign id finds nothing, and neither does a search for foreign words.
    async fn in_queries(&self, caller: Caller) {
        let (client, operations) = self.of(caller);
        let mut tried = 0;
        for operation in operations.filter(|operation| !operation.writes()) {
            let path = if operation.has_parameters() { operation.path_with(self.ours.id(operation.collection())) } else { operation.path.clone() };
            for parameter in operation.query.iter().filter(|name| names_a_resource(name)) {
                let id = self.ground.theirs.id(kind_of(operation, parameter));
                let found = client.get(&format!("{path}?{parameter}={id}")).send().await.expect(200);
                assert_eq!(found.ok(), json!([]), "{} finds something by a foreign {parameter}", operation.id);
                tried += 1;
            }
            if operation.query.iter().any(|name| name == "q") {
                let found = client.get(&format!("{path}?q={MARK}")).send().await.expect(200);
                assert_eq!(found.ok(), json!([]), "{} finds foreign data", operation.id);
            }
        }
        assert!(tried > 20, "only {tried} filters were tried");
    }
}

fn shows_nothing(operation: &Operation, answer: &Answer) {
    assert!(!answer.text().contains(MARK), "{} shows foreign data: {}", operation.id, answer.text());
}

/// Whether a filter goes by an id of the platform's; of a document that lives elsewhere the platform keeps the number only.
fn names_a_resource(parameter: &str) -> bool {
    (parameter.ends_with("_id") || ["within", "created_by", "invited_by"].contains(&parameter))
        && !["request_id", "reference_id", "lot_id"].contains(&parameter)
}

fn kind_of(operation: &Operation, parameter: &str) -> &'static str {
    match parameter {
        "parent_id" if operation.path.ends_with("/categories") => "categories",
        "category_id" => "categories",
        "parent_id" | "within" | "location_id" | "from_location_id" | "to_location_id" => "locations",
        "product_id" | "entity_id" => "products",
        "variant_id" => "variants",
        "actor_id" | "subject_id" | "created_by" | "user_id" | "invited_by" => "users",
        "import_id" | "batch_id" => "stock-movements",
        other => panic!("{} filters by {other}: say in tests/e2e/tests/foreign_ids.rs what it names", operation.id),
    }
}
