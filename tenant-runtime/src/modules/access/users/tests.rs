//! Changing people over HTTP, on a real tenant database: roles, shutting out, ending memberships, and every way to get further than one may.

use futures::future::join_all;
use nexus_core::{Clock, SystemClock};
use nexus_test_support::{Answer, Client, Role, TestTenant};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::test_app::App;

fn path(app: &App, role: Role) -> String {
    format!("/api/v1/users/{}", app.tenant.user(role).account_id)
}

async fn assign(client: &Client, user: &str, add: &[&str], remove: &[&str]) -> Answer {
    client.patch(&format!("{user}/roles"), &json!({ "add": add, "remove": remove })).send().await
}

async fn act(client: &Client, user: &str, verb: &str) -> Answer {
    client.post(&format!("{user}/{verb}"), &json!({})).send().await
}

/// Places and codes of the faults of a refused body.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let error = answer.error(422, "VALIDATION_FAILED");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    error["details"].as_array().unwrap().iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
}

async fn events(app: &App, kind: &str) -> Vec<Value> {
    sqlx::query_scalar("SELECT payload FROM outbox WHERE kind = $1 ORDER BY seq").bind(kind).fetch_all(app.tenant.db().pool()).await.unwrap()
}

#[tokio::test]
async fn roles_given_and_taken_bite_at_once() {
    let app = App::without_workers().await;
    let (owner, viewer) = (app.client(Role::Owner), app.client(Role::Viewer));
    let user = path(&app, Role::Viewer);
    let before = owner.get(&user).send().await;
    viewer.post("/api/v1/tags", &json!({ "name": "x" })).send().await.error(403, "FORBIDDEN");
    let changed = assign(&owner, &user, &["manager", "viewer"], &["staff"]).await.ok();
    assert_eq!((&changed["roles"], changed["version"].as_i64()), (&json!(["manager", "viewer"]), Some(before.etag() + 1)));
    let _ = viewer.post("/api/v1/tags", &json!({ "name": "x" })).send().await.created();
    let told = events(&app, "access.user.roles_changed.v1").await;
    assert_eq!(
        told,
        [json!({ "user_id": app.tenant.user(Role::Viewer).account_id, "added": ["manager"], "removed": [], "roles": ["manager", "viewer"] })]
    );
    let entry = owner.get("/api/v1/audit-logs?action=users.assign_roles").send().await.ok();
    assert_eq!((&entry[0]["before"], &entry[0]["after"]), (&json!({ "roles": ["viewer"] }), &json!({ "roles": ["manager", "viewer"] })));
    // What changes nothing is told to nobody.
    assert_eq!(assign(&owner, &user, &["manager"], &["staff"]).await.ok(), changed);
    assert_eq!(events(&app, "access.user.roles_changed.v1").await.len(), 1);
    let _ = assign(&owner, &user, &[], &["manager", "viewer"]).await.expect(200);
    viewer.get("/api/v1/tags").send().await.error(403, "FORBIDDEN");
    assert_eq!(viewer.get("/api/v1/me").send().await.ok()["permissions"], json!([]));
}

