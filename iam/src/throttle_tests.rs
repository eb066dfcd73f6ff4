//! Many tries at once, without a Redis: what a process holds by itself.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use nexus_core::ManualClock;

use super::*;

fn throttle() -> Throttle {
    let mut settings = nexus_config::Settings::development().redis;
    // Port 9 (discard) on loopback: refused at once.
    settings.url = "redis://127.0.0.1:9".into();
    let clock = ManualClock::at(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    Throttle::new(Redis::new(&settings).unwrap(), clock, Some(HourlyLimits { registrations: 3, verification_mails: 2 }))
}

fn client(address: &str) -> Client {
    Client::new(Some(address.parse().unwrap()), "test")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_tries_at_once_ten_reach_the_password() {
    let (throttle, checked) = (throttle(), AtomicUsize::new(0));
    let tries = (0..200).map(|_| async {
        let Ok(reservation) = throttle.reserve(Attempt::log_in("login", "digest", &client("192.0.2.1"))).await else { return false };
        checked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        drop(reservation);
        true
    });
    let admitted = join_all(tries).await.into_iter().filter(|admitted| *admitted).count();
    assert_eq!((admitted, checked.into_inner()), (10, 10));
    let refused = throttle.reserve(Attempt::log_in("login", "digest", &client("192.0.2.1"))).await.unwrap_err();
    assert_eq!(refused.retry_after, WINDOW);
    // The owner elsewhere is not locked out by what was refused here.
    assert!(throttle.reserve(Attempt::log_in("login", "digest", &client("198.51.100.1"))).await.is_ok());
}

#[tokio::test]
async fn a_right_password_forgets_the_failures_and_a_try_that_was_none_is_given_back() {
    let throttle = throttle();
    let attempt = || Attempt::log_in("login", "digest", &client("192.0.2.1"));
    for _ in 0..3 {
        for _ in 0..9 {
            drop(throttle.reserve(attempt()).await.unwrap());
        }
        for _ in 0..20 {
            throttle.reserve(attempt()).await.unwrap().withdrawn().await;
        }
        throttle.reserve(attempt()).await.unwrap().succeeded().await;
    }
    // Right ones weigh on no other rule: 27 failures from this network, of 200.
    for address in 0..173 {
        drop(throttle.reserve(Attempt::log_in("login", &format!("other{address}"), &client("192.0.2.1"))).await.unwrap());
    }
    assert!(throttle.reserve(Attempt::log_in("login", "one more", &client("192.0.2.1"))).await.is_err());
}

#[tokio::test]
async fn whoever_is_held_up_by_tries_under_way_comes_back_in_a_second() {
    let throttle = throttle();
    let attempt = || Attempt::log_in("login", "digest", &client("192.0.2.1"));
    let under_way = join_all((0..10).map(|_| throttle.reserve(attempt()))).await;
    assert_eq!(throttle.reserve(attempt()).await.unwrap_err().retry_after, UNDER_WAY);
    drop(under_way);
    assert_eq!(throttle.reserve(attempt()).await.unwrap_err().retry_after, WINDOW);
}

#[tokio::test]
async fn a_network_has_its_hour_and_an_address_its_mails() {
    let throttle = throttle();
    for _ in 0..3 {
        throttle.charge(Charge::Registration, &client("192.0.2.1")).await.unwrap();
    }
    assert!(throttle.charge(Charge::Registration, &client("192.0.2.1")).await.is_err());
    assert!(throttle.charge(Charge::Registration, &client("198.51.100.1")).await.is_ok());
    // Each has a limit of its own.
    for _ in 0..2 {
        throttle.charge(Charge::VerificationMail, &client("192.0.2.1")).await.unwrap();
    }
    assert!(throttle.charge(Charge::VerificationMail, &client("192.0.2.1")).await.is_err());
    let mails = async |from: &str| {
        let mut sent = 0;
        while let Ok(mail) = throttle.reserve(Attempt::mail("digest", &client(from))).await {
            drop(mail);
            sent += 1;
        }
        sent
    };
    assert_eq!(mails("192.0.2.1").await, MAILS_PER_ADDRESS_AND_NETWORK);
    let everywhere: u64 = mails("198.51.100.1").await + mails("203.0.113.1").await + mails("192.0.3.1").await + mails("192.0.4.1").await;
    assert_eq!(everywhere, MAILS_PER_ADDRESS - MAILS_PER_ADDRESS_AND_NETWORK);
}
