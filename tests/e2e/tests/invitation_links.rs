//! What the control plane makes of what tenants tell it of invitations and people: links that prove an address and nothing else, an index that believes no
//! stranger. The events are written into tenants' outboxes by hand, true ones and such as no honest tenant writes.

use std::time::Duration;

use nexus_test_support::{Answer, Client, Mail, Mailbox, TestStack, claims, eventually};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::platform::{Organization, PASSWORD, Platform, key, session, text};

const SOON: Duration = Duration::from_secs(20);
const SENT: &str = "access.invitation.sent.v1";
const REVOKED: &str = "access.invitation.revoked.v1";
const JOINED: &str = "access.user.joined.v1";
const ANOTHER_PASSWORD: &str = "a password of somebody else";

/// An organization whose outbox this test writes into.
pub struct Teller {
    pub organization: Organization,
    outbox: PgPool,
}

impl Teller {
    pub async fn of(stack: &TestStack, organization: Organization) -> Self {
        let outbox = stack.admin_db(&format!("nxt_{}", organization.id.simple())).await.pool().clone();
        Self { organization, outbox }
    }

    /// Writes an event of one of its things, and another one as its people do, so that the relay comes by.
    pub async fn tells(&self, kind: &str, thing: Uuid, payload: Value) {
        let aggregate = kind.split('.').nth(1).expect("a kind");
        sqlx::query("INSERT INTO outbox (id, kind, aggregate_type, aggregate_id, payload, request_id) VALUES ($1, $2, $3, $4, $5, 'test')")
            .bind(Uuid::new_v4())
            .bind(kind)
            .bind(aggregate)
            .bind(thing)
            .bind(payload)
            .execute(&self.outbox)
            .await
            .unwrap();
        let _ = self.organization.client.post("/api/v1/tags", &json!({ "name": key() })).send().await.created();
    }

    async fn invites(&self, invitation: Uuid, email: &str, generation: u32) {
        self.tells(SENT, invitation, invited(invitation, email, generation)).await;
    }

    /// Tells what had been given up an hour ago, before everything else, and is taken up again.
    async fn tells_late(&self, kind: &str, thing: Uuid, payload: Value, seq: i64) {
        let aggregate = kind.split('.').nth(1).expect("a kind");
        sqlx::query(
            "INSERT INTO outbox (seq, id, kind, aggregate_type, aggregate_id, payload, request_id, occurred_at) OVERRIDING SYSTEM VALUE
             VALUES ($1, $2, $3, $4, $5, $6, 'test', now() - interval '1 hour')",
        )
        .bind(seq)
        .bind(Uuid::new_v4())
        .bind(kind)
        .bind(aggregate)
        .bind(thing)
        .bind(payload)
        .execute(&self.outbox)
        .await
        .unwrap();
        let _ = self.organization.client.post("/api/v1/tags", &json!({ "name": key() })).send().await.created();
        self.is_heard().await;
    }

    async fn tells_of(&self, kind: &str, account: &str) {
        let account: Uuid = account.parse().unwrap();
        self.tells(kind, account, json!({ "user_id": account })).await;
    }

    /// How many events of this kind somebody gave up on.
    async fn given_up(&self, kind: &str) -> i64 {
        let text = "SELECT count(*) FROM outbox_deliveries d JOIN outbox o ON o.id = d.event_id WHERE o.kind = $1 AND d.dead_at IS NOT NULL";
        sqlx::query_scalar(text).bind(kind).fetch_one(&self.outbox).await.unwrap()
    }

    /// Waits until everything that was told was heard.
    async fn is_heard(&self) {
        nexus_test_support::black_box::outbox::drained(&self.outbox, SOON).await;
    }
}

fn invited(invitation: Uuid, email: &str, generation: u32) -> Value {
    json!({
        "invitation_id": invitation, "email": email, "display_name": "claim at evil.example", "invited_by_name": "evil.example", "locale": "de-AT",
        "expires_at": "2999-01-01T00:00:00Z", "generation": generation,
    })
}

pub async fn look(client: &Client, token: &str) -> Answer {
    client.post("/api/v1/auth/invitations/look", &json!({ "token": token })).send().await
}

