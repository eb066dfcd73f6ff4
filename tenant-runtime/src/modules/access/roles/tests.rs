//! Roles of an organization's own over HTTP, on a real tenant database: what they may name, whom they bite, and every way to get further by them.

use nexus_core::{Clock, SystemClock};
use nexus_iam::permissions::PERMISSIONS;
use nexus_test_support::{Answer, Client, Role, TestTenant};
use serde_json::{Value, json};

use crate::test_app::App;

const ROLES: &str = "/api/v1/roles";

fn body(key: &str, allow: &[&str], deny: &[&str]) -> Value {
    json!({ "key": key, "name": "Shift lead", "description": "Runs a shift", "allow": allow, "deny": deny })
}

async fn make(client: &Client, key: &str, allow: &[&str], deny: &[&str]) -> Value {
    client.post(ROLES, &body(key, allow, deny)).send().await.created()
}

fn path_of(role: &Value) -> String {
    format!("{ROLES}/{}", role["id"].as_str().unwrap())
}

async fn set(client: &Client, role: &Value, version: i64, allow: &[&str], deny: &[&str]) -> Answer {
    let body = json!({ "allow": allow, "deny": deny });
    client.put(&format!("{}/permissions", path_of(role)), &body).if_match(version).send().await
}

async fn give(app: &App, role: &str, to: Role) {
    let path = format!("/api/v1/users/{}/roles", app.tenant.user(to).account_id);
    let _ = app.client(Role::Owner).patch(&path, &json!({ "add": [role] })).send().await.expect(200);
}

/// Places and codes of the faults of a refused body.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let error = answer.error(422, "VALIDATION_FAILED");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    error["details"].as_array().unwrap().iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
}

fn expected<const N: usize>(faults: [(&str, &str); N]) -> Vec<(String, String)> {
    faults.map(|(field, code)| (field.to_owned(), code.to_owned())).to_vec()
}

/// Id and version of a built-in role.
async fn built_in(client: &Client, key: &str) -> (Value, i64) {
    let role = client.get(&format!("{ROLES}?key={key}")).send().await.ok()[0].clone();
    let version = role["version"].as_i64().unwrap();
    (role, version)
}

#[tokio::test]
async fn a_role_of_ones_own_is_made_changed_and_deleted_under_its_version() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let answer = owner.post(ROLES, &body("shift_lead", &["inventory.read", "inventory.adjust"], &["products.write"])).send().await;
    let role = answer.created();
    let grants = json!([
        { "permission": "inventory.adjust", "effect": "allow" }, { "permission": "inventory.read", "effect": "allow" },
        { "permission": "products.write", "effect": "deny" },
    ]);
    assert_eq!((&role["built_in"], &role["grants"], answer.header("location")), (&json!(false), &grants, Some(path_of(&role).as_str())));
    let path = path_of(&role);
    let read = owner.get(&path).send().await;
    assert_eq!((read.ok(), read.etag()), (role.clone(), answer.etag()));

    let edited = owner.patch(&path, &json!({ "name": "Lead" })).if_match(read.etag()).send().await;
    assert_eq!((&edited.ok()["name"], &edited.ok()["description"], edited.etag()), (&json!("Lead"), &json!("Runs a shift"), read.etag() + 1));
    let stale = owner.put(&path, &json!({ "name": "Other" })).if_match(read.etag()).send().await.error(412, "PRECONDITION_FAILED");
    assert_eq!(stale["details"]["current"]["name"].as_str().or(stale["details"]["name"].as_str()), Some("Lead"), "{stale}");
    let replaced = owner.put(&path, &json!({ "name": "Other" })).if_match(edited.etag()).send().await;
    assert_eq!((&replaced.ok()["description"], &replaced.ok()["key"]), (&json!(""), &json!("shift_lead")));
    let granted = set(&owner, &role, replaced.etag(), &["inventory.read"], &[]).await;
    assert_eq!(granted.ok()["grants"], json!([{ "permission": "inventory.read", "effect": "allow" }]));
    assert_eq!(granted.etag(), replaced.etag() + 1);
    for request in [owner.put(&path, &json!({ "name": "x" })), owner.patch(&path, &json!({})), owner.delete(&path)] {
        request.send().await.error(428, "PRECONDITION_REQUIRED");
    }
    owner.delete(&path).if_match(granted.etag()).send().await.no_content();
    owner.get(&path).send().await.error(404, "NOT_FOUND");
    for (action, kind) in [("create", "created"), ("update", "changed"), ("delete", "deleted")] {
        app.expect_audit(&format!("roles.{action}"), "role").await;
        app.expect_event(&format!("access.role.{kind}.v1")).await;
    }
}

