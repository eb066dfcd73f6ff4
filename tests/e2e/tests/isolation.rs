//! Isolation of tenants, derived from the OpenAPI document: every tenant operation against every wrong credential and every foreign id,
//! and a tenant's database role against everything that is not its own.

use std::collections::BTreeMap;
use std::time::Duration;

use nexus_test_support::{Client, ControlDb, Role, TestStack, TestTenant, TestTokens, eventually, try_connect};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::document::Operation;
use crate::fixtures::{article, movement};
use crate::platform::{Platform, key, text};

/// A word that only the foreign tenant's data contain.
const MARK: &str = "FOREIGNDATUM";

/// Operations whose body may name an id that does not exist: a filter that finds nothing. This list may only shrink.
const FILTERS: &[&str] = &["export_products"];

/// What a tenant's role must not do in its own database, a statement a line.
const FORBIDDEN: &str = "
    UPDATE stock_movements SET quantity = 1
    DELETE FROM stock_movements
    TRUNCATE stock_movements
    UPDATE audit_log SET action = 'x'
    DELETE FROM audit_log
    TRUNCATE audit_log
    CREATE TABLE mine (id int)
    CREATE TEMP TABLE mine (id int)
    CREATE SCHEMA mine
    ALTER TABLE products ADD COLUMN mine int
    DROP TABLE products
    CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'
    ALTER TABLE stock_movements DISABLE TRIGGER ALL
    SET session_replication_role = replica
    SET ROLE nx_owner
    CREATE ROLE mine
    CREATE DATABASE mine
    COPY products TO PROGRAM 'true'
    COPY products TO '/tmp/nexus-products'
    SELECT pg_read_file('/etc/passwd')
    ALTER ROLE CURRENT_USER SUPERUSER
    GRANT nx_owner TO CURRENT_USER
    CREATE EXTENSION dblink
    SELECT lo_import('/etc/passwd')
    SELECT pg_ls_dir('.')
    SELECT rolpassword FROM pg_authid
";

struct Ground {
    platform: Platform,
    own: TestTenant,
    foreign: TestTenant,
    /// Ids of the foreign tenant's resources by the collection that paths name.
    ids: BTreeMap<&'static str, String>,
    operations: Vec<Operation>,
}

impl Ground {
    async fn new() -> Self {
        let platform = Platform::start().await;
        let own = TestTenant::in_control(&platform.control).await;
        let foreign = TestTenant::in_control(&platform.control).await;
        let ids = furnish(&platform.client().bearer(foreign.token(Role::Owner)).tenant(&foreign.slug), &foreign).await;
        let operations: Vec<Operation> = platform.document.operations().into_values().filter(Operation::is_tenants).collect();
        assert!(operations.len() > 40, "the document lists only {} tenant operations", operations.len());
        for operation in operations.iter().filter(|operation| operation.has_parameters()) {
            assert!(ids.contains_key(operation.collection()), "{}: the test has no foreign id for `{}`", operation.id, operation.collection());
        }
        Self { platform, own, foreign, ids, operations }
    }

    fn client(&self, token: impl Into<String>) -> Client {
        self.platform.client().bearer(token)
    }
}

