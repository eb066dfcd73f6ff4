//! Invitations over HTTP, on a real tenant database: asking people in, joining, and everything that must not let anybody in.

use chrono::TimeDelta;
use nexus_core::{Clock, SystemClock};
use nexus_test_support::{Answer, Client, Role, TestTenant};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ForgetsOldInvitations;
use crate::context::TenantContext;
use crate::test_app::App;
use crate::work::TenantUpkeep;

const INVITATIONS: &str = "/api/v1/invitations";
const ACCEPT: &str = "/api/v1/invitations/accept";

fn body(email: &str, roles: &[&str]) -> Value {
    json!({ "email": email, "roles": roles })
}

async fn invite(client: &Client, email: &str, roles: &[&str]) -> Value {
    client.post(INVITATIONS, &body(email, roles)).send().await.created()
}

fn id_of(thing: &Value) -> Uuid {
    thing["id"].as_str().unwrap().parse().unwrap()
}

fn path_of(invitation: &Value) -> String {
    format!("{INVITATIONS}/{}", id_of(invitation))
}

/// Somebody with an account who followed the link of a mail.
fn guest(app: &App, account: Uuid, invitation: &Value, generation: u32) -> Client {
    app.server.client().bearer(app.tenant.invited_token(account, id_of(invitation), generation))
}

async fn accept(client: &Client) -> Answer {
    client.post(ACCEPT, &json!({})).send().await
}

/// Places and codes of the faults of a refused body.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let error = answer.error(422, "VALIDATION_FAILED");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    error["details"].as_array().unwrap().iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
}

/// Payloads of the events of a kind, in their order.
async fn events(app: &App, kind: &str) -> Vec<Value> {
    sqlx::query_scalar("SELECT payload FROM outbox WHERE kind = $1 ORDER BY seq").bind(kind).fetch_all(app.tenant.db().pool()).await.unwrap()
}

#[tokio::test]
async fn an_invited_person_is_listed_and_the_mail_is_asked_for() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let input = json!({ "email": "Grace@Acme.example", "display_name": "Grace Hopper", "roles": ["staff", "viewer"], "locale": "de" });
    let answer = owner.post(INVITATIONS, &input).idempotency_key("once").send().await;
    let made = answer.created();
    assert_eq!((&made["status"], &made["generation"], &made["roles"]), (&json!("pending"), &json!(1), &json!(["staff", "viewer"])));
    assert_eq!(made["invited_by"], json!(app.tenant.user(Role::Owner).account_id));
    assert_eq!(answer.header("location"), Some(path_of(&made).as_str()));
    let again = owner.post(INVITATIONS, &input).idempotency_key("once").send().await;
    assert_eq!((again.created(), again.header("idempotency-replayed")), (made.clone(), Some("true")));

    let person = owner.get(&format!("/api/v1/users/{}", made["user_id"].as_str().unwrap())).send().await.ok();
    assert_eq!((&person["status"], &person["roles"]), (&json!("invited"), &json!(["staff", "viewer"])));
    assert_eq!((&person["email"], &person["display_name"]), (&json!("Grace@Acme.example"), &json!("Grace Hopper")));
    assert_eq!(owner.get(&path_of(&made)).send().await.ok(), made);
    for (filter, total) in [("status=pending", 1), ("status=expired", 0), (&format!("user_id={}", made["user_id"].as_str().unwrap()) as &str, 1)] {
        assert_eq!(owner.get(&format!("{INVITATIONS}?{filter}")).send().await.metadata()["total"], total, "{filter}");
    }

    let asked = events(&app, "access.invitation.sent.v1").await;
    assert_eq!(asked.len(), 1, "a replay asks for no other mail");
    for (field, value) in [("invitation_id", &made["id"]), ("email", &json!("Grace@Acme.example")), ("display_name", &json!("Grace Hopper"))] {
        assert_eq!(asked[0][field], *value);
    }
    assert_eq!((&asked[0]["invited_by_name"], &asked[0]["locale"], &asked[0]["generation"]), (&json!("owner"), &json!("de"), &json!(1)));
    let ahead = asked[0]["expires_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap() - SystemClock.now();
    assert!(ahead > TimeDelta::days(6) && ahead <= TimeDelta::days(7), "{ahead}");
    let audit = owner.get("/api/v1/audit-logs?action=invitations.create").send().await.text();
    assert!(audit.contains(made["id"].as_str().unwrap()) && !audit.to_lowercase().contains("grace"), "{audit}");
}

