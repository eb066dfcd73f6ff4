//! The whole way of a look-up while the control database is away: what is known serves, at once.

use std::time::{Duration, Instant};

use nexus_config::Settings;
use nexus_core::SystemClock;
use tokio::net::TcpListener;

use super::samples::tenant;
use super::*;
use crate::postgres::ConnectSpec;

/// Nobody waits this long where nobody has to wait; shorter than any time-out here.
const AT_ONCE: Duration = Duration::from_millis(400);

/// A port on which nobody listens.
async fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn directory_on(port: u16) -> Arc<Directory> {
    let settings = Settings::development();
    let spec = ConnectSpec::new("127.0.0.1", port, "nexus_control", "nexus_directory", &"p".into());
    let mut redis = settings.redis;
    redis.url = format!("redis://127.0.0.1:{}", closed().await).into();
    let keyring = TenantKeyring::from_settings(&settings.secrets).unwrap();
    Arc::new(Directory::new(Db::lazy(&spec), Redis::new(&redis).unwrap(), &keyring, SystemClock::shared()))
}

/// What another process knew of two tenants.
async fn snapshot() -> DirectorySnapshot {
    let directory = directory_on(closed().await).await;
    let heads: Vec<_> = (1..=2)
        .map(|number| {
            let known = directory.replica.put(samples::record(number, 3), None);
            replica::Head { tenant: known.tenant_id, epoch: known.epoch, server_host: "db".into(), server_port: 5432 }
        })
        .collect();
    directory.replica.complete(&directory.replica.tenants(), &heads, directory.clock.now());
    directory.snapshot().unwrap()
}

async fn epoch(directory: &Directory, number: u128) -> Result<Option<i64>, DirectoryError> {
    Ok(directory.by_id(tenant(number)).await?.map(|record| record.epoch))
}

/// Restored from a snapshot and polled, on a control database that does not answer.
async fn on_a_snapshot(port: u16) -> (Arc<Directory>, CancellationToken) {
    let directory = directory_on(port).await;
    let shutdown = CancellationToken::new();
    assert!(tokio::time::timeout(AT_ONCE, directory.loaded()).await.is_err(), "nothing is known yet");
    directory.restore(snapshot().await);
    tokio::time::timeout(AT_ONCE, directory.loaded()).await.expect("a snapshot is enough");
    let (polled, stop) = (Arc::clone(&directory), shutdown.clone());
    tokio::spawn(async move { polled.poll(stop).await });
    (directory, shutdown)
}

async fn serves_what_is_known(port: u16) {
    let (directory, shutdown) = on_a_snapshot(port).await;
    let began = Instant::now();
    assert_eq!(epoch(&directory, 1).await, Ok(Some(3)));
    assert!(began.elapsed() < Duration::from_secs(1), "the first to find out waited {:?}", began.elapsed());
    assert!(directory.status().away_since.is_some() && directory.status().from_snapshot);
    for number in [2, 1] {
        let began = Instant::now();
        assert_eq!(epoch(&directory, number).await, Ok(Some(3)));
        assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    }
    assert_eq!(directory.list_active().await, Ok(vec![tenant(1), tenant(2)]));
    // Changed meanwhile, and announced: what is known of it is too old, now and after the next snapshot.
    directory.announce(DirectoryChange { tenant_id: tenant(1), epoch: 4 });
    assert!(matches!(epoch(&directory, 1).await, Err(DirectoryError::Unavailable(_))));
    let again = directory_on(closed().await).await;
    again.restore(directory.snapshot().unwrap());
    assert!(matches!(epoch(&again, 1).await, Err(DirectoryError::Unavailable(_))));
    assert!(matches!(epoch(&directory, 9).await, Err(DirectoryError::Unavailable(_))), "nobody can say that there is none");
    shutdown.cancel();
}

#[tokio::test]
async fn a_snapshot_serves_while_the_control_database_refuses() {
    serves_what_is_known(closed().await).await;
}

#[tokio::test]
async fn a_snapshot_serves_while_the_control_database_is_silent() {
    // The system accepts connections, and nobody answers on them.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    serves_what_is_known(silent.local_addr().unwrap().port()).await;
}