#[tokio::test]
async fn every_fault_of_a_change_of_roles_is_told() {
    let app = App::without_workers().await;
    let admin = app.client(Role::Admin);
    let user = path(&app, Role::Viewer);
    let refused = assign(&admin, &user, &["owner", "janitor", "staff", "staff"], &["staff", "owner"]).await;
    let expected = [
        ("add[0]", "not_held"),
        ("add[1]", "unknown"),
        ("add[3]", "duplicate"),
        ("remove[1]", "not_held"),
        ("remove[0]", "contradiction"),
        ("remove[1]", "contradiction"),
    ];
    assert_eq!(faults(&refused), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    for bad in [json!([]), json!({ "add": "staff" }), json!({ "roles": ["staff"] }), json!({ "add": [null] })] {
        admin.patch(&format!("{user}/roles"), &bad).send().await.error(422, "VALIDATION_FAILED");
    }
    assert_eq!(admin.get(&user).send().await.ok()["roles"], json!(["viewer"]));
}

#[tokio::test]
async fn nobody_makes_themselves_or_others_more_than_they_are() {
    let app = App::without_workers().await;
    app.give_permissions(Role::Staff, &["users.read", "users.write", "products.read"], &[]).await;
    let (admin, keeper, manager) = (app.client(Role::Admin), app.client(Role::Staff), app.client(Role::Manager));
    for role in Role::ALL {
        // Themselves.
        let refused = assign(&keeper, &path(&app, Role::Staff), &[role.key()], &[]).await;
        assert_eq!(faults(&refused), [("add[0]".to_owned(), "not_held".to_owned())]);
        assign(&manager, &path(&app, Role::Manager), &[role.key()], &[]).await.error(403, "FORBIDDEN");
    }
    assert_eq!(faults(&assign(&admin, &path(&app, Role::Admin), &["owner"], &[]).await), [("add[0]".to_owned(), "not_held".to_owned())]);
    // Whoever is stronger is touched in no way.
    for (client, role) in [(&admin, Role::Owner), (&keeper, Role::Owner), (&keeper, Role::Admin), (&keeper, Role::Manager), (&keeper, Role::Viewer)] {
        let user = path(&app, role);
        let answers = [
            assign(client, &user, &[], &[role.key()]).await,
            act(client, &user, "deactivate").await,
            act(client, &user, "reactivate").await,
            client.delete(&user).send().await,
        ];
        for answer in answers {
            let refused = answer.error(403, "FORBIDDEN");
            assert!(refused["details"]["permission"].is_string(), "{role:?}: {refused}");
        }
        assert_eq!(admin.get(&user).send().await.ok()["status"], "active");
    }
    // Whoever is not, is.
    let weak = app.give_permissions(Role::Viewer, &["products.read"], &[]).await;
    let _ = assign(&keeper, &path(&app, Role::Viewer), &[], &[&weak]).await.expect(200);
    let _ = assign(&keeper, &path(&app, Role::Viewer), &[&weak], &[]).await.expect(200);
    let _ = act(&keeper, &path(&app, Role::Viewer), "deactivate").await.expect(200);
}

#[tokio::test]
async fn nobody_sheds_a_role_that_denies_them_something_but_an_owner() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let deny = |key: &str| json!({ "key": key, "name": "No tags", "deny": ["products.write"] });
    let _ = owner.post("/api/v1/roles", &deny("no_tags")).send().await.created();
    for role in [Role::Owner, Role::Admin] {
        let (client, user) = (app.client(role), path(&app, role));
        let _ = assign(&owner, &user, &["no_tags"], &[]).await.expect(200);
        client.post("/api/v1/tags", &json!({ "name": "x" })).send().await.error(403, "FORBIDDEN");
    }
    let (admin, user) = (app.client(Role::Admin), path(&app, Role::Admin));
    assign(&admin, &user, &[], &["no_tags"]).await.error(403, "FORBIDDEN");
    assign(&admin, &path(&app, Role::Viewer), &["no_tags"], &[]).await.error(422, "VALIDATION_FAILED");
    let _ = assign(&owner, &path(&app, Role::Owner), &[], &["no_tags"]).await.expect(200);
    let _ = owner.post("/api/v1/tags", &json!({ "name": "x" })).send().await.created();
}

#[tokio::test]
async fn an_organization_keeps_an_active_owner() {
    let app = App::without_workers().await;
    let (owner, user) = (app.client(Role::Owner), path(&app, Role::Owner));
    for answer in [assign(&owner, &user, &["admin"], &["owner"]).await, act(&owner, &user, "deactivate").await, owner.delete(&user).send().await] {
        answer.error(409, "LAST_OWNER");
    }
    // A deactivated or an invited owner is none.
    let _ = assign(&owner, &path(&app, Role::Admin), &["owner"], &[]).await.expect(200);
    let _ = act(&owner, &path(&app, Role::Admin), "deactivate").await.expect(200);
    let _ = owner.post("/api/v1/invitations", &json!({ "email": "o@acme.example", "roles": ["owner"] })).send().await.created();
    act(&owner, &user, "deactivate").await.error(409, "LAST_OWNER");
    let _ = act(&owner, &path(&app, Role::Admin), "reactivate").await.expect(200);
    let _ = assign(&owner, &user, &["viewer"], &["owner"]).await.expect(200);
    assert_eq!(owner.get("/api/v1/me").send().await.ok()["roles"], json!(["viewer"]));
    let admin = app.client(Role::Admin);
    admin.delete(&path(&app, Role::Admin)).send().await.error(409, "LAST_OWNER");
}