#[tokio::test]
async fn accepting_makes_the_invited_person_the_accounts_user_at_once() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let made = invite(&owner, "grace@acme.example", &["staff"]).await;
    let account = SystemClock.new_id();
    let member = app.server.client().bearer(app.tenant.token_of(account));
    member.get("/api/v1/me").send().await.error(403, "NOT_A_MEMBER");
    let guest = guest(&app, account, &made, 1);
    let input = json!({ "display_name": "Rear Admiral Hopper" });
    let joined = guest.post(ACCEPT, &input).idempotency_key("join").send().await.ok();
    assert_eq!((&joined["id"], &joined["status"], &joined["roles"]), (&json!(account), &json!("active"), &json!(["staff"])));
    assert_eq!((&joined["display_name"], joined["joined_at"].is_string()), (&json!("Rear Admiral Hopper"), true));
    assert_eq!(guest.post(ACCEPT, &input).idempotency_key("join").send().await.header("idempotency-replayed"), Some("true"));

    let me = member.get("/api/v1/me").send().await.ok();
    assert_eq!((&me["user"]["id"], &me["roles"], &me["email_verified"]), (&json!(account), &json!(["staff"]), &json!(true)));
    guest.get("/api/v1/me").send().await.error(403, "NOT_A_MEMBER");
    let provisional = format!("/api/v1/users/{}", made["user_id"].as_str().unwrap());
    owner.get(&provisional).send().await.error(404, "NOT_FOUND");
    let ended = owner.get(&path_of(&made)).send().await.ok();
    assert_eq!((&ended["status"], &ended["user_id"], ended["ended_at"].is_string()), (&json!("accepted"), &json!(account), true));
    let told = events(&app, "access.user.joined.v1").await;
    assert_eq!(told, [json!({ "user_id": account, "invitation_id": made["id"], "roles": ["staff"] })]);
    app.expect_audit("invitations.accept", "invitation").await;
}

#[tokio::test]
async fn an_invitation_is_accepted_once_by_one_account_and_by_the_last_mails_link() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let made = invite(&owner, "grace@acme.example", &["staff"]).await;
    let (first, second) = (SystemClock.new_id(), SystemClock.new_id());
    let again = owner.post(&format!("{}/resend", path_of(&made)), &json!({})).send().await.ok();
    assert_eq!((&again["generation"], &again["id"]), (&json!(2), &made["id"]));
    assert_eq!(events(&app, "access.invitation.sent.v1").await[1]["generation"], 2);
    accept(&guest(&app, first, &made, 1)).await.error(409, "INVITATION_SUPERSEDED");
    accept(&guest(&app, first, &made, 3)).await.error(409, "INVITATION_SUPERSEDED");
    let _ = accept(&guest(&app, first, &made, 2)).await.expect(200);
    for account in [first, second] {
        accept(&guest(&app, account, &made, 2)).await.error(409, "INVITATION_ACCEPTED");
    }
    app.server.client().bearer(app.tenant.token_of(second)).get("/api/v1/me").send().await.error(403, "NOT_A_MEMBER");
    owner.post(&format!("{}/resend", path_of(&made)), &json!({})).send().await.error(409, "INVITATION_ACCEPTED");
    owner.delete(&path_of(&made)).send().await.error(409, "INVITATION_ACCEPTED");
}

#[tokio::test]
async fn an_expired_invitation_opens_nothing_until_it_is_sent_again() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let made = invite(&owner, "grace@acme.example", &["staff"]).await;
    let end = "UPDATE invitations SET expires_at = now() - interval '1 second'";
    sqlx::query(end).execute(app.tenant.db().pool()).await.unwrap();
    let account = SystemClock.new_id();
    accept(&guest(&app, account, &made, 1)).await.error(409, "INVITATION_EXPIRED");
    assert_eq!(owner.get(&path_of(&made)).send().await.ok()["status"], "expired");
    for (status, total) in [("expired", 1), ("pending", 0)] {
        assert_eq!(owner.get(&format!("{INVITATIONS}?status={status}")).send().await.metadata()["total"], total);
    }
    assert_eq!(
        owner.post(INVITATIONS, &body("grace@acme.example", &["staff"])).send().await.error(409, "USER_EXISTS")["details"]["status"],
        "invited"
    );
    let again = owner.post(&format!("{}/resend", path_of(&made)), &json!({})).send().await.ok();
    assert_eq!(again["status"], "pending");
    let _ = accept(&guest(&app, account, &made, 2)).await.expect(200);
}

