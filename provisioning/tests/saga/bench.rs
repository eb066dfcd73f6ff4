//! A provisioner with a runner over a control database of the test's own, and a look at what exists outside.

use std::sync::Arc;
use std::time::Duration;

use nexus_config::Settings;
use nexus_core::{AccountId, AuditEntry, Entitlements, Origin, SharedClock, Slug, SystemClock, TenantId};
use nexus_infra::object_store::ObjectStore;
use nexus_infra::redis::Redis;
use nexus_infra::secrets::TenantKeyring;
use nexus_infra::{Db, Tx};
use nexus_provisioning::{InTx, NewTenant, Operation, OperationState, Provisioner, ProvisionerSpec, ProvisioningError, Runner, TenancyEnd};
use nexus_test_support::{ControlDb, TestStack, eventually};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// One test's platform.
pub struct Bench {
    pub control: Arc<ControlDb>,
    pub settings: Settings,
    pub objects: ObjectStore,
    pub admin: Db,
    pub provisioner: Provisioner,
    pub clock: SharedClock,
}

/// Stands for what the control plane ends with a tenant: it says so in the audit log, in the transaction it is given.
struct End;

impl TenancyEnd for End {
    fn end<'t>(&'t self, tx: &'t Tx, tenant: TenantId) -> InTx<'t> {
        tx.audit(AuditEntry::of("test.end", "tenant", tenant.0));
        Box::pin(async { Ok(()) })
    }
}

/// What exists outside the control database under a tenant's names.
#[derive(Debug, PartialEq, Eq)]
pub struct Outside {
    pub database: bool,
    pub role: bool,
    pub bucket: bool,
}

impl Outside {
    pub const ALL: Self = Self { database: true, role: true, bucket: true };
    pub const NOTHING: Self = Self { database: false, role: false, bucket: false };
}