/// Fills the foreign tenant with data of every kind, all of them marked.
async fn furnish(client: &Client, tenant: &TestTenant) -> BTreeMap<&'static str, String> {
    let id = |data: Value| text(&data["id"]);
    let create = async |path: &str, body: Value| id(client.post(path, &body).send().await.created());
    let article = article(client, MARK).await;
    let posted = client.post("/api/v1/stock-movements", &movement("receive", &article, json!("5"))).idempotency_key(&key()).send().await.created();
    let location = json!({ "code": MARK, "name": MARK, "type": "site", "kind": "warehouse" });
    let view = json!({ "resource": "products", "name": MARK, "query": { "q": MARK }, "shared": true });
    // Ended before anything is compared: a running job would change the tenant's rows.
    let job = id(client.post("/api/v1/products/export", &json!({})).send().await.expect(202).ok());
    eventually(Duration::from_secs(30), async || {
        (client.get(&format!("/api/v1/jobs/{job}")).send().await.expect(200).ok()["state"] == "succeeded").then_some(())
    })
    .await;
    BTreeMap::from([
        ("categories", create("/api/v1/categories", json!({ "name": MARK })).await),
        ("tags", create("/api/v1/tags", json!({ "name": MARK })).await),
        ("locations", create("/api/v1/locations", location).await),
        ("saved-views", create("/api/v1/saved-views", view).await),
        ("stock-movements", id(posted["movements"][0].clone())),
        ("jobs", job),
        ("history", article.product.clone()),
        ("products", article.product),
        ("variants", article.variant),
        ("users", tenant.user(Role::Staff).account_id.to_string()),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_opens_to_a_stranger() {
    let ground = Ground::new().await;
    the_right_credential_opens_what_is_there(&ground).await;
    // Nothing of what follows may change the foreign tenant.
    let before = fingerprint(&ground.foreign).await;
    no_wrong_credential_opens_anything(&ground).await;
    no_foreign_resource_is_reached(&ground).await;
    assert_eq!(before, fingerprint(&ground.foreign).await, "the foreign tenant's data have changed");
}

/// The ground of what follows: with the right token the same requests do show the foreign data.
async fn the_right_credential_opens_what_is_there(ground: &Ground) {
    let client = ground.client(ground.foreign.token(Role::Owner)).tenant(&ground.foreign.slug);
    let mut marked = 0;
    for operation in ground.operations.iter().filter(|operation| operation.method == "GET") {
        let id = ground.ids.get(operation.collection()).map_or("", String::as_str);
        let answer = client.get(&operation.path_with(id)).send().await;
        // A job has a file or it has none.
        assert!(answer.status.is_success() || operation.id.starts_with("download_job"), "{}: {} {}", operation.id, answer.status, answer.text());
        marked += u32::from(answer.text().contains(MARK));
    }
    assert!(marked > 10, "only {marked} operations show the marked data: the test would notice little");
}

async fn no_wrong_credential_opens_anything(ground: &Ground) {
    let Ground { own, foreign, platform, .. } = ground;
    let tokens = foreign.control.tokens();
    let owner = foreign.claims(Role::Owner);
    let account = tokens.mint(&tokens.account_claims(foreign.user(Role::Owner).account_id.0));
    let operator = tokens.mint(&tokens.operator_claims(Uuid::new_v4(), "super_admin"));
    let forger = TestTokens::foreign(platform.stack.setting("tokens", "issuer"));
    let host = |tenant: &TestTenant| format!("{}.localhost", tenant.slug);
    let with = |token: String| ground.client(token).tenant(&foreign.slug);
    let mut cases: Vec<(String, Client)> = vec![
        ("no token".into(), platform.client().host(host(foreign))),
        ("no token, X-Tenant".into(), platform.client().tenant(&foreign.slug)),
        ("rubbish".into(), with("rubbish".into())),
        ("expired".into(), with(tokens.expired(owner.clone()))),
        ("foreign tenant's token".into(), ground.client(own.token(Role::Owner)).host(host(foreign))),
        ("foreign tenant's token, X-Tenant".into(), with(own.token(Role::Owner))),
        ("account token".into(), with(account.clone())),
        ("account token by host".into(), ground.client(account).host(host(foreign))),
        ("operator's token".into(), with(operator)),
        ("right token on another host".into(), ground.client(foreign.token(Role::Owner)).host(host(own))),
        ("right token, other X-Tenant".into(), ground.client(foreign.token(Role::Owner)).tenant(&own.slug)),
        ("right token on an unknown host".into(), ground.client(foreign.token(Role::Owner)).host("nowhere.localhost")),
        ("right token on a foreign domain".into(), ground.client(foreign.token(Role::Owner)).host("evil.example")),
        ("unsigned".into(), with(tokens.unsigned(&owner))),
        ("algorithm confusion".into(), with(tokens.hmac_confused(&owner))),
        ("forged".into(), with(forger.mint(&owner))),
        ("a stranger to this tenant".into(), with(tokens.mint(&tokens.tenant_claims(own.user(Role::Owner).account_id.0, foreign.id.0)))),
        ("unknown tenant".into(), with(tokens.mint(&tokens.tenant_claims(foreign.user(Role::Owner).account_id.0, Uuid::new_v4())))),
    ];
    for claim in ["tid", "exp", "aud", "iss", "sub", "typ"] {
        cases.push((format!("no `{claim}` in the token"), with(tokens.without(owner.clone(), claim))));
    }
    for operation in &ground.operations {
        let id = ground.ids.get(operation.collection()).map_or("", String::as_str);
        let path = operation.path_with(id);
        for (case, client) in &cases {
            let answer = platform.document.request(client, operation, &path, id).send().await;
            let status = answer.status.as_u16();
            assert!([401, 403, 404].contains(&status), "{} with {case}: {status} {}", operation.id, answer.text());
            assert!(!answer.text().contains(MARK), "{} with {case} shows foreign data", operation.id);
        }
    }
}

async fn no_foreign_resource_is_reached(ground: &Ground) {
    let document = &ground.platform.document;
    let client = ground.client(ground.own.token(Role::Owner)).tenant(&ground.own.slug);
    let unknown = Uuid::new_v4().to_string();
    for operation in &ground.operations {
        // In the path: an id that exists next door is answered like one that exists nowhere.
        if operation.has_parameters() {
            let id = &ground.ids[operation.collection()];
            let foreign = document.request(&client, operation, &operation.path_with(id), id).send().await;
            let nowhere = document.request(&client, operation, &operation.path_with(&unknown), &unknown).send().await;
            foreign.error(404, "NOT_FOUND");
            assert_eq!(foreign.json()["error"]["message"], nowhere.error(404, "NOT_FOUND")["message"], "{}", operation.id);
            assert!(!foreign.text().contains(MARK), "{} shows foreign data", operation.id);
        }
        // In the body.
        let Some(schema) = operation.body.as_ref().filter(|_| !operation.has_parameters()) else { continue };
        for id in ground.ids.values() {
            let answer = document.request(&client, operation, &operation.path, id).send().await;
            assert!(!answer.text().contains(MARK), "{} with a foreign id in its body shows foreign data", operation.id);
            let refers = document.example(schema, id).to_string().contains(id.as_str()) && !FILTERS.contains(&operation.id.as_str());
            assert!(
                !refers || answer.status.is_client_error(),
                "{} takes a foreign id in its body: {} {}",
                operation.id,
                answer.status,
                answer.text()
            );
            assert!(answer.status.as_u16() < 500, "{}: {}", operation.id, answer.text());
        }
    }
    // In a query.
    for operation in ground.operations.iter().filter(|operation| operation.method == "GET" && !operation.has_parameters()) {
        let answer = client.get(&format!("{}?q={MARK}", operation.path)).send().await;
        assert!(!answer.text().contains(&format!("\"{MARK}")), "{} finds foreign data", operation.id);
    }
}

/// Row counts and versions of a tenant's tables.
async fn fingerprint(tenant: &TestTenant) -> String {
    let statement = "SELECT string_agg(line, ';' ORDER BY line) FROM (
        SELECT 'products ' || count(*) || ' ' || coalesce(sum(version), 0) AS line FROM products
        UNION ALL SELECT 'variants ' || count(*) || ' ' || coalesce(sum(version), 0) FROM variants
        UNION ALL SELECT 'categories ' || count(*) || ' ' || coalesce(sum(version), 0) FROM categories
        UNION ALL SELECT 'locations ' || count(*) || ' ' || coalesce(sum(version), 0) FROM locations
        UNION ALL SELECT 'saved_views ' || count(*) || ' ' || coalesce(sum(version), 0) FROM saved_views
        UNION ALL SELECT 'tags ' || count(*) || ' ' || coalesce(sum(version), 0) FROM tags
        UNION ALL SELECT 'jobs ' || count(*) || ' ' || coalesce(sum(version), 0) FROM jobs
        UNION ALL SELECT 'users ' || count(*) || ' ' || coalesce(sum(version), 0) FROM users
        UNION ALL SELECT 'audit ' || count(*) FROM audit_log
        UNION ALL SELECT 'movements ' || count(*) FROM stock_movements
        UNION ALL SELECT 'levels ' || coalesce(sum(on_hand), 0) FROM stock_levels) AS lines";
    sqlx::query_scalar(statement).fetch_one(tenant.db().pool()).await.expect("a fingerprint")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenants_database_role_is_shut_in() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let own = TestTenant::in_control(&control).await;
    let foreign = TestTenant::in_control(&control).await;
    try_connect(&own.connect_spec(&own.database())).await.expect("its own database");
    let templates: Vec<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname IN ('nexus_control', 'template0') OR datname LIKE 'nx\\_tpl\\_%'")
            .fetch_all(stack.admin_db("postgres").await.pool())
            .await
            .unwrap();
    assert!(templates.len() >= 3, "{templates:?}");
    let named = [foreign.database(), control.name().to_owned(), "postgres".to_owned(), "template1".to_owned()];
    for database in named.iter().chain(&templates) {
        let Err(refusal) = try_connect(&own.connect_spec(database)).await else { panic!("a tenant's role enters {database}") };
        let expected = ["permission denied for database", "not currently accepting connections"].iter().any(|words| refusal.contains(words));
        assert!(expected, "{database}: {refusal}");
    }
    for statement in FORBIDDEN.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let outcome = sqlx::query(statement).execute(own.db().pool()).await;
        let refusal = outcome.expect_err(statement).to_string();
        let expected = ["permission denied", "must be", "must have", "append-only"].iter().any(|words| refusal.contains(words));
        assert!(expected, "{statement} was refused for another reason: {refusal}");
    }
    // The trigger holds even for the owner of the tables.
    let owner = own.owner_db().await;
    let entry = "INSERT INTO audit_log (id, action, entity_type, actor_kind, request_id, recorded_at) VALUES (gen_random_uuid(), 'tests.look', 'test', 'system', 'x', now())";
    sqlx::query(entry).execute(own.db().pool()).await.expect("an entry");
    for statement in ["UPDATE audit_log SET action = 'tests.lie'", "DELETE FROM audit_log", "TRUNCATE audit_log", "TRUNCATE stock_movements"] {
        assert!(sqlx::query(statement).execute(owner.pool()).await.is_err(), "the owner may: {statement}");
    }
}