#[tokio::test]
async fn two_owners_who_end_each_other_at_once_leave_one() {
    let app = App::without_workers().await;
    let _ = assign(&app.client(Role::Owner), &path(&app, Role::Admin), &["owner"], &[]).await.expect(200);
    let (first, second) = (app.client(Role::Owner), app.client(Role::Admin));
    let (first_path, second_path) = (path(&app, Role::Owner), path(&app, Role::Admin));
    for round in 0..9 {
        let end = async |client: &Client, user: &str| match round % 3 {
            0 => act(client, user, "deactivate").await,
            1 => assign(client, user, &[], &["owner"]).await,
            _ => client.delete(user).send().await,
        };
        // Each themselves, so that neither is out before the other is heard.
        let (one, other) = tokio::join!(end(&first, &first_path), end(&second, &second_path));
        let refused: Vec<&Answer> = [&one, &other].into_iter().filter(|answer| !answer.status.is_success()).collect();
        assert_eq!(refused.len(), 1, "round {round}: {} {}", one.text(), other.text());
        refused[0].error(409, "LAST_OWNER");
        // Both are owners again.
        let statement = "UPDATE users SET status = 'active', deactivated_at = NULL WHERE id = ANY($1)";
        let people: Vec<Uuid> = [Role::Owner, Role::Admin].map(|role| app.tenant.user(role).account_id.0).to_vec();
        sqlx::query(statement).bind(&people).execute(app.tenant.db().pool()).await.unwrap();
        let statement = "INSERT INTO user_roles (user_id, role_id) SELECT u, r.id FROM unnest($1::uuid[]) AS u, roles r WHERE r.key = 'owner' ON CONFLICT DO NOTHING";
        sqlx::query(statement).bind(&people).execute(app.tenant.db().pool()).await.unwrap();
        app.tell_of_the_new_policy().await;
        for client in [&first, &second] {
            nexus_test_support::eventually(std::time::Duration::from_secs(20), async || {
                let me = client.get("/api/v1/me").send().await;
                (me.status.as_u16() == 200 && me.ok()["roles"].as_array().unwrap().contains(&json!("owner"))).then_some(())
            })
            .await;
        }
    }
}

