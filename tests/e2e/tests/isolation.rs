//! Isolation of tenants, derived from the OpenAPI document: every tenant operation against every wrong credential, and a tenant's database
//! role against everything that is not its own. Foreign ids are tried by `foreign_ids`.

use std::collections::BTreeMap;

use nexus_test_support::{Answer, Client, ControlDb, Role, TestApiKey, TestStack, TestTenant, TestTokens, scopes, try_connect};
use serde_json::Value;
use uuid::Uuid;

use crate::document::Operation;
use crate::fixtures::Belongings;
use crate::platform::Platform;

/// A word that only the foreign tenant's data contain.
pub const MARK: &str = "FOREIGNDATUM";

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

/// Two tenants, one of which is foreign and full of data.
pub struct Ground {
    pub platform: Platform,
    pub own: TestTenant,
    pub foreign: TestTenant,
    /// What the foreign tenant has.
    pub theirs: Belongings,
    /// Every operation of the tenant runtime.
    pub operations: Vec<Operation>,
}

impl Ground {
    pub async fn new() -> Self {
        let platform = Platform::start().await;
        let own = TestTenant::in_control(&platform.control).await;
        let foreign = TestTenant::in_control(&platform.control).await;
        let client = platform.client().bearer(foreign.token(Role::Owner)).tenant(&foreign.slug);
        let theirs = Belongings::furnish(&client, &foreign, MARK).await;
        let operations: Vec<Operation> = platform.document.operations().into_values().filter(Operation::is_tenants).collect();
        assert!(operations.len() > 40, "the document lists only {} tenant operations", operations.len());
        Self { platform, own, foreign, theirs, operations }
    }

    /// A client with a token.
    pub fn client(&self, token: impl Into<String>) -> Client {
        self.platform.client().bearer(token)
    }

