//! What operators see of the platform: operations with all that is known of them, the platform at a glance, plans and who has them, the platform's audit log.

use std::time::Duration;

use nexus_test_support::{Client, ControlDb, Nexus, Process, TestStack, eventually};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::nonsense::operator;
use crate::platform::{Operation, Platform, key, log_in, request_sign_up, text, unique_slug};

const SOON: Duration = Duration::from_secs(30);

async fn platform(with: impl FnOnce(Nexus) -> Nexus) -> Platform {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let process: Process = with(Platform::command(&stack, &control)).spawn().await;
    Platform::of(stack, control, process).await
}

/// What the program's own role may not change is changed as the owner of the tables.
async fn sql(platform: &Platform, statement: &'static str, key: &str) -> u64 {
    sqlx::query(statement).bind(key).execute(platform.control.admin().await.pool()).await.unwrap().rows_affected()
}

async fn listed(operator: &Client, query: &str) -> Vec<Value> {
    operator.get(&format!("/api/v1/admin/operations{query}")).send().await.expect(200).ok().as_array().expect("a list").clone()
}

async fn inspected(operator: &Client, id: &str) -> Value {
    operator.get(&format!("/api/v1/admin/operations/{id}")).send().await.expect(200).ok()
}

fn step<'o>(inspected: &'o Value, name: &str) -> &'o Value {
    inspected["timeline"].as_array().into_iter().flatten().find(|step| step["step"] == name).unwrap_or_else(|| panic!("no step {name}: {inspected}"))
}