#[tokio::test]
async fn who_is_deactivated_is_out_at_once_and_comes_back_with_the_roles_they_had() {
    let app = App::without_workers().await;
    let (owner, staff, user) = (app.client(Role::Owner), app.client(Role::Staff), path(&app, Role::Staff));
    let _ = staff.get("/api/v1/tags").send().await.expect(200);
    let out = act(&owner, &user, "deactivate").await.ok();
    assert_eq!((&out["status"], &out["roles"], out["deactivated_at"].is_string()), (&json!("deactivated"), &json!(["staff"]), true));
    staff.get("/api/v1/tags").send().await.error(403, "NOT_A_MEMBER");
    assert_eq!(act(&owner, &user, "deactivate").await.ok(), out, "doing it again changes nothing");
    let _ = assign(&owner, &user, &["viewer"], &["staff"]).await.expect(200);
    let back = act(&owner, &user, "reactivate").await.ok();
    assert_eq!((&back["status"], &back["deactivated_at"]), (&json!("active"), &Value::Null));
    assert_eq!(act(&owner, &user, "reactivate").await.ok(), back);
    assert_eq!(staff.get("/api/v1/me").send().await.ok()["roles"], json!(["viewer"]));
    for (kind, count) in [("access.user.deactivated.v1", 1), ("access.user.reactivated.v1", 1)] {
        let told = events(&app, kind).await;
        assert_eq!((told.len(), &told[0]), (count, &json!({ "user_id": app.tenant.user(Role::Staff).account_id })));
    }
    let invited = owner.post("/api/v1/invitations", &json!({ "email": "g@acme.example", "roles": ["viewer"] })).send().await.created();
    let invited = format!("/api/v1/users/{}", invited["user_id"].as_str().unwrap());
    for verb in ["deactivate", "reactivate"] {
        assert_eq!(act(&owner, &invited, verb).await.error(409, "USER_STATUS")["details"]["status"], "invited");
        act(&owner, &format!("/api/v1/users/{}", SystemClock.new_id()), verb).await.error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_membership_that_ended_leaves_a_name_in_history_and_nothing_else() {
    let app = App::without_workers().await;
    let (owner, user) = (app.client(Role::Owner), path(&app, Role::Staff));
    for _ in 0..2 {
        owner.delete(&user).send().await.no_content();
    }
    app.client(Role::Staff).get("/api/v1/me").send().await.error(403, "NOT_A_MEMBER");
    let left = owner.get(&user).send().await.ok();
    assert_eq!((&left["status"], &left["roles"], &left["email"]), (&json!("removed"), &json!([]), &json!(app.tenant.user(Role::Staff).email)));
    for answer in [act(&owner, &user, "reactivate").await, act(&owner, &user, "deactivate").await, assign(&owner, &user, &["viewer"], &[]).await] {
        assert_eq!(answer.error(409, "USER_STATUS")["details"]["status"], "removed");
    }
    assert_eq!(events(&app, "access.user.removed.v1").await, [json!({ "user_id": app.tenant.user(Role::Staff).account_id })]);
    app.expect_audit("users.remove", "user").await;
    // Who never joined is forgotten, with the invitation.
    let invitation = owner.post("/api/v1/invitations", &json!({ "email": "g@acme.example", "roles": ["viewer"] })).send().await.created();
    let invited = format!("/api/v1/users/{}", invitation["user_id"].as_str().unwrap());
    owner.delete(&invited).send().await.no_content();
    owner.get(&invited).send().await.error(404, "NOT_FOUND");
    let ended = owner.get(&format!("/api/v1/invitations/{}", invitation["id"].as_str().unwrap())).send().await.ok();
    assert_eq!(ended["status"], "revoked");
    app.expect_event("access.invitation.revoked.v1").await;
}

#[tokio::test]
async fn the_roles_of_somebody_invited_can_change_until_they_join() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let invitation = owner.post("/api/v1/invitations", &json!({ "email": "g@acme.example", "roles": ["viewer"] })).send().await.created();
    let invited = format!("/api/v1/users/{}", invitation["user_id"].as_str().unwrap());
    let _ = assign(&owner, &invited, &["staff"], &["viewer"]).await.expect(200);
    let shown = owner.get(&format!("/api/v1/invitations/{}", invitation["id"].as_str().unwrap())).send().await.ok();
    assert_eq!((&shown["roles"], &shown["status"]), (&json!(["staff"]), &json!("pending")));
    let account = SystemClock.new_id();
    let token = app.tenant.invited_token(account, invitation["id"].as_str().unwrap().parse().unwrap(), 1);
    let joined = app.server.client().bearer(token).post("/api/v1/invitations/accept", &json!({})).send().await.ok();
    assert_eq!(joined["roles"], json!(["staff"]));
}

#[tokio::test]
async fn people_are_found_by_role_status_and_words() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let _ = owner.post("/api/v1/invitations", &json!({ "email": "grace@acme.example", "roles": ["staff", "viewer"] })).send().await.created();
    let _ = act(&owner, &path(&app, Role::Viewer), "deactivate").await.expect(200);
    for (query, total) in [
        ("", 6),
        ("role=staff", 2),
        ("role=staff,viewer", 3),
        ("role[ne]=staff", 4),
        ("role=janitor", 0),
        ("status=invited", 1),
        ("status=deactivated", 1),
        ("role=staff&status=active", 1),
        ("q=grace", 1),
        ("q=grace&role=owner", 0),
    ] {
        assert_eq!(owner.get(&format!("/api/v1/users?{query}")).send().await.metadata()["total"], total, "{query}");
    }
}

#[tokio::test]
async fn people_of_another_organization_are_unknown() {
    let app = App::without_workers().await;
    let other = TestTenant::in_control(&app.tenant.control).await;
    let owner = app.client(Role::Owner);
    let foreign = format!("/api/v1/users/{}", other.user(Role::Staff).account_id);
    let answers = join_all(["deactivate", "reactivate"].map(async |verb| act(&owner, &foreign, verb).await)).await;
    for answer in answers.into_iter().chain([assign(&owner, &foreign, &["staff"], &[]).await, owner.delete(&foreign).send().await]) {
        answer.error(404, "NOT_FOUND");
    }
}