#[tokio::test]
async fn a_revoked_invitation_opens_nothing_and_frees_the_address() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let made = invite(&owner, "grace@acme.example", &["staff"]).await;
    for _ in 0..2 {
        owner.delete(&path_of(&made)).send().await.no_content();
    }
    let ended = owner.get(&path_of(&made)).send().await.ok();
    assert_eq!((&ended["status"], &ended["user_id"]), (&json!("revoked"), &Value::Null));
    owner.get(&format!("/api/v1/users/{}", made["user_id"].as_str().unwrap())).send().await.error(404, "NOT_FOUND");
    accept(&guest(&app, SystemClock.new_id(), &made, 1)).await.error(409, "INVITATION_REVOKED");
    owner.post(&format!("{}/resend", path_of(&made)), &json!({})).send().await.error(409, "INVITATION_REVOKED");
    assert_eq!(events(&app, "access.invitation.revoked.v1").await, [json!({ "invitation_id": made["id"] })]);
    let another = invite(&owner, "GRACE@acme.example", &["viewer"]).await;
    // The former link does not open the new invitation.
    accept(&guest(&app, SystemClock.new_id(), &made, 1)).await.error(409, "INVITATION_REVOKED");
    let _ = accept(&guest(&app, SystemClock.new_id(), &another, 1)).await.expect(200);
}

#[tokio::test]
async fn who_is_a_user_is_not_invited_whatever_the_case_of_the_letters() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let staff = app.tenant.user(Role::Staff);
    let address = staff.email.to_uppercase();
    let refused = owner.post(INVITATIONS, &body(&address, &["viewer"])).send().await.error(409, "USER_EXISTS");
    assert_eq!(refused["details"], json!({ "user_id": staff.account_id, "status": "active" }));
    let _ = owner.post(&format!("/api/v1/users/{}/deactivate", staff.account_id), &json!({})).send().await.expect(200);
    let refused = owner.post(INVITATIONS, &body(&address, &["viewer"])).send().await.error(409, "USER_EXISTS");
    assert_eq!(refused["details"]["status"], "deactivated");
    // Not under another address either.
    let made = invite(&owner, "another@acme.example", &["owner"]).await;
    for role in [Role::Staff, Role::Viewer] {
        let refused = accept(&guest(&app, app.tenant.user(role).account_id.0, &made, 1)).await.error(409, "USER_EXISTS");
        assert_eq!(refused["details"]["user_id"], json!(app.tenant.user(role).account_id));
    }
    assert_eq!(app.client(Role::Viewer).get("/api/v1/me").send().await.ok()["roles"], json!(["viewer"]));
    assert_eq!(owner.get(&path_of(&made)).send().await.ok()["status"], "pending");
}

#[tokio::test]
async fn who_was_removed_comes_back_by_an_invitation_as_the_person_they_were() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let admin = app.tenant.user(Role::Admin);
    let key = app.client(Role::Admin).post("/api/v1/api-keys", &json!({ "name": "Shop", "scopes": ["products.read"] })).send().await.created();
    owner.delete(&format!("/api/v1/users/{}", admin.account_id)).send().await.no_content();
    app.client(Role::Admin).get("/api/v1/me").send().await.error(403, "NOT_A_MEMBER");
    let made = invite(&owner, &admin.email, &["viewer"]).await;
    assert_ne!(made["user_id"], json!(admin.account_id), "until then another");
    let joined = accept(&guest(&app, admin.account_id.0, &made, 1)).await.ok();
    assert_eq!((&joined["id"], &joined["status"], &joined["roles"]), (&json!(admin.account_id), &json!("active"), &json!(["viewer"])));
    assert_eq!(joined["deactivated_at"], Value::Null);
    assert_eq!(app.client(Role::Admin).get("/api/v1/me").send().await.ok()["roles"], json!(["viewer"]), "and nothing of what they were");
    let kept = owner.get(&format!("/api/v1/api-keys/{}", key["id"].as_str().unwrap())).send().await.ok();
    assert_eq!(kept["created_by"], json!(admin.account_id));
    assert_eq!(owner.get("/api/v1/users").send().await.metadata()["total"], 5);
}

