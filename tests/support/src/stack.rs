//! Where the servers of the running test stack are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use nexus_config::{Role as ConfigRole, Settings};
use nexus_infra::object_store::ObjectStore;
use nexus_infra::{ConnectSpec, Db};
use secrecy::SecretString;
use sqlx::{ConnectOptions, Connection};
use tokio::sync::OnceCell;
use toml::Table;

use crate::ControlDb;

/// The running stack: what `nexus test-stack` says in the environment.
#[derive(Debug)]
pub struct TestStack {
    settings: Table,
    objects: OnceLock<ObjectStore>,
    admin: ConnectSpec,
    mail_dir: PathBuf,
    control_template: String,
    tenant_template: String,
    program: PathBuf,
    fsync: bool,
    run: String,
    /// Whether others use it too, so that what a test leaves must be swept away while it runs.
    is_shared: bool,
    lease: OnceCell<()>,
}

static STACK: OnceLock<Arc<TestStack>> = OnceLock::new();

impl TestStack {
    /// The stack of this test run.
    ///
    /// # Panics
    /// When the tests were not started by `nexus test-stack` (`make test` does it).
    #[must_use]
    pub fn from_env() -> Arc<Self> {
        Arc::clone(STACK.get_or_init(|| Arc::new(Self::told_by(variable, true))))
    }

    /// The stack that these variables tell of.
    pub(crate) fn told_by(variable: impl Fn(&str) -> Option<String>, is_shared: bool) -> Self {
        let told = |name: &str| {
            variable(name).unwrap_or_else(|| {
                panic!("{name} is not set: these tests need real servers. Run `make test`, or `nexus test-stack -- cargo nextest run --workspace`")
            })
        };
        // What `main` does in the program: every TLS client of this process uses one provider.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let text = std::fs::read_to_string(told("NEXUS_TEST_SETTINGS")).expect("the settings of the test stack");
        let settings: Table = text.parse().expect("settings in TOML");
        let admin = settings["servers"][0]["admin_url"].as_str().expect("the administrator's URL").to_owned();
        Self {
            admin: ConnectSpec::from_url(&SecretString::from(admin)).expect("the administrator's URL"),
            settings,
            objects: OnceLock::new(),
            mail_dir: told("NEXUS_TEST_MAIL_DIR").into(),
            control_template: told("NEXUS_TEST_CONTROL_TEMPLATE"),
            tenant_template: told("NEXUS_TEST_TENANT_TEMPLATE"),
            program: told("NEXUS_TEST_BIN").into(),
            fsync: told("NEXUS_TEST_FSYNC") == "on",
            run: format!("nexus-test-{}", uuid::Uuid::new_v4().simple()),
            is_shared,
            lease: OnceCell::new(),
        }
    }

    /// A setting of the stack, such as `("redis", "url")`.
    ///
    /// # Panics
    /// When there is no such text.
    #[must_use]
    pub fn setting(&self, section: &str, key: &str) -> &str {
        self.settings[section][key].as_str().expect("a text")
    }

    /// URL of the Redis that all tests share: names in it must be a test's own.
    #[must_use]
    pub fn redis_url(&self) -> &str {
        self.setting("redis", "url")
    }

    /// URL of the mail sink.
    #[must_use]
    pub fn smtp_url(&self) -> &str {
        self.setting("mail", "smtp_url")
    }

    /// Address of the S3 server.
    #[must_use]
    pub fn s3_endpoint(&self) -> &str {
        self.setting("s3", "endpoint")
    }

    /// Root access key and secret of the S3 server.
    #[must_use]
    pub fn s3_root(&self) -> (&str, &str) {
        (self.setting("s3", "access_key"), self.setting("s3", "secret_key"))
    }

    /// The platform's master key, base64.
    #[must_use]
    pub fn master_key(&self) -> &str {
        self.setting("secrets", "master_key")
    }

    /// How the administrator (a superuser) reaches a database of the cluster.
    #[must_use]
    pub fn admin_spec(&self, database: &str) -> ConnectSpec {
        self.admin.clone().database(database).max_connections(2).application_name("nexus-test-admin")
    }

