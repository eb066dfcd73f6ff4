//! When API keys were last used: noted beside the requests, at most once a minute per key, and never in a request's way.
//!
//! A request leaves a note in memory; the upkeep writes the notes of each tenant in one statement. The notes are bounded: what finds no
//! room, or can't be written, is lost, and the next use a minute later makes up for it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use nexus_core::TenantId;
use nexus_iam::api_keys;
use nexus_infra::DbError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::state::Runtime;

/// A key's use is worth a note again after this.
const NOTE_EVERY: TimeDelta = TimeDelta::seconds(60);
/// Keys remembered at once.
const ROOM: usize = 20_000;
/// How often notes are written.
const WRITE_EVERY: Duration = Duration::from_secs(10);
/// Tenants written to at once, and how long the last writing may take when the process ends.
const AT_ONCE: usize = 4;
const LAST_WRITE: Duration = Duration::from_secs(2);

/// Last uses that are not written yet, and those that were within the last minute.
#[derive(Debug, Default)]
pub struct KeyUses(Mutex<HashMap<(TenantId, Uuid), Use>>);

#[derive(Debug, Clone, Copy)]
struct Use {
    at: DateTime<Utc>,
    written: bool,
}

impl Use {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.at < NOTE_EVERY
    }
}

impl KeyUses {
    /// Notes that a key is used now.
    pub(super) fn note(&self, tenant: TenantId, key: Uuid, now: DateTime<Utc>) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.get(&(tenant, key)).is_some_and(|known| known.is_fresh(now)) {
            return;
        }
        if notes.len() < ROOM || notes.contains_key(&(tenant, key)) {
            notes.insert((tenant, key), Use { at: now, written: false });
        } else {
            metrics::counter!("nexus_api_key_uses_dropped_total").increment(1);
        }
    }

    /// The notes to be written, by tenant; forgets those that are written and a minute old.
    fn due(&self, now: DateTime<Utc>) -> HashMap<TenantId, Vec<(Uuid, DateTime<Utc>)>> {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.retain(|_, known| !known.written || known.is_fresh(now));
        let mut due: HashMap<TenantId, Vec<_>> = HashMap::new();
        for ((tenant, key), known) in notes.iter().filter(|(_, known)| !known.written) {
            due.entry(*tenant).or_default().push((*key, known.at));
        }
        due
    }

    /// Takes note that these are written. Not before they are: a writing that is broken off is done again.
    fn written(&self, tenant: TenantId, uses: &[(Uuid, DateTime<Utc>)]) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, at) in uses {
            if let Some(known) = notes.get_mut(&(tenant, *key)).filter(|known| known.at == *at) {
                known.written = true;
            }
        }
    }
}

/// Writes the notes every few seconds, and what is left once more when `shutdown` comes.
pub(crate) async fn write_uses(runtime: &Runtime, shutdown: CancellationToken) {
    let again_and_again = async {
        loop {
            tokio::time::sleep(WRITE_EVERY).await;
            write_all(runtime).await;
        }
    };
    let ended: Option<Infallible> = shutdown.run_until_cancelled(again_and_again).await;
    if ended.is_none() && tokio::time::timeout(LAST_WRITE, write_all(runtime)).await.is_err() {
        tracing::debug!("some last uses of API keys were not written in time");
    }
}

pub(super) async fn write_all(runtime: &Runtime) {
    let due = runtime.key_uses.due(runtime.clock.now());
    futures::stream::iter(due)
        .for_each_concurrent(AT_ONCE, |(tenant, uses)| async move {
            match write(runtime, tenant, &uses).await {
                Ok(()) => runtime.key_uses.written(tenant, &uses),
                Err(error) => tracing::debug!(%tenant, %error, "last uses of API keys could not be written; they are tried again"),
            }
        })
        .await;
}

async fn write(runtime: &Runtime, tenant: TenantId, uses: &[(Uuid, DateTime<Utc>)]) -> Result<(), DbError> {
    let record = runtime.record_for_work(tenant).await?;
    // One statement: a request's lease will do, and leaves background work its share.
    let lease = runtime.registry.lease(&record).await?;
    api_keys::note_uses(&lease, uses).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_key_is_noted_once_a_minute_and_written_once_a_note() {
        let (uses, key) = (KeyUses::default(), Uuid::from_u128(2));
        for second in 0..59 {
            uses.note(TENANT, key, at(second));
        }
        let first = HashMap::from([(TENANT, vec![(key, at(0))])]);
        assert_eq!(uses.due(at(59)), first);
        assert_eq!(uses.due(at(59)), first, "what failed or was broken off is tried again");
        uses.written(TENANT, &first[&TENANT]);
        uses.note(TENANT, key, at(59));
        assert_eq!(uses.due(at(59)), HashMap::new());
        uses.note(TENANT, key, at(60));
        uses.written(TENANT, &first[&TENANT]);
        let second = HashMap::from([(TENANT, vec![(key, at(60))])]);
        assert_eq!(uses.due(at(60)), second, "a later use is another note");
        uses.written(TENANT, &second[&TENANT]);
        assert_eq!(uses.due(at(120)), HashMap::new());
        assert!(uses.0.lock().unwrap().is_empty(), "nothing is kept of a key that rests");
    }

    #[test]
    fn no_more_keys_are_remembered_than_there_is_room_for() {
        let uses = KeyUses::default();
        for number in 0..=ROOM as u128 {
            uses.note(TENANT, Uuid::from_u128(number), at(0));
        }
        assert_eq!(uses.0.lock().unwrap().len(), ROOM);
        for (tenant, due) in uses.due(at(0)) {
            uses.written(tenant, &due);
        }
        assert_eq!(uses.due(at(60)), HashMap::new());
        uses.note(TENANT, Uuid::from_u128(7), at(60));
        assert_eq!(uses.0.lock().unwrap().len(), 1);
    }
}