#[tokio::test]
async fn nobody_offers_more_than_they_hold_and_every_fault_is_told() {
    let app = App::without_workers().await;
    let admin = app.client(Role::Admin);
    let refused = admin.post(INVITATIONS, &body("grace@acme.example", &["viewer", "owner", "janitor", "viewer"])).send().await;
    let expected = [("roles[1]", "not_held"), ("roles[2]", "unknown"), ("roles[3]", "duplicate")];
    assert_eq!(faults(&refused), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    app.give_permissions(Role::Staff, &["users.read", "users.write", "products.read"], &[]).await;
    let keeper = app.client(Role::Staff);
    for role in ["owner", "admin", "manager", "staff", "viewer"] {
        let refused = keeper.post(INVITATIONS, &body("mallory@acme.example", &[role])).send().await;
        assert_eq!(faults(&refused), [("roles[0]".to_owned(), "not_held".to_owned())], "{role}");
    }
    for bad in [
        json!({ "email": "grace@acme.example", "roles": [] }),
        json!({ "email": "grace", "roles": ["viewer"] }),
        json!({ "email": "grace@acme.example", "roles": ["viewer"], "locale": "German" }),
        json!({ "email": "grace@acme.example", "roles": ["viewer"], "display_name": "" }),
        json!({ "email": "grace@acme.example", "roles": ["viewer"], "status": "active" }),
        json!({ "email": "grace@acme.example", "roles": "viewer" }),
    ] {
        admin.post(INVITATIONS, &bad).send().await.error(422, "VALIDATION_FAILED");
    }
    // Stronger ones are neither sent again nor taken back.
    let made = invite(&app.client(Role::Owner), "grace@acme.example", &["owner"]).await;
    for client in [&admin, &keeper] {
        let answers = [
            client.post(&format!("{}/resend", path_of(&made)), &json!({})).send().await,
            client.delete(&path_of(&made)).send().await,
            client.delete(&format!("/api/v1/users/{}", made["user_id"].as_str().unwrap())).send().await,
        ];
        for answer in answers {
            assert!(answer.error(403, "FORBIDDEN")["details"]["permission"].is_string());
        }
    }
    assert_eq!(admin.get(INVITATIONS).send().await.metadata()["total"], 1);
    app.client(Role::Manager).post(INVITATIONS, &body("x@acme.example", &["viewer"])).send().await.error(403, "FORBIDDEN");
}

#[tokio::test]
async fn whoever_has_not_proved_the_address_neither_invites_nor_joins() {
    let app = App::without_workers().await;
    let unproved = |mut claims: Value| {
        claims["email_verified"] = json!(false);
        app.server.client().bearer(app.tenant.control.tokens().mint(&claims))
    };
    let host = unproved(app.tenant.claims(Role::Owner));
    host.post(INVITATIONS, &body("grace@acme.example", &["viewer"])).send().await.error(403, "EMAIL_NOT_VERIFIED");
    assert_eq!(host.get("/api/v1/me").send().await.ok()["email_verified"], false);
    let made = invite(&app.client(Role::Owner), "grace@acme.example", &["viewer"]).await;
    host.post(&format!("{}/resend", path_of(&made)), &json!({})).send().await.error(403, "EMAIL_NOT_VERIFIED");
    let mut claims = app.tenant.claims(Role::Owner);
    claims["sub"] = json!(SystemClock.new_id());
    claims["inv"] = json!({ "id": made["id"], "gen": 1 });
    accept(&unproved(claims)).await.error(403, "EMAIL_NOT_VERIFIED");
}

#[tokio::test]
async fn only_the_token_of_a_link_of_this_organization_accepts() {
    let app = App::without_workers().await;
    let made = invite(&app.client(Role::Owner), "grace@acme.example", &["owner"]).await;
    let key = app.tenant.api_key(&["users.read"]).await;
    for client in [app.client(Role::Owner), app.server.client().bearer(&key), app.server.client().bearer(app.tenant.token_of(SystemClock.new_id()))] {
        accept(&client).await.error(403, "FORBIDDEN");
    }
    accept(&app.server.client()).await.error(401, "UNAUTHORIZED");
    // The right invitation, by a token for another organization, and the other way round.
    let other = TestTenant::in_control(&app.tenant.control).await;
    let account = SystemClock.new_id();
    let foreign = app.server.client().bearer(other.invited_token(account, id_of(&made), 1));
    accept(&foreign).await.error(404, "NOT_FOUND");
    accept(&foreign.tenant(&app.tenant.slug)).await.error(403, "TENANT_MISMATCH");
    let unknown = json!({ "id": SystemClock.new_id() });
    accept(&guest(&app, account, &unknown, 1)).await.error(404, "NOT_FOUND");
    assert_eq!(app.client(Role::Owner).get(&path_of(&made)).send().await.ok()["status"], "pending");
    let answer = guest(&app, account, &made, 1).post(ACCEPT, &json!({ "roles": ["owner"] })).send().await;
    answer.error(422, "VALIDATION_FAILED");
}

#[tokio::test]
async fn of_those_who_are_invited_at_once_only_so_many_have_room() {
    let app = App::with_limits(json!({ "users": 7 })).await;
    let owner = app.client(Role::Owner);
    let input = |number: usize| body(&format!("guest{number}@acme.example"), &["viewer"]);
    let answers = futures::future::join_all((0..8).map(async |number| owner.post(INVITATIONS, &input(number)).send().await)).await;
    let (made, refused): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status.as_u16() == 201);
    assert_eq!(made.len(), 2, "five people are there");
    for answer in refused {
        assert_eq!(answer.error(402, "QUOTA_EXCEEDED")["details"]["limit"], 7);
    }
    owner.delete(&path_of(&made[0].created())).send().await.no_content();
    let _ = invite(&owner, "last@acme.example", &["viewer"]).await;
    // Joining needs no further room; who is deactivated leaves theirs.
    let _ = accept(&guest(&app, SystemClock.new_id(), &made[1].created(), 1)).await.expect(200);
    owner.post(INVITATIONS, &input(90)).send().await.error(402, "QUOTA_EXCEEDED");
    let staff = app.tenant.user(Role::Staff).account_id;
    let _ = owner.post(&format!("/api/v1/users/{staff}/deactivate"), &json!({})).send().await.expect(200);
    let _ = owner.post(INVITATIONS, &input(90)).send().await.created();
    let refused = owner.post(&format!("/api/v1/users/{staff}/reactivate"), &json!({})).send().await;
    assert_eq!(refused.error(402, "QUOTA_EXCEEDED")["details"]["limit"], 7);
}

