//! Every writing operation of the control plane, sent as the document's example shows it: it is accepted, and leaves its entries in the
//! platform's audit log and its events in the outbox. An operation that nobody sends fails the test.

use std::collections::BTreeSet;

use nexus_test_support::{Answer, Browser, Client, Mailbox, Nexus, Page, Request, TestStack, eventually};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::document::Operation;
use crate::own_account::PNG;
use crate::platform::{Operation as Saga, Platform, key, request_sign_up, text, unique_slug};

/// A row of the audit log: action, kind of thing, the thing, the person concerned, kind of actor, actor.
type Recorded = (String, String, Option<Uuid>, Option<Uuid>, String, Option<Uuid>);

/// Kind of actor, and who.
type Actor = (&'static str, Option<Uuid>);

/// What a request left behind.
struct Traces {
    operation: String,
    entries: Vec<Recorded>,
    events: Vec<(String, Uuid)>,
}

impl Traces {
    /// Asserts the actions, by whom and about what, in their order. An entry about an account is about that person.
    #[track_caller]
    fn are(&self, actor: Actor, entries: &[(&str, &str, Uuid)], events: &[(&str, Uuid)]) {
        let expected: Vec<Recorded> = entries
            .iter()
            .map(|(action, kind, id)| {
                let person = (*kind == "account").then_some(*id);
                // Sagas work by themselves, under the id of the request that asked for them.
                let actor = if *action == "tenants.activate" { ("system", None) } else { actor };
                ((*action).to_owned(), (*kind).to_owned(), Some(*id), person, actor.0.to_owned(), actor.1)
            })
            .collect();
        assert_eq!(self.entries, expected, "{}", self.operation);
        let expected: Vec<(String, Uuid)> = events.iter().map(|(kind, id)| ((*kind).to_owned(), *id)).collect();
        assert_eq!(self.events, expected, "{}", self.operation);
    }
}

struct Script {
    platform: Platform,
    pool: PgPool,
    operations: std::collections::BTreeMap<String, Operation>,
    sent: std::cell::RefCell<BTreeSet<String>>,
}

impl Script {
    async fn new() -> Self {
        let stack = TestStack::from_env();
        let control = nexus_test_support::ControlDb::new(&stack).await;
        // The first organization is refused once, so that there is one to be built again.
        let process = Platform::command(&stack, &control).env("NEXUS_FAILPOINT", "seed.before:refuse").spawn().await;
        let platform = Platform::of(stack, control, process).await;
        let pool = platform.control.admin().await.pool().clone();
        let operations = platform.document.operations();
        let operations = operations.into_iter().filter(|(_, operation)| operation.writes() && !operation.is_tenants()).collect();
        Self { platform, pool, operations, sent: std::cell::RefCell::default() }
    }

    /// Sends an operation's example, after `real` has put in what no example can know, and looks what it leaves.
    async fn send(&self, client: &Client, id: &str, at: Option<&str>, real: impl FnOnce(&mut Value)) -> (Answer, Traces) {
        let operation = self.operations.get(id).unwrap_or_else(|| panic!("{id} is gone"));
        self.sent.borrow_mut().insert(id.to_owned());
        let path = operation.path_with(at.unwrap_or_default());
        let version = if operation.takes("If-Match") { client.get(&path).send().await.expect(200).etag() } else { 0 };
        let mut request = operation.request(client, &path, version);
        let mut body = Value::Null;
        if operation.body.is_some() {
            body = operation.example();
            real(&mut body);
            request = request.json(&body);
        }
        let (answer, traces) = self.traced(id, request).await;
        assert!(answer.status.is_success(), "{id}: the example is refused: {} {}\n{body}", answer.status, answer.text());
        (answer, traces)
    }

    /// The same in a browser.
    async fn browse(&self, page: &Page, id: &str, body: Option<Value>) -> (Answer, Traces) {
        let operation = self.operations.get(id).unwrap_or_else(|| panic!("{id} is gone"));
        self.sent.borrow_mut().insert(id.to_owned());
        let request = page.request(operation.method.to_uppercase().parse().expect("a method"), &operation.path);
        let (answer, traces) = self.traced(id, if let Some(body) = &body { request.json(body) } else { request }).await;
        assert!(answer.status.is_success(), "{id}: {} {}", answer.status, answer.text());
        page.keep(&answer);
        (answer, traces)
    }

    async fn traced(&self, id: &str, request: Request) -> (Answer, Traces) {
        let request_id = format!("audit-{id}");
        let answer = request.header("X-Request-Id", &request_id).send().await;
        if answer.status.as_u16() == 202 && answer.ok()["operation"].is_object() {
            // What builds the organization does so in the name of whoever asked for it.
            Saga::of(&answer.ok()).succeeded(&self.platform.client()).await;
        }
        let entries = "SELECT action, entity_type, entity_id, subject_id, actor_kind, actor_id FROM audit_log WHERE request_id = $1 ORDER BY seq";
        let entries = sqlx::query_as(entries).bind(&request_id).fetch_all(&self.pool).await.unwrap();
        let events = "SELECT kind, aggregate_id FROM outbox WHERE request_id = $1 ORDER BY seq";
        let events = sqlx::query_as(events).bind(&request_id).fetch_all(&self.pool).await.unwrap();
        (answer, Traces { operation: id.to_owned(), entries, events })
    }
}

fn id(value: &Value) -> Uuid {
    text(value).parse().expect("a UUID")
}

/// They want the link of an invitation, which a tenant's event mails: `invitation_links.rs` sends them and looks at what they record.
const BY_LINK: [&str; 2] = ["look_at_invitation", "follow_invitation"];

const NOBODY: Actor = ("anonymous", None);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_of_the_control_plane_is_accepted_and_leaves_its_traces() {
    let script = Script::new().await;
    let client = script.platform.client();
    let doomed = request_sign_up(&client, &unique_slug()).await;
    assert_eq!(doomed.ended(&client).await["state"], "undone");
    let ada = a_person_arrives(&script).await;
    let acme = an_organization_is_founded(&script, ada).await;
    a_person_works(&script, ada, acme).await;
    operators_work(&script, ada, id(&json!(doomed.organization_id))).await;
    let unsent: Vec<_> = script.operations.keys().filter(|id| !script.sent.borrow().contains(*id) && !BY_LINK.contains(&id.as_str())).collect();
    assert!(unsent.is_empty(), "these write: say in tests/e2e/tests/control_plane.rs how they are sent and what they record: {unsent:?}");
}

/// Registers, asks for another link and follows it.
async fn a_person_arrives(script: &Script) -> Uuid {
    let client = script.platform.client();
    let (answer, traces) = script.send(&client, "register_account", None, |_| ()).await;
    let ada = id(&answer.ok()["account_id"]);
    let events = [("iam.account.registered.v1", ada), ("iam.account.verification_requested.v1", ada)];
    traces.are(NOBODY, &[("accounts.register", "account", ada)], &events);
    let (_, traces) = script.send(&client, "resend_verification", None, |_| ()).await;
    traces.are(NOBODY, &[("accounts.resend_verification", "account", ada)], &[("iam.account.verification_requested.v1", ada)]);
    let mailbox = Mailbox::of(&script.platform.stack, "ada@example.com");
    let token = eventually(std::time::Duration::from_secs(30), async || mailbox.all().iter().find_map(nexus_test_support::Mail::token)).await;
    let (_, traces) = script.send(&client, "verify_email", None, |body| body["token"] = json!(token)).await;
    traces.are(NOBODY, &[("accounts.verify_email", "account", ada)], &[("iam.account.verified.v1", ada)]);
    ada
}

async fn an_organization_is_founded(script: &Script, ada: Uuid) -> Uuid {
    let (answer, traces) = script.send(&script.platform.client(), "sign_up", None, |_| ()).await;
    let acme = id(&answer.ok()["organization_id"]);
    assert_eq!(id(&answer.ok()["account_id"]), ada, "whoever proves the password of an account founds with it");
    traces.are(NOBODY, &founded(acme), &built(acme));
    acme
}

/// What founding an organization records, from the request to the end of its saga.
fn founded(tenant: Uuid) -> [(&'static str, &'static str, Uuid); 3] {
    [("tenants.create", "tenant", tenant), ("subscriptions.start", "subscription", tenant), ("tenants.activate", "tenant", tenant)]
}

fn built(tenant: Uuid) -> [(&'static str, Uuid); 1] {
    [("tenancy.tenant.activated.v1", tenant)]
}

async fn a_person_works(script: &Script, ada: Uuid, acme: Uuid) {
    let client = script.platform.client();
    let person = ("user", Some(ada));
    let (session, traces) = script.send(&client, "log_in", None, |_| ()).await;
    traces.are(person, &[("accounts.login", "account", ada)], &[]);
    let refresh_token = session.ok()["refresh_token"].clone();
    let (_, traces) = script.send(&client, "switch_organization", None, |body| body["refresh_token"] = refresh_token.clone()).await;
    traces.are(person, &[("accounts.switch", "account", ada)], &[]);
    let (session, traces) = script.send(&client, "refresh_session", None, |body| body["refresh_token"] = refresh_token.clone()).await;
    traces.are(NOBODY, &[], &[]);

    let credentials = json!({ "email": "ada@example.com", "password": script.operations["log_in"].example()["password"] });
    let account = client.post("/api/v1/auth/login", &credentials).send().await.expect(200).ok();
    let account = client.bearer(text(&account["access_token"]));
    let (answer, traces) = script.send(&account, "create_organization", None, |_| ()).await;
    let second = id(&answer.ok()["organization_id"]);
    traces.are(person, &founded(second), &built(second));
    let (_, traces) = script.send(&account, "edit_organization", Some(&acme.to_string()), |_| ()).await;
    traces.are(person, &[("organizations.update", "organization", acme)], &[("tenancy.tenant.renamed.v1", acme)]);
    let (_, traces) = script.send(&account, "edit_account", None, |_| ()).await;
    traces.are(person, &[("accounts.update", "account", ada)], &[]);
    the_console_is_used(script, ada, acme, &text(&credentials["password"])).await;
    // Its body is a file, and no example.
    let version = account.get("/api/v1/account").send().await.expect(200).etag();
    let picture = account.request(reqwest::Method::PUT, "/api/v1/account/avatar").if_match(version).body("image/png", PNG);
    let (answer, traces) = script.traced("replace_avatar", picture).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    script.sent.borrow_mut().insert("replace_avatar".to_owned());
    traces.are(person, &[("accounts.set_avatar", "account", ada)], &[]);
    let (_, traces) = script.send(&account, "delete_avatar", None, |_| ()).await;
    traces.are(person, &[("accounts.remove_avatar", "account", ada)], &[]);
    let ending = text(&session.ok()["refresh_token"]);
    let (_, traces) = script.send(&client, "log_out", None, |body| body["refresh_token"] = json!(ending)).await;
    assert!(traces.entries.iter().all(|(action, kind, ..)| (action.as_str(), kind.as_str()) == ("sessions.end", "session")), "{:?}", traces.entries);
    assert_eq!(traces.entries.len(), 2, "the session, and the one switched from it: {:?}", traces.entries);
    // Sessions elsewhere, to be ended.
    let elsewhere = async || client.post("/api/v1/auth/login", &credentials).send().await.expect(200).ok()["session_id"].clone();
    let one = id(&elsewhere().await);
    let (_, traces) = script.send(&account, "end_session", Some(&one.to_string()), |_| ()).await;
    let expected = ("sessions.end".to_owned(), "session".to_owned(), Some(one), Some(ada), "user".to_owned(), Some(ada));
    assert_eq!((traces.entries, traces.events), (vec![expected], vec![]));
    elsewhere().await;
    let (_, traces) = script.send(&account, "end_other_sessions", None, |_| ()).await;
    traces.are(person, &[("sessions.end", "account", ada)], &[]);
    elsewhere().await;
    passwords_change(script, ada, &account).await;
}

/// By the present password, which ends the sessions elsewhere; and by a link, which ends them all.
async fn passwords_change(script: &Script, ada: Uuid, account: &Client) {
    let client = script.platform.client();
    let ended = ("sessions.end", "account", ada);
    let changed = [("iam.account.password_changed.v1", ada)];
    let (_, traces) = script.send(account, "change_password", None, |_| ()).await;
    traces.are(("user", Some(ada)), &[("accounts.change_password", "account", ada), ended], &changed);
    let (_, traces) = script.send(&client, "forgot_password", None, |_| ()).await;
    let asked = [("iam.account.password_reset_requested.v1", ada)];
    traces.are(NOBODY, &[("accounts.request_password_reset", "account", ada)], &asked);
    let mailbox = Mailbox::of(&script.platform.stack, "ada@example.com");
    let link = || mailbox.all().into_iter().filter(|mail| mail.subject == "Setzen Sie ein neues Passwort").find_map(|mail| mail.token());
    let token = eventually(std::time::Duration::from_secs(30), async || link()).await;
    let (_, traces) = script.send(&client, "reset_password", None, |body| body["token"] = json!(token)).await;
    traces.are(NOBODY, &[("accounts.reset_password", "account", ada), ended], &changed);
}

/// In a browser, from the apex host to an organization's and out again.
async fn the_console_is_used(script: &Script, ada: Uuid, acme: Uuid, password: &str) {
    let browser = Browser::new(&script.platform.client(), &script.platform.process.base_url);
    let person = ("user", Some(ada));
    let credentials = json!({ "email": "ada@example.com", "password": password });
    let (_, traces) = script.browse(&browser.apex(), "open_console_session", Some(credentials)).await;
    traces.are(person, &[("accounts.login", "account", ada)], &[]);
    let organization = json!({ "organization": acme });
    let (handed, traces) = script.browse(&browser.apex(), "hand_over_console_session", Some(organization)).await;
    assert_eq!(traces.entries.len(), 1, "{:?}", traces.entries);
    let (action, kind, _, subject, ..) = &traces.entries[0];
    assert_eq!((action.as_str(), kind.as_str(), *subject), ("sessions.hand_over", "session", Some(ada)));
    let url = text(&handed.ok()["url"]);
    let slug = url.trim_start_matches("http://").split('.').next().unwrap_or_default();
    let code = json!({ "code": handed.ok()["code"] });
    let (_, traces) = script.browse(&browser.at(slug), "enter_console_session", Some(code)).await;
    traces.are(NOBODY, &[("sessions.enter", "account", ada)], &[]);
    let (_, traces) = script.browse(&browser.at(slug), "refresh_console_session", None).await;
    traces.are(NOBODY, &[], &[]);
    let (_, traces) = script.browse(&browser.at(slug), "close_console_session", None).await;
    assert!(traces.entries.iter().all(|(action, kind, ..)| (action.as_str(), kind.as_str()) == ("sessions.end", "session")), "{:?}", traces.entries);
    assert_eq!(traces.entries.len(), 2, "the organization's session, and the one it came from: {:?}", traces.entries);
}

async fn operators_work(script: &Script, ada: Uuid, doomed: Uuid) {
    let client = script.platform.client();
    let credentials = script.operations["log_in_operator"].example();
    let made =
        Nexus::command(&script.platform.stack, &["admin", "--json", "create-operator", "--email", &text(&credentials["email"]), "--password-stdin"])
            .on(&script.platform.stack, &script.platform.control)
            .run_with_input(&text(&credentials["password"]))
            .await;
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let made: Value = serde_json::from_str(&made.stdout).expect("JSON");
    let operator_id = id(&made["data"]["id"]);
    let (session, traces) = script.send(&client, "log_in_operator", None, |_| ()).await;
    traces.are(("operator", Some(operator_id)), &[("operators.login", "operator", operator_id)], &[]);
    let refresh_token = text(&session.ok()["refresh_token"]);
    let (session, traces) = script.send(&client, "refresh_operator_session", None, |body| body["refresh_token"] = json!(refresh_token)).await;
    traces.are(NOBODY, &[], &[]);

    let operator = client.bearer(text(&session.ok()["access_token"]));
    let by_operator = ("operator", Some(operator_id));
    let (answer, traces) = script.send(&operator, "create_tenant", None, |_| ()).await;
    let made = id(&answer.ok()["organization_id"]);
    traces.are(by_operator, &founded(made), &built(made));
    let path = made.to_string();
    let (_, traces) = script.send(&operator, "edit_tenant", Some(&path), |_| ()).await;
    let changes = [("tenants.update", "tenant", made), ("subscriptions.change_plan", "subscription", made)];
    traces.are(by_operator, &changes, &[("tenancy.tenant.state_changed.v1", made), ("billing.subscription.plan_changed.v1", made)]);
    // From suspended it goes to active only; the plan is another one than it was just given.
    let replaced = |body: &mut Value| (body["plan"], body["state"]) = (json!("free"), json!("active"));
    let (_, traces) = script.send(&operator, "replace_tenant", Some(&path), replaced).await;
    let told = ["tenancy.tenant.renamed.v1", "tenancy.tenant.state_changed.v1", "billing.subscription.plan_changed.v1"];
    traces.are(by_operator, &changes, &told.map(|event| (event, made)));
    let (_, traces) = script.send(&operator, "delete_tenant", Some(&path), |_| ()).await;
    traces.are(by_operator, &[("tenants.delete", "tenant", made)], &[]);
    let (answer, traces) = script.send(&operator, "retry_tenant", Some(&doomed.to_string()), |_| ()).await;
    assert_eq!(
        traces.entries[0],
        ("tenants.retry".to_owned(), "tenant".to_owned(), Some(doomed), None, "operator".to_owned(), Some(operator_id)),
        "{}",
        answer.text()
    );
    let apex = Browser::new(&script.platform.client(), &script.platform.process.base_url).apex();
    let (_, traces) = script.browse(&apex, "open_operator_console_session", Some(credentials.clone())).await;
    traces.are(by_operator, &[("operators.login", "operator", operator_id)], &[]);
    let (_, traces) = script.browse(&apex, "refresh_operator_console_session", None).await;
    traces.are(NOBODY, &[], &[]);
    let (_, traces) = script.browse(&apex, "close_operator_console_session", None).await;
    assert_eq!(traces.entries.len(), 1, "{:?}", traces.entries);
    let ending = text(&session.ok()["refresh_token"]);
    let (_, traces) = script.send(&client, "log_out_operator", None, |body| body["refresh_token"] = json!(ending)).await;
    assert_eq!(traces.entries.len(), 1, "{:?}", traces.entries);
    let _ = (ada, key());
}