#[tokio::test]
async fn built_in_roles_stay_as_they_are() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    for key in Role::ALL.map(Role::key) {
        let (role, version) = built_in(&owner, key).await;
        let path = path_of(&role);
        for answer in [
            owner.put(&path, &json!({ "name": "Mine" })).if_match(version).send().await,
            owner.patch(&path, &json!({ "name": "Mine" })).if_match(version).send().await,
            set(&owner, &role, version, &["products.read"], &[]).await,
            owner.delete(&path).if_match(version).send().await,
        ] {
            answer.error(409, "ROLE_BUILT_IN");
        }
        owner.post(ROLES, &body(key, &["products.read"], &[])).send().await.error(409, "ROLE_KEY_TAKEN");
    }
}

#[tokio::test]
async fn every_fault_of_what_a_role_names_is_told() {
    let app = App::without_workers().await;
    let admin = app.client(Role::Admin);
    let allow = ["products.read", "products.fly", "organization.own", "products.read"];
    let deny = ["users.write", "roles.write", "api_keys.write", "organization.own", "products.read", "settings.read"];
    let named = expected([
        ("allow[1]", "unknown"),
        ("allow[2]", "owner_only"),
        ("allow[3]", "duplicate"),
        ("deny[0]", "not_deniable"),
        ("deny[1]", "not_deniable"),
        ("deny[2]", "not_deniable"),
        ("deny[3]", "owner_only"),
        ("deny[4]", "duplicate"),
    ]);
    assert_eq!(faults(&admin.post(ROLES, &body("x", &allow, &deny)).send().await), named);
    let role = make(&admin, "x", &[], &[]).await;
    assert_eq!(faults(&set(&admin, &role, 1, &allow, &deny).await), named);
    // Not even by the owner.
    let owner = app.client(Role::Owner);
    assert_eq!(faults(&owner.post(ROLES, &body("y", &["organization.own"], &[])).send().await), expected([("allow[0]", "owner_only")]));
    for bad in [
        json!({ "key": "Shift", "name": "x" }),
        json!({ "key": "", "name": "x" }),
        json!({ "key": "9x", "name": "x" }),
        json!({ "key": "x".repeat(64), "name": "x" }),
        json!({ "key": "z", "name": "" }),
        json!({ "key": "z", "name": "x", "built_in": true }),
        json!({ "key": "z", "name": "x", "allow": "products.read" }),
    ] {
        admin.post(ROLES, &bad).send().await.error(422, "VALIDATION_FAILED");
    }
    admin.post(ROLES, &body("x", &[], &[])).send().await.error(409, "ROLE_KEY_TAKEN");
}