async fn retry(operator: &Client, tenant: &str) -> nexus_test_support::Answer {
    operator.post(&format!("/api/v1/tenants/{tenant}/retry"), &json!({})).idempotency_key(&key()).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_what_was_given_up_and_builds_it_again() {
    let platform = platform(|program| program.env("NEXUS_FAILPOINT", "seed.before:refuse")).await;
    let (client, slug) = (platform.client(), unique_slug());
    let operator = operator(&platform).await;
    let refused = request_sign_up(&client, &slug).await;
    assert_eq!(refused.ended(&client).await["state"], "undone");

    let found = listed(&operator, &format!("?state=failed,undone&q={slug}")).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((&found[0]["id"], &found[0]["tenant"]["slug"], &found[0]["tenant"]["state"]), (&json!(refused.id), &json!(slug), &json!("broken")));
    assert_eq!((&found[0]["can_retry"], &found[0]["is_stuck"], &found[0]["error"]["step"]), (&json!(true), &json!(false), &json!("seed")));
    assert_eq!(found[0]["step"], "seed", "the one that failed, not the one after it: {found:?}");
    for (query, expected) in [
        ("?kind=delete", 0),
        ("?state=running", 0),
        (&*format!("?tenant_id={}", refused.organization_id), 1),
        ("?kind=provision&sort=created_at&cursor=", 1),
    ] {
        assert_eq!(listed(&operator, query).await.len(), expected, "{query}");
    }
    let seen = inspected(&operator, &refused.id).await;
    assert_eq!((&seen["next"], &seen["lease"], &seen["requested_by"]["kind"]), (&Value::Null, &Value::Null, &json!("anonymous")), "{seen}");
    let (seed, bucket) = (step(&seen, "seed"), step(&seen, "bucket"));
    assert_eq!((&seed["failures"], &seed["error"]), (&json!(1), &json!("A failpoint refused this step.")), "{seed}");
    assert!(seed["started_at"].is_string() && bucket["duration_ms"].as_i64().is_some_and(|took| took >= 0), "{seen}");
    let tenant = operator.get(&format!("/api/v1/tenants/{}", refused.organization_id)).send().await.expect(200).ok();
    assert_eq!((&tenant["state"], &tenant["last_operation_id"]), (&json!("broken"), &json!(refused.id)), "{tenant}");

    // A deletion that is taken back leaves it as it was: broken, and to be built again.
    let path = format!("/api/v1/tenants/{}", refused.organization_id);
    let version = operator.get(&path).send().await.expect(200).etag();
    operator.delete(&path).if_match(version).send().await.no_content();
    let version = operator.get(&path).send().await.expect(200).etag();
    let recalled = operator.patch(&path, &json!({ "state": "active" })).if_match(version).send().await.expect(200).ok();
    assert_eq!(recalled["state"], "broken", "{recalled}");
    assert_eq!(inspected(&operator, &refused.id).await["can_retry"], true);

    let again = retry(&operator, &refused.organization_id).await.expect(202).ok();
    let again = Operation { id: text(&again["id"]), capability: refused.capability.clone(), organization_id: refused.organization_id.clone() };
    assert_ne!(again.id, refused.id);
    let built = eventually(SOON, async || Some(inspected(&operator, &again.id).await).filter(|seen| seen["state"] == "succeeded")).await;
    assert_eq!(
        (&built["requested_by"]["kind"], &built["tenant"]["state"], &built["can_retry"]),
        (&json!("operator"), &json!("active"), &json!(false))
    );
    assert_eq!(inspected(&operator, &refused.id).await["can_retry"], false, "what came later counts");
    let owner = log_in(&client, &slug).await;
    let _ = owner.client.get("/api/v1/products").send().await.expect(200);

    // Where nothing failed there is nothing to try again: not on a tenant in use, and not on one that waits for its erasure.
    retry(&operator, &again.organization_id).await.error(409, "TENANT_STATE_CONFLICT");
    let path = format!("/api/v1/tenants/{}", again.organization_id);
    let version = operator.get(&path).send().await.expect(200).etag();
    operator.delete(&path).if_match(version).send().await.no_content();
    retry(&operator, &again.organization_id).await.error(409, "OPERATION_IN_PROGRESS");
    let waiting = listed(&operator, "?state=pending").await;
    assert_eq!((waiting.len(), &waiting[0]["kind"], &waiting[0]["is_stuck"]), (1, &json!("delete"), &json!(false)), "{waiting:?}");
    what_was_done_is_in_the_audit_log(&operator, &again.organization_id).await;
}

async fn what_was_done_is_in_the_audit_log(operator: &Client, tenant: &str) {
    let read = async |query: &str| operator.get(&format!("/api/v1/admin/audit-logs{query}")).send().await;
    let by_operators = read(&format!("?actor_kind=operator&entity_type=tenant&entity_id={tenant}")).await.expect(200).ok();
    let actions: Vec<&Value> = by_operators.as_array().into_iter().flatten().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["tenants.delete", "tenants.retry", "tenants.undelete", "tenants.delete"], "newest first");
    assert_eq!(by_operators[1]["after"]["state"], "provisioning", "{by_operators}");
    assert!(by_operators[1]["operator_name"].as_str().is_some_and(|name| !name.is_empty()), "{by_operators}");
    let who = text(&by_operators[0]["actor_id"]);
    let logged_in = read(&format!("?action=operators.login&actor_id={who}&recorded_at[gte]=2026-01-01T00:00:00Z")).await.expect(200).ok();
    assert_eq!((logged_in[0]["entity_id"].as_str(), &logged_in[1]), (Some(&*who), &Value::Null), "{logged_in}");
    // By cursor only: a log grows while it is read.
    let part = "actor_kind=operator&entity_type=tenant&limit=1";
    let first = read(&format!("?{part}")).await.expect(200).metadata();
    let second = read(&format!("?{part}&cursor={}", text(&first["next_cursor"]))).await.expect(200).ok();
    assert_eq!(second[0]["action"], "tenants.retry", "{second}");
    read("?page=1").await.error(400, "BAD_REQUEST");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_hurries_what_waits_for_its_next_try() {
    // Past its activation a sign-up is never given up: it waits longer and longer. It fails often enough here to be met while it waits.
    let platform = platform(|program| program.env("NEXUS_FAILPOINT", ["welcome.before:error"; 6].join(","))).await;
    let operator = operator(&platform).await;
    let operation = request_sign_up(&platform.client(), &unique_slug()).await;
    let far_off =
        "UPDATE operations SET due_at = now() + interval '1 hour' WHERE id = $1::uuid AND leased_by IS NULL AND error ->> 'step' = 'welcome'";
    eventually(SOON, async || (sql(&platform, far_off, &operation.id).await == 1).then_some(())).await;

    let seen = inspected(&operator, &operation.id).await;
    assert_eq!((&seen["is_failing"], &seen["is_stuck"], &seen["can_retry"]), (&json!(true), &json!(false), &json!(true)), "{seen}");
    assert_eq!((&seen["next"]["action"], &seen["next"]["step"], &seen["lease"]), (&json!("act"), &json!("welcome"), &Value::Null), "{seen}");
    assert_eq!(step(&seen, "welcome")["cause"], "failpoint welcome.before");
    assert!(seen["failing_since"].is_string() && seen["started_at"].is_string(), "{seen}");
    // Whoever waits is told less.
    let told = operation.look(&platform.client()).await.to_string();
    assert!(told.contains("A failpoint failed this step.") && !told.contains("welcome.before"), "{told}");
    assert_eq!(listed(&operator, "?is_stuck=true").await.len(), 0);
    sql(&platform, "UPDATE operations SET started_at = now() - interval '10 minutes' WHERE id = $1::uuid", &operation.id).await;
    assert_eq!(listed(&operator, "?is_stuck=true&is_failing=true").await[0]["id"], *operation.id);
    let overview = operator.get("/api/v1/admin/overview").send().await.expect(200).ok();
    let counted = ["running", "failing", "stuck", "scheduled", "given_up"].map(|name| overview["operations"][name].as_i64());
    assert_eq!(counted, [1, 1, 1, 0, 0].map(Some), "{overview}");

    // Each try is one of those that fail, until none is left.
    let recorded = eventually(SOON, async || {
        let answer = retry(&operator, &operation.organization_id).await;
        match answer.status.as_u16() {
            202 => assert_eq!(answer.ok()["id"], *operation.id, "no other operation is begun"),
            _ => drop(answer.error(409, "TENANT_STATE_CONFLICT")),
        }
        Some(inspected(&operator, &operation.id).await).filter(|seen| seen["state"] == "succeeded")
    })
    .await;
    assert_eq!((&step(&recorded, "welcome")["failures"], &step(&recorded, "welcome")["cause"]), (&json!(6), &Value::Null), "{recorded}");
    let retries = format!("/api/v1/admin/audit-logs?action=tenants.retry&entity_id={}", operation.organization_id);
    let retries = operator.get(&retries).send().await.expect(200).ok();
    assert!(retries.as_array().is_some_and(|entries| !entries.is_empty()) && retries[0]["after"]["step"] == "welcome", "{retries}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_which_database_server_is_away_and_what_waits_for_it() {
    // A server that takes no connections, first in the alphabet: of two that are empty a tenant is placed there.
    let away = [("NAME", "away"), ("HOST", "127.0.0.1"), ("PORT", "1"), ("ADMIN_URL", "postgres://nobody:hidden-word@127.0.0.1:1/postgres")];
    let platform = platform(|program| {
        let program = program.env("NEXUS__PROVISIONING__WARM_POOL__SIZE", "0");
        away.iter().fold(program, |program, (name, value)| program.env(&format!("NEXUS__SERVERS__1__{name}"), *value))
    })
    .await;
    let operator = operator(&platform).await;
    let overview = async || operator.get("/api/v1/admin/overview").send().await.expect(200).ok();
    let seen = eventually(SOON, async || Some(overview().await).filter(|seen| seen["servers"].as_array().is_some_and(|all| all.len() == 2))).await;
    assert_eq!((&seen["servers"][0]["name"], &seen["servers"][0]["is_reachable"]), (&json!("away"), &json!(false)), "{seen}");
    assert_eq!((&seen["servers"][1]["is_reachable"], &seen["servers"][1]["tenants"]), (&json!(true), &json!(0)), "{seen}");
    assert_eq!((&seen["tenants"]["active"], &seen["sign_ups"].as_array().map(Vec::len)), (&json!(0), &Some(30)), "{seen}");

    let waiting = request_sign_up(&platform.client(), &unique_slug()).await;
    let failing = eventually(SOON, async || listed(&operator, "?is_failing=true").await.pop()).await;
    assert_eq!((&failing["id"], &failing["step"]), (&json!(waiting.id), &json!("database")), "{failing}");
    let seen = inspected(&operator, &waiting.id).await;
    let cause = text(&step(&seen, "database")["cause"]);
    assert!(["Connection refused", "the server does not answer"].iter().any(|words| cause.contains(words)), "{cause}");
    assert!(!seen.to_string().contains("hidden-word") && !seen.to_string().contains("nobody"), "{seen}");
    sql(&platform, "UPDATE database_servers SET state = 'closed' WHERE name = $1", "away").await;
    let organization = platform.sign_up().await;
    let seen = overview().await;
    assert_eq!(
        (&seen["tenants"]["active"], &seen["servers"][0]["state"], &seen["servers"][1]["tenants"]),
        (&json!(1), &json!("closed"), &json!(1)),
        "{seen}"
    );
    assert_eq!((&seen["sign_ups"][29]["count"], &seen["sign_ups"][0]["count"]), (&json!(2), &json!(0)), "{seen}");
    tenants_are_found_by_what_they_have(&operator, &organization.slug).await;
    versions_of_plans_are_told_apart(&platform, &operator).await;
}

async fn tenants_are_found_by_what_they_have(operator: &Client, slug: &str) {
    let found = async |query: &str| -> Vec<String> {
        let found = operator.get(&format!("/api/v1/tenants?{query}")).send().await.expect(200).ok();
        found.as_array().into_iter().flatten().map(|tenant| text(&tenant["slug"])).collect()
    };
    let tenant = operator.get(&format!("/api/v1/tenants?slug={slug}")).send().await.expect(200).ok()[0].clone();
    let (server, schema) = (text(&tenant["server"]), tenant["schema_version"].to_string());
    for query in [
        format!("server={server}"),
        format!("state=active&plan=business&schema_version={schema}&q={}", &slug[..8]),
        "sort=-plan,schema_version&plan[ne]=free&state=active".to_owned(),
    ] {
        assert_eq!(found(&query).await, [slug], "{query}");
    }
    for query in ["server=nowhere", "plan=team", "schema_version=0&state=active"] {
        assert_eq!(found(query).await, [""; 0], "{query}");
    }
}

async fn versions_of_plans_are_told_apart(platform: &Platform, operator: &Client) {
    sql(platform, "UPDATE plans SET status = 'retired' WHERE key = $1", "business").await;
    let newer = "INSERT INTO plans SELECT key, 2, name, description, currency, 299, 2990, trial_days, limits, features, position, 'active', now() FROM plans WHERE key = $1";
    sql(platform, newer, "business").await;
    let versions = operator.get("/api/v1/admin/plans").send().await.expect(200).ok();
    let business: Vec<&Value> = versions.as_array().into_iter().flatten().filter(|version| version["key"] == "business").collect();
    let told: Vec<_> =
        business.iter().map(|plan| (plan["version"].as_i64(), plan["status"].as_str(), plan["subscribers"]["total"].as_i64())).collect();
    assert_eq!(told, [(Some(2), Some("active"), Some(0)), (Some(1), Some("retired"), Some(2))], "{versions}");
    assert_eq!((&business[1]["subscribers"]["trialing"], &business[0]["price_monthly"]["amount"]), (&json!(2), &json!("299.00")), "{versions}");
    assert!(business[1]["limits"]["users"].is_i64() && business[1]["features"].is_array(), "{versions}");
}

/// `operation_id super_admin support billing`, each `allow` or `deny`.
const TABLE: &str = include_str!("operator_roles.txt");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_platform_role_may_do_what_the_table_says() {
    let platform = Platform::start().await;
    let operations = platform.document.operations();
    let rows = TABLE.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows: Vec<[&str; 4]> =
        rows.map(|line| line.split_whitespace().collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("operator_roles.txt: {line}"))).collect();
    let is_guarded = |audience: &Option<String>| audience.as_deref() == Some("nexus-operator");
    for operation in operations.values().filter(|operation| is_guarded(&operation.audience) && !operation.permissions.is_empty()) {
        assert!(rows.iter().any(|row| row[0] == operation.id), "operator_roles.txt lacks {}", operation.id);
    }
    let tokens = platform.control.tokens();
    let unknown = Uuid::new_v4().to_string();
    for [id, roles @ ..] in rows {
        let operation = operations.get(id).unwrap_or_else(|| panic!("operator_roles.txt names {id}, which is gone"));
        for (role, answer) in ["super_admin", "support", "billing"].into_iter().zip(roles) {
            let client = platform.client().bearer(tokens.mint(&tokens.operator_claims(Uuid::new_v4(), role)));
            let got = platform.document.request(&client, operation, &operation.path_with(&unknown), &unknown).send().await;
            match answer {
                "allow" if operation.has_parameters() => drop(got.error(404, "NOT_FOUND")),
                "allow" => assert!(![401, 403, 404].contains(&got.status.as_u16()) && got.status.as_u16() < 500, "{id} as {role}: {}", got.text()),
                "deny" => drop(got.error(403, "FORBIDDEN")),
                other => panic!("operator_roles.txt: {other}"),
            }
        }
    }
}
