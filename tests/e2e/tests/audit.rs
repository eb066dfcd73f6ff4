//! Who did what, and what follows from it: every writing operation of an organization, done once with success, writes one audit entry
//! and the events of the change, and nothing when it is replayed. Derived from the document: an operation without a row fails the test.

use nexus_test_support::{Answer, Client, Role, TestTenant};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::accepted;
use crate::document::{Operation, csv};
use crate::fixtures::{Belongings, succeeded};
use crate::platform::{Platform, key, text};

/// What an operation records: the action and kind of thing of its audit entry, and its events.
struct Row(&'static str, Entry, &'static [&'static str]);

/// Action and kind of thing.
type Entry = (&'static str, &'static str);

const TABLE: &[Row] = &[
    Row("edit_settings", ("settings.update", "settings"), &["access.settings.updated.v1"]),
    Row("create_api_key", ("api_keys.create", "api_key"), &["access.api_key.created.v1"]),
    Row("revoke_api_key", ("api_keys.revoke", "api_key"), &["access.api_key.revoked.v1"]),
    Row("create_invitation", ("invitations.create", "invitation"), &["access.invitation.sent.v1"]),
    Row("resend_invitation", ("invitations.resend", "invitation"), &["access.invitation.sent.v1"]),
    Row("revoke_invitation", ("invitations.revoke", "invitation"), &["access.invitation.revoked.v1"]),
    Row("assign_user_roles", ("users.assign_roles", "user"), &["access.user.roles_changed.v1"]),
    Row("deactivate_user", ("users.deactivate", "user"), &["access.user.deactivated.v1"]),
    Row("reactivate_user", ("users.reactivate", "user"), &["access.user.reactivated.v1"]),
    Row("remove_user", ("users.remove", "user"), &["access.user.removed.v1"]),
    Row("create_role", ("roles.create", "role"), &["access.role.created.v1"]),
    Row("replace_role", ("roles.update", "role"), &["access.role.changed.v1"]),
    Row("edit_role", ("roles.update", "role"), &["access.role.changed.v1"]),
    Row("replace_role_permissions", ("roles.update", "role"), &["access.role.changed.v1"]),
    Row("delete_role", ("roles.delete", "role"), &["access.role.deleted.v1"]),
    Row("create_category", ("categories.create", "category"), &["catalog.category.created.v1"]),
    Row("replace_category", ("categories.update", "category"), &["catalog.category.updated.v1"]),
    Row("edit_category", ("categories.update", "category"), &["catalog.category.updated.v1"]),
    Row("delete_category", ("categories.delete", "category"), &["catalog.category.deleted.v1"]),
    Row("create_product", ("products.create", "product"), &["catalog.product.created.v1"]),
    Row("replace_product", ("products.update", "product"), &["catalog.product.updated.v1"]),
    Row("edit_product", ("products.update", "product"), &["catalog.product.updated.v1"]),
    Row("delete_product", ("products.delete", "product"), &["catalog.product.deleted.v1"]),
    Row("create_variant", ("variants.create", "variant"), &["catalog.variant.created.v1"]),
    Row("replace_variant", ("variants.update", "variant"), &["catalog.variant.updated.v1"]),
    Row("edit_variant", ("variants.update", "variant"), &["catalog.variant.updated.v1"]),
    Row("delete_variant", ("variants.delete", "variant"), &["catalog.variant.deleted.v1"]),
    Row("create_tag", ("tags.create", "tag"), &["catalog.tag.created.v1"]),
    Row("edit_tag", ("tags.update", "tag"), &["catalog.tag.updated.v1"]),
    Row("delete_tag", ("tags.delete", "tag"), &["catalog.tag.deleted.v1"]),
    Row("adjust_inventory", ("inventory.adjust", "stock_posting"), &["inventory.stock_movement.posted.v1"]),
    Row("transfer_inventory", ("inventory.transfer", "stock_posting"), &["inventory.stock_movement.posted.v1"]),
    Row("create_stock_movements", ("inventory.receive", "stock_posting"), &["inventory.stock_movement.posted.v1"]),
    Row("reverse_stock_movement", ("inventory.reverse", "stock_posting"), &["inventory.stock_movement.posted.v1"]),
    Row("create_location", ("locations.create", "location"), &["inventory.location.created.v1"]),
    Row("replace_location", ("locations.update", "location"), &["inventory.location.updated.v1"]),
    Row("edit_location", ("locations.update", "location"), &["inventory.location.updated.v1"]),
    Row("delete_location", ("locations.delete", "location"), &["inventory.location.deleted.v1"]),
    Row("cancel_job", ("jobs.cancel", "job"), &["jobs.job.cancelled.v1"]),
    Row("create_saved_view", ("saved_views.create", "saved_view"), &["saved_views.saved_view.created.v1"]),
    Row("edit_saved_view", ("saved_views.update", "saved_view"), &["saved_views.saved_view.updated.v1"]),
    Row("delete_saved_view", ("saved_views.delete", "saved_view"), &["saved_views.saved_view.deleted.v1"]),
    Row("edit_onboarding", ("onboarding.update", "onboarding"), &["onboarding.checklist.updated.v1"]),
    Row("load_sample_data", ("sample_data.load", "sample_data"), &["onboarding.sample_data.loaded.v1"]),
    Row("remove_sample_data", ("sample_data.remove", "sample_data"), &["onboarding.sample_data.removed.v1"]),
    // What starts a job changes nothing yet that anybody could follow.
    Row("export_products", ("products.export", "job"), &[]),
    Row("import_products", ("imports.start", "import"), &[]),
    Row("import_stock_movements", ("imports.start", "import"), &[]),
];

/// What the jobs of operations record when they are done.
const JOBS: &[Row] = &[
    Row("import_products", ("products.upsert", "product"), &["catalog.products.upserted.v1"]),
    Row("import_stock_movements", ("inventory.import", "import"), &["inventory.stock_movement.posted.v1"]),
];

/// Operations whose file is imported, with its text.
const FILES: &[(&str, &str)] =
    &[("import_products", "sku,name\nBY-FILE,From a file\n"), ("import_stock_movements", "sku,quantity,location\nOWNDATUM,1,MAIN\n")];

/// Operations whose answer holds a secret, which no retry shows again.
const SHOWN_ONCE: &[&str] = &["create_api_key"];

/// Operations that do what several others do: the entries and events of those come first, their own last.
const COMPOSED: &[&str] = &["load_sample_data", "remove_sample_data"];

/// What happens to a thing itself has one word each; whatever else is done to it goes by its operation's name.
const VERBS: &[(&str, &str)] = &[("create_", "create"), ("replace_", "update"), ("edit_", "update"), ("delete_", "delete")];

#[test]
fn the_audit_log_speaks_one_language() {
    for Row(operation, (action, thing), _) in TABLE.iter().filter(|row| row.1.1 != "stock_posting") {
        let Some((_, verb)) = VERBS.iter().find(|(begins, _)| operation.starts_with(begins)) else { continue };
        let (_, said) = action.split_once('.').expect("resource and verb");
        assert_eq!(said, *verb, "{operation} of a {thing}");
    }
}

/// A row of the audit log: [`COLUMNS`].
type Recorded = (String, String, Option<Uuid>, Option<Uuid>, String, Option<Uuid>, String);

const COLUMNS: &str = "action, entity_type, entity_id, subject_id, actor_kind, actor_id, request_id";

/// A row of the outbox: kind and aggregate.
type Emitted = (String, Uuid);

struct Ground {
    client: Client,
    tenant: TestTenant,
    ours: Belongings,
    /// A superuser's: the log and the outbox as they are.
    pool: PgPool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_write_leaves_one_audit_entry_and_its_events() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    let ours = Belongings::furnish(&client, &tenant, "OWNDATUM").await;
    let pool = tenant.owner_db().await.pool().clone();
    let ground = Ground { client, tenant, ours, pool };
    let operations = platform.document.operations();
    let writing: Vec<&Operation> = operations.values().filter(|operation| operation.is_tenants() && operation.writes()).collect();
    for name in TABLE.iter().map(|row| row.0).chain(accepted::operations()) {
        assert!(writing.iter().any(|operation| operation.id == name), "the tables name {name}, which is gone");
    }
    // Joining is done by somebody else: see `people`.
    for operation in writing.into_iter().filter(|operation| !operation.is_by_invitation()) {
        let row = TABLE.iter().find(|row| row.0 == operation.id);
        let row = row.unwrap_or_else(|| panic!("{} writes: say in tests/e2e/tests/audit.rs what it records", operation.id));
        ground.records(operation, row).await;
    }
}

impl Ground {
    async fn records(&self, operation: &Operation, Row(_, entry, events): &Row) {
        let (path, version) = self.ours.aim(operation).await;
        let body = accepted::of(operation).bodies().next();
        let body = body.map(|body| accepted::filled(&body, |kind| if kind == "given" { key() } else { self.ours.id(kind).to_owned() }));
        let (idempotency_key, request_id) = (key(), format!("audit-{}", operation.id));
        let send = async |request_id: &str| {
            let mut request = self.client.request(operation.method.parse().expect("a method"), &path).header("X-Request-Id", request_id);
            if operation.takes("If-Match") {
                request = request.if_match(version);
            }
            if operation.takes("Idempotency-Key") {
                request = request.idempotency_key(&idempotency_key);
            }
            match (&body, FILES.iter().find(|(id, _)| *id == operation.id)) {
                (Some(body), _) => request.json(body),
                (None, Some((_, file))) => request.multipart(csv(file)),
                (None, None) => request,
            }
            .send()
            .await
        };
        let before = self.last_entry().await;
        let answer = send(&request_id).await;
        assert!(answer.status.is_success(), "{}: {} {}", operation.id, answer.status, answer.text());
        let (thing, aggregate) = self.concerned(operation, &path, &answer);
        let (mut entries, mut found) = (self.entries_since(before).await, self.events_of(&request_id).await);
        if COMPOSED.contains(&operation.id.as_str()) {
            assert!(entries.len() > 1 && entries.iter().all(|entry| entry.6 == request_id), "{}: {entries:?}", operation.id);
            entries.drain(..entries.len() - 1);
            found.drain(..found.len() - 1);
        }
        if entry.1 == "invitation" {
            // The person concerned has another id.
            let concerned = entries.iter_mut().map(|recorded| recorded.3.take());
            assert!(concerned.flatten().next().is_some(), "{}: whom it concerns is not recorded", operation.id);
        }
        assert_eq!(entries, [self.by_the_owner(entry, thing, &request_id)], "{}", operation.id);
        assert_eq!(found, emitted(events, aggregate), "{}", operation.id);
        if let Some(Row(_, entry, events)) = JOBS.iter().find(|row| row.0 == operation.id) {
            self.job_records(&text(&answer.ok()["id"]), entry, events).await;
        }
        if operation.takes("Idempotency-Key") {
            let before = self.last_entry().await;
            let again = send("audit-again").await;
            if SHOWN_ONCE.contains(&operation.id.as_str()) {
                again.error(409, "SECRET_NOT_REPLAYABLE");
            } else {
                assert_eq!(again.header("idempotency-replayed"), Some("true"), "{}: {}", operation.id, again.text());
                assert_eq!((again.status, again.ok()), (answer.status, answer.ok()), "{}", operation.id);
            }
            assert_eq!(self.entries_since(before).await, [], "{}, replayed", operation.id);
            assert_eq!(self.events_of("audit-again").await, [], "{}, replayed", operation.id);
        }
    }

    async fn job_records(&self, job: &str, entry: &Entry, events: &[&str]) {
        succeeded(&self.client, job).await;
        let request_id = format!("job-{job}");
        let statement = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM audit_log WHERE request_id = $1 ORDER BY seq"));
        let found: Vec<Recorded> = sqlx::query_as(statement).bind(&request_id).fetch_all(&self.pool).await.unwrap();
        // A batch of products has no id of its own; an import has.
        let thing = (entry.1 == "import").then(|| job.parse().expect("a UUID"));
        assert_eq!(found, [self.by_the_owner(entry, thing, &request_id)]);
        let kinds: Vec<String> = self.events_of(&request_id).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, events);
    }

    /// What the entry and the event are about.
    fn concerned(&self, operation: &Operation, path: &str, answer: &Answer) -> (Option<Uuid>, Uuid) {
        // These are one thing without an id; their events go by the organization.
        if ["edit_settings", "edit_onboarding"].contains(&operation.id.as_str()) {
            return (None, self.tenant.id.0);
        }
        let id = match answer.status.as_u16() {
            201 | 202 => text(&answer.ok()["id"]),
            _ if operation.id == "remove_sample_data" => text(&answer.ok()["id"]),
            _ => operation.parameter_of(path),
        };
        let id = id.parse().expect("a UUID");
        (Some(id), id)
    }

    fn by_the_owner(&self, (action, entity_type): &Entry, entity_id: Option<Uuid>, request_id: &str) -> Recorded {
        let owner = self.tenant.user(Role::Owner).account_id.0;
        let concerned = entity_id.filter(|_| *entity_type == "user");
        ((*action).to_owned(), (*entity_type).to_owned(), entity_id, concerned, "user".to_owned(), Some(owner), request_id.to_owned())
    }

    async fn last_entry(&self) -> i64 {
        sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM audit_log").fetch_one(&self.pool).await.unwrap()
    }

    /// Entries of requests; jobs go on beside them.
    async fn entries_since(&self, seq: i64) -> Vec<Recorded> {
        let statement = format!("SELECT {COLUMNS} FROM audit_log WHERE seq > $1 AND request_id NOT LIKE 'job-%' ORDER BY seq");
        sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(seq).fetch_all(&self.pool).await.unwrap()
    }

    async fn events_of(&self, request_id: &str) -> Vec<Emitted> {
        let statement = "SELECT kind, aggregate_id FROM outbox WHERE request_id = $1 ORDER BY seq";
        sqlx::query_as(statement).bind(request_id).fetch_all(&self.pool).await.unwrap()
    }
}

fn emitted(kinds: &[&str], aggregate: Uuid) -> Vec<Emitted> {
    kinds.iter().map(|kind| ((*kind).to_owned(), aggregate)).collect()
}

/// The log is shown as it was written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_shows_what_was_recorded() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    let tag = client.post("/api/v1/tags", &json!({ "name": "organic" })).header("X-Request-Id", "look-for-me").send().await.created();
    let entries = client.get("/api/v1/audit-logs?request_id=look-for-me").send().await.expect(200).ok();
    let entry = &entries[0];
    let told = [&entry["action"], &entry["entity_type"], &entry["entity_id"], &entry["before"], &entry["after"]["name"], &entry["actor_kind"]];
    assert_eq!(told, [&json!("tags.create"), &json!("tag"), &tag["id"], &Value::Null, &json!("organic"), &json!("user")], "{entries}");
    assert_eq!(entry["actor_id"], json!(tenant.user(Role::Owner).account_id));
    assert_eq!(entries.as_array().map(Vec::len), Some(1), "{entries}");
}