#[tokio::test]
async fn nobody_gets_further_by_making_or_changing_a_role() {
    let app = App::without_workers().await;
    let own = app.give_permissions(Role::Staff, &["roles.read", "roles.write", "products.read", "inventory.read"], &["locations.read"]).await;
    let (owner, keeper) = (app.client(Role::Owner), app.client(Role::Staff));
    let refused = keeper.post(ROLES, &body("x", &["products.read", "settings.write"], &["audit_logs.read"])).send().await;
    assert_eq!(faults(&refused), expected([("allow[1]", "not_held"), ("deny[0]", "not_held")]));
    let weak = make(&keeper, "weak", &["products.read"], &["inventory.read"]).await;
    assert_eq!(faults(&set(&keeper, &weak, 1, &["products.read", "users.write"], &[]).await), expected([("allow[1]", "not_held")]));
    // Their own role: what denies them something can't be taken out by them, nor anything else in it be touched.
    let mine = owner.get(&format!("{ROLES}?key={own}")).send().await.ok()[0].clone();
    let version = mine["version"].as_i64().unwrap();
    let answers = [
        set(&keeper, &mine, version, &["roles.read", "roles.write", "products.read", "inventory.read"], &[]).await,
        keeper.patch(&path_of(&mine), &json!({ "name": "x" })).if_match(version).send().await,
        keeper.delete(&path_of(&mine)).if_match(version).send().await,
    ];
    for answer in answers {
        assert_eq!(answer.error(403, "FORBIDDEN")["details"]["permission"], "locations.read");
    }
    // A role that is stronger than they are.
    let strong = make(&owner, "strong", &["settings.write", "products.read"], &[]).await;
    for answer in [set(&keeper, &strong, 1, &["products.read"], &[]).await, keeper.delete(&path_of(&strong)).if_match(1).send().await] {
        assert_eq!(answer.error(403, "FORBIDDEN")["details"]["permission"], "settings.write");
    }
    app.client(Role::Manager).post(ROLES, &body("x", &[], &[])).send().await.error(403, "FORBIDDEN");
}

#[tokio::test]
async fn what_a_role_denies_bites_nobody_who_is_stronger_than_who_writes_it() {
    let app = App::without_workers().await;
    let (owner, admin) = (app.client(Role::Owner), app.client(Role::Admin));
    let role = make(&owner, "readers", &["products.read"], &[]).await;
    give(&app, "readers", Role::Owner).await;
    let refused = set(&admin, &role, 1, &["products.read"], &["inventory.adjust"]).await.error(403, "FORBIDDEN");
    assert_eq!(refused["details"]["permission"], "organization.own");
    // To allow takes nothing from anybody.
    let wider = set(&admin, &role, 1, &["products.read", "inventory.read"], &[]).await;
    let _ = set(&owner, &role, wider.etag(), &["products.read"], &["inventory.adjust"]).await.expect(200);
    let held = owner.get("/api/v1/me").send().await.ok()["permissions"].clone();
    assert!(!held.as_array().unwrap().contains(&json!("inventory.adjust")), "{held}");
}

#[tokio::test]
async fn what_a_role_names_bites_at_once_for_everybody_who_holds_it() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let role = make(&owner, "taggers", &["products.write"], &[]).await;
    give(&app, "taggers", Role::Viewer).await;
    let viewer = app.client(Role::Viewer);
    let tag = async |name: &str| viewer.post("/api/v1/tags", &json!({ "name": name })).send().await;
    let _ = tag("a").await.created();
    let denied = set(&owner, &role, 1, &[], &["products.read"]).await;
    tag("b").await.error(403, "FORBIDDEN");
    viewer.get("/api/v1/tags").send().await.error(403, "FORBIDDEN");
    let _ = set(&owner, &role, denied.etag(), &["products.write"], &[]).await.expect(200);
    let _ = tag("b").await.created();
    let _ = viewer.get("/api/v1/tags").send().await.expect(200);
}

#[tokio::test]
async fn a_role_that_somebody_holds_or_is_offered_is_not_deleted() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let role = make(&owner, "guests", &["products.read"], &[]).await;
    let invitation = owner.post("/api/v1/invitations", &json!({ "email": "g@acme.example", "roles": ["guests"] })).send().await.created();
    give(&app, "guests", Role::Viewer).await;
    let refused = owner.delete(&path_of(&role)).if_match(1).send().await.error(409, "ROLE_IN_USE");
    assert_eq!(refused["details"]["users"], 2);
    owner.delete(&format!("/api/v1/users/{}", app.tenant.user(Role::Viewer).account_id)).send().await.no_content();
    owner.delete(&format!("/api/v1/invitations/{}", invitation["id"].as_str().unwrap())).send().await.no_content();
    owner.delete(&path_of(&role)).if_match(1).send().await.no_content();
}

