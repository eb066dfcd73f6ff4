//! Connections that the server cut while they rested: nobody is handed one. And what a connection insists on.

use std::time::{Duration, Instant};

use nexus_config::TlsMode;
use nexus_infra::{ConnectSpec, Db};
use secrecy::SecretString;
use sqlx::Connection;

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
