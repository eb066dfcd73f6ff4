//! A running `nexus serve` of a test's own, and the first steps every test takes on it.

use std::sync::Arc;
use std::time::Duration;

use crate::{Client, ControlDb, Nexus, Process, TestStack, eventually};
use serde_json::{Value, json};
use uuid::Uuid;

use super::contract::Contract;
use super::document::Document;

/// The password of everybody in the tests.
pub const PASSWORD: &str = "correct horse battery staple";

/// Both planes in one process, on a control database of their own.
pub struct Platform {
    pub stack: Arc<TestStack>,
    pub control: Arc<ControlDb>,
    pub process: Process,
    pub document: Arc<Document>,
    client: Client,
}

/// An organization that signed up, with its owner's token.
pub struct Organization {
    pub id: Uuid,
    pub slug: String,
    pub email: String,
    pub token: String,
    /// A client with the owner's token and `X-Tenant`.
    pub client: Client,
}

impl Platform {
    /// Starts `nexus serve`.
    pub async fn start() -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        let process = Self::command(&stack, &control).spawn().await;
        Self::of(stack, control, process).await
    }

    /// One that was started otherwise.
    pub async fn of(stack: Arc<TestStack>, control: Arc<ControlDb>, process: Process) -> Self {
        let (client, document) = watched(&process).await;
        Self { stack, control, process, document, client }
    }

    /// The command line that serves this control database.
    pub fn command(stack: &TestStack, control: &ControlDb) -> Nexus {
        Nexus::command(stack, &["serve"]).on(stack, control)
    }

    /// A client without credentials, whose answers are compared with the document.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Signs an organization up, waits until it is active and logs its owner in.
    pub async fn sign_up(&self) -> Organization {
        sign_up(&self.client, &unique_slug()).await
    }
}

/// A client of a process, under the eyes of the document it serves.
pub async fn watched(process: &Process) -> (Client, Arc<Document>) {
    let document = Arc::new(Document::of(&process.client()).await);
    (process.client().watched(Arc::new(Contract::new(&document))), document)
}

/// A slug no other test uses.
pub fn unique_slug() -> String {
    format!("o{}", &Uuid::new_v4().simple().to_string()[..14])
}

/// The owner's address.
pub fn owner_of(slug: &str) -> String {
    format!("owner@{slug}.example")
}

/// A fresh idempotency key.
pub fn key() -> String {
    Uuid::new_v4().to_string()
}

/// A value that must be a text.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The body of a sign-up.
pub fn sign_up_body(slug: &str) -> Value {
    json!({
        "organization": format!("Organization {slug}"), "slug": slug, "email": owner_of(slug), "password": PASSWORD,
        "display_name": "Ada Owner", "plan": "business",
    })
}

/// What builds an organization: its id and the capability to follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    pub id: String,
    pub capability: String,
    pub organization_id: String,
}

impl Operation {
    /// Reads it out of a sign-up's answer.
    pub fn of(data: &Value) -> Self {
        Self { id: text(&data["operation"]["id"]), capability: text(&data["capability"]), organization_id: text(&data["organization_id"]) }
    }

    /// Its present state.
    pub async fn look(&self, client: &Client) -> Value {
        client.bearer(&self.capability).get(&format!("/api/v1/operations/{}", self.id)).send().await.expect(200).ok()
    }

    /// Waits until it has ended, and says how.
    pub async fn ended(&self, client: &Client) -> Value {
        eventually(Duration::from_secs(90), async || {
            let found = self.look(client).await;
            ["succeeded", "failed", "undone"].contains(&text(&found["state"]).as_str()).then_some(found)
        })
        .await
    }

    /// Waits until it has succeeded.
    pub async fn succeeded(&self, client: &Client) {
        let found = self.ended(client).await;
        assert_eq!(found["state"], "succeeded", "{found}");
    }
}

/// Signs up; the answer must be 202.
pub async fn request_sign_up(client: &Client, slug: &str) -> Operation {
    let answer = client.post("/api/v1/signup", &sign_up_body(slug)).idempotency_key(&key()).send().await.expect(202);
    Operation::of(&answer.ok())
}

/// Signs an organization up, waits until it is active and logs its owner in.
pub async fn sign_up(client: &Client, slug: &str) -> Organization {
    request_sign_up(client, slug).await.succeeded(client).await;
    log_in(client, slug).await
}

/// Logs the owner of `slug` in.
pub async fn log_in(client: &Client, slug: &str) -> Organization {
    let session = session(client, slug, Some(slug)).await;
    let token = text(&session["access_token"]);
    let client = client.bearer(&token).tenant(slug);
    let me = client.get("/api/v1/me").send().await.expect(200).ok();
    assert_eq!(me["organization"]["slug"], slug);
    Organization { id: text(&me["organization"]["id"]).parse().expect("a UUID"), slug: slug.to_owned(), email: owner_of(slug), token, client }
}

/// Tokens of the owner of `slug` for an organization, or for the account itself.
pub async fn session(client: &Client, slug: &str, organization: Option<&str>) -> Value {
    let body = json!({ "email": owner_of(slug), "password": PASSWORD, "organization": organization });
    client.post("/api/v1/auth/login", &body).send().await.expect(200).ok()
}
