//! People who come and go, from outside: joining at one process and working at another, what a link's token opens, and rules that hold however many
//! processes are asked at once. How soon changes bite is measured by `tests/chaos/tests/access.rs`.

use std::time::Duration;

use futures::future::join_all;
use nexus_test_support::{Answer, Client, Nexus, Process, Role, TestTenant, eventually};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::platform::{Platform, key};

const INVITATIONS: &str = "/api/v1/invitations";
const ACCEPT: &str = "/api/v1/invitations/accept";

/// An organization that two processes serve.
struct Ground {
    platform: Platform,
    second: Process,
    tenant: TestTenant,
}

impl Ground {
    async fn new() -> Self {
        let platform = Platform::start().await;
        let second = Nexus::command(&platform.stack, &["tenant-runtime"]).on(&platform.stack, &platform.control).spawn().await;
        let tenant = TestTenant::in_control(&platform.control).await;
        Self { platform, second, tenant }
    }

    /// A client of the first process.
    fn here(&self, token: impl Into<String>) -> Client {
        self.platform.client().bearer(token).tenant(&self.tenant.slug)
    }

    /// A client of the second process.
    fn there(&self, token: impl Into<String>) -> Client {
        self.second.client().bearer(token).tenant(&self.tenant.slug)
    }

    async fn invite(&self, email: &str) -> Value {
        let body = json!({ "email": email, "roles": ["staff"] });
        self.here(self.tenant.token(Role::Owner)).post(INVITATIONS, &body).idempotency_key(&key()).send().await.created()
    }

    fn guest(&self, account: Uuid, invitation: &Value) -> String {
        self.tenant.invited_token(account, id_of(invitation), 1)
    }
}

