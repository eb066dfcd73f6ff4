//! Nonsense for every operation, derived from the document: whoever may do it hears of the fault itself, never that they may not.

use nexus_test_support::{Answer, Client, Nexus, Role, TestTenant};
use serde_json::json;

use crate::document::Operation;
use crate::platform::{PASSWORD, Platform, key, text};

const JSON: &str = "application/json";

/// A client for every audience that the document names.
struct Callers {
    /// Owner of an organization, with a token for it.
    owner: Client,
    /// The same person with a token for the account alone.
    account: Client,
    operator: Client,
    /// Somebody who followed the link of an invitation.
    invited: Client,
    anonymous: Client,
}

impl Callers {
    async fn new(platform: &Platform) -> Self {
        let tenant = TestTenant::in_control(&platform.control).await;
        let tokens = tenant.control.tokens();
        let account = tokens.mint(&tokens.account_claims(tenant.user(Role::Owner).account_id.0));
        let anonymous = platform.client();
        Self {
            owner: anonymous.bearer(tenant.token(Role::Owner)).tenant(&tenant.slug),
            account: anonymous.bearer(account),
            operator: operator(platform).await,
            invited: anonymous.bearer(tenant.invited_token(uuid::Uuid::new_v4(), uuid::Uuid::new_v4(), 1)).tenant(&tenant.slug),
            anonymous,
        }
    }

    fn of(&self, operation: &Operation) -> &Client {
        let Some(audience) = operation.audience.as_deref() else {
            return if operation.is_tenants() { &self.owner } else { &self.anonymous };
        };
        let known = [("nexus-account", &self.account), ("nexus-tenant", &self.owner), ("operator", &self.operator), ("invitation", &self.invited)];
        let caller = known.iter().find(|(word, _)| audience.contains(word));
        caller.unwrap_or_else(|| panic!("{}: the tests have no caller of the audience {audience}", operation.id)).1
    }
}

/// An operator who may do everything, logged in.
pub async fn operator(platform: &Platform) -> Client {
    let email = format!("operator@{}.example", uuid::Uuid::new_v4().simple());
    let made = Nexus::command(&platform.stack, &["admin", "create-operator", "--email", &email, "--password-stdin"])
        .on(&platform.stack, &platform.control)
        .run_with_input(PASSWORD)
        .await;
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let credentials = json!({ "email": email, "password": PASSWORD });
    let session = platform.client().post("/api/v1/admin/auth/login", &credentials).send().await.expect(200).ok();
    platform.client().bearer(text(&session["access_token"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_refuses_nonsense_for_what_it_is() {
    let platform = Platform::start().await;
    let callers = Callers::new(&platform).await;
    for operation in platform.document.operations().values() {
        nonsense(&platform, callers.of(operation), operation).await;
    }
}

#[track_caller]
fn refused(operation: &Operation, answer: &Answer, what: &str, expected: u16) {
    let status = answer.status.as_u16();
    assert!(status == expected, "{} with {what}: {status}, not {expected}: {}", operation.id, answer.text());
}

async fn nonsense(platform: &Platform, client: &Client, operation: &Operation) {
    let id = uuid::Uuid::new_v4().to_string();
    let path = operation.path_with(&id);
    if operation.has_parameters() {
        let malformed = platform.document.request(client, operation, &operation.path_with("no-uuid"), &id).send().await;
        refused(operation, &malformed, "a malformed id", 404);
    }
    if !operation.writes() {
        let answer = platform.document.request(client, operation, &format!("{path}?nonsense=1"), &id).send().await;
        refused(operation, &answer, "an unknown query parameter", 400);
    }
    let Some(schema) = &operation.body else { return };
    let send = async |content_type: &str, body: String| {
        let method = operation.method.parse().expect("a method");
        // As a page of this very host: the console's operations refuse all others before they look at a body.
        let request = client.request(method, &path).header("Origin", &platform.process.base_url).header("X-Console", "1");
        request.idempotency_key(&key()).if_match(1).body(content_type, body).send().await
    };
    let bodies = [
        ("malformed JSON", JSON, "{".to_owned(), 400),
        ("endless nesting", JSON, "[".repeat(50_000), 400),
        ("a form", "application/x-www-form-urlencoded", "a=b".to_owned(), 415),
        ("a list", JSON, "[]".to_owned(), 422),
        ("an unknown field", JSON, "{\"nonsense\":1}".to_owned(), 422),
        ("two megabytes", JSON, format!("{{\"a\":\"{}\"}}", "x".repeat(2 << 20)), 413),
    ];
    for (what, content_type, body, expected) in bodies {
        refused(operation, &send(content_type, body).await, what, expected);
    }
    let example = platform.document.example(schema, &id);
    for (name, value) in example.as_object().into_iter().flatten().filter(|(_, value)| value.is_string()) {
        for (what, bad) in [("a NUL", format!("{}\u{0}", text(value))), ("a hundred thousand characters", "x".repeat(100_000))] {
            let mut body = example.clone();
            body[name] = json!(bad);
            refused(operation, &send(JSON, body.to_string()).await, &format!("{what} in {name}"), 422);
        }
    }
}
