//! A database of its own for each test, cloned from the tenants' template.

use std::time::{Duration, Instant};

use nexus_core::{Actor, Origin, SharedClock, SystemClock};
use nexus_infra::redis::Redis;
use nexus_infra::{ConnectSpec, Db};
use secrecy::SecretString;
use uuid::Uuid;

#[expect(clippy::disallowed_methods, reason = "the test stack hands over its servers by environment")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with `make test`, which starts the servers they need"))
}

/// The settings of the stack, as far as they matter here.
fn settings() -> toml::Table {
    std::fs::read_to_string(variable("NEXUS_TEST_SETTINGS")).unwrap().parse().unwrap()
}

fn text<'a>(value: &'a toml::Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// How the stack's administrator enters Postgres.
pub fn admin_url() -> String {
    text(&settings()["servers"][0], "admin_url").to_owned()
}

pub struct Database {
    pub db: Db,
    pub clock: SharedClock,
    pub origin: Origin,
    admin: ConnectSpec,
    name: String,
}

impl Database {
    pub async fn new() -> Self {
        let admin = ConnectSpec::from_url(&SecretString::from(admin_url())).unwrap();
        let name = format!("infra_test_{}", Uuid::new_v4().simple());
        let mut connection = Db::single(&admin).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {}", variable("NEXUS_TEST_TENANT_TEMPLATE"))))
            .execute(&mut connection)
            .await
            .unwrap();
        let db = Db::connect(&admin.clone().database(&name).max_connections(12).acquire_timeout(Duration::from_secs(10))).await.unwrap();
        let origin = Origin { actor: Actor::user(Uuid::from_u128(1)), request_id: "test".into() };
        Self { db, clock: SystemClock::shared(), origin, admin, name }
    }

    /// How to enter it, with little patience.
    pub fn spec(&self) -> ConnectSpec {
        self.admin.clone().database(&self.name).acquire_timeout(Duration::from_secs(1))
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.db.pool()).await.unwrap()
    }

    /// Ends every connection to this database on the server's side, as a restart does, and waits until they are gone. Answers how many.
    pub async fn cut_connections(&self) -> usize {
        let mut admin = Db::single(&self.admin).await.unwrap();
        let cut: Vec<bool> = sqlx::query_scalar("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1")
            .bind(&self.name)
            .fetch_all(&mut admin)
            .await
            .unwrap();
        assert!(cut.iter().all(|gone| *gone), "a connection could not be cut");
        cut.len()
    }

    pub async fn drop(self) {
        self.db.close().await;
        let mut connection = Db::single(&self.admin).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name))).execute(&mut connection).await.unwrap();
    }
}

/// The stack's Redis, in a numbered database that no other test uses: it may be wiped.
pub fn redis() -> Redis {
    numbered_redis(15)
}

/// One of the stack's numbered databases: each test that wipes or counts takes one of its own.
pub fn numbered_redis(number: u8) -> Redis {
    let mut url: url::Url = text(&self::settings()["redis"], "url").parse().unwrap();
    url.set_path(&format!("/{number}"));
    let mut settings = nexus_config::Settings::development().redis;
    settings.url = String::from(url).into();
    Redis::new(&settings).unwrap()
}

/// A Redis that is not there.
pub fn dead_redis() -> Redis {
    let mut settings = nexus_config::Settings::development().redis;
    settings.url = "redis://127.0.0.1:9".into();
    Redis::new(&settings).unwrap()
}

/// Polls until `condition` holds.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition().await {
        assert!(Instant::now() < deadline, "still not: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
