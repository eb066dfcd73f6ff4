//! Passwords that are forgotten or changed: the link works once and for an hour, nobody learns who has an account, and no session outlives its password.

use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_test_support::{Answer, Client, Mail, Mailbox, eventually};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::platform::{Organization, PASSWORD, Platform, owner_of, session, text, unique_slug, watched};

const NEW: &str = "another horse, another battery";
/// An ended session is refused within a second; a busy machine gets another.
const AT_ONCE: Duration = Duration::from_secs(2);
const MAILED: Duration = Duration::from_secs(30);

async fn forgot(client: &Client, email: &str) -> Answer {
    client.post("/api/v1/auth/forgot-password", &json!({ "email": email })).send().await
}

async fn reset(client: &Client, token: &str, password: &str) -> Answer {
    client.post("/api/v1/auth/reset-password", &json!({ "token": token, "password": password })).send().await
}

async fn log_in(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/api/v1/auth/login", &json!({ "email": email, "password": password })).send().await
}

async fn refresh(client: &Client, tokens: &Value) -> Answer {
    client.post("/api/v1/auth/refresh", &json!({ "refresh_token": tokens["refresh_token"] })).send().await
}

/// The mails with this subject, once there are so many.
async fn mails(platform: &Platform, email: &str, subject: &str, count: usize) -> Vec<Mail> {
    let mailbox = Mailbox::of(&platform.stack, email);
    let found = || mailbox.all().into_iter().filter(|mail| mail.subject == subject).collect::<Vec<_>>();
    eventually(MAILED, async || Some(found()).filter(|mails| mails.len() >= count)).await
}

/// Asks for a link, the `number`th of this address, and takes it from the mail.
async fn link(platform: &Platform, email: &str, number: usize) -> String {
    let answer = forgot(&platform.client(), email).await.expect(202);
    assert_eq!(answer.ok()["status"], "reset_sent");
    mails(platform, email, "Set a new password", number).await[number - 1].token().expect("a link")
}

async fn refused_at_once(client: &Client, path: &str) {
    eventually(AT_ONCE, async || (client.get(path).send().await.status.as_u16() == 401).then_some(())).await;
}

