//! Who waits for whom, with servers that open, or say nothing.

use std::future::pending;

use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::*;
use crate::ConnectSpec;
use crate::silence::STALLED;

/// A server: opens its door, or takes the connection and says nothing.
async fn server(opens: bool) -> Door {
    server_that(move |_| opens).await
}

/// A server that opens its door at these knocks, counted from 0.
async fn server_that(opens: impl Fn(usize) -> bool + Send + 'static) -> Door {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            if opens(silent.len()) {
                let mut knock = [0; 8];
                stream.read_exact(&mut knock).await.unwrap();
                assert_eq!(knock, KNOCK);
                stream.write_all(b"N").await.unwrap();
            }
            silent.push(stream);
        }
    });
    Door { host: "127.0.0.1".to_owned(), port }
}

fn doubted(watch: &Watch) -> bool {
    watch.0.doubted_until.load(Ordering::Acquire) > watch.millis()
}

#[tokio::test]
async fn a_call_to_a_silent_server_is_given_up_within_two_seconds_and_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let watch = Watch::new(Some(server(false).await));
    let started = Instant::now();
    let outcome: Result<(), DbError> = watch.call(STATEMENT, pending()).await;
    assert!(outcome.is_err_and(|error| error.is_unavailable()));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(doubted(&watch), "its connection is not to be waited for");
    assert!(recorder.handle().render().contains("nexus_db_silent_calls_total 1"));
}

#[tokio::test]
async fn whoever_comes_to_a_server_that_just_now_was_silent_hears_so_sooner() {
    let door = server_that(|knock| knock > 1).await;
    let (one, other) = (Watch::new(Some(door.clone())), Watch::new(Some(door)));
    assert!(one.call::<(), DbError>(STATEMENT, pending()).await.is_err());
    let started = Instant::now();
    assert!(other.call::<(), DbError>(STATEMENT, pending()).await.is_err());
    assert!(started.elapsed() < SUSPECTED + OPENS_WITHIN + STALLED / 2, "{:?}", started.elapsed());
    // It opens again, and is slow.
    let slow = async {
        tokio::time::sleep(STALLED * 2).await;
        Ok::<_, DbError>(7)
    };
    assert_eq!(other.call(STATEMENT, slow).await.unwrap(), 7);
    assert!(!other.0.server.as_ref().unwrap().is_suspected());
}

#[tokio::test]
async fn long_work_outlives_a_knock_that_got_lost_and_not_a_server_that_is_gone() {
    let watch = Watch::new(Some(server(false).await));
    let lost = async {
        tokio::time::sleep(STALLED + OPENS_WITHIN + STALLED / 2).await;
        Ok::<_, DbError>(7)
    };
    assert_eq!(watch.call(STATEMENT * 30, lost).await.unwrap(), 7);
    let started = Instant::now();
    assert!(watch.call::<(), DbError>(STATEMENT * 30, pending()).await.is_err());
    assert!(started.elapsed() < (STALLED + OPENS_WITHIN) * KNOCKS_FOR_LONG_WORK + STALLED, "{:?}", started.elapsed());
}

#[tokio::test]
async fn long_work_outlives_any_number_of_knocks_that_got_lost_one_at_a_time() {
    // Lost: the 1st, 2nd, 4th, 5th and so on, never three in a row.
    let watch = Watch::new(Some(server_that(|knock| knock % 3 == 2).await));
    let lost = async {
        tokio::time::sleep((STALLED + OPENS_WITHIN) * 4 + STALLED).await;
        Ok::<_, DbError>(7)
    };
    assert_eq!(watch.call(STATEMENT * 30, lost).await.unwrap(), 7);
}

#[tokio::test]
async fn a_slow_statement_of_a_server_that_opens_is_waited_for_up_to_its_limit() {
    let watch = Watch::new(Some(server(true).await));
    let slow = async {
        tokio::time::sleep(STALLED * 2).await;
        Ok::<_, DbError>(7)
    };
    assert_eq!(watch.call(Duration::from_secs(60), slow).await.unwrap(), 7);
    assert!(!doubted(&watch));
    let limit = STALLED * 2;
    let started = Instant::now();
    assert!(watch.call::<(), DbError>(limit, pending()).await.is_err());
    assert!(started.elapsed() >= limit && started.elapsed() < limit * 2);
}

#[tokio::test]
async fn whoever_is_dropped_in_the_middle_leaves_a_doubt() {
    let watch = Watch::new(None);
    let _ = watch.call::<(), DbError>(STATEMENT, async { Err(DbError::NotFound) }).await;
    assert!(!doubted(&watch), "an error is an answer");
    let _ = tokio::time::timeout(Duration::from_millis(1), watch.call::<(), DbError>(STATEMENT, pending())).await;
    assert!(doubted(&watch));
}

/// How often somebody knocked.
async fn knocks(listener: &TcpListener) -> usize {
    let mut knocks = 0;
    while tokio::time::timeout(Duration::from_millis(20), listener.accept()).await.is_ok() {
        knocks += 1;
    }
    knocks
}

#[tokio::test]
async fn those_who_wait_together_knock_once_at_each_server_whatever_connections_they_wait_on() {
    let servers = [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
    let ports = servers.each_ref().map(|server| server.local_addr().unwrap().port());
    // As with requests, each of which has a connection to its tenant's database for itself.
    let watches: Vec<Watch> = (0..60)
        .map(|number| ConnectSpec::new("127.0.0.1", ports[number % 2], &format!("nxt_{number}"), "nx", &SecretString::from("p")).watch())
        .collect();
    let calls = watches.iter().flat_map(|watch| [watch, watch]).map(|watch| watch.call::<(), DbError>(STATEMENT, pending()));
    assert!(futures::future::join_all(calls).await.iter().all(Result::is_err));
    assert_eq!((knocks(&servers[0]).await, knocks(&servers[1]).await), (1, 1));
    let fresh = Watch::new(Some(Door { host: "127.0.0.1".to_owned(), port: ports[0] }));
    assert!(doubted(&watches[0]) && !doubted(&fresh), "connections are doubted one by one");
    drop((watches, fresh));
    let kept = Watch::new(Some(server(true).await));
    let known = |port: u16| SERVERS.lock().unwrap().keys().any(|door| door.port == port);
    assert!(!known(ports[0]) && !known(ports[1]), "a server that nothing leads to is forgotten");
    drop(kept);
}
