//! The runtime served for tests: every slice, on a real tenant database, with its workers.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_config::Settings;
use nexus_core::{Clock, SystemClock};
use nexus_iam::policy::{POLICY_CHANNEL, PolicyChange, PolicyVersion};
use nexus_iam::sources::ControlViews;
use nexus_iam::tokens::{Revocations, TokenVerifier};
use nexus_infra::directory::Directory;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::object_store::{TenantBucket, TenantBuckets};
use nexus_infra::outbox::Plane;
use nexus_infra::redis::Redis;
use nexus_infra::secrets::TenantKeyring;
use nexus_infra::shutdown::Ending;
use nexus_test_support::{Client, Proxy, Role, TestServer, TestTenant, eventually};
use nexus_web::health::{BuildInfo, Health};
use nexus_web::{ServerSpec, WebOptions, serve};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::context::SCHEMA_VERSION;
use crate::{Runtime, RuntimeDeps, slices, workers};

/// How long background work may take in a test.
const SOON: Duration = Duration::from_secs(30);

/// A served runtime and the tenant it is tried with.
pub(crate) struct App {
    pub(crate) tenant: TestTenant,
    pub(crate) server: TestServer,
    /// What is served.
    pub(crate) runtime: Runtime,
}

/// Puts the tenant on a server of its own with this name, which is reached by the proxy.
pub(crate) async fn behind_proxy(tenant: &TestTenant, name: &str) -> Proxy {
    let settings = tenant.control.stack().settings(&tenant.control);
    let proxy = Proxy::start(&settings.servers[0].host, settings.servers[0].port).await;
    sqlx::query(
        "WITH added AS (INSERT INTO database_servers (id, name, host, port) VALUES ($1, $2, '127.0.0.1', $3) RETURNING id)
         UPDATE tenants SET server_id = added.id FROM added WHERE tenants.id = $4",
    )
    .bind(SystemClock.new_id())
    .bind(name)
    .bind(i32::from(proxy.port()))
    .bind(tenant.id.0)
    .execute(tenant.control.db().pool())
    .await
    .unwrap();
    proxy
}

impl App {
    /// An active tenant without limits, served with workers.
    pub(crate) async fn start() -> Self {
        Self::serve(TestTenant::new().await, true, |_| ()).await
    }