#[tokio::test]
async fn at_most_two_hundred_mails_go_out_a_day() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let made = invite(&owner, "grace@acme.example", &["viewer"]).await;
    sqlx::query("UPDATE invitation_mails SET sent = 199").execute(app.tenant.db().pool()).await.unwrap();
    let _ = owner.post(&format!("{}/resend", path_of(&made)), &json!({})).send().await.expect(200);
    for answer in [
        owner.post(&format!("{}/resend", path_of(&made)), &json!({})).send().await,
        owner.post(INVITATIONS, &body("late@acme.example", &["viewer"])).send().await,
    ] {
        assert_eq!(answer.error(429, "RATE_LIMITED")["details"]["limit"], 200);
        let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=86_400).contains(&wait), "{wait}");
    }
    assert_eq!(events(&app, "access.invitation.sent.v1").await.len(), 2);
    assert_eq!(owner.get("/api/v1/users?q=late").send().await.metadata()["total"], 0, "nothing is left of what was refused");
    sqlx::query("UPDATE invitation_mails SET day = day - 1").execute(app.tenant.db().pool()).await.unwrap();
    let _ = invite(&owner, "late@acme.example", &["viewer"]).await;
}

#[tokio::test]
async fn of_accepting_and_revoking_at_once_one_is_first_and_the_other_hears_it() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    for round in 0..12 {
        let made = invite(&owner, &format!("guest{round}@acme.example"), &["viewer"]).await;
        let account = SystemClock.new_id();
        let (guest, path) = (guest(&app, account, &made, 1), path_of(&made));
        let revoking = async { owner.delete(&path).send().await };
        let (joined, revoked) = if round % 2 == 0 {
            tokio::join!(accept(&guest), revoking)
        } else {
            let (revoked, joined) = tokio::join!(revoking, accept(&guest));
            (joined, revoked)
        };
        let comes_in = app.server.client().bearer(app.tenant.token_of(account)).get("/api/v1/me").send().await.status.as_u16() == 200;
        if joined.status.is_success() {
            revoked.error(409, "INVITATION_ACCEPTED");
        } else {
            joined.error(409, "INVITATION_REVOKED");
            revoked.no_content();
        }
        assert_eq!(comes_in, joined.status.is_success());
        assert_eq!(owner.get(&format!("/api/v1/users?q=guest{round}")).send().await.metadata()["total"], i32::from(comes_in));
    }
}

