//! Postgres, Redis, S3 and the mail server, each cut off, delayed, reset, half open and gone, under checked load.

use std::time::{Duration, Instant};

use nexus_test_support::{Client, LineFault, Mailbox, TestStack, eventually};

use crate::ground::{Ground, Server};
use crate::load::{Kind, Load};
use crate::outage::{DEMANDED, Outage, Worst};
use crate::platform::{Operation, owner_of, request_sign_up, sign_up, unique_slug};
use crate::report::{Line, rounds};

/// How late everything is on a slow line, each way.
const LATE: Duration = Duration::from_secs(2);
/// How long an upload to a slow store of objects may take: it has several round trips, and each is under the time-out of the settings.
const UPLOADED_LATE_WITHIN: Duration = Duration::from_secs(20);

const FAULTS: [(&str, LineFault); 5] = [
    ("cut", LineFault::Silence),
    ("late by 2 s", LineFault::Delay(LATE)),
    ("reset", LineFault::Reset),
    ("half open", LineFault::HalfOpen),
    ("refused", LineFault::Refusal),
];

/// Who needs a server.
fn needy(server: Server) -> &'static [Kind] {
    match server {
        Server::Postgres => &[Kind::Post, Kind::Read, Kind::Account, Kind::Upload],
        Server::Control => &[Kind::Account],
        Server::Tenants => &[Kind::Post, Kind::Read, Kind::Upload],
        Server::S3 => &[Kind::Upload],
        // A cache and a transport, and mails that are sent later: nobody waits for them.
        Server::Redis | Server::Smtp => &[],
    }
}

/// One fault of each server, beside each other's traces: the only one of these that the short run has time for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_server_away_once() {
    let outages = [
        (Server::S3, LineFault::Silence),
        (Server::Postgres, LineFault::HalfOpen),
        (Server::Redis, LineFault::Silence),
        (Server::Smtp, LineFault::Reset),
    ];
    away("each server", &outages, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it"]
async fn postgres_away() {
    every_fault("Postgres", Server::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it"]
async fn tenants_databases_away() {
    every_fault("tenants' databases", Server::Tenants).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it"]
async fn redis_away() {
    every_fault("Redis", Server::Redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it"]
async fn s3_away() {
    every_fault("S3", Server::S3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it"]
async fn smtp_away() {
    every_fault("SMTP", Server::Smtp).await;
}

/// Every fault of one server, again and again.
async fn every_fault(name: &str, server: Server) {
    for (word, fault) in FAULTS {
        away(&format!("{name} {word}"), &[(server, fault)], rounds(1, 10)).await;
    }
}

/// These outages one after the other, so many times.
async fn away(name: &str, outages: &[(Server, LineFault)], rounds: usize) {
    let ground = Ground::start(&[("NEXUS__RUNTIME__IDLE_TIMEOUT_S", "5")]).await;
    let client = ground.client().await;
    let organization = sign_up(&client, &unique_slug()).await;
    let load = Load::of(&ground, &organization, true).await;
    let database = format!("nxt_{}", organization.id.simple());
    let behind = ground.behind(&database).await;
    let mut sign_ups = Vec::new();
    let mut line = Line::of(name, rounds, DEMANDED);
    let mut worst = Worst::default();
    load.during(async {
        load.goes_on(Instant::now(), 3, Duration::from_secs(60)).await;
        for _ in 0..rounds {
            for (server, fault) in outages {
                // One is being built meanwhile.
                let slug = unique_slug();
                sign_ups.push((request_sign_up(&client, &slug).await, slug));
                broken(&ground, &load, *server, *fault, &mut worst).await;
            }
        }
    })
    .await;
    worst.tell(&mut line);
    let kept = load.books.assert_settled(&ground, &behind).await;
    line.saw("lost", kept);
    assert_built(&ground.stack, &client, &sign_ups).await;
    let sessions = ground.assert_nothing_leaked(&database).await;
    line.saw("left open", format!("0 connections to tenants, {sessions} of 14 to the control database"));
    line.saw("stuck", format!("0 of {} sign-ups", sign_ups.len()));
    line.passed();
}

async fn broken(ground: &Ground, load: &Load, server: Server, fault: LineFault, worst: &mut Worst) {
    let is_late = matches!(fault, LineFault::Delay(_));
    let mut outage = Outage::of(needy(server));
    if is_late {
        (outage.lets_through, outage.lasts) = (true, LATE * 2);
        if server == Server::S3 {
            outage.refused_within = UPLOADED_LATE_WITHIN;
        }
    }
    let lines = &ground.lines;
    let hits = lines.hits(server);
    // Whoever finds nobody at the door never reaches the proxy.
    let met = || lines.hits(server) > hits || fault == LineFault::Refusal && lines.refuses(server);
    outage.happens(load, worst, async || lines.inject(server, fault), met, async || lines.heal(server)).await;
}

/// What was asked for is built, and both mails have come.
pub async fn assert_built(stack: &TestStack, client: &Client, sign_ups: &[(Operation, String)]) {
    for (operation, slug) in sign_ups {
        operation.succeeded(client).await;
        let mailbox = Mailbox::of(stack, &owner_of(slug));
        for word in ["confirm", "ready"] {
            eventually(Duration::from_secs(150), async || mailbox.all().into_iter().find(|mail| mail.subject.to_lowercase().contains(word))).await;
        }
    }
}
