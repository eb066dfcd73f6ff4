//! The processes' keys: changing the master key under tenants that work, and a tenant runtime that holds its own key only. And what else must not get into a
//! process beside its settings.

use nexus_test_support::{ControlDb, Nexus, Output, Role, TestStack, TestTenant};
use serde_json::{Value, json};

use crate::platform::{PASSWORD, Platform};

const NEW_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Only the new key.
fn after(command: Nexus) -> Nexus {
    command.env("NEXUS__SECRETS__MASTER_KEY", NEW_KEY).env("NEXUS__SECRETS__KEK_ID", "k2")
}

/// The new key, and the one before.
fn between(stack: &TestStack, command: Nexus) -> Nexus {
    after(command).env("NEXUS__SECRETS__PREVIOUS_MASTER_KEY", stack.master_key()).env("NEXUS__SECRETS__PREVIOUS_KEK_ID", "k1")
}

fn answer(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_rewrap_the_new_master_key_is_enough() {
    let platform = Platform::start().await;
    let organization = platform.sign_up().await;
    let log_in = json!({ "email": organization.email, "password": PASSWORD });
    let session = platform.client().post("/api/v1/auth/login", &log_in).send().await.expect(200).ok();
    let refresh = async |client: nexus_test_support::Client, session: &Value| {
        client.post("/api/v1/auth/refresh", &json!({ "refresh_token": session["refresh_token"] })).send().await.expect(200).ok()
    };
    let Platform { stack, control, process, .. } = platform;
    process.terminate().await;

    let rewrap = between(&stack, Nexus::command(&stack, &["admin", "--json", "secrets", "rewrap"]).on(&stack, &control));
    let serving = between(&stack, Platform::command(&stack, &control)).spawn().await;
    let tags =
        async |base: &nexus_test_support::Client| base.bearer(organization.token.clone()).tenant(&organization.slug).get("/api/v1/tags").send().await;
    let _ = tags(&serving.client()).await.expect(200);
    // Nobody is logged out by the change.
    let session = refresh(serving.client(), &session).await;
    let first = rewrap.run().await;
    assert_eq!(first.code, 0, "{first:?}");
    let done = &answer(&first)["data"];
    assert_eq!(done["tenants"], json!({ "rewrapped": 1, "current": 0, "failed": 0 }));
    assert!(done["signing_keys"]["rewrapped"].as_u64().unwrap() >= 2 && done["signing_keys"]["failed"] == 0, "{done}");
    let _ = tags(&serving.client()).await.expect(200);
    let again = answer(&rewrap.run().await);
    assert_eq!(again["data"]["tenants"], json!({ "rewrapped": 0, "current": 1, "failed": 0 }));
    assert_eq!(again["data"]["signing_keys"]["rewrapped"], 0);
    serving.terminate().await;

    let alone = after(Platform::command(&stack, &control)).spawn().await;
    let _ = tags(&alone.client()).await.expect(200);
    let _ = refresh(alone.client(), &session).await;
    let _ = alone.client().post("/api/v1/auth/login", &log_in).send().await.expect(200);
    alone.terminate().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_open_is_counted_and_left_and_the_rest_is_rewrapped() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let broken = TestTenant::in_control(&control).await;
    let _sound = TestTenant::in_control(&control).await;
    sqlx::query("UPDATE tenants SET secret_sealed = 'broken' WHERE id = $1").bind(broken.id.0).execute(control.db().pool()).await.unwrap();
    let rewrap = between(&stack, Nexus::command(&stack, &["admin", "--json", "secrets", "rewrap"]).on(&stack, &control));
    let output = rewrap.run().await;
    assert_eq!(output.code, 8, "{output:?}");
    assert_eq!(answer(&output)["data"]["tenants"], json!({ "rewrapped": 1, "current": 0, "failed": 1 }));
    assert!(output.stderr.contains("left as they are"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_runtime_works_with_its_own_key_and_nothing_else_does() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let tenant = TestTenant::in_control(&control).await;
    let told = Nexus::command(&stack, &["admin", "secrets", "runtime-key"]).on(&stack, &control).run().await;
    assert_eq!((told.code, told.stdout.trim().len()), (0, 44), "{}", told.stderr);
    let own_key = |command: &str| {
        let command = Nexus::command(&stack, &[command]).on(&stack, &control);
        command.env("NEXUS__SECRETS__MASTER_KEY", "").env("NEXUS__SECRETS__RUNTIME_KEY", told.stdout.trim())
    };
    let runtime = own_key("tenant-runtime").spawn().await;
    let _ = runtime.client().bearer(tenant.token(Role::Owner)).get("/api/v1/tags").send().await.expect(200);
    runtime.terminate().await;
    for command in ["serve", "control-plane"] {
        let refused = own_key(command).run().await;
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(refused.stderr.contains("secrets.runtime_key") && !refused.stderr.contains(told.stdout.trim()), "{refused:?}");
    }
}

#[tokio::test]
async fn variables_for_the_postgres_driver_do_not_get_into_connections() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let leaking = [
        ("PGHOST", "nowhere.example"),
        ("PGPORT", "1"),
        ("PGUSER", "nobody"),
        ("PGPASSWORD", "wrong"),
        ("PGDATABASE", "none"),
        ("PGSSLMODE", "verify-full"),
        ("PGSSLROOTCERT", "/nowhere/ca.pem"),
        ("PGSSLCERT", "/nowhere/cert.pem"),
        ("PGSSLKEY", "/nowhere/key.pem"),
        // The server refuses a session that asks for a setting it does not know.
        ("PGOPTIONS", "-c no_such_setting=1"),
    ];
    let doctor = Nexus::command(&stack, &["doctor", "--json"]).on(&stack, &control);
    let doctor = leaking.iter().fold(doctor, |command, (name, value)| command.env(name, *value));
    let output = doctor.run().await;
    let findings = answer(&output)["data"].clone();
    for finding in findings.as_array().unwrap() {
        let check = finding["check"].as_str().unwrap_or_default();
        assert!(finding["verdict"] != "failed" || !check.contains("database") && !check.contains("directory"), "{finding}");
    }
    assert_eq!(output.code, 0, "{findings}");
}
