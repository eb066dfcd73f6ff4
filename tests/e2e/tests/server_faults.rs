//! Redis emptied, Postgres restarted and the program killed under load: nothing acknowledged is lost, no event and no mail, and service comes back by itself.

use std::time::Duration;

use nexus_test_support::{Client, Mailbox, OwnStack, Process, TestStack, eventually};

use crate::fixtures::{article, post};
use crate::load::{Load, assert_handed_over, leases_run_out};
use crate::platform::{Operation, key, owner_of, request_sign_up, sign_up, unique_slug, watched};

/// After a fault service must be back within this time.
const BACK_WITHIN: Duration = Duration::from_secs(5);
/// How often each fault happens.
const ROUNDS: usize = 3;

/// Servers of the test's own and a program on them.
struct Farm {
    process: Process,
    client: Client,
    stack: OwnStack,
}

impl Farm {
    async fn start() -> Self {
        let stack = OwnStack::start(&TestStack::from_env()).await;
        let process = stack.nexus(&["serve"]).spawn().await;
        let (client, _) = watched(&process).await;
        Self { process, client, stack }
    }

    /// An organization is asked for, and is on its way.
    async fn sign_up(&self) -> SignUp {
        let slug = unique_slug();
        let operation = request_sign_up(&self.client, &slug).await;
        SignUp { slug, operation }
    }

    /// What was asked for is built, both mails have come, and no event of the control plane is left.
    async fn assert_built(&self, sign_ups: Vec<SignUp>) {
        for SignUp { operation, .. } in &sign_ups {
            operation.succeeded(&self.client).await;
        }
        leases_run_out(&self.stack, self.stack.control().name()).await;
        for SignUp { slug, .. } in sign_ups {
            let mailbox = Mailbox::in_folder(&self.stack.mail_dir(), &owner_of(&slug));
            for word in ["confirm", "ready"] {
                eventually(Duration::from_secs(90), async || mailbox.all().into_iter().find(|mail| mail.subject.to_lowercase().contains(word))).await;
            }
        }
        assert_handed_over(&self.stack, self.stack.control().name()).await;
    }
}

struct SignUp {
    slug: String,
    operation: Operation,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_emptied_under_load_loses_nothing() {
    let farm = Farm::start().await;
    let organization = sign_up(&farm.client, &unique_slug()).await;
    let load = Load::of(&organization, article(&organization.client, "CUP").await);
    let mut sign_ups = Vec::new();
    load.during(async {
        for _ in 0..ROUNDS {
            load.goes_on(20, Duration::from_secs(30)).await;
            // A sign-up's events and mails are on their way while Redis forgets everything.
            let asked = farm.sign_up().await;
            assert!(farm.stack.redis_flush().await > 0, "Redis had nothing to forget");
            load.goes_on(1, BACK_WITHIN).await;
            asked.operation.succeeded(&farm.client).await;
            assert!(farm.stack.redis_flush().await > 0, "Redis had nothing to forget");
            load.goes_on(1, BACK_WITHIN).await;
            sign_ups.push(asked);
        }
    })
    .await;
    load.assert_kept().await;
    assert_eq!((load.refused(), load.cut().len()), (0, 0), "an empty Redis is no reason to refuse");
    load.assert_told(&farm.stack, &organization).await;
    farm.assert_built(sign_ups).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_restarted_under_load_loses_nothing_acknowledged() {
    let farm = Farm::start().await;
    let organization = sign_up(&farm.client, &unique_slug()).await;
    let load = Load::of(&organization, article(&organization.client, "CUP").await);
    let mut sign_ups = Vec::new();
    load.during(async {
        for _ in 0..ROUNDS {
            load.goes_on(20, Duration::from_secs(30)).await;
            // One is being built while the server stops.
            sign_ups.push(farm.sign_up().await);
            let outage = farm.stack.restart_postgres().await;
            assert!(outage.refused > 0, "the server was never down");
            // Connections that the stop cut are nobody's business: whoever asks first, now, is served.
            sign_ups.push(farm.sign_up().await);
            load.goes_on(1, BACK_WITHIN).await;
            assert!(outage.accepting.elapsed() < BACK_WITHIN, "service was back after {:?}", outage.accepting.elapsed());
        }
    })
    .await;
    load.assert_kept().await;
    let cut = load.cut();
    assert!(cut.is_empty(), "connections were cut instead of answered: {cut:?}");
    assert!(load.refused() > 0, "nobody noticed that Postgres was gone: the test proves nothing");
    load.assert_told(&farm.stack, &organization).await;
    // The whole platform is back: those who signed up are built, and the program was never started again.
    farm.assert_built(sign_ups).await;
    assert!(farm.process.is_running());
    let article = article(&organization.client, "MUG").await;
    let _ = post(&organization.client, "receive", &article, "1", &key()).await.created();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_killed_under_load_loses_nothing_acknowledged() {
    let mut farm = Farm::start().await;
    let organization = sign_up(&farm.client, &unique_slug()).await;
    let load = Load::of(&organization, article(&organization.client, "CUP").await);
    load.during(async {
        for _ in 0..ROUNDS {
            load.goes_on(20, Duration::from_secs(30)).await;
            let next = farm.stack.nexus(&["serve"]).spawn().await;
            std::mem::replace(&mut farm.process, next).kill9().await;
            let (client, _) = watched(&farm.process).await;
            load.goes_to(client.bearer(&organization.token).tenant(&organization.slug)).await;
            load.goes_on(1, BACK_WITHIN).await;
        }
    })
    .await;
    load.assert_kept().await;
    assert!(!load.cut().is_empty(), "nobody noticed that the program was gone: the test proves nothing");
    load.assert_told(&farm.stack, &organization).await;
}
