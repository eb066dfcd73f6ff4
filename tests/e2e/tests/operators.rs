//! The operator's side: tenants and plans through the API and the command line.

use std::time::{Duration, Instant};

use nexus_test_support::{Client, Nexus, Output, bucket_exists, eventually};
use serde_json::{Value, json};

use crate::platform::{Organization, PASSWORD, Platform, log_in, session, text, unique_slug};

/// `nexus admin …` beside the running program.
struct CommandLine<'p>(&'p Platform);

impl CommandLine<'_> {
    async fn run(&self, args: &[&str], input: &str) -> Output {
        let args: Vec<&str> = ["admin", "--json"].iter().chain(args).copied().collect();
        Nexus::command(&self.0.stack, &args).on(&self.0.stack, &self.0.control).run_with_input(input).await
    }

    async fn data(&self, args: &[&str], input: &str) -> Value {
        let output = self.run(args, input).await;
        assert_eq!(output.code, 0, "{args:?}: {}{}", output.stdout, output.stderr);
        let answer: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}: {}", output.stdout));
        answer["data"].clone()
    }

    async fn refused(&self, args: &[&str], code: i32) {
        let output = self.run(args, "").await;
        assert_eq!(output.code, code, "{args:?}: {}{}", output.stdout, output.stderr);
        assert!(output.stdout.is_empty() && !output.stderr.trim().is_empty(), "{args:?}: {output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_runs_tenants_and_plans() {
    let platform = Platform::start().await;
    let organization = platform.sign_up().await;
    let shell = CommandLine(&platform);
    let email = format!("operator@{}.example", organization.slug);
    shell.data(&["create-operator", "--email", &email, "--password-stdin"], PASSWORD).await;
    let session = platform.client().post("/api/v1/admin/auth/login", &json!({ "email": email, "password": PASSWORD })).send().await.expect(200).ok();
    let operator = platform.client().bearer(text(&session["access_token"]));
    let listed = operator.get(&format!("/api/v1/tenants?slug={}", organization.slug)).send().await.expect(200).ok();
    assert_eq!(listed[0]["id"], organization.id.to_string());
    nobody_else_comes_near(&platform, &organization, &operator).await;
    a_replacement_sets_all_that_can_be_set(&organization, &operator).await;
    a_change_of_plan_travels_to_the_tenant(&organization, &operator).await;
    a_suspension_bites_and_is_lifted(&organization, &operator).await;
    a_deletion_cuts_access_and_can_be_taken_back(&platform, &organization, &operator).await;
    the_command_line_does_the_same(&platform, &shell, &organization).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disabled_operator_is_out_within_a_second() {
    let platform = Platform::start().await;
    let shell = CommandLine(&platform);
    let email = format!("operator@{}.example", unique_slug());
    let id = shell.data(&["create-operator", "--email", &email, "--password-stdin"], PASSWORD).await["id"].clone();
    let log_in = async || platform.client().post("/api/v1/admin/auth/login", &json!({ "email": email, "password": PASSWORD })).send().await;
    let session = log_in().await.expect(200).ok();
    let operator = platform.client().bearer(text(&session["access_token"]));
    let _ = operator.get("/api/v1/tenants").send().await.expect(200);
    let status = async || {
        let listed = shell.data(&["operators", "list"], "").await;
        let mine = listed.as_array().into_iter().flatten().find(|operator| operator["id"] == id).expect("in the list");
        assert_eq!((&mine["email"], &mine["role"]), (&json!(email), &json!("super_admin")));
        text(&mine["status"])
    };
    assert_eq!(status().await, "active");

    shell.data(&["operators", "disable", &email], "").await;
    let acknowledged = Instant::now();
    eventually(Duration::from_secs(30), async || {
        let asked = acknowledged.elapsed();
        let answer = operator.get("/api/v1/tenants").send().await;
        assert!(answer.status.as_u16() == 401 || asked < IN_FORCE_WITHIN, "{asked:?} after the operator was disabled: {}", answer.text());
        (answer.status.as_u16() == 401).then_some(())
    })
    .await;
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    let _ = platform.client().post("/api/v1/admin/auth/refresh", &refresh).send().await.expect(401);
    log_in().await.error(401, "INVALID_OPERATOR_CREDENTIALS");
    assert_eq!(status().await, "disabled");
    shell.data(&["operators", "disable", &text(&id)], "").await;
    shell.refused(&["operators", "disable", "nobody@nowhere.example"], 5).await;

    shell.data(&["operators", "enable", &email], "").await;
    let _ = operator.get("/api/v1/tenants").send().await.expect(401);
    let _ = log_in().await.expect(200);
    let recorded = "SELECT action FROM audit_log WHERE entity_type = 'operator' AND entity_id = $1 ORDER BY seq";
    let id: uuid::Uuid = text(&id).parse().unwrap();
    let recorded: Vec<String> = sqlx::query_scalar(recorded).bind(id).fetch_all(platform.control.db().pool()).await.unwrap();
    assert_eq!(recorded, ["operators.create", "operators.login", "operators.disable", "operators.enable", "operators.login"]);
}

async fn nobody_else_comes_near(platform: &Platform, organization: &Organization, operator: &Client) {
    // Not the owner, not somebody without a token; and an operator not into an organization.
    let refused = organization.client.get("/api/v1/tenants").send().await.error(403, "FORBIDDEN");
    assert!(text(&refused["message"]).contains("an operator's token"), "{refused}");
    platform.client().get("/api/v1/tenants").send().await.error(401, "UNAUTHORIZED");
    operator.tenant(&organization.slug).get("/api/v1/products").send().await.error(403, "FORBIDDEN");
}

async fn a_change_of_plan_travels_to_the_tenant(organization: &Organization, operator: &Client) {
    let path = format!("/api/v1/tenants/{}", organization.id);
    let version = operator.get(&path).send().await.expect(200).etag();
    operator.patch(&path, &json!({ "plan": "free" })).send().await.error(428, "PRECONDITION_REQUIRED");
    let changed = operator.patch(&path, &json!({ "plan": "free" })).if_match(version).send().await.expect(200);
    assert_eq!(changed.ok()["plan"], "free");
    let stale = operator.patch(&path, &json!({ "plan": "team" })).if_match(version).send().await.error(412, "PRECONDITION_FAILED");
    assert_eq!(stale["details"]["plan"], "free", "the present state is told: {stale}");
    within_a_second(&organization.client, 200, |me| me["entitlements"]["plan"] == "free").await;
}

async fn a_replacement_sets_all_that_can_be_set(organization: &Organization, operator: &Client) {
    let path = format!("/api/v1/tenants/{}", organization.id);
    let before = operator.get(&path).send().await.expect(200);
    let (version, slug) = (before.etag(), before.ok()["slug"].clone());
    let whole = json!({ "name": "Renamed", "plan": "business", "state": "read_only", "state_reason": "Stock-taking" });
    operator.put(&path, &whole).send().await.error(428, "PRECONDITION_REQUIRED");
    operator.put(&path, &json!({ "name": "Renamed" })).if_match(version).send().await.error(422, "VALIDATION_FAILED");
    operator
        .put(&path, &json!({ "name": "Renamed", "plan": "business", "state": "suspended" }))
        .if_match(version)
        .send()
        .await
        .error(422, "VALIDATION_FAILED");
    operator.put(&path, &json!({ "name": "Renamed", "plan": "golden", "state": "active" })).if_match(version).send().await.error(422, "UNKNOWN_PLAN");
    let replaced = operator.put(&path, &whole).if_match(version).send().await.expect(200);
    let now = replaced.ok();
    assert_eq!(
        [&now["name"], &now["plan"], &now["state"], &now["state_reason"]],
        [&whole["name"], &whole["plan"], &whole["state"], &whole["state_reason"]]
    );
    assert_eq!(now["slug"], slug, "what an operator can't set stays");
    let stale = operator.put(&path, &whole).if_match(version).send().await.error(412, "PRECONDITION_FAILED");
    assert_eq!(stale["details"]["state"], "read_only", "the present state is told: {stale}");
    // What is left out goes: the reason. The same again changes nothing.
    let bare = json!({ "name": "Renamed", "plan": "business", "state": "read_only" });
    let cleared = operator.put(&path, &bare).if_match(replaced.etag()).send().await.expect(200);
    assert_eq!(cleared.ok()["state_reason"], Value::Null);
    let same = operator.put(&path, &bare).if_match(cleared.etag()).send().await.expect(200);
    assert_eq!(same.etag(), cleared.etag());
    let back = json!({ "name": "Renamed", "plan": "business", "state": "active" });
    let _ = operator.put(&path, &back).if_match(same.etag()).send().await.expect(200);
    assert_eq!(operator.get(&path).send().await.expect(200).ok()["subscription"]["state"], "trialing", "the plan it has stays as it is");
    within_a_second(&organization.client, 200, |_| true).await;
}

async fn a_suspension_bites_and_is_lifted(organization: &Organization, operator: &Client) {
    let path = format!("/api/v1/tenants/{}", organization.id);
    let change = async |body: Value| {
        let version = operator.get(&path).send().await.expect(200).etag();
        operator.patch(&path, &body).if_match(version).send().await
    };
    change(json!({ "state": "suspended" })).await.error(422, "VALIDATION_FAILED");
    let _ = change(json!({ "state": "suspended", "state_reason": "Unpaid" })).await.expect(200);
    within_a_second(&organization.client, 403, |_| true).await;
    organization.client.get("/api/v1/products").send().await.error(403, "TENANT_SUSPENDED");
    let _ = change(json!({ "state": "active" })).await.expect(200);
    within_a_second(&organization.client, 200, |_| true).await;
}

async fn a_deletion_cuts_access_and_can_be_taken_back(platform: &Platform, organization: &Organization, operator: &Client) {
    let path = format!("/api/v1/tenants/{}", organization.id);
    let version = operator.get(&path).send().await.expect(200).etag();
    let rehearsed = operator.delete(&format!("{path}?dry_run=true")).if_match(version).send().await.expect(200).ok();
    assert_eq!(rehearsed["state"], "deleting");
    assert_eq!(operator.get(&path).send().await.expect(200).ok()["state"], "active", "a dry run changes nothing");
    operator.delete(&path).if_match(version).send().await.no_content();
    within_a_second(&organization.client, 401, |_| true).await;
    let entry = json!({ "email": organization.email, "password": PASSWORD, "organization": organization.slug });
    platform.client().post("/api/v1/auth/login", &entry).send().await.error(403, "NOT_A_MEMBER");
    let version = operator.get(&path).send().await.expect(200).etag();
    let _ = operator.patch(&path, &json!({ "state": "active" })).if_match(version).send().await.expect(200);
    within_a_second(&organization.client, 200, |_| true).await;
    let _ = platform.client().post("/api/v1/auth/login", &entry).send().await.expect(200);
}

/// What a change may take to be in force everywhere, from its acknowledgement on.
const IN_FORCE_WITHIN: Duration = Duration::from_secs(1);

/// Asks until the change that has just been acknowledged is heard of. Whoever asks later than a second after that must hear of it: what
/// counts is when a request leaves, not how long a busy machine takes to answer it.
async fn within_a_second(client: &Client, status: u16, holds: impl Fn(&Value) -> bool) {
    let acknowledged = Instant::now();
    eventually(Duration::from_secs(30), async || {
        let asked = acknowledged.elapsed();
        let answer = client.get("/api/v1/me").send().await;
        let heard = answer.status.as_u16() == status && (status != 200 || holds(&answer.ok()));
        assert!(heard || asked < IN_FORCE_WITHIN, "{asked:?} after the change was acknowledged: {} {}", answer.status, answer.text());
        heard.then_some(())
    })
    .await;
}

async fn the_command_line_does_the_same(platform: &Platform, shell: &CommandLine<'_>, organization: &Organization) {
    let slug = unique_slug();
    let owner = crate::platform::owner_of(&slug);
    let create = ["tenants", "create", "--slug", &slug, "--name", "By hand", "--owner-email", &owner, "--password-stdin"];
    let made = shell.data(&create, PASSWORD).await;
    assert_eq!((&made["tenant"]["state"], &made["tenant"]["plan"]), (&json!("active"), &json!("free")), "{made}");
    let made = log_in(&platform.client(), &slug).await;
    shell.data(&["tenants", "set-plan", &slug, "team"], "").await;
    within_a_second(&made.client, 200, |me| me["entitlements"]["plan"] == "team").await;
    let listed = shell.data(&["tenants", "list"], "").await;
    let slugs: Vec<&Value> = listed.as_array().into_iter().flatten().map(|tenant| &tenant["slug"]).collect();
    assert!(slugs.contains(&&json!(slug)) && slugs.contains(&&json!(organization.slug)), "{listed}");

    shell.refused(&["tenants", "get", "nobody-here"], 5).await;
    // Whoever registered an address without proving it is handed no organization.
    let unproved = unique_slug();
    shell.refused(&["tenants", "create", "--slug", &unproved, "--name", "Not theirs", "--owner-email", &owner, "--no-wait"], 7).await;
    let proved = sqlx::query("UPDATE accounts SET email_verified_at = now() WHERE email_normalised = $1").bind(&owner);
    proved.execute(platform.control.db().pool()).await.unwrap();
    shell.refused(&["tenants", "create", "--slug", &slug, "--name", "Again", "--owner-email", &owner, "--no-wait"], 6).await;
    shell.refused(&["tenants", "set-plan", &slug, "golden"], 7).await;
    shell.refused(&["tenants", "delete", &slug, "--now"], 7).await;

    // Erased at once: nothing is left of it outside the control database, and no way to it in there.
    let account = session(&platform.client(), &slug, None).await;
    let person = platform.client().bearer(text(&account["access_token"]));
    let _ = person.post("/api/v1/auth/session/hand-over", &json!({ "organization": slug })).send().await.expect(200);
    shell.data(&["tenants", "delete", &slug, "--now", "--yes"], "").await;
    let name = made.id.simple();
    let cluster = platform.stack.admin_db("postgres").await;
    let left: i64 =
        sqlx::query_scalar("SELECT (SELECT count(*) FROM pg_database WHERE datname = $1) + (SELECT count(*) FROM pg_roles WHERE rolname = $1)")
            .bind(format!("nxt_{name}"))
            .fetch_one(cluster.pool())
            .await
            .unwrap();
    assert_eq!(left, 0, "the database or the role is still there");
    assert!(!bucket_exists(&platform.stack, &format!("nxt-{name}")).await, "the bucket is still there");
    within_a_second(&made.client, 401, |_| true).await;
    nothing_that_lives_hangs_on_an_erased_tenant(platform, made.id).await;
    shell.refused(&["tenants", "set-plan", &made.id.to_string(), "team"], 6).await;
}

/// What refers to a tenant, and how a row of it looks that is still in force. A table that is missing here must be thought of where tenants are erased.
const HANGING_ON_A_TENANT: &[(&str, &str, &str)] = &[
    ("invitations", "tenant_id", "true"),
    ("memberships", "organization_id", "true"),
    ("operations", "tenant_id", "state IN ('pending', 'running')"),
    ("session_codes", "tenant_id", "true"),
    ("subscriptions", "organization_id", "state <> 'cancelled'"),
    ("token_families", "tenant_id", "revoked_at IS NULL"),
];

async fn nothing_that_lives_hangs_on_an_erased_tenant(platform: &Platform, tenant: uuid::Uuid) {
    let pool = platform.control.db().pool();
    let referring = "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'tenants'::regclass ORDER BY 1";
    let referring: Vec<String> = sqlx::query_scalar(referring).fetch_all(pool).await.unwrap();
    assert_eq!(referring, HANGING_ON_A_TENANT.iter().map(|(table, ..)| (*table).to_owned()).collect::<Vec<_>>());
    for (table, column, lives) in HANGING_ON_A_TENANT {
        let text = format!("SELECT count(*) FROM {table} WHERE {column} = $1 AND {lives}");
        let living: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(text)).bind(tenant).fetch_one(pool).await.unwrap();
        assert_eq!(living, 0, "{table}");
    }
    let ended = "SELECT count(*) FROM token_families WHERE tenant_id = $1 AND revoke_reason = 'organization_erased'";
    let ended: i64 = sqlx::query_scalar(ended).bind(tenant).fetch_one(pool).await.unwrap();
    assert!(ended > 0, "somebody was logged in");
    let recorded =
        "SELECT action FROM audit_log WHERE entity_id = $1 AND action IN ('tenants.erase', 'subscriptions.cancel', 'sessions.end') ORDER BY action";
    let recorded: Vec<String> = sqlx::query_scalar(recorded).bind(tenant).fetch_all(pool).await.unwrap();
    assert_eq!(recorded, ["sessions.end", "subscriptions.cancel", "tenants.erase"]);
}
