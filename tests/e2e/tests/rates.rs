//! The allowance of a caller is one for all processes.

use std::time::Duration;

use nexus_test_support::{Browser, ControlDb, Nexus, Role, TestStack, TestTenant, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::platform::{PASSWORD, Platform, owner_of, unique_slug, watched};

const LIMIT: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_lets_through_is_gone_for_the_others() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let tenants = [TestTenant::in_control(&control).await, TestTenant::in_control(&control).await];
    let start = async || {
        let command = Nexus::command(&stack, &["tenant-runtime"]).on(&stack, &control);
        let command = command.env("NEXUS__RATE_LIMIT__ENABLED", "true").env("NEXUS__RATE_LIMIT__PRINCIPAL_PER_MINUTE", LIMIT.to_string());
        command.spawn().await
    };
    let processes = [start().await, start().await];
    let request = |process: usize, tenant: usize| {
        let client = processes[process].client().bearer(tenants[tenant].token(Role::Owner)).tenant(&tenants[tenant].slug);
        client.get("/api/v1/locations")
    };
    // Both callers within one round: the process tells of them together.
    for tenant in [0, 1] {
        for _ in 0..LIMIT - 2 {
            let _ = request(0, tenant).send().await.expect(200);
        }
    }
    // The other process learns with the caller's first request there what is left: it lets at most that one and what it had not been told of through.
    for tenant in [0, 1] {
        let mut passed = 0;
        eventually(Duration::from_secs(5), async || {
            let answer = request(1, tenant).send().await;
            passed += usize::from(answer.status == 200);
            (answer.status == 429).then_some(())
        })
        .await;
        assert!(passed < LIMIT / 2, "the second process let {passed} requests of a caller through whose allowance was used up");
    }
    for process in processes {
        process.terminate().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_refreshes_without_end_has_to_wait_and_lives_on() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let command = Platform::command(&stack, &control).env("NEXUS__RATE_LIMIT__ENABLED", "true").env("NEXUS__HTTP__TRUSTED_PROXIES", "127.0.0.1/32");
    let limits = [("NEXUS__RATE_LIMIT__PRINCIPAL_PER_MINUTE", LIMIT.to_string()), ("NEXUS__RATE_LIMIT__ANONYMOUS_PER_MINUTE", "10".to_owned())];
    let process = limits.into_iter().fold(command, |command, (name, value)| command.env(name, value)).spawn().await;
    let (client, _) = watched(&process).await;
    // Counters are shared by all tests: this address is this test's own.
    let number = uuid::Uuid::new_v4().as_u128();
    let address = format!("2001:db8:{:x}:{:x}::1", number % 65_536, (number >> 16) % 65_536);
    let send = async |path: &str, body: Value| client.post(path, &body).header("X-Forwarded-For", &address).send().await;

    let (owner, operator) = (owner_of(&unique_slug()), owner_of(&unique_slug()));
    let _ = send("/api/v1/auth/register", json!({ "email": owner, "password": PASSWORD, "display_name": "Ada Owner" })).await.expect(202);
    let made = Nexus::command(&stack, &["admin", "create-operator", "--email", &operator, "--password-stdin"]).on(&stack, &control);
    assert_eq!(made.run_with_input(PASSWORD).await.code, 0);
    let log_in = async |path: &str, email: &str| {
        let session = send(path, json!({ "email": email, "password": PASSWORD })).await.expect(200).ok();
        json!({ "refresh_token": session["refresh_token"] })
    };
    for (log_in_at, refresh_at, email) in
        [("/api/v1/auth/login", "/api/v1/auth/refresh", &owner), ("/api/v1/admin/auth/login", "/api/v1/admin/auth/refresh", &operator)]
    {
        let mut token = log_in(log_in_at, email).await;
        let other = log_in(log_in_at, email).await;
        let mut passed = 0;
        let refused = loop {
            assert!(passed <= 2 * LIMIT, "{refresh_at}: nothing stops a session after {passed} refreshes");
            let answer = send(refresh_at, token.clone()).await;
            if answer.status != 200 {
                break answer;
            }
            token = json!({ "refresh_token": answer.ok()["refresh_token"] });
            passed += 1;
        };
        refused.error(429, "RATE_LIMITED");
        assert!(passed >= LIMIT, "{refresh_at}: {passed}");
        assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().is_ok_and(|seconds| (1..=3).contains(&seconds))));
        assert_eq!(refused.header("ratelimit-policy"), Some("\"session\";q=20;w=60"));
        // Another session of the same holder has its own allowance, and the address was not charged: who guesses hears 401.
        let _ = send(refresh_at, other).await.expect(200);
        send(refresh_at, json!({ "refresh_token": "a guess" })).await.error(401, "INVALID_REFRESH_TOKEN");
        // The token that was refused is not spent.
        eventually(Duration::from_secs(10), async || {
            let answer = send(refresh_at, token.clone()).await;
            assert!([200, 429].contains(&answer.status.as_u16()), "{}: {}", answer.status, answer.text());
            (answer.status == 200).then_some(())
        })
        .await;
    }
    process.terminate().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_logged_in_by_cookie_is_counted_by_itself_and_not_by_its_address() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let command = Platform::command(&stack, &control).env("NEXUS__RATE_LIMIT__ENABLED", "true").env("NEXUS__HTTP__TRUSTED_PROXIES", "127.0.0.1/32");
    let process = command.env("NEXUS__RATE_LIMIT__ANONYMOUS_PER_MINUTE", "10").spawn().await;
    let (client, _) = watched(&process).await;
    let number = uuid::Uuid::new_v4().as_u128();
    let address = format!("2001:db8:{:x}:{:x}::1", number % 65_536, (number >> 16) % 65_536);
    let apex = Browser::new(&client, &process.base_url).apex();
    let ask = async |method: Method, path: &str, body: Option<Value>| {
        let request = apex.request(method, path).header("X-Forwarded-For", &address);
        apex.send(if let Some(body) = &body { request.json(body) } else { request }).await
    };
    let owner = owner_of(&unique_slug());
    let registered = json!({ "email": owner, "password": PASSWORD, "display_name": "Ada Owner" });
    let _ = ask(Method::POST, "/api/v1/auth/register", Some(registered)).await.expect(202);
    let _ = ask(Method::POST, "/api/v1/auth/session", Some(json!({ "email": owner, "password": PASSWORD }))).await.expect(200);
    for _ in 0..20 {
        let seen = ask(Method::GET, "/api/v1/auth/session", None).await.expect(200);
        assert!(seen.header("ratelimit-policy").is_some_and(|policy| policy.starts_with("\"principal\"")), "{:?}", seen.headers);
    }
    for _ in 0..20 {
        let refreshed = ask(Method::POST, "/api/v1/auth/session/refresh", None).await.expect(200);
        assert!(refreshed.header("ratelimit-policy").is_some_and(|policy| policy.starts_with("\"session\"")), "{:?}", refreshed.headers);
    }
    // What is no session's is the address's: cookies that open nothing don't help.
    apex.set_cookie("__Host-nexus-access", Some("eyJhbGciOiJFUzI1NiJ9.e30.c2ln"));
    eventually(Duration::from_secs(10), async || (ask(Method::GET, "/api/v1/account", None).await.status == 429).then_some(())).await;
    process.terminate().await;
}
