//! What an operator's role does not hold is refused, also where the content of a request decides.

use nexus_test_support::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::platform::Platform;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn support_revives_what_is_suspended_and_takes_no_deletion_back() {
    let platform = Platform::start().await;
    let organization = platform.sign_up().await;
    let tokens = platform.control.tokens();
    let operator = |role: &str| platform.client().bearer(tokens.mint(&tokens.operator_claims(Uuid::new_v4(), role)));
    let (support, billing, admin) = (operator("support"), operator("billing"), operator("super_admin"));
    let path = format!("/api/v1/tenants/{}", organization.id);
    let edit = async |client: &Client, body: Value| {
        let version = client.get(&path).send().await.expect(200).etag();
        client.patch(&path, &body).if_match(version).send().await
    };
    let _ = edit(&support, json!({ "state": "suspended", "state_reason": "Unpaid" })).await.expect(200);
    edit(&billing, json!({ "state": "active" })).await.error(403, "FORBIDDEN");
    edit(&support, json!({ "plan": "team" })).await.error(403, "FORBIDDEN");
    let _ = edit(&support, json!({ "state": "active" })).await.expect(200);
    // A replacement names the plan, too: neither role holds all that it takes.
    let whole = json!({ "name": "Acme", "plan": "free", "state": "active" });
    for role in [&support, &billing] {
        let version = role.get(&path).send().await.expect(200).etag();
        role.put(&path, &whole).if_match(version).send().await.error(403, "FORBIDDEN");
    }
    let version = admin.get(&path).send().await.expect(200).etag();
    support.delete(&path).if_match(version).send().await.error(403, "FORBIDDEN");
    admin.delete(&path).if_match(version).send().await.no_content();
    edit(&support, json!({ "state": "active" })).await.error(403, "FORBIDDEN");
    assert_eq!(admin.get(&path).send().await.expect(200).ok()["state"], "deleting");
    let _ = edit(&admin, json!({ "state": "active" })).await.expect(200);
}