fn id_of(thing: &Value) -> Uuid {
    thing["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_joins_at_one_process_works_at_the_other_at_once() {
    let ground = Ground::new().await;
    for number in 0..3 {
        let invitation = ground.invite(&format!("guest{number}@acme.example")).await;
        let account = Uuid::new_v4();
        // The other process knows the policy as it was.
        let _ = ground.there(ground.tenant.token(Role::Owner)).get("/api/v1/me").send().await.expect(200);
        let joined = ground.here(ground.guest(account, &invitation)).post(ACCEPT, &json!({})).send().await.expect(200).ok();
        assert_eq!(joined["id"], json!(account));
        let me = ground.there(ground.tenant.token_of(account)).get("/api/v1/me").send().await.expect(200).ok();
        assert_eq!((&me["user"]["status"], &me["roles"]), (&json!("active"), &json!(["staff"])));
    }
    assert_eq!(ground.second.terminate().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joining_leaves_one_audit_entry_and_its_event() {
    let ground = Ground::new().await;
    let invitation = ground.invite("grace@acme.example").await;
    let account = Uuid::new_v4();
    let guest = ground.here(ground.guest(account, &invitation));
    for (key, request_id) in [("join", "joining"), ("join", "again")] {
        let _ = guest.post(ACCEPT, &json!({})).idempotency_key(key).header("X-Request-Id", request_id).send().await.expect(200);
    }
    let admin = ground.tenant.owner_db().await;
    let entries: Vec<(String, String, Uuid, Uuid, Uuid)> =
        sqlx::query_as("SELECT action, request_id, entity_id, subject_id, actor_id FROM audit_log WHERE action = 'invitations.accept' ORDER BY seq")
            .fetch_all(admin.pool())
            .await
            .unwrap();
    assert_eq!(entries, [("invitations.accept".to_owned(), "joining".to_owned(), id_of(&invitation), account, account)]);
    let events: Vec<(Uuid, Value)> =
        sqlx::query_as("SELECT aggregate_id, payload FROM outbox WHERE kind = 'access.user.joined.v1'").fetch_all(admin.pool()).await.unwrap();
    assert_eq!(events, [(account, json!({ "user_id": account, "invitation_id": invitation["id"], "roles": ["staff"] }))]);
    let log: String = sqlx::query_scalar("SELECT coalesce(string_agg(a::text, ' '), '') FROM audit_log a").fetch_one(admin.pool()).await.unwrap();
    assert!(!log.contains("grace@"), "the audit log names an address");
    assert!(!ground.platform.process.log().contains("grace@"), "the log names an address");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_of_a_link_opens_nothing_but_the_door() {
    let ground = Ground::new().await;
    let invitation = ground.invite("grace@acme.example").await;
    // Not even where its bearer is the owner.
    let owner = ground.tenant.user(Role::Owner).account_id.0;
    let id = Uuid::new_v4().to_string();
    let mut refused = 0;
    for operation in ground.platform.document.operations().values().filter(|operation| operation.is_tenants() && !operation.is_by_invitation()) {
        for account in [Uuid::new_v4(), owner] {
            let client = ground.here(ground.guest(account, &invitation));
            let answer = ground.platform.document.request(&client, operation, &operation.path_with(&id), &id).send().await;
            answer.error(403, "NOT_A_MEMBER");
            refused += 1;
        }
    }
    assert!(refused > 100, "only {refused} were tried");
    let _ = ground.here(ground.guest(Uuid::new_v4(), &invitation)).post(ACCEPT, &json!({})).send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plans_number_of_people_holds_across_processes() {
    let ground = Ground::new().await;
    ground.tenant.set_entitlements(json!({ "plan": "team", "limits": { "users": 8 }, "features": [] })).await;
    let token = ground.tenant.token(Role::Owner);
    let clients = [ground.here(&token), ground.there(&token)];
    let invite = async |number: usize| {
        let body = json!({ "email": format!("guest{number}@acme.example"), "roles": ["viewer"] });
        clients[number % 2].post(INVITATIONS, &body).send().await
    };
    let answers = join_all((0..12).map(invite)).await;
    let (made, refused): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status.is_success());
    assert_eq!((made.len(), refused.len()), (3, 9), "five people are there");
    for answer in refused {
        answer.error(402, "QUOTA_EXCEEDED");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_who_leave_at_two_processes_at_once_leave_one() {
    let ground = Ground::new().await;
    let owner = ground.here(ground.tenant.token(Role::Owner));
    let path = |role: Role| format!("/api/v1/users/{}", ground.tenant.user(role).account_id);
    let _ = owner.patch(&format!("{}/roles", path(Role::Admin)), &json!({ "add": ["owner"] })).send().await.expect(200);
    let (here, there) = (owner, ground.there(ground.tenant.token(Role::Admin)));
    let (owner, admin) = (path(Role::Owner), path(Role::Admin));
    let (one, other) = tokio::join!(here.delete(&owner).send(), there.delete(&admin).send());
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{} {}", one.text(), other.text());
    let owners: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id WHERE u.status = 'active' AND r.key = 'owner'",
    )
    .fetch_one(ground.tenant.db().pool())
    .await
    .unwrap();
    assert_eq!(owners, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_owns_an_organization_by_now_is_known_to_the_control_plane() {
    let ground = Ground::new().await;
    let organization = format!("/api/v1/organizations/{}", ground.tenant.id);
    let client = |role: Role| ground.platform.client().bearer(ground.tenant.token(role));
    let owns = async |role: Role, wanted: bool| {
        eventually(Duration::from_secs(60), async || {
            let told = client(role).get(&organization).send().await.expect(200).ok()["is_owner"].clone();
            (told == wanted).then_some(())
        })
        .await;
    };
    owns(Role::Owner, true).await;
    owns(Role::Admin, false).await;
    let path = |role: Role| format!("/api/v1/users/{}/roles", ground.tenant.user(role).account_id);
    let owner = ground.here(ground.tenant.token(Role::Owner));
    let _ = owner.patch(&path(Role::Admin), &json!({ "add": ["owner"] })).send().await.expect(200);
    owns(Role::Admin, true).await;
    let _ = owner.patch(&path(Role::Owner), &json!({ "add": ["viewer"], "remove": ["owner"] })).send().await.expect(200);
    owns(Role::Owner, false).await;
    let name = json!({ "name": "Mine all the same" });
    let version = client(Role::Owner).get(&organization).send().await.expect(200).etag();
    client(Role::Owner).patch(&organization, &name).if_match(version).send().await.error(403, "FORBIDDEN");
    let _ = client(Role::Admin).patch(&organization, &json!({ "name": "Ours" })).if_match(version).send().await.expect(200);
}