impl Bench {
    pub async fn new() -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        Self::over(control, SystemClock::shared()).await
    }

    /// One whose sign-ups are given up after so many seconds of failures.
    pub async fn with_patience(seconds: u64) -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        Self::built(control, SystemClock::shared(), seconds).await
    }

    pub async fn over(control: Arc<ControlDb>, clock: SharedClock) -> Self {
        Self::built(control, clock, 300).await
    }

    async fn built(control: Arc<ControlDb>, clock: SharedClock, patience_s: u64) -> Self {
        let mut settings = control.stack().settings(&control);
        settings.provisioning.patience_s = patience_s;
        Self::with(control, clock, settings).await
    }

    /// One that knows of a server besides that takes connections and says nothing. No tenant is placed there.
    pub async fn with_silent_server() -> (Self, std::net::TcpListener) {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        let mut settings = stack.settings(&control);
        // Connections are taken by the kernel.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut server = settings.servers[0].clone();
        (server.name, server.host, server.port) = ("zz-silent".to_owned(), "127.0.0.1".to_owned(), silent.local_addr().unwrap().port());
        server.admin_url = format!("postgres://nobody:nothing@127.0.0.1:{}/postgres", server.port).into();
        settings.servers.push(server);
        (Self::with(control, SystemClock::shared(), settings).await, silent)
    }

    /// One that keeps so many entries prepared.
    pub async fn with_warm_pool(size: u32) -> Self {
        let stack = TestStack::from_env();
        let control = ControlDb::new(&stack).await;
        Self::warm(control, SystemClock::shared(), size).await
    }

    async fn warm(control: Arc<ControlDb>, clock: SharedClock, size: u32) -> Self {
        let mut settings = control.stack().settings(&control);
        settings.provisioning.warm_pool.size = size;
        Self::with(control, clock, settings).await
    }

    /// Another process over the same control database that keeps so many entries prepared.
    pub async fn warm_sibling(&self, size: u32) -> Self {
        Self::warm(Arc::clone(&self.control), Arc::clone(&self.clock), size).await
    }

    /// Another process over the same control database, whose object store is away.
    pub async fn sibling_without_objects(&self) -> Self {
        let mut settings = self.settings.clone();
        settings.s3.endpoint = Some("http://127.0.0.1:1".to_owned());
        Self::with(Arc::clone(&self.control), Arc::clone(&self.clock), settings).await
    }

    async fn with(control: Arc<ControlDb>, clock: SharedClock, settings: Settings) -> Self {
        let stack = Arc::clone(control.stack());
        let objects = ObjectStore::admin(&settings.s3);
        let provisioner = Provisioner::new(ProvisionerSpec {
            control: control.db().clone(),
            redis: Some(Redis::new(&settings.redis).unwrap()),
            objects: objects.clone(),
            keyring: Arc::new(TenantKeyring::from_settings(&settings.secrets).unwrap()),
            tenancy_end: Arc::new(End),
            clock: Arc::clone(&clock),
            settings: &settings,
        })
        .unwrap();
        provisioner.register_servers().await.unwrap();
        let admin = stack.admin_db("postgres").await;
        Self { control, settings, objects, admin, provisioner, clock }
    }

    /// Another process over the same control database.
    pub async fn sibling(&self) -> Self {
        Self::over(Arc::clone(&self.control), Arc::clone(&self.clock)).await
    }

    /// Runs `test` with a runner beside it.
    pub async fn with_runner<T>(&self, test: impl Future<Output = T>) -> T {
        self.with_runners(&[], test).await
    }

    /// Runs `test` with this one's runner and others' beside it.
    pub async fn with_runners<T>(&self, others: &[&Self], test: impl Future<Output = T>) -> T {
        let stop = CancellationToken::new();
        let local = LocalSet::new();
        let runners: Vec<_> = std::iter::once(self)
            .chain(others.iter().copied())
            .map(|bench| local.spawn_local(Runner::new(bench.provisioner.clone()).run(stop.clone())))
            .collect();
        local
            .run_until(async move {
                let outcome = test.await;
                stop.cancel();
                for runner in runners {
                    runner.await.unwrap();
                }
                outcome
            })
            .await
    }

    pub fn origin(&self) -> Origin {
        Origin::system("test")
    }

    pub async fn account(&self) -> AccountId {
        let id = Uuid::new_v4();
        sqlx::query("INSERT INTO accounts (id, email, email_normalised, display_name) VALUES ($1, $2, $2, 'Owner')")
            .bind(id)
            .bind(format!("{id}@example.com"))
            .execute(self.control.db().pool())
            .await
            .unwrap();
        AccountId(id)
    }

    pub fn new_tenant(&self, slug: &str, owner: AccountId) -> NewTenant {
        NewTenant {
            slug: Slug::parse(slug).unwrap(),
            name: "Acme Ltd".to_owned(),
            owner,
            entitlements: Entitlements { plan: "free".to_owned(), ..Entitlements::default() },
            locale: Some("de".to_owned()),
            currency: Some("CHF".to_owned()),
            time_zone: None,
        }
    }

    pub async fn start(&self, new: &NewTenant) -> Result<Operation, ProvisioningError> {
        let started =
            self.control.db().write("test.start", &self.clock, &self.origin(), async |tx: &Tx| self.provisioner.start(tx, new).await).await?;
        self.provisioner.nudge();
        Ok(started)
    }

    pub async fn sign_up(&self, slug: &str) -> (TenantId, Operation) {
        let owner = self.account().await;
        let new = self.new_tenant(slug, owner);
        let operation = self.start(&new).await.unwrap();
        (operation.tenant_id, operation)
    }

    /// The operation once it is over.
    pub async fn ended(&self, id: Uuid) -> Operation {
        eventually(Duration::from_secs(120), || async {
            let operation = self.provisioner.operation(id).await.unwrap().unwrap();
            (!matches!(operation.state, OperationState::Pending | OperationState::Running)).then_some(operation)
        })
        .await
    }

    pub async fn outside(&self, tenant: TenantId) -> Outside {
        let name = format!("nxt_{}", tenant.opaque());
        let (database, role): (bool, bool) =
            sqlx::query_as("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1), EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
                .bind(&name)
                .fetch_one(self.admin.pool())
                .await
                .unwrap();
        let bucket = self.objects.bucket_exists(&name.replace('_', "-")).await.unwrap();
        Outside { database, role, bucket }
    }

    /// State and slug of the tenant's row.
    pub async fn tenant(&self, id: TenantId) -> (String, String) {
        sqlx::query_as("SELECT state, slug FROM tenants WHERE id = $1").bind(id.0).fetch_one(self.control.db().pool()).await.unwrap()
    }
}