    /// The id of the foreign tenant's resource that an operation's path would name.
    pub fn foreign_id(&self, operation: &Operation) -> &str {
        if operation.has_parameters() { self.theirs.id(operation.collection()) } else { "" }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_opens_to_a_stranger() {
    let ground = Ground::new().await;
    the_right_credential_opens_what_is_there(&ground).await;
    let keys = WrongKeys::made(&ground).await;
    // Nothing of what follows may change the foreign tenant.
    let before = fingerprint(&ground.foreign).await;
    no_wrong_credential_opens_anything(&ground, &keys).await;
    assert_eq!(before, fingerprint(&ground.foreign).await, "the foreign tenant's data have changed");
}

/// The ground of what follows: with the right token the same requests do show the foreign data.
async fn the_right_credential_opens_what_is_there(ground: &Ground) {
    let client = ground.client(ground.foreign.token(Role::Owner)).tenant(&ground.foreign.slug);
    let mut marked = 0;
    for operation in ground.operations.iter().filter(|operation| operation.method == "GET") {
        let id = ground.foreign_id(operation);
        let answer = client.get(&operation.path_with(id)).send().await;
        // A job has a file or it has none.
        assert!(answer.status.is_success() || operation.id.starts_with("download_job"), "{}: {} {}", operation.id, answer.status, answer.text());
        marked += u32::from(answer.text().contains(MARK));
    }
    assert!(marked > 10, "only {marked} operations show the marked data: the test would notice little");
}

/// Keys that must not open the foreign tenant, and one that does, where it belongs.
struct WrongKeys {
    own: TestApiKey,
    right: TestApiKey,
    expired: TestApiKey,
    revoked: TestApiKey,
}

impl WrongKeys {
    async fn made(Ground { own, foreign, .. }: &Ground) -> Self {
        let (expired, revoked) = (foreign.api_key(&scopes()).await, foreign.api_key(&scopes()).await);
        let admin = foreign.owner_db().await;
        for (column, key) in [("expires_at", &expired), ("revoked_at", &revoked)] {
            let statement = sqlx::AssertSqlSafe(format!("UPDATE api_keys SET {column} = now() WHERE id = $1"));
            assert_eq!(sqlx::query(statement).bind(key.id).execute(admin.pool()).await.unwrap().rows_affected(), 1);
        }
        Self { own: own.api_key(&scopes()).await, right: foreign.api_key(&scopes()).await, expired, revoked }
    }
}

async fn no_wrong_credential_opens_anything(ground: &Ground, keys: &WrongKeys) {
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
    let key = |key: &TestApiKey| ground.client(key);
    cases.extend([
        ("foreign tenant's key".to_owned(), key(&keys.own).host(host(foreign))),
        ("foreign tenant's key, X-Tenant".to_owned(), key(&keys.own).tenant(&foreign.slug)),
        ("right key on another host".to_owned(), key(&keys.right).host(host(own))),
        ("right key, other X-Tenant".to_owned(), key(&keys.right).tenant(&own.slug)),
        ("right key on an unknown host".to_owned(), key(&keys.right).host("nowhere.localhost")),
        ("right key on a foreign domain".to_owned(), key(&keys.right).host("evil.example")),
        ("forged key".to_owned(), key(&foreign.forged_api_key()).tenant(&foreign.slug)),
        ("forgotten key".to_owned(), key(&foreign.forgotten_api_key()).tenant(&foreign.slug)),
        ("expired key".to_owned(), key(&keys.expired).tenant(&foreign.slug)),
        ("revoked key".to_owned(), key(&keys.revoked).tenant(&foreign.slug)),
    ]);
    for claim in ["tid", "exp", "aud", "iss", "sub", "typ"] {
        cases.push((format!("no `{claim}` in the token"), with(tokens.without(owner.clone(), claim))));
    }
    for operation in &ground.operations {
        let id = ground.foreign_id(operation);
        let path = operation.path_with(id);
        for (case, client) in &cases {
            let answer = platform.document.request(client, operation, &path, id).send().await;
            let status = answer.status.as_u16();
            assert!([401, 403].contains(&status), "{} with {case}: {status} {}", operation.id, answer.text());
            assert!(!answer.text().contains(MARK), "{} with {case} shows foreign data", operation.id);
        }
    }
}

/// Whoever has no token of an organization can't find out that it exists: every host and every `X-Tenant` answers alike.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_can_not_tell_which_organizations_exist() {
    let platform = Platform::start().await;
    let known = TestTenant::in_control(&platform.control).await;
    let strange = TestTenant::in_control(&platform.control).await;
    let mut slugs = vec![known.slug.clone()];
    for state in ["deleting", "provisioning", "suspended", "moving"] {
        let tenant = TestTenant::in_control(&platform.control).await;
        tenant.set_state(state).await;
        slugs.push(tenant.slug.clone());
    }
    let tokens = known.control.tokens();
    let account = tokens.account_claims(strange.user(Role::Owner).account_id.0);
    let callers = [
        ("no token", platform.client(), 401),
        ("rubbish", platform.client().bearer("rubbish"), 401),
        ("an expired token", platform.client().bearer(tokens.expired(known.claims(Role::Owner))), 401),
        ("an account's token", platform.client().bearer(tokens.mint(&account)), 403),
        ("an operator's token", platform.client().bearer(tokens.mint(&tokens.operator_claims(Uuid::new_v4(), "super_admin"))), 403),
        ("another organization's token", platform.client().bearer(strange.token(Role::Owner)), 403),
        ("a made-up key", platform.client().bearer(&known.forged_api_key()), 401),
        ("another organization's key", platform.client().bearer(&strange.api_key(&scopes()).await), 403),
    ];
    let operations: Vec<Operation> = platform.document.operations().into_values().filter(Operation::is_tenants).collect();
    let id = Uuid::new_v4().to_string();
    for (caller, client, status) in &callers {
        for operation in &operations {
            let path = operation.path_with(&id);
            let ask = async |client: &Client| outside(&platform.document.request(client, operation, &path, &id).send().await);
            let by_host = ask(&client.host("nobody-has-this-slug.localhost")).await;
            let by_header = ask(&client.tenant("nobody-has-this-slug")).await;
            assert_eq!(by_host.0, *status, "{} with {caller}: {by_host:?}", operation.id);
            assert_eq!(by_host, ask(&client.host("evil.example")).await, "{} with {caller} on a foreign domain", operation.id);
            for slug in &slugs {
                assert_eq!(by_host, ask(&client.host(format!("{slug}.localhost"))).await, "{} with {caller} by host", operation.id);
                assert_eq!(by_header, ask(&client.tenant(slug)).await, "{} with {caller} by X-Tenant", operation.id);
            }
        }
    }
}

/// What an answer tells: status, headers and body, without what differs from request to request anyway. (The connection closes when the
/// body had not arrived yet; lists in headers have no order.)
fn outside(answer: &Answer) -> (u16, BTreeMap<String, Vec<String>>, Value) {
    let changing = ["connection", "date", "x-request-id", "ratelimit"];
    let headers = answer.headers.iter().filter(|(name, _)| !changing.contains(&name.as_str()));
    let sorted = |value: &str| {
        let mut parts: Vec<String> = value.split(',').map(|part| part.trim().to_owned()).collect();
        parts.sort();
        parts
    };
    let mut body = answer.json();
    body["error"]["request_id"] = Value::Null;
    let headers = headers.map(|(name, value)| (name.to_string(), sorted(value.to_str().unwrap_or_default()))).collect();
    (answer.status.as_u16(), headers, body)
}

/// Every row of every table of a tenant, in short. Of the outbox only how much there is: the relay works in it.
pub async fn fingerprint(tenant: &TestTenant) -> BTreeMap<String, String> {
    let admin = tenant.owner_db().await;
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'outbox_deliveries' ORDER BY 1";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(admin.pool()).await.unwrap();
    assert!(tables.len() > 20, "{tables:?}");
    let mut found = BTreeMap::new();
    for table in tables {
        let rows = if table == "outbox" { "''" } else { "md5(string_agg(t::text, ';' ORDER BY t::text))" };
        let statement = format!("SELECT concat(count(*), ' ', {rows}) FROM {table} t");
        let short: String = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(admin.pool()).await.unwrap();
        found.insert(table, short);
    }
    found
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
    // Grants and triggers are two walls: either alone would refuse an edit, so each is looked at by itself.
    for table in ["stock_movements", "audit_log"] {
        let held: Vec<String> = sqlx::query_scalar(
            "SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
             WHERE has_table_privilege($1, p) OR (p IN ('UPDATE', 'REFERENCES') AND has_any_column_privilege($1, p))",
        )
        .bind(table)
        .fetch_all(own.db().pool())
        .await
        .unwrap();
        assert_eq!(held, ["SELECT", "INSERT"], "what a tenant's role may do with {table}");
    }
    // The trigger holds even for the owner of the tables.
    let owner = own.owner_db().await;
    let entry = "INSERT INTO audit_log (id, action, entity_type, actor_kind, request_id, recorded_at) VALUES (gen_random_uuid(), 'tests.look', 'test', 'system', 'x', now())";
    sqlx::query(entry).execute(own.db().pool()).await.expect("an entry");
    for statement in ["UPDATE audit_log SET action = 'tests.lie'", "DELETE FROM audit_log", "TRUNCATE audit_log", "TRUNCATE stock_movements"] {
        assert!(sqlx::query(statement).execute(owner.pool()).await.is_err(), "the owner may: {statement}");
    }
}