pub async fn accept(client: &Client, body: &Value) -> Answer {
    client.post("/api/v1/auth/invitations/accept", body).send().await
}

fn newcomer(token: &str) -> Value {
    json!({ "token": token, "password": PASSWORD, "display_name": "Nia Newcomer" })
}

async fn log_in(client: &Client, email: &str, password: &str, organization: Option<&str>) -> Answer {
    client.post("/api/v1/auth/login", &json!({ "email": email, "password": password, "organization": organization })).send().await
}

fn address() -> String {
    format!("nia@{}.example", Uuid::new_v4().simple())
}

/// The link's token of the next mail.
pub async fn token_of(mailbox: &mut Mailbox) -> String {
    mailbox.next(SOON).await.token().expect("a link")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_makes_an_account_that_may_join_and_whoever_joined_logs_in() {
    let platform = Platform::start().await;
    let (client, teller) = (platform.client(), Teller::of(&platform.stack, platform.sign_up().await).await);
    let (invitation, email) = (Uuid::new_v4(), address());
    let mut mailbox = Mailbox::of(&platform.stack, &email);
    teller.invites(invitation, &email, 1).await;
    let mail = mailbox.next(SOON).await;
    assert!(mail.subject.starts_with("Einladung zu Organization"), "in the organization's language: {mail:?}");
    assert!(!json!([mail.subject, mail.text, mail.html]).to_string().contains("evil.example"), "nobody's words: {mail:?}");
    assert!(mail.links()[0].contains("/accept-invitation#token=nxi_"), "{mail:?}");
    let token = mail.token().unwrap();

    let seen = look(&client, &token).await.expect(200).ok();
    assert_eq!((&seen["email"], &seen["account_exists"]), (&json!(email), &json!(false)));
    assert_eq!((&seen["organization"]["slug"], &seen["organization"]["id"]), (&json!(teller.organization.slug), &json!(teller.organization.id)));
    let lacking = accept(&client, &json!({ "token": token, "password": "short" })).await.error(422, "VALIDATION_FAILED");
    assert_eq!(lacking["details"].as_array().map(Vec::len), Some(2), "{lacking}");

    let tokens = accept(&client, &newcomer(&token)).await.expect(200).ok();
    let (access, account) = (text(&tokens["access_token"]), text(&tokens["subject_id"]));
    assert_eq!(claims(&access)["inv"], json!({ "id": invitation, "gen": 1, "name": "Nia Newcomer" }));
    assert_eq!((&tokens["organization_id"], &tokens["email_verified"]), (&json!(teller.organization.id), &json!(true)));
    // It is for joining and for nothing else, on either plane.
    client.bearer(&access).get("/api/v1/account").send().await.error(403, "FORBIDDEN");
    client.bearer(&access).tenant(&teller.organization.slug).get("/api/v1/products").send().await.error(403, "NOT_A_MEMBER");
    log_in(&client, &email, PASSWORD, Some(&teller.organization.slug)).await.error(403, "NOT_A_MEMBER");
    // The link made the account and proved the address: there is nothing to verify, and nothing else was mailed.
    assert!(look(&client, &token).await.expect(200).ok()["account_exists"].as_bool().unwrap());

    teller.tells_of(JOINED, &account).await;
    let within =
        eventually(SOON, async || log_in(&client, &email, PASSWORD, Some(&teller.organization.slug)).await.status.is_success().then_some(()));
    within.await;
    look(&client, &token).await.error(422, "INVALID_INVITATION");
    accept(&client, &newcomer(&token)).await.error(422, "INVALID_INVITATION");
    let refreshed = client.post("/api/v1/auth/refresh", &json!({ "refresh_token": tokens["refresh_token"] })).send().await.expect(200).ok();
    assert!(claims(&text(&refreshed["access_token"])).get("inv").is_none(), "a session like all others");

    // The chooser and log-in follow the tenant.
    let own = client.bearer(text(&log_in(&client, &email, PASSWORD, None).await.expect(200).ok()["access_token"]));
    let organizations = async || own.get("/api/v1/organizations").send().await.expect(200).ok().as_array().unwrap().len();
    assert_eq!(organizations().await, 1);
    for (kind, left, status) in [
        ("access.user.deactivated.v1", 0, 403),
        ("access.user.reactivated.v1", 1, 200),
        ("access.user.removed.v1", 0, 403),
        ("access.user.reactivated.v1", 0, 403),
        (JOINED, 0, 403),
    ] {
        teller.tells_of(kind, &account).await;
        teller.is_heard().await;
        assert_eq!(organizations().await, left, "{kind}");
        assert_eq!(log_in(&client, &email, PASSWORD, Some(&teller.organization.slug)).await.status.as_u16(), status, "{kind}");
    }
    assert_eq!(mailbox.all().len(), 1, "{:?}", mailbox.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_follows_with_its_password_or_its_own_token_and_no_other_does() {
    let platform = Platform::start().await;
    let (client, teller) = (platform.client(), Teller::of(&platform.stack, platform.sign_up().await).await);
    let (invitation, email) = (Uuid::new_v4(), address());
    let register = json!({ "email": email, "password": PASSWORD, "display_name": "Nia" });
    let _ = client.post("/api/v1/auth/register", &register).send().await.expect(202);
    let mut mailbox = Mailbox::of(&platform.stack, &email);
    let _verification = mailbox.next(SOON).await;
    teller.invites(invitation, &email.to_uppercase(), 3).await;
    let token = token_of(&mut mailbox).await;
    assert_eq!(look(&client, &token).await.expect(200).ok()["account_exists"], true);

    accept(&client, &json!({ "token": token })).await.error(422, "VALIDATION_FAILED");
    accept(&client, &json!({ "token": token, "password": ANOTHER_PASSWORD, "display_name": "Eve" })).await.error(401, "INVALID_CREDENTIALS");
    // Whoever is logged in to another account is told so; a token for an organization reaches nothing else.
    let other = session(&client, &teller.organization.slug, None).await;
    let by = |token: &Value| client.bearer(text(token));
    accept(&by(&other["access_token"]), &json!({ "token": token })).await.error(403, "INVITED_BY_ANOTHER_ADDRESS");
    accept(&client.bearer(&teller.organization.token), &json!({ "token": token })).await.error(403, "ACCOUNT_TOKEN_REQUIRED");
    client.bearer("nonsense").post("/api/v1/auth/invitations/accept", &json!({ "token": token })).send().await.error(401, "UNAUTHORIZED");

    let own = log_in(&client, &email, PASSWORD, None).await.expect(200).ok();
    assert_eq!(own["email_verified"], false);
    let first = accept(&by(&own["access_token"]), &json!({ "token": token })).await.expect(200).ok();
    let second = accept(&client, &json!({ "token": token, "password": PASSWORD })).await.expect(200).ok();
    for tokens in [&first, &second] {
        assert_eq!(claims(&text(&tokens["access_token"]))["inv"], json!({ "id": invitation, "gen": 3, "name": "Nia" }));
        assert_eq!((&tokens["subject_id"], &tokens["email_verified"]), (&own["subject_id"], &json!(true)));
    }
    // The session that came from another ends with it; the address is proved for good.
    client.post("/api/v1/auth/logout", &json!({ "refresh_token": own["refresh_token"] })).send().await.no_content();
    let refresh = async |tokens: &Value| client.post("/api/v1/auth/refresh", &json!({ "refresh_token": tokens["refresh_token"] })).send().await;
    refresh(&first).await.error(401, "INVALID_REFRESH_TOKEN");
    let _ = refresh(&second).await.expect(200);
    assert_eq!(log_in(&client, &email, PASSWORD, None).await.expect(200).ok()["email_verified"], true);
    let recorded: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE action = 'invitations.accept' AND entity_id = $1 AND subject_id = $2::uuid")
            .bind(invitation)
            .bind(text(&own["subject_id"]))
            .fetch_one(platform.control.db().pool())
            .await
            .unwrap();
    assert_eq!(recorded, 2);

    // Passwords are not guessed here any more than at the log-in.
    eventually(SOON, async || {
        let answer = accept(&client, &json!({ "token": token, "password": ANOTHER_PASSWORD })).await;
        (answer.status.as_u16() == 429).then_some(())
    })
    .await;
    log_in(&client, &email, PASSWORD, None).await.error(429, "RATE_LIMITED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_last_mail_of_an_invitation_that_stands_opens() {
    let platform = Platform::start().await;
    let (client, teller) = (platform.client(), Teller::of(&platform.stack, platform.sign_up().await).await);
    let (invitation, email) = (Uuid::new_v4(), address());
    let mut mailbox = Mailbox::of(&platform.stack, &email);
    teller.invites(invitation, &email, 1).await;
    let first = token_of(&mut mailbox).await;
    teller.invites(invitation, &email, 2).await;
    let second = token_of(&mut mailbox).await;
    look(&client, &first).await.error(422, "INVALID_INVITATION");
    accept(&client, &newcomer(&first)).await.error(422, "INVALID_INVITATION");
    let _ = look(&client, &second).await.expect(200);
    // What is told once more is the same link.
    teller.invites(invitation, &email, 2).await;
    assert_eq!(token_of(&mut mailbox).await, second);

    teller.tells(REVOKED, invitation, json!({ "invitation_id": invitation })).await;
    eventually(SOON, async || (look(&client, &second).await.status.as_u16() == 422).then_some(())).await;
    accept(&client, &newcomer(&second)).await.error(422, "INVALID_INVITATION");
    teller.invites(invitation, &email, 2).await;
    teller.is_heard().await;
    look(&client, &second).await.error(422, "INVALID_INVITATION");

    // Neither does one whose time is over, nor one that was never ours.
    let late = Uuid::new_v4();
    teller.invites(late, &email, 1).await;
    let token = token_of(&mut mailbox).await;
    let bounded = "SELECT expires_at < now() + interval '30 days' FROM invitations WHERE invitation_id = $1";
    assert!(sqlx::query_scalar::<_, bool>(bounded).bind(late).fetch_one(platform.control.db().pool()).await.unwrap(), "whatever the tenant says");
    let over = "UPDATE invitations SET expires_at = now() - interval '1 second' WHERE invitation_id = $1";
    sqlx::query(over).bind(late).execute(platform.control.db().pool()).await.unwrap();
    look(&client, &token).await.error(422, "INVALID_INVITATION");
    for forged in [second.replace("nxi_", "nxv_"), format!("{second}A"), second[..second.len() - 1].to_owned(), "nxi_".to_owned(), "x".to_owned()] {
        look(&client, &forged).await.error(422, "INVALID_INVITATION");
        accept(&client, &newcomer(&forged)).await.error(422, "INVALID_INVITATION");
    }
    let refused = eventually(SOON, async || Some(look(&client, "nxi_guess").await).filter(|answer| answer.status.as_u16() == 429)).await;
    assert!(refused.header("retry-after").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_heard_late_undoes_nothing_that_was_heard_since() {
    let platform = Platform::start().await;
    let (client, teller) = (platform.client(), Teller::of(&platform.stack, platform.sign_up().await).await);
    let (invitation, email) = (Uuid::new_v4(), address());
    let mut mailbox = Mailbox::of(&platform.stack, &email);
    teller.invites(invitation, &email, 1).await;
    let _first = token_of(&mut mailbox).await;
    teller.invites(invitation, &email, 2).await;
    let second = token_of(&mut mailbox).await;
    teller.tells_late(SENT, invitation, invited(invitation, &email, 1), -3).await;
    assert_eq!(mailbox.all().len(), 2, "nothing was mailed again");
    let tokens = accept(&client, &newcomer(&second)).await.expect(200).ok();

    let account = text(&tokens["subject_id"]);
    teller.tells_of(JOINED, &account).await;
    let enter = async || log_in(&client, &email, PASSWORD, Some(&teller.organization.slug)).await;
    eventually(SOON, async || enter().await.status.is_success().then_some(())).await;
    let user: Uuid = account.parse().unwrap();
    for (seq, kind) in [(-2, "access.user.deactivated.v1"), (-1, "access.user.removed.v1")] {
        teller.tells_late(kind, user, json!({ "user_id": user }), seq).await;
        let _ = enter().await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_speaks_for_itself_alone_and_proves_nothing_by_its_word() {
    let platform = Platform::start().await;
    let client = platform.client();
    let honest = Teller::of(&platform.stack, platform.sign_up().await).await;
    let hostile = Teller::of(&platform.stack, platform.sign_up().await).await;
    let (invitation, victim, own) = (Uuid::new_v4(), address(), address());
    let [mut of_victim, mut of_own] = [&victim, &own].map(|email| Mailbox::of(&platform.stack, email));

    // The same invitation, first to an address of its own, then to the victim's: what was mailed to the former proves nothing of the latter.
    hostile.invites(invitation, &own, 1).await;
    let mine = token_of(&mut of_own).await;
    hostile.invites(invitation, &victim, 1).await;
    let theirs = token_of(&mut of_victim).await;
    assert_ne!(mine, theirs);
    accept(&client, &newcomer(&mine)).await.error(422, "INVALID_INVITATION");
    assert_eq!(look(&client, &theirs).await.expect(200).ok()["email"], json!(victim));

    // The id of another organization's invitation, and that organization's id in the payload: each has its own.
    let shared = Uuid::new_v4();
    honest.invites(shared, &victim, 1).await;
    let good = token_of(&mut of_victim).await;
    let mut payload = invited(shared, &victim, 7);
    (payload["tenant_id"], payload["organization"]) = (json!(honest.organization.id), json!("You won"));
    hostile.tells(SENT, shared, payload).await;
    let copied = token_of(&mut of_victim).await;
    let inviting = async |token: &str| look(&client, token).await.expect(200).ok()["organization"]["slug"].clone();
    assert_eq!((inviting(&good).await, inviting(&copied).await), (json!(honest.organization.slug), json!(hostile.organization.slug)));
    hostile.tells(REVOKED, shared, json!({ "invitation_id": shared, "tenant_id": honest.organization.id })).await;
    hostile.is_heard().await;
    assert_eq!(inviting(&good).await, json!(honest.organization.slug));
    look(&client, &copied).await.error(422, "INVALID_INVITATION");

    // It says that the honest owner joined, was shut out and removed: that is neither a membership here, nor the end of one there.
    let owner = session(&client, &honest.organization.slug, None).await;
    let account = text(&owner["subject_id"]);
    for kind in [JOINED, "access.user.reactivated.v1", "access.user.deactivated.v1", "access.user.removed.v1", JOINED] {
        hostile.tells_of(kind, &account).await;
    }
    hostile.is_heard().await;
    let listed = client.bearer(text(&owner["access_token"])).get("/api/v1/organizations").send().await.expect(200).ok();
    let slugs: Vec<_> = listed.as_array().unwrap().iter().map(|organization| text(&organization["slug"])).collect();
    assert_eq!(slugs, std::slice::from_ref(&honest.organization.slug));

    // What does not read is given up, and holds up nothing.
    let broken = Uuid::new_v4();
    let payloads = [
        invited(broken, "no address", 1),
        invited(broken, "a@b.example\r\nBcc: c@d.example", 1),
        invited(Uuid::new_v4(), &victim, 1),
        json!({}),
        json!([]),
        json!({ "invitation_id": broken, "email": victim, "expires_at": "soon", "generation": -1 }),
    ];
    let count = i64::try_from(payloads.len()).unwrap();
    for payload in payloads {
        hostile.tells(SENT, broken, payload).await;
    }
    hostile.is_heard().await;
    assert_eq!(hostile.given_up(SENT).await, count);
    hostile.invites(broken, &own, 2).await;
    let _ = look(&client, &token_of(&mut of_own).await).await.expect(200);

    // Nobody's mailbox is flooded.
    let before = of_own.all().len();
    for generation in 3..12 {
        hostile.invites(broken, &own, generation).await;
    }
    let waiting = "SELECT count(*) FROM outbox_deliveries WHERE finished_at IS NULL AND last_error LIKE 'too many%'";
    eventually(SOON, async || (sqlx::query_scalar::<_, i64>(waiting).fetch_one(&hostile.outbox).await.unwrap() > 0).then_some(())).await;
    let mails: Vec<Mail> = of_own.all();
    assert!(mails.len() > before && mails.len() <= 5, "{}", mails.len());
}
