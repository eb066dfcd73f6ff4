//! Many tries at once, without a Redis: what a process holds by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use nexus_core::{ManualClock, TenantId};
use uuid::Uuid;

use super::attempt::{
    INVITATIONS_PER_ADDRESS, INVITATIONS_PER_ORGANIZATION, INVITATIONS_PER_ORGANIZATION_AND_ADDRESS, LINKS_PER_NETWORK, MAILS_PER_ADDRESS,
    MAILS_PER_ADDRESS_AND_NETWORK, PACE, PER_ADDRESS, PER_ADDRESS_AND_NETWORK, SLOWLY, WINDOW,
};
use super::*;
use crate::derived::DerivedTokens;

fn throttle() -> Throttle {
    throttle_at().0
}

fn throttle_at() -> (Throttle, Arc<ManualClock>) {
    let mut settings = nexus_config::Settings::development().redis;
    // Port 9 (discard) on loopback: refused at once.
    settings.url = "redis://127.0.0.1:9".into();
    let clock = ManualClock::at(chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let throttle =
        Throttle::new(Redis::new(&settings).unwrap(), clock.clone(), Some(HourlyLimits { registrations: 3, verification_mails: 2, reset_mails: 1 }));
    (throttle, clock)
}

fn client(address: &str) -> Client {
    Client::new(Some(address.parse().unwrap()), "test")
}

fn log_in(address: &str, from: &str) -> Attempt {
    Attempt::log_in("login", &DerivedTokens::new(&[7; 32]), address, &client(from))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_tries_at_once_ten_reach_the_password() {
    let (throttle, checked) = (throttle(), AtomicUsize::new(0));
    let tries = (0..200).map(|_| async {
        let Ok(reservation) = throttle.reserve(log_in("a@x.example", "192.0.2.1")).await else { return false };
        checked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        drop(reservation);
        true
    });
    let admitted = join_all(tries).await.into_iter().filter(|admitted| *admitted).count();
    assert_eq!((admitted, checked.into_inner()), (10, 10));
    let refused = throttle.reserve(log_in("a@x.example", "192.0.2.1")).await.unwrap_err();
    assert_eq!(refused.retry_after, WINDOW);
    // The owner elsewhere is not locked out by what was refused here.
    assert!(throttle.reserve(log_in("a@x.example", "198.51.100.1")).await.is_ok());
}

#[tokio::test]
async fn a_right_password_forgets_the_failures_and_a_try_that_was_none_is_given_back() {
    let throttle = throttle();
    let attempt = || log_in("a@x.example", "192.0.2.1");
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
        drop(throttle.reserve(log_in(&format!("other{address}"), "192.0.2.1")).await.unwrap());
    }
    assert!(throttle.reserve(log_in("one more", "192.0.2.1")).await.is_err());
}

#[tokio::test]
async fn whoever_is_held_up_by_tries_under_way_comes_back_in_a_second() {
    let throttle = throttle();
    let attempt = || log_in("a@x.example", "192.0.2.1");
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
    throttle.charge(Charge::ResetMail, &client("192.0.2.1")).await.unwrap();
    assert!(throttle.charge(Charge::ResetMail, &client("192.0.2.1")).await.is_err());
    for _ in 0..2 {
        throttle.charge(Charge::VerificationMail, &client("192.0.2.1")).await.unwrap();
    }
    assert!(throttle.charge(Charge::VerificationMail, &client("192.0.2.1")).await.is_err());
    let mails = async |from: &str| {
        let mut sent = 0;
        while let Ok(mail) = throttle.reserve(Attempt::mail(MailKind::Reset, "digest", &client(from))).await {
            drop(mail);
            sent += 1;
        }
        sent
    };
    assert_eq!(mails("192.0.2.1").await, MAILS_PER_ADDRESS_AND_NETWORK);
    let everywhere: u64 = mails("198.51.100.1").await + mails("203.0.113.1").await + mails("192.0.3.1").await + mails("192.0.4.1").await;
    assert_eq!(everywhere, MAILS_PER_ADDRESS - MAILS_PER_ADDRESS_AND_NETWORK);
    // Mails of one kind use up none of another.
    drop(throttle.reserve(Attempt::mail(MailKind::Verification, "digest", &client("192.0.2.1"))).await.unwrap());
}

/// Gets a password wrong until that is refused; answers how often it was looked at, and when to come back.
async fn fail(throttle: &Throttle, from: &str) -> (u64, Duration) {
    let mut looked_at = 0;
    loop {
        match throttle.reserve(log_in("a@x.example", from)).await {
            Ok(reservation) => drop(reservation),
            Err(refused) => return (looked_at, refused.retry_after),
        }
        looked_at += 1;
    }
}

#[tokio::test]
async fn strangers_slow_an_account_down_and_shut_nobody_out() {
    let (throttle, clock) = throttle_at();
    for network in 0..PER_ADDRESS / PER_ADDRESS_AND_NETWORK {
        assert_eq!(fail(&throttle, &format!("10.0.{network}.1")).await, (PER_ADDRESS_AND_NETWORK, WINDOW));
    }
    // From a network of its own the right password is looked at, and so it is once a minute from each.
    throttle.reserve(log_in("a@x.example", "198.51.100.1")).await.unwrap().succeeded().await;
    assert_eq!(fail(&throttle, "198.51.100.1").await, (1, PACE));
    for network in 1..SLOWLY {
        assert_eq!(fail(&throttle, &format!("10.1.{network}.1")).await, (1, PACE));
    }
    assert_eq!(fail(&throttle, "10.2.0.1").await, (0, PACE), "all of them together have a pace too");
    clock.advance(chrono::TimeDelta::from_std(PACE).unwrap());
    assert_eq!(fail(&throttle, "10.2.0.1").await, (1, PACE));
    // Other accounts hear nothing of it, and who used its own network up stays out.
    assert!(throttle.reserve(log_in("b@x.example", "10.2.0.1")).await.is_ok());
    assert_eq!(fail(&throttle, "10.0.0.1").await, (0, WINDOW - PACE));
}

#[tokio::test]
async fn networks_of_one_site_count_together() {
    let throttle = throttle();
    let mut looked_at = 0;
    for network in 0..16 {
        looked_at += fail(&throttle, &format!("2001:db8:7:{network:x}::1")).await.0;
    }
    assert_eq!(looked_at, u64::from(NETWORKS_OF_A_SITE) * PER_ADDRESS_AND_NETWORK + 1, "and one slowly");
    assert_eq!(fail(&throttle, "2001:db8:8::1").await.0, PER_ADDRESS_AND_NETWORK, "another site");
    for network in 0..16 {
        let _ = throttle.charge(Charge::VerificationMail, &client(&format!("2001:db8:7:{network:x}::1"))).await;
    }
    assert!(throttle.charge(Charge::VerificationMail, &client("2001:db8:7:ff::1")).await.is_err());
    assert!(throttle.charge(Charge::VerificationMail, &client("2001:db8:8::1")).await.is_ok());
}

#[tokio::test]
async fn invitations_flood_no_mailbox_and_no_organization_mails_without_end() {
    let throttle = throttle();
    let mails = async |organization: u128, address: &str| {
        let mut sent = 0;
        while let Ok(mail) = throttle.reserve(Attempt::invitation(TenantId(Uuid::from_u128(organization)), address)).await {
            drop(mail);
            sent += 1;
        }
        sent
    };
    assert_eq!(mails(1, "digest").await, INVITATIONS_PER_ORGANIZATION_AND_ADDRESS);
    let mut to_one_address = INVITATIONS_PER_ORGANIZATION_AND_ADDRESS;
    for organization in 2..5 {
        to_one_address += mails(organization, "digest").await;
    }
    assert_eq!(to_one_address, INVITATIONS_PER_ADDRESS);
    for organization in 5..20 {
        assert_eq!(mails(organization, "digest").await, 1, "whoever has not written yet is not kept from it");
    }
    let mut of_one_organization = 0;
    for address in 0..100 {
        of_one_organization += mails(30, &address.to_string()).await;
    }
    assert_eq!(of_one_organization, INVITATIONS_PER_ORGANIZATION);
}

#[tokio::test]
async fn a_network_tries_so_many_links_in_vain_and_good_ones_without_end() {
    let throttle = throttle();
    let attempt = || Attempt::link(&client("192.0.2.1"));
    for _ in 0..LINKS_PER_NETWORK {
        throttle.reserve(attempt()).await.unwrap().withdrawn().await;
    }
    for _ in 0..LINKS_PER_NETWORK {
        drop(throttle.reserve(attempt()).await.unwrap());
    }
    assert!(throttle.reserve(attempt()).await.is_err());
    assert!(throttle.reserve(Attempt::link(&client("198.51.100.1"))).await.is_ok());
}