    /// With workers, and with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::serve(TestTenant::new().await, true, change).await
    }

    /// Without background work, and with other settings.
    pub(crate) async fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        Self::serve(TestTenant::new().await, false, change).await
    }

    /// A given tenant, without background work.
    pub(crate) async fn of(tenant: TestTenant) -> Self {
        Self::serve(tenant, false, |_| ()).await
    }

    /// A given tenant, without background work, and with other settings.
    pub(crate) async fn of_with(tenant: TestTenant, change: impl FnOnce(&mut Settings)) -> Self {
        Self::serve(tenant, false, change).await
    }

    /// Without background work: jobs stay queued.
    pub(crate) async fn without_workers() -> Self {
        Self::of(TestTenant::new().await).await
    }

    /// A tenant whose plan has these limits.
    pub(crate) async fn with_limits(limits: Value) -> Self {
        let tenant = TestTenant::new().await;
        tenant.set_entitlements(json!({ "plan": "free", "limits": limits, "features": [] })).await;
        Self::serve(tenant, true, |_| ()).await
    }

    /// A tenant whose database has the schema before the newest: it lacks what that brought.
    pub(crate) async fn at_the_schema_before() -> Self {
        let tenant = TestTenant::new().await;
        let newest = "DROP VIEW sample_marks; DROP TABLE sample_records, sample_data, onboarding, stock_reversals;
            DELETE FROM role_permissions WHERE permission = 'sample_data.write'";
        sqlx::raw_sql(newest).execute(tenant.owner_db().await.pool()).await.unwrap();
        let before = "UPDATE tenants SET schema_version = $2 WHERE id = $1";
        sqlx::query(before).bind(tenant.id.0).bind(SCHEMA_VERSION - 1).execute(tenant.control.db().pool()).await.unwrap();
        Self::of(tenant).await
    }

    /// A tenant in this state of its life.
    pub(crate) async fn in_state(state: &str) -> Self {
        let tenant = TestTenant::new().await;
        tenant.set_state(state).await;
        Self::of(tenant).await
    }

    async fn serve(tenant: TestTenant, with_workers: bool, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = tenant.control.stack().settings(&tenant.control);
        change(&mut settings);
        let settings = Arc::new(settings);
        let directory_db = tenant.control.directory_db().clone();
        let (hand_over, handed) = std::sync::mpsc::channel();
        let server = TestServer::start(async move |listener, shutdown: CancellationToken| {
            let clock = SystemClock::shared();
            let redis = Redis::new(&settings.redis).unwrap();
            let keyring = Arc::new(TenantKeyring::from_settings(&settings.secrets).unwrap());
            let views = ControlViews::new(directory_db.clone());
            let verifier = TokenVerifier::new(
                Box::new(views.clone()),
                Arc::new(Revocations::new(clock.clone())),
                &settings.tokens.issuer,
                Duration::from_secs(settings.tokens.leeway_s),
                clock.clone(),
            );
            let runtime = Runtime::new(RuntimeDeps {
                directory: Arc::new(Directory::new(directory_db, redis.clone(), &keyring, clock.clone())),
                verifier: Arc::new(verifier),
                revocations: Arc::new(views),
                redis: redis.clone(),
                keyring,
                buckets: Arc::new(TenantBuckets::new(&settings.s3)),
                dirty: Arc::new(DirtyTenants::new(Plane::Tenant, redis)),
                clock: clock.clone(),
                settings,
            });
            hand_over.send(runtime.clone()).unwrap();
            let ending = Ending::of(shutdown.clone());
            let running = if with_workers { workers(&runtime, &ending) } else { Vec::new() };
            let spec = ServerSpec {
                options: WebOptions { workers: Some(1), shutdown_timeout: Duration::from_secs(1), ..WebOptions::new(b"cursors of a test") },
                clock: clock.clone(),
                counter: None,
                health: Health::new(BuildInfo { version: "0.0.0", revision: None }, clock),
                api: std::iter::once(runtime.state()).chain(slices()).collect(),
                root: Vec::new(),
                fallback: None,
                shutdown,
            };
            serve(listener, spec).await.unwrap();
            ending.all();
            for worker in running {
                worker.join().await;
            }
            runtime.close(Duration::from_secs(5)).await;
        })
        .await;
        Self { tenant, server, runtime: handed.recv().unwrap() }
    }

    /// A client of the person with this role.
    pub(crate) fn client(&self, role: Role) -> Client {
        self.server.client().bearer(self.tenant.token(role))
    }

    /// Asserts that the audit log has an entry.
    pub(crate) async fn expect_audit(&self, action: &str, entity_type: &str) {
        let count = self.count("SELECT count(*) FROM audit_log WHERE action = $1 AND entity_type = $2", &[action, entity_type]).await;
        assert!(count > 0, "no audit entry {action} of a {entity_type}");
    }

    /// Asserts that the outbox has an event.
    pub(crate) async fn expect_event(&self, kind: &str) {
        assert!(self.count("SELECT count(*) FROM outbox WHERE kind = $1", &[kind]).await > 0, "no event {kind}");
    }

    async fn count(&self, sql: &'static str, values: &[&str]) -> i64 {
        let query = values.iter().fold(sqlx::query_scalar(sql), |query, value| query.bind((*value).to_owned()));
        query.fetch_one(self.tenant.db().pool()).await.unwrap()
    }

    /// Shuts a person out, and says so to the processes as whoever does it for real would.
    pub(crate) async fn deactivate(&self, role: Role) {
        let db = self.tenant.db();
        sqlx::query("UPDATE users SET status = 'deactivated', deactivated_at = now() WHERE id = $1")
            .bind(self.tenant.user(role).account_id.0)
            .execute(db.pool())
            .await
            .unwrap();
        self.tell_of_the_new_policy().await;
    }

    /// Gives a person another role than the one they go by here.
    pub(crate) async fn give_role(&self, to: Role, role: Role) {
        sqlx::query("UPDATE user_roles SET role_id = (SELECT id FROM roles WHERE key = $2) WHERE user_id = $1")
            .bind(self.tenant.user(to).account_id.0)
            .bind(role.key())
            .execute(self.tenant.owner_db().await.pool())
            .await
            .unwrap();
        self.tell_of_the_new_policy().await;
    }

    /// Gives a person a role of the organization's own with these permissions, in place of the one they go by here. Returns the role's key.
    pub(crate) async fn give_permissions(&self, to: Role, allow: &[&str], deny: &[&str]) -> String {
        let key = format!("r{}", SystemClock.new_id().simple());
        sqlx::query(
            "WITH part AS (INSERT INTO roles (id, key, name) VALUES ($1, $2, $2) RETURNING id),
                  grants AS (INSERT INTO role_permissions (role_id, permission, effect)
                             SELECT part.id, unnest($3::text[]), 'allow' FROM part UNION ALL SELECT part.id, unnest($4::text[]), 'deny' FROM part)
             INSERT INTO user_roles (user_id, role_id) SELECT $5, part.id FROM part",
        )
        .bind(SystemClock.new_id())
        .bind(&key)
        .bind(allow)
        .bind(deny)
        .bind(self.tenant.user(to).account_id.0)
        .execute(self.tenant.owner_db().await.pool())
        .await
        .unwrap();
        sqlx::query("DELETE FROM user_roles ur USING roles r WHERE r.id = ur.role_id AND ur.user_id = $1 AND r.key <> $2")
            .bind(self.tenant.user(to).account_id.0)
            .bind(&key)
            .execute(self.tenant.owner_db().await.pool())
            .await
            .unwrap();
        self.tell_of_the_new_policy().await;
        key
    }

    pub(crate) async fn tell_of_the_new_policy(&self) {
        let db = self.tenant.db();
        let change = PolicyChange { tenant_id: self.tenant.id, version: PolicyVersion::load(db).await.unwrap() };
        // Here at once, and to others as whoever makes such a change for real tells them.
        self.runtime.policies.announce(change).await;
        let settings = self.tenant.control.stack().settings(&self.tenant.control);
        Redis::new(&settings.redis).unwrap().publish(POLICY_CHANNEL, &serde_json::to_string(&change).unwrap()).await.unwrap();
    }

    /// Waits until this many sessions of the tenant's database wait for a lock.
    pub(crate) async fn sessions_wait(&self, wanted: i64) {
        let owner = self.tenant.owner_db().await;
        let sql = "SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database()";
        eventually(SOON, async || {
            let waiting: i64 = sqlx::query_scalar(sql).fetch_one(owner.pool()).await.unwrap();
            (waiting == wanted).then_some(())
        })
        .await;
    }

    /// The tenant's bucket.
    pub(crate) async fn bucket(&self) -> TenantBucket {
        self.runtime.bucket_of(&self.runtime.record_for_work(self.tenant.id).await.unwrap()).unwrap()
    }

    /// Keys of the bucket that begin so, in their order.
    pub(crate) async fn keys_in_bucket(&self, prefix: &str) -> Vec<String> {
        self.bucket().await.list(prefix, None).await.unwrap().into_iter().map(|object| object.key).collect()
    }

    /// Stores the object `key` when the store's clock has gone on since `earlier` was stored, and says when that was.
    pub(crate) async fn store_later(&self, key: &str, earlier: &str) -> DateTime<Utc> {
        let bucket = self.bucket().await;
        let stored = async |key: &str| bucket.list(key, None).await.unwrap().first().expect("an object").modified;
        let before = stored(earlier).await;
        eventually(SOON, async || {
            bucket.put_bytes(key, "later\n", "text/csv").await.unwrap();
            Some(stored(key).await).filter(|at| *at > before)
        })
        .await
    }

    /// Waits until the job at `path` has ended, and returns it.
    pub(crate) async fn job_done(&self, client: &Client, path: &str) -> Value {
        eventually(SOON, async || {
            let job = client.get(path).send().await.ok();
            matches!(job["state"].as_str(), Some("succeeded" | "failed" | "cancelled")).then_some(job)
        })
        .await
    }
}
