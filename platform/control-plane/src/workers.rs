//! Background loops of the control plane. Every process runs all of them; leases and locks keep them out of each other's way.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use nexus_iam::housekeeping;
use nexus_iam::signing_keys;
use nexus_iam::sources::ControlViews;
use nexus_iam::tokens::REVOCATION_CHANNEL;
use nexus_infra::DbError;
use nexus_infra::databases::ControlDatabase;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::outbox::{self, Consumers, DeliveryOptions, Plane, Relay, Subscribers};
use nexus_infra::postgres::idempotency;
use nexus_infra::pump::Pump;
use nexus_infra::redis::Incoming;
use nexus_infra::shutdown::Ending;
use nexus_infra::worker::{self, WorkerHandle};
use nexus_provisioning::{Reconciler, Runner, WarmPool};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::events::TenantOutboxes;
use crate::state::ControlPlane;
use crate::{billing, invitations, mails};

/// How often the signer looks whether another process has rotated the keys.
const KEYS_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked for trials that are over.
const TRIALS_EVERY: Duration = Duration::from_secs(60);
/// How often old rows are removed.
const PURGE_EVERY: Duration = Duration::from_secs(3600);
/// How long an idempotency key is remembered; at least 24 hours by the API's conventions.
const KEEP_KEYS: TimeDelta = TimeDelta::days(2);
/// How long events that are done are kept, for a look back.
const KEEP_EVENTS: TimeDelta = TimeDelta::days(7);
/// How long invitations are kept after their end.
const KEEP_INVITATIONS: TimeDelta = TimeDelta::days(30);

/// Starts every loop. Each ends soon after the process was told to end; what requests rely on, when they have their answers.
pub fn workers(state: &ControlPlane, ending: &Ending) -> Vec<WorkerHandle> {
    let start_until = |end: &CancellationToken, name: &str, run: Loop| {
        let (state, stop) = (state.clone(), end.clone());
        worker::spawn(name, end.clone(), move || run(state.clone(), stop.clone()))
    };
    let start = |name: &str, run: Loop| start_until(&ending.work, name, run);
    let serve = |name: &str, run: Loop| start_until(&ending.served, name, run);
    vec![
        serve("keys", |state, stop| Box::pin(keys(state, stop))),
        serve("revocations", |state, stop| Box::pin(revocations(state, stop))),
        start("control-events", |state, stop| Box::pin(events(state, stop))),
        start("tenants-told", |state, stop| Box::pin(told(state, stop))),
        start("provisioning", |state, stop| Box::pin(Runner::new(state.provisioner.clone()).run(stop))),
        start("warm-pool", |state, stop| Box::pin(WarmPool::new(state.provisioner.clone()).run(stop))),
        start("reconciler", |state, stop| Box::pin(Reconciler::new(state.provisioner.clone()).run(stop))),
        serve("watches", |state, stop| Box::pin(watches(state, stop))),
        start("trials", |state, stop| Box::pin(trials(state, stop))),
        start("housekeeping", |state, stop| Box::pin(housekeeping(state, stop))),
    ]
}

type Loop = fn(ControlPlane, CancellationToken) -> futures::future::LocalBoxFuture<'static, ()>;

/// Keeps the verifier's and the signer's keys up to date.
async fn keys(state: ControlPlane, stop: CancellationToken) {
    let signer = async {
        let mut tick = interval(KEYS_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            match signing_keys::load_or_create(&state.db, &state.keyring, &state.clock).await {
                Ok(keys) => state.signer.replace(keys),
                Err(error) => tracing::warn!(%error, "the signing keys can't be read; the known ones stay in use"),
            }
        }
    };
    tokio::join!(signer, state.verifier.keep_fresh(stop.clone()));
}

/// Hears of ended sessions: from Redis at once, from the database every 15 s and whenever the channel was deaf.
async fn revocations(state: ControlPlane, stop: CancellationToken) {
    let views = ControlViews::new(state.db.clone());
    let set = Arc::clone(state.verifier.revocations());
    let listen = async {
        let mut channel = state.redis.subscribe(&[REVOCATION_CHANNEL]);
        while let Some(Some(incoming)) = stop.run_until_cancelled(channel.next()).await {
            match incoming {
                Incoming::Message { payload, .. } => set.receive(&payload),
                Incoming::Connected => set.refresh(&views).await,
                Incoming::Lost => {}
            }
        }
    };
    tokio::join!(listen, set.poll(&views, stop.clone()));
}

/// Brings the control database's events to the subscribers.
async fn events(state: ControlPlane, stop: CancellationToken) {
    let subscribers = Subscribers::new(mails::subscribers(&state));
    let databases = ControlDatabase::new(state.db.clone());
    let relay = Relay::new(Plane::Control, state.redis.clone(), subscribers.clone());
    let consumers = Consumers::new(Plane::Control, state.redis.clone(), subscribers, databases.clone());
    let pump = Pump::new(databases, state.dirty.clone(), relay, None);
    tokio::join!(pump.run(stop.clone()), consumers.run(stop.clone()));
}

/// Brings what tenants' databases tell the control plane to those who listen here.
async fn told(state: ControlPlane, stop: CancellationToken) {
    let subscribers = Subscribers::new(invitations::subscribers(&state));
    let relays = DirtyTenants::new(Plane::Tenant, state.redis.clone());
    let outboxes = TenantOutboxes::new(&state);
    Consumers::elsewhere(Plane::Tenant, state.redis.clone(), subscribers, outboxes, relays, DeliveryOptions::default()).run(stop).await;
}

/// Reads the operations that somebody watches.
async fn watches(state: ControlPlane, stop: CancellationToken) {
    state.watches.run(async |ids| state.provisioner.operations(ids).await, stop).await;
}

/// Ends trials that nobody paid for.
async fn trials(state: ControlPlane, stop: CancellationToken) {
    let mut tick = interval(TRIALS_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        if let Err(error) = billing::end_trials(&state).await {
            tracing::warn!(%error, "trials that are over could not be ended; tried again in a minute");
        }
    }
}

/// Removes what has had its day.
async fn housekeeping(state: ControlPlane, stop: CancellationToken) {
    let mut tick = interval(PURGE_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        match purge(&state).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "old sessions, links, keys, events and invitations removed"),
            Err(error) => tracing::warn!(%error, "old rows could not be removed; tried again in an hour"),
        }
    }
}

async fn purge(state: &ControlPlane) -> Result<u64, DbError> {
    let now = state.clock.now();
    let people = housekeeping::purge(&state.db, &state.clock).await?;
    let keys = idempotency::purge(&state.db, now - KEEP_KEYS).await?;
    let events = outbox::purge(&state.db, now - KEEP_EVENTS).await?;
    let invitations = invitations::purge(&state.db, now - KEEP_INVITATIONS).await?;
    Ok(people + keys + events + invitations)
}