/// Waits until somebody waits for a row of this database.
async fn somebody_waits(pool: &PgPool) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually(Duration::from_secs(20), async || {
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(pool).await.unwrap();
        (waiting > 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_sets_a_password_once_and_ends_every_session() {
    let platform = Platform::start().await;
    let Organization { slug, email, client: tenant, .. } = platform.sign_up().await;
    let client = platform.client();
    let before = session(&client, &slug, None).await;
    assert_eq!(before["email_verified"], false);
    let account = client.bearer(text(&before["access_token"]));
    let _ = account.get("/api/v1/account").send().await.expect(200);

    let token = link(&platform, &email, 1).await;
    // A password that is refused leaves the link good.
    for poor in ["short", "aaaaaaaaaaaa", &email] {
        let error = reset(&client, &token, poor).await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["field"], "password", "{error}");
    }
    reset(&client, &token, NEW).await.no_content();
    refused_at_once(&tenant, "/api/v1/me").await;
    refused_at_once(&account, "/api/v1/account").await;
    refresh(&client, &before).await.error(401, "INVALID_REFRESH_TOKEN");

    log_in(&client, &email, PASSWORD).await.error(401, "INVALID_CREDENTIALS");
    let after = log_in(&client, &email, NEW).await.expect(200).ok();
    assert_eq!(after["email_verified"], true, "whoever has the link reads the mail");
    reset(&client, &token, "a third horse, a third battery").await.error(422, "INVALID_RESET_TOKEN");
    let _ = log_in(&client, &email, NEW).await.expect(200);

    let told = mails(&platform, &email, "Your password was changed", 1).await;
    assert_eq!((told.len(), told[0].token()), (1, None));
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM password_resets").fetch_one(platform.control.db().pool()).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_link_alone_is_good_and_for_an_hour() {
    let platform = Platform::start().await;
    let email = platform.sign_up().await.email;
    let (client, pool) = (platform.client(), platform.control.db().pool().clone());
    let first = link(&platform, &email, 1).await;
    let second = link(&platform, &email, 2).await;
    let verification = mails(&platform, &email, "Confirm your e-mail address", 1).await[0].token().expect("a link");
    let elsewhere = second.replace("nxp_", "nxv_");
    for bad in [first.as_str(), &second[..second.len() - 1], "nxp_", "nonsense", &verification, &elsewhere] {
        reset(&client, bad, NEW).await.error(422, "INVALID_RESET_TOKEN");
    }
    let age = async |seconds: i32| {
        let aged = sqlx::query("UPDATE password_resets SET expires_at = created_at + make_interval(secs => $1)").bind(f64::from(seconds));
        assert_eq!(aged.execute(&pool).await.unwrap().rows_affected(), 1);
    };
    let good_for: i32 =
        sqlx::query_scalar("SELECT extract(epoch FROM expires_at - created_at)::integer FROM password_resets").fetch_one(&pool).await.unwrap();
    assert_eq!(good_for, 3600);
    age(0).await;
    reset(&client, &second, NEW).await.error(422, "INVALID_RESET_TOKEN");
    // As if the address were another by now.
    age(3600).await;
    let address = async |expression: &str| {
        let moved = sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE password_resets SET email_normalised = {expression}")));
        assert_eq!(moved.execute(&pool).await.unwrap().rows_affected(), 1);
    };
    address("'x' || email_normalised").await;
    reset(&client, &second, NEW).await.error(422, "INVALID_RESET_TOKEN");
    address("substr(email_normalised, 2)").await;
    // Nor for a closed account.
    let set_status = async |status: &str| sqlx::query("UPDATE accounts SET status = $1").bind(status).execute(&pool).await.unwrap();
    set_status("disabled").await;
    reset(&client, &second, NEW).await.error(422, "INVALID_RESET_TOKEN");
    set_status("active").await;
    reset(&client, &second, NEW).await.no_content();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_follow_one_link_at_once_one_sets_the_password() {
    let platform = Platform::start().await;
    let email = platform.sign_up().await.email;
    let client = platform.client();
    let token = link(&platform, &email, 1).await;
    let passwords: Vec<String> = (0..6).map(|number| format!("{number} horses, {number} batteries")).collect();
    let answers = join_all(passwords.iter().map(|password| reset(&client, &token, password))).await;
    let (set, refused): (Vec<_>, Vec<_>) = answers.iter().zip(&passwords).partition(|(answer, _)| answer.status.as_u16() == 204);
    assert_eq!(set.len(), 1, "{answers:?}");
    for (answer, password) in refused {
        answer.error(422, "INVALID_RESET_TOKEN");
        log_in(&client, &email, password).await.error(401, "INVALID_CREDENTIALS");
    }
    let _ = log_in(&client, &email, set[0].1).await.expect(200);
    let changes: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE kind = 'iam.account.password_changed.v1'")
        .fetch_one(platform.control.db().pool())
        .await
        .unwrap();
    assert_eq!(changes, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_learns_from_a_forgotten_password_who_has_an_account() {
    let platform = Platform::start().await;
    let email = platform.sign_up().await.email;
    let (client, nobody) = (platform.client(), format!("nobody@{}.example", unique_slug()));
    let timed = async |email: &str| {
        let began = Instant::now();
        let answer = forgot(&client, email).await;
        (answer, began.elapsed())
    };
    let mut answers = Vec::new();
    // Each address has five mails in an hour, whether somebody has it or not.
    for number in 0..7 {
        for address in [&email, &nobody] {
            let (answer, took) = timed(address).await;
            if number < 5 {
                assert!(took >= Duration::from_millis(500), "{took:?}: as long as for an account");
                answers.push(answer.expect(202).ok());
            } else {
                answer.error(429, "RATE_LIMITED");
                assert!(answer.header("retry-after").is_some());
            }
        }
    }
    assert!(answers.iter().all(|answer| *answer == json!({ "status": "reset_sent" })), "{answers:?}");
    assert_eq!(Mailbox::of(&platform.stack, &nobody).all().len(), 0);
    forgot(&client, "no address").await.error(422, "VALIDATION_FAILED");
    // And a network has its own, whatever the addresses.
    let limit = "NEXUS__RATE_LIMIT__PASSWORD_RESET_MAILS_PER_HOUR";
    let process = Platform::command(&platform.stack, &platform.control).env("NEXUS__RATE_LIMIT__ENABLED", "true").env(limit, "3").spawn().await;
    let (limited, _) = watched(&process).await;
    for _ in 0..3 {
        let _ = forgot(&limited, &format!("nobody@{}.example", unique_slug())).await.expect(202);
    }
    forgot(&limited, &email).await.error(429, "RATE_LIMITED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_knows_the_password_changes_it_and_stays_logged_in() {
    let platform = Platform::start().await;
    let Organization { slug, email, client: tenant, .. } = platform.sign_up().await;
    let client = platform.client();
    let own = session(&client, &slug, None).await;
    let account = client.bearer(text(&own["access_token"]));
    let switched = account.post("/api/v1/auth/switch", &json!({ "organization": slug })).send().await.expect(200).ok();
    let other = session(&client, &slug, None).await;
    let forgotten = link(&platform, &email, 1).await;
    let change = async |client: &Client, current: &str, new: &str| {
        client.post("/api/v1/account/password", &json!({ "current_password": current, "new_password": new })).send().await
    };
    change(&tenant, PASSWORD, NEW).await.error(403, "ACCOUNT_TOKEN_REQUIRED");
    change(&client, PASSWORD, NEW).await.error(401, "UNAUTHORIZED");
    let refused = [(PASSWORD, "short", "length"), (PASSWORD, PASSWORD, "unchanged"), (PASSWORD, &email, "too_easy"), ("wrong", NEW, "wrong")];
    for (current, new, code) in refused {
        let error = change(&account, current, new).await.error(422, "VALIDATION_FAILED");
        let field = if code == "wrong" { "current_password" } else { "new_password" };
        assert_eq!((&error["details"][0]["field"], &error["details"][0]["code"]), (&json!(field), &json!(code)), "{error}");
    }

    change(&account, PASSWORD, NEW).await.no_content();
    for ended in [tenant, client.bearer(text(&other["access_token"])).tenant(&slug)] {
        refused_at_once(&ended, "/api/v1/me").await;
    }
    refresh(&client, &other).await.error(401, "INVALID_REFRESH_TOKEN");
    // The session that asked goes on, and the one switched to.
    let _ = account.get("/api/v1/account").send().await.expect(200);
    let _ = client.bearer(text(&switched["access_token"])).tenant(&slug).get("/api/v1/me").send().await.expect(200);
    let _ = refresh(&client, &own).await.expect(200);
    let _ = refresh(&client, &switched).await.expect(200);
    reset(&client, &forgotten, "a third horse, a third battery").await.error(422, "INVALID_RESET_TOKEN");
    log_in(&client, &email, PASSWORD).await.error(401, "INVALID_CREDENTIALS");
    let _ = log_in(&client, &email, NEW).await.expect(200);
    assert_eq!(mails(&platform, &email, "Your password was changed", 1).await.len(), 1);

    // Guesses count as they do at log-in, and together with those there.
    let mut looked_at = 0;
    let refused = loop {
        let answer = change(&account, "not the password", "a third horse, a third battery").await;
        if answer.status.as_u16() != 422 {
            break answer;
        }
        looked_at += 1;
        assert!(looked_at <= 10, "guesses are not counted");
    };
    refused.error(429, "RATE_LIMITED");
    log_in(&client, &email, NEW).await.error(429, "RATE_LIMITED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_with_a_password_that_is_changed_meanwhile() {
    let platform = Platform::start().await;
    let Organization { email, .. } = platform.sign_up().await;
    let (client, admin) = (platform.client(), platform.control.admin().await);
    // A password is changed under the account's lock: here by hand, so that the log-in is between its check and its session.
    let mut change = admin.pool().begin().await.unwrap();
    sqlx::query("SELECT FROM accounts FOR UPDATE").execute(&mut *change).await.unwrap();
    let logging_in = tokio::spawn({
        let (client, email) = (client.clone(), email.clone());
        async move { log_in(&client, &email, PASSWORD).await }
    });
    somebody_waits(admin.pool()).await;
    sqlx::query("UPDATE credentials SET password_hash = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$aGFzaA'").execute(&mut *change).await.unwrap();
    change.commit().await.unwrap();
    logging_in.await.unwrap().error(401, "INVALID_CREDENTIALS");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_switched_to_meanwhile_ends_with_the_others() {
    let platform = Platform::start().await;
    let slug = platform.sign_up().await.slug;
    let (client, admin) = (platform.client(), platform.control.admin().await);
    let token = link(&platform, &owner_of(&slug), 1).await;
    let from = session(&client, &slug, None).await;
    // As a switch does it: the session that it comes from is locked, the new one is written.
    let mut switch = admin.pool().begin().await.unwrap();
    sqlx::query("SELECT FROM token_families WHERE id = $1::uuid FOR UPDATE").bind(text(&from["session_id"])).execute(&mut *switch).await.unwrap();
    sqlx::query(
        "INSERT INTO token_families (id, kind, account_id, parent_id, client_fingerprint, authenticated_at, expires_at)
         SELECT gen_random_uuid(), kind, account_id, id, client_fingerprint, authenticated_at, expires_at FROM token_families WHERE id = $1::uuid",
    )
    .bind(text(&from["session_id"]))
    .execute(&mut *switch)
    .await
    .unwrap();
    let resetting = tokio::spawn({
        let client = client.clone();
        async move { reset(&client, &token, NEW).await }
    });
    somebody_waits(admin.pool()).await;
    switch.commit().await.unwrap();
    resetting.await.unwrap().no_content();
    let living: i64 = sqlx::query_scalar("SELECT count(*) FROM token_families WHERE revoked_at IS NULL").fetch_one(admin.pool()).await.unwrap();
    assert_eq!(living, 0);
}
