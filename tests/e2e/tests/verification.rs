//! Another verification mail, for whoever lost the first; and what mails to an address that nobody proved do not say.

use std::time::{Duration, Instant};

use nexus_test_support::{Answer, Client, Mailbox, eventually};
use serde_json::{Value, json};

use crate::platform::{Platform, owner_of, request_sign_up, sign_up_body, unique_slug};

async fn resend(client: &Client, email: &str) -> Answer {
    client.post("/api/v1/auth/verify-email/resend", &json!({ "email": email })).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_link_is_mailed_and_nobody_learns_who_has_an_account() {
    let platform = Platform::start().await;
    let (client, slug) = (platform.client(), unique_slug());
    let operation = request_sign_up(&client, &slug).await;
    let mut mailbox = Mailbox::of(&platform.stack, &owner_of(&slug));
    let began = Instant::now();
    let known = resend(&client, &owner_of(&slug)).await.expect(202);
    let unknown = resend(&client, &format!("nobody@{slug}.example")).await.expect(202);
    assert_eq!(known.ok(), unknown.ok());
    assert!(began.elapsed() >= Duration::from_secs(1), "the answers take the same time: half a second each");

    operation.succeeded(&client).await;
    let mails =
        [mailbox.next(Duration::from_secs(30)).await, mailbox.next(Duration::from_secs(30)).await, mailbox.next(Duration::from_secs(30)).await];
    let links: Vec<String> = mails.iter().filter_map(nexus_test_support::Mail::token).collect();
    assert_eq!(links.len(), 2, "{mails:?}");
    assert_ne!(links[0], links[1]);
    // Either proves the address; then there is nothing to mail any more.
    let follow = async |token: &str| client.post("/api/v1/auth/verify-email", &json!({ "token": token })).send().await.expect(200).ok();
    let verified = follow(&links[1]).await;
    assert_eq!(follow(&links[0]).await, verified);
    assert_eq!(resend(&client, &owner_of(&slug)).await.expect(202).ok(), unknown.ok());
    let requests: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE kind = 'iam.account.verification_requested.v1'")
        .fetch_one(platform.control.db().pool())
        .await
        .unwrap();
    assert_eq!(requests, 2, "a proved address gets no more links");
    assert_eq!(Mailbox::of(&platform.stack, &format!("nobody@{slug}.example")).all().len(), 0);

    resend(&client, "no address").await.error(422, "VALIDATION_FAILED");
    // Nobody's mailbox is flooded, whether it has an account or not.
    for email in [owner_of(&slug), format!("nobody@{slug}.example")] {
        eventually(Duration::from_secs(30), async || {
            let answer = resend(&client, &email).await;
            (answer.status.as_u16() == 429 && answer.header("retry-after").is_some()).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_to_an_unproved_address_carries_nobodys_words() {
    let platform = Platform::start().await;
    let (client, slug) = (platform.client(), unique_slug());
    let mut body = sign_up_body(&slug);
    (body["organization"], body["display_name"]) = (json!("You won, see evil.example"), json!("claim at evil.example"));
    let _ = client.post("/api/v1/signup", &body).send().await.expect(202);
    let mailbox = Mailbox::of(&platform.stack, &owner_of(&slug));
    let mails = eventually(Duration::from_secs(60), async || Some(mailbox.all()).filter(|mails| mails.len() == 2)).await;
    for mail in mails {
        let said: Value = json!([mail.subject, mail.text, mail.html]);
        assert!(!said.to_string().contains("evil.example"), "{said}");
    }
}