#[tokio::test]
async fn an_organization_has_so_many_roles_of_its_own() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let fill = "INSERT INTO roles (id, key, name) SELECT gen_random_uuid(), 'r' || n, 'R' FROM generate_series(1, 48) AS n";
    sqlx::query(fill).execute(app.tenant.db().pool()).await.unwrap();
    let keys = ["a", "b", "c", "d", "e"];
    let answers = futures::future::join_all(keys.map(async |key| owner.post(ROLES, &body(key, &[], &[])).send().await)).await;
    let refused: Vec<&Answer> = answers.iter().filter(|answer| !answer.status.is_success()).collect();
    assert_eq!(refused.len(), 3, "{answers:?}");
    for answer in refused {
        assert_eq!(answer.error(409, "ROLE_LIMIT")["details"]["limit"], 50);
    }
}

#[tokio::test]
async fn the_matrix_shows_every_role_and_permission_and_what_can_be_done_with_it() {
    let app = App::without_workers().await;
    let owner = app.client(Role::Owner);
    let _ = make(&owner, "guests", &["products.read"], &["settings.read"]).await;
    give(&app, "guests", Role::Viewer).await;
    let matrix = app.client(Role::Admin).get("/api/v1/roles/matrix").send().await.ok();
    let keys: Vec<&str> = matrix["roles"].as_array().unwrap().iter().map(|role| role["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["owner", "admin", "manager", "staff", "viewer", "guests"]);
    assert_eq!((&matrix["roles"][5]["users"], &matrix["roles"][5]["built_in"]), (&json!(1), &json!(false)));
    let rows: Vec<&Value> = matrix["groups"].as_array().unwrap().iter().flat_map(|group| group["permissions"].as_array().unwrap()).collect();
    assert_eq!(rows.len(), PERMISSIONS.len());
    let row = |key: &str| *rows.iter().find(|row| row["key"] == key).unwrap();
    assert_eq!(
        row("settings.read")["roles"],
        json!({ "owner": "allow", "admin": "allow", "manager": "allow", "staff": "allow", "viewer": "allow", "guests": "deny" })
    );
    let can = |key: &str| ["gives_access", "is_grantable", "is_deniable"].map(|what| row(key)[what].as_bool().unwrap());
    assert_eq!(can("products.read"), [false, true, true]);
    assert_eq!(can("users.write"), [true, true, false]);
    assert_eq!(can("organization.own"), [true, false, false]);
    // A manager holds no permission to see the audit log.
    let seen = app.client(Role::Manager).get("/api/v1/roles/matrix").send().await.ok();
    let audit = seen["groups"].as_array().unwrap().iter().find(|group| group["key"] == "audit_logs").unwrap();
    assert_eq!(audit["permissions"][0]["is_grantable"], false);
    app.client(Role::Viewer).get("/api/v1/roles/matrix").send().await.error(403, "FORBIDDEN");
}

#[tokio::test]
async fn roles_of_another_organization_are_unknown() {
    let app = App::without_workers().await;
    let other = TestTenant::in_control(&app.tenant.control).await;
    let stranger = app.server.client().bearer(other.token(Role::Owner));
    let role = make(&app.client(Role::Owner), "guests", &["products.read"], &[]).await;
    stranger.get(&path_of(&role)).send().await.error(404, "NOT_FOUND");
    set(&stranger, &role, 1, &[], &[]).await.error(404, "NOT_FOUND");
    stranger.delete(&path_of(&role)).if_match(1).send().await.error(404, "NOT_FOUND");
    let staff = format!("/api/v1/users/{}/roles", other.user(Role::Staff).account_id);
    stranger.patch(&staff, &json!({ "add": ["guests"] })).send().await.error(422, "VALIDATION_FAILED");
    stranger.get(&format!("{ROLES}/{}", SystemClock.new_id())).send().await.error(404, "NOT_FOUND");
}