    /// The administrator's URL of the cluster.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn admin_url(&self) -> &str {
        self.settings["servers"][0]["admin_url"].as_str().expect("a URL")
    }

    /// A superuser's connections to a database of the cluster.
    ///
    /// # Panics
    /// When the server can't be reached.
    pub async fn admin_db(&self, database: &str) -> Db {
        Db::connect(&self.admin_spec(database)).await.expect("the administrator's connection")
    }

    /// Complete settings of a platform on this stack and this control database.
    ///
    /// # Panics
    /// When they are refused.
    #[must_use]
    pub fn settings(&self, control: &ControlDb) -> Settings {
        complete(&self.settings_toml(control))
    }

    /// The administrator of the stack's buckets.
    #[must_use]
    pub fn objects(&self) -> &ObjectStore {
        self.objects.get_or_init(|| ObjectStore::admin(&complete(&self.settings.to_string()).s3))
    }

    /// The same as a file's text.
    #[must_use]
    pub fn settings_toml(&self, control: &ControlDb) -> String {
        let mut settings = self.settings.clone();
        for section in ["control_db", "directory_db"] {
            let address = settings[section]["url"].as_str().expect("a URL");
            let mut url = url::Url::parse(address).expect("a URL");
            url.set_path(control.name());
            settings[section]["url"] = url.to_string().into();
        }
        settings["redis"]["url"] = control.redis_url().into();
        let runtime = settings.entry("runtime").or_insert_with(|| Table::new().into());
        runtime["snapshot_file"] = control.snapshot_file().to_string_lossy().into_owned().into();
        settings.to_string()
    }

    /// The environment under which the real program runs on this stack and this control database.
    #[must_use]
    pub fn environment(&self, control: &ControlDb) -> Vec<(String, String)> {
        vec![("NEXUS_CONFIG".to_owned(), control.settings_file().to_string_lossy().into_owned())]
    }

    /// The program under test.
    #[must_use]
    pub fn nexus_bin(&self) -> &Path {
        &self.program
    }

    /// Whether Postgres syncs what it writes.
    #[must_use]
    pub fn syncs(&self) -> bool {
        self.fsync
    }

    /// Where the mail sink keeps messages.
    #[must_use]
    pub fn mail_dir(&self) -> &Path {
        &self.mail_dir
    }

    pub(crate) fn control_template(&self) -> &str {
        &self.control_template
    }

    pub(crate) fn tenant_template(&self) -> &str {
        &self.tenant_template
    }

    /// Notes that a database belongs to this test process. The stack drops it once the process is gone, however it ended: it keeps
    /// one connection of that name open as a sign of life.
    pub(crate) async fn own_database(&self, admin: &Db, database: &str) {
        if !self.is_shared {
            return;
        }
        self.lease
            .get_or_init(|| async {
                let options = url::Url::parse(self.settings["servers"][0]["admin_url"].as_str().expect("a URL")).expect("a URL");
                let options = sqlx::postgres::PgConnectOptions::from_url(&options).expect("options").application_name(&self.run);
                let (told, ready) = tokio::sync::oneshot::channel();
                // A thread of its own: the runtime of the first test may end long before the process does.
                std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async {
                        let connection = sqlx::PgConnection::connect_with(&options).await.expect("the sign of life");
                        let _ = told.send(());
                        std::future::pending::<()>().await;
                        drop(connection);
                    });
                });
                ready.await.expect("the sign of life");
            })
            .await;
        let comment = format!("COMMENT ON DATABASE \"{database}\" IS '{}'", self.run);
        sqlx::query(sqlx::AssertSqlSafe(comment)).execute(admin.pool()).await.expect("a comment");
    }
}

fn complete(settings: &str) -> Settings {
    Settings::from_layers(ConfigRole::All, Some(("the test stack's settings", settings)), &BTreeMap::new()).expect("valid settings")
}

/// Whether the stack's object store has this bucket.
///
/// # Panics
/// When the store does not answer.
pub async fn bucket_exists(stack: &TestStack, bucket: &str) -> bool {
    stack.objects().bucket_exists(bucket).await.expect("the object store")
}

/// The buckets of the stack's object store whose names begin so.
///
/// # Panics
/// When the store does not answer.
pub async fn buckets(stack: &TestStack, prefix: &str) -> Vec<String> {
    stack.objects().list_buckets(prefix).await.expect("the object store")
}

/// Opens one connection and closes it again; says in full why there was none.
///
/// # Errors
/// What the server or the way to it said.
pub async fn try_connect(spec: &ConnectSpec) -> Result<(), String> {
    let connection = Db::single(spec).await.map_err(|error| in_full(&error))?;
    connection.close().await.map_err(|error| in_full(&error))
}

/// An error with its causes.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// A variable of the environment that steers the tests, such as how long they take.
#[expect(clippy::disallowed_methods, reason = "what steers the tests is no setting of the product")]
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
