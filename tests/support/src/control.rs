//! A control database of a test's own.

use std::path::Path;
use std::sync::Arc;

use nexus_infra::redis::{Redis, wire as redis};
use nexus_infra::{ConnectSpec, Db};
use nexus_migration::database::{self, NewDatabase};
use secrecy::SecretString;

use crate::{TestStack, TestTokens};

/// Numbers of Redis databases that are given to platforms; tests of the transport itself take smaller ones.
const OWN_REDIS: std::ops::Range<u32> = 16..1024;

/// A migrated control database that no other test sees, with a published signing key whose private half the test holds.
#[derive(Debug)]
pub struct ControlDb {
    stack: Arc<TestStack>,
    name: String,
    db: Db,
    directory_db: Db,
    tokens: TestTokens,
    /// Number of its Redis database. What platforms tell each other there would otherwise be taken by programs of other tests.
    redis: u32,
    folder: tempfile::TempDir,
}

impl ControlDb {
    /// Clones one.
    ///
    /// # Panics
    /// When the stack does not serve.
    pub async fn new(stack: &Arc<TestStack>) -> Arc<Self> {
        let name = format!("nexus_test_{}", uuid::Uuid::new_v4().simple());
        let admin = stack.admin_db("postgres").await;
        let new = NewDatabase { name: &name, template: stack.control_template(), open: true, connection_limit: None };
        database::create(admin.pool(), new).await.expect("a control database");
        stack.own_database(&admin, &name).await;
        let mut connection = admin.pool().acquire().await.expect("a connection");
        nexus_migration::cluster::grant_control(&mut connection, &name).await.expect("grants");
        drop(connection);

        let db = connect(stack, "control_db", &name).await;
        let directory_db = connect(stack, "directory_db", &name).await;
        let tokens = TestTokens::foreign(&issuer(stack));
        publish(&db, &tokens).await;
        let redis = next_redis(stack).await;
        let control = Self { stack: Arc::clone(stack), name, db, directory_db, tokens, redis, folder: tempfile::tempdir().expect("a folder") };
        let settings = stack.settings_toml(&control);
        std::fs::write(control.settings_file(), settings).expect("the settings");
        Arc::new(control)
    }

    /// The stack it is on.
    #[must_use]
    pub fn stack(&self) -> &Arc<TestStack> {
        &self.stack
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// URL of the Redis database that goes with it.
    #[must_use]
    pub fn redis_url(&self) -> String {
        numbered_redis(&self.stack, self.redis)
    }

    /// Makes that Redis database forget everything, under whatever works with it.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn wipe_redis(&self) {
        let mut settings = nexus_config::Settings::development().redis;
        settings.url = self.redis_url().into();
        let wiped = Redis::new(&settings).expect("a URL").query::<String>(&redis::cmd("FLUSHDB")).await;
        assert_eq!(wiped.expect("Redis"), "OK");
    }

    /// As the control plane reaches it.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// As the tenant runtime reaches it: three views.
    #[must_use]
    pub fn directory_db(&self) -> &Db {
        &self.directory_db
    }

    /// As the superuser.
    pub async fn admin(&self) -> Db {
        self.stack.admin_db(&self.name).await
    }

    /// Tokens signed by a key that this database publishes.
    #[must_use]
    pub fn tokens(&self) -> &TestTokens {
        &self.tokens
    }

    /// Where the tenant runtimes of this platform keep their snapshot.
    #[must_use]
    pub fn snapshot_file(&self) -> std::path::PathBuf {
        self.folder.path().join("tenant-runtime.snapshot")
    }

    /// A settings file for the real program on this database (`NEXUS_CONFIG`).
    #[must_use]
    pub fn settings_file(&self) -> std::path::PathBuf {
        Path::new(self.folder.path()).join("nexus.toml")
    }
}

fn numbered_redis(stack: &TestStack, number: u32) -> String {
    let mut url = url::Url::parse(stack.redis_url()).expect("a URL");
    url.set_path(&number.to_string());
    url.to_string()
}

/// Counted in database 0, which all tests share: two of one run get the same number only when there are more of them than numbers.
async fn next_redis(stack: &TestStack) -> u32 {
    let mut settings = nexus_config::Settings::development().redis;
    settings.url = numbered_redis(stack, 0).into();
    let counted = Redis::new(&settings).expect("a URL").query::<u32>(redis::cmd("INCR").arg("test:databases")).await;
    OWN_REDIS.start + counted.expect("Redis") % (OWN_REDIS.end - OWN_REDIS.start)
}

async fn connect(stack: &TestStack, section: &str, database: &str) -> Db {
    let url = SecretString::from(stack.setting(section, "url").to_owned());
    let spec = ConnectSpec::from_url(&url).expect("a URL").database(database).max_connections(4);
    Db::connect(&spec).await.expect("a connection")
}

/// The issuer that the settings imply for a program on this stack.
fn issuer(stack: &TestStack) -> String {
    stack.setting("tokens", "issuer").to_owned()
}

/// Publishes the public half as a retired key: verifiers accept it, and no signer ever tries to open its private half.
async fn publish(db: &Db, tokens: &TestTokens) {
    sqlx::query(
        "INSERT INTO signing_keys (kid, algorithm, public_jwk, private_sealed, state, retired_at) VALUES ($1, 'ES256', $2, '', 'retired', now())",
    )
    .bind(tokens.kid())
    .bind(tokens.public_jwk())
    .execute(db.pool())
    .await
    .expect("a published key");
}
