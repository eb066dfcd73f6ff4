//! The control plane in a process of its own, away while tenants have something to tell it; and a Redis that forgets meanwhile.

use std::time::Duration;

use nexus_test_support::{ControlDb, Mailbox, Nexus, Process, TestStack, eventually};
use serde_json::json;
use uuid::Uuid;

use crate::invitation_links::{Teller, look, token_of};
use crate::platform::{Operation, Organization, owner_of, request_sign_up, session, text, unique_slug, watched};

const SOON: Duration = Duration::from_secs(30);
/// A relay announces again after a minute at the latest.
const LATER: Duration = Duration::from_secs(100);

/// The organization, as the runtime serves it.
fn at(runtime: &Process, slug: &str, founding: &Operation, token: String) -> Organization {
    let client = runtime.client().bearer(&token).tenant(slug);
    Organization { id: founding.organization_id.parse().unwrap(), slug: slug.to_owned(), email: owner_of(slug), token, client }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_tenants_tell_waits_for_the_control_plane_and_survives_redis() {
    let stack = TestStack::from_env();
    let control_db = ControlDb::new(&stack).await;
    let command = |role: &str| Nexus::command(&stack, &[role]).on(&stack, &control_db);
    let (control, runtime) = (command("control-plane").spawn().await, command("tenant-runtime").spawn().await);
    let slug = unique_slug();
    let (client, _) = watched(&control).await;
    let founding = request_sign_up(&client, &slug).await;
    founding.succeeded(&client).await;
    let teller = Teller::of(&stack, at(&runtime, &slug, &founding, text(&session(&client, &slug, Some(&slug)).await["access_token"]))).await;
    let database = stack.admin_db(&format!("nxt_{}", teller.organization.id.simple())).await;

    control.terminate().await;
    let (early, late) = (format!("early@{slug}.example"), format!("late@{slug}.example"));
    let invites = async |email: &str| {
        let invitation = Uuid::new_v4();
        let payload = json!({ "invitation_id": invitation, "email": email, "locale": "en", "expires_at": "2999-01-01T00:00:00Z", "generation": 1 });
        teller.tells("access.invitation.sent.v1", invitation, payload).await;
        let announced = "SELECT count(*) FROM outbox WHERE aggregate_id = $1 AND publish_count > 0 AND done_at IS NULL";
        let told = async || sqlx::query_scalar::<_, i64>(announced).bind(invitation).fetch_one(database.pool()).await.unwrap() == 1;
        eventually(SOON, async || told().await.then_some(())).await;
    };
    invites(&early).await;
    control_db.wipe_redis().await;
    invites(&late).await;

    // Served meanwhile, as if nothing were waited for.
    let _ = teller.organization.client.get("/api/v1/tags").send().await.expect(200);
    let control = command("control-plane").spawn().await;
    for (email, within) in [(&late, SOON), (&early, LATER)] {
        let mut mailbox = Mailbox::of(&stack, email);
        eventually(within, async || (!mailbox.all().is_empty()).then_some(())).await;
        let seen = look(&control.client(), &token_of(&mut mailbox).await).await.expect(200).ok();
        assert_eq!((&seen["email"], &seen["organization"]["slug"]), (&json!(email), &json!(slug)));
    }
    nexus_test_support::black_box::outbox::drained(database.pool(), SOON).await;
    for email in [early, late] {
        assert_eq!(Mailbox::of(&stack, &email).all().len(), 1, "once each");
    }
}