#[tokio::test]
async fn of_two_accounts_with_one_link_one_joins() {
    let app = App::without_workers().await;
    let made = invite(&app.client(Role::Owner), "grace@acme.example", &["viewer"]).await;
    let guests = [guest(&app, SystemClock.new_id(), &made, 1), guest(&app, SystemClock.new_id(), &made, 1)];
    let answers = futures::future::join_all(guests.iter().map(accept)).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{answers:?}");
}

#[tokio::test]
async fn an_organization_that_is_not_migrated_yet_knows_no_invitations_and_says_so() {
    let tenant = TestTenant::new().await;
    let admin = tenant.owner_db().await;
    sqlx::raw_sql("DROP TABLE invitations, invitation_mails; DELETE FROM role_permissions WHERE permission IN ('users.write', 'roles.write', 'organization.own')")
        .execute(admin.pool())
        .await
        .unwrap();
    sqlx::query("UPDATE tenants SET schema_version = 2 WHERE id = $1").bind(tenant.id.0).execute(tenant.control.db().pool()).await.unwrap();
    let app = App::of(tenant).await;
    let owner = app.client(Role::Owner);
    let _ = owner.get("/api/v1/me").send().await.expect(200);
    let _ = owner.get("/api/v1/users").send().await.expect(200);
    let _ = owner.get("/api/v1/roles/matrix").send().await.expect(200);
    let user = format!("/api/v1/users/{}", app.tenant.user(Role::Staff).account_id);
    for (answer, lacking) in [
        (owner.get(INVITATIONS).send().await, "users.read"),
        (owner.post(INVITATIONS, &body("grace@acme.example", &["viewer"])).send().await, "users.write"),
        (accept(&guest(&app, SystemClock.new_id(), &json!({ "id": SystemClock.new_id() }), 1)).await, "users.write"),
        (owner.delete(&user).send().await, "users.write"),
        (owner.patch(&format!("{user}/roles"), &json!({ "add": ["manager"] })).send().await, "users.write"),
        (owner.post("/api/v1/roles", &json!({ "key": "x", "name": "X" })).send().await, "roles.write"),
    ] {
        let refused = answer.error(503, "TENANT_NOT_MIGRATED");
        assert_eq!(refused["details"]["permission"], lacking, "{refused}");
        assert!(answer.header("retry-after").is_some());
    }
}

#[tokio::test]
async fn invitations_that_ended_long_ago_are_forgotten() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let kept = invite(&owner, "kept@acme.example", &["viewer"]).await;
    let old = invite(&owner, "old@acme.example", &["viewer"]).await;
    owner.delete(&path_of(&old)).send().await.no_content();
    sqlx::query("UPDATE invitations SET ended_at = now() - interval '91 days', created_at = now() - interval '99 days' WHERE status = 'revoked'")
        .execute(app.tenant.db().pool())
        .await
        .unwrap();
    sqlx::query("INSERT INTO invitation_mails (day, sent) VALUES (current_date - 100, 7)").execute(app.tenant.db().pool()).await.unwrap();
    let record = app.runtime.record_for_work(app.tenant.id).await.unwrap();
    let ctx = TenantContext::system(&app.runtime, record, ForgetsOldInvitations.name()).await.unwrap();
    ForgetsOldInvitations.run(ctx).await.unwrap();
    let left = owner.get(INVITATIONS).send().await.ok();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["id"]), (1, &kept["id"]));
    let days: i64 = sqlx::query_scalar("SELECT count(*) FROM invitation_mails").fetch_one(app.tenant.db().pool()).await.unwrap();
    assert_eq!(days, 1);
}
