//! ETags, derived from the document: what it promises one for has one and answers 304 to whoever knows it, and nothing else has any.

use nexus_test_support::{Client, Role, TestTenant};
use serde_json::json;

use crate::document::Operation;
use crate::fixtures::Belongings;
use crate::nonsense::operator;
use crate::own_account::PNG;
use crate::platform::{Organization, Platform, log_in, request_sign_up, session, text, unique_slug};

/// Somebody for every resource: an organization with data, and one that signed up, with its owner and an operator.
struct Ground {
    owner: Client,
    ours: Belongings,
    founded: Organization,
    account: Client,
    /// Of the account.
    session: String,
    operator: Client,
    /// What built the organization.
    operation: String,
}

impl Ground {
    async fn new(platform: &Platform) -> Self {
        let tenant = TestTenant::in_control(&platform.control).await;
        let owner = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
        let ours = Belongings::furnish(&owner, &tenant, "OWNDATUM").await;
        let slug = unique_slug();
        let operation = request_sign_up(&platform.client(), &slug).await;
        operation.succeeded(&platform.client()).await;
        let founded = log_in(&platform.client(), &slug).await;
        let session = session(&platform.client(), &slug, None).await;
        let account = platform.client().bearer(text(&session["access_token"]));
        let version = account.get("/api/v1/account").send().await.expect(200).etag();
        let picture = account.request(reqwest::Method::PUT, "/api/v1/account/avatar").if_match(version).body("image/png", PNG);
        let _ = picture.send().await.expect(200);
        Self { owner, ours, founded, account, session: text(&session["session_id"]), operator: operator(platform).await, operation: operation.id }
    }

    /// Who may read it, and where it is.
    fn aim(&self, operation: &Operation) -> (&Client, String) {
        if operation.is_tenants() {
            let id = if operation.has_parameters() { self.ours.id(operation.collection()) } else { "" };
            return (&self.owner, operation.path_with(id));
        }
        let id = match operation.collection() {
            "operations" => self.operation.clone(),
            "sessions" => self.session.clone(),
            _ => self.founded.id.to_string(),
        };
        let client = match operation.collection() {
            "operations" | "tenants" => &self.operator,
            _ if operation.path.starts_with("/api/v1/tenants") || operation.path.starts_with("/api/v1/admin") => &self.operator,
            _ if operation.path.starts_with("/api/v1/billing") => &self.founded.client,
            _ => &self.account,
        };
        (client, operation.path_with(&id))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_knows_the_etag_is_spared_the_body_where_the_document_says_so() {
    let platform = Platform::start().await;
    let ground = Ground::new(&platform).await;
    let (mut versioned, mut plain) = (0, 0);
    for operation in platform.document.operations().values().filter(|operation| !operation.writes()) {
        // Streams of events and files of jobs are no representations with a version; a picture is one.
        if operation.responses["200"]["content"]["application/json"].is_null() && operation.responses["304"].is_null() {
            continue;
        }
        let (client, path) = ground.aim(operation);
        let fresh = client.get(&path).send().await.expect(200);
        let promised = !operation.responses["200"]["headers"]["ETag"].is_null();
        assert_eq!(promised, !operation.responses["304"].is_null(), "{}: an ETag is there to be sent back", operation.id);
        assert_eq!(promised, fresh.header("etag").is_some(), "{}: {:?}, and the document says otherwise", operation.id, fresh.header("etag"));
        let ask = async |tag: &str| client.get(&path).header("If-None-Match", tag).send().await;
        let Some(tag) = fresh.header("etag") else {
            assert_eq!(ask("\"1\"").await.expect(200).ok().is_null(), fresh.ok().is_null(), "{}", operation.id);
            plain += 1;
            continue;
        };
        for known in [tag.to_owned(), format!("W/{tag}"), format!("\"0\", {tag}"), "*".to_owned()] {
            let unchanged = ask(&known).await;
            assert_eq!((unchanged.status.as_u16(), unchanged.bytes.len()), (304, 0), "{} with {known}: {}", operation.id, unchanged.text());
            assert_eq!(unchanged.header("etag"), Some(tag), "{}", operation.id);
        }
        assert_eq!(ask("\"0\"").await.expect(200).bytes, fresh.bytes, "{}", operation.id);
        versioned += 1;
    }
    assert!(versioned >= 11 && plain > 15, "{versioned} with and {plain} without an ETag: the test looked at little");
    what_has_changed_is_sent_again(&ground).await;
}

async fn what_has_changed_is_sent_again(ground: &Ground) {
    let path = format!("/api/v1/tags/{}", ground.ours.id("tags"));
    let before = ground.owner.get(&path).send().await.expect(200);
    let edited = ground.owner.patch(&path, &json!({ "name": "Changed" })).if_match(before.etag()).send().await.expect(200);
    let tag = format!("\"{}\"", before.etag());
    let after = ground.owner.get(&path).header("If-None-Match", &tag).send().await.expect(200);
    assert_eq!((after.ok()["name"].as_str(), after.etag()), (Some("Changed"), edited.etag()));
    // What is expanded has no version: that of the row would say nothing about the rest.
    let product = format!("/api/v1/products?include=variants&status={}", "active");
    assert!(ground.owner.get(&product).send().await.expect(200).header("etag").is_none());
}
