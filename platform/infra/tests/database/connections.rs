//! Connections that the server cut while they rested: nobody is handed one. And what a connection insists on.

use std::time::{Duration, Instant};

use nexus_config::TlsMode;
use nexus_infra::postgres::HeldConn;
use nexus_infra::{ConnectSpec, Db};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use secrecy::SecretString;
use sqlx::{Connection, PgConnection};

use crate::stack::{Database, admin_url, eventually};

/// Longer than the rest after which a connection is pinged.
const RESTED: Duration = Duration::from_millis(400);
const CONNECTIONS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rested_connection_that_was_cut_is_replaced_before_it_is_used() {
    let database = Database::new().await;
    let pool = database.db.pool();
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        held.push(pool.acquire().await.unwrap());
    }
    drop(held);
    eventually("every connection rests", async || database.db.connections().1 == CONNECTIONS).await;
    let cut = database.cut_connections().await;
    assert_eq!(cut, CONNECTIONS);
    let since = Instant::now();
    eventually("they have rested long enough to be doubted", async || since.elapsed() > RESTED).await;
    // As many callers as there were connections, each the first on its own.
    let mut callers = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = pool.acquire().await.expect("a connection that works");
        connection.ping().await.expect("a connection that works");
        callers.push(connection);
    }
    drop(callers);
    database.drop().await;
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    let spec = |url: &str, mode| ConnectSpec::from_url(&SecretString::from(url)).unwrap().tls(mode, None);
    let url = admin_url();
    for mode in [TlsMode::Disable, TlsMode::Prefer] {
        Db::connect(&spec(&url, mode)).await.unwrap().close().await;
    }
    for mode in [TlsMode::Require, TlsMode::VerifyFull] {
        let refused = Db::connect(&spec(&url, mode)).await.unwrap_err();
        assert!(refused.to_string().contains("TLS"), "{refused}");
    }
    // The URL's own word stands.
    assert!(Db::connect(&spec(&format!("{url}?sslmode=require"), TlsMode::Disable)).await.is_err());
}

#[tokio::test]
async fn a_statement_whose_caller_vanished_ends() {
    let database = Database::new().await;
    let options = database.db.pool().connect_options();
    let mut lost = PgConnection::connect_with(&options).await.unwrap();
    let (name, milliseconds): (String, String) =
        sqlx::query_as("SELECT name, setting FROM pg_settings WHERE name = 'client_connection_check_interval'").fetch_one(&mut lost).await.unwrap();
    assert_eq!((name.as_str(), milliseconds.as_str()), ("client_connection_check_interval", "2000"));
    let process: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut lost).await.unwrap();
    let asked = tokio::time::timeout(Duration::from_millis(300), sqlx::query("SELECT pg_sleep(600)").execute(&mut lost)).await;
    assert!(asked.is_err(), "it goes on for minutes");
    // No word of farewell: the socket closes, as when the process dies.
    drop(lost);
    eventually("the server has noticed", async || {
        let left: i64 =
            sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE pid = $1").bind(process).fetch_one(database.db.pool()).await.unwrap();
        left == 0
    })
    .await;
    database.drop().await;
}

#[tokio::test]
async fn a_held_connection_is_one_session_and_goes_back_to_its_pool() {
    let database = Database::new().await;
    let session = async |conn: &HeldConn| {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_backend_pid() + $1 AS pid", [0_i32.into()]);
        let one: i32 = conn.query_one_raw(statement.clone()).await.unwrap().unwrap().try_get("", "pid").unwrap();
        let all = conn.query_all_raw(statement).await.unwrap();
        assert_eq!((all.len(), all[0].try_get::<i32>("", "pid").unwrap()), (1, one), "two statements, two sessions");
    };
    let held = database.db.hold().await.unwrap();
    session(&held).await;
    held.execute_unprepared("CREATE TABLE held (n int)").await.unwrap();
    let insert = Statement::from_sql_and_values(DbBackend::Postgres, "INSERT INTO held SELECT generate_series(1, $1)", [3_i32.into()]);
    assert_eq!(held.execute_raw(insert).await.unwrap().rows_affected(), 3);
    let broken = held.query_one_raw(Statement::from_string(DbBackend::Postgres, "SELECT 1 / 0")).await.unwrap_err();
    assert!(broken.to_string().contains("division by zero"), "{broken}");
    session(&held).await;
    let (open, resting) = database.db.connections();
    drop(held);
    eventually("it rests", async || database.db.connections() == (open, resting + 1)).await;
    database.drop().await;
}
