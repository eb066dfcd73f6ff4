//! Networks from which an account was lately logged in to: strangers' failures don't slow its owner there.
//!
//! Kept in Redis, as keyed digests of account and network together: neither can be read from them, nor can two accounts be seen to share a network. What is
//! lost, or can't be read, makes a network a strange one.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use nexus_infra::redis::Redis;
use nexus_infra::redis::wire::Script;

/// A network is forgotten when nobody has logged in from it for so long.
const KEEP: TimeDelta = TimeDelta::days(30);

/// Notes a network and keeps the 16 newest. `ARGV`: now (ms), the network, how long to keep (ms).
static REMEMBER: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
         redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -17)
         redis.call('PEXPIRE', KEYS[1], ARGV[3])
         return 0",
    )
});

/// Whether a network was noted since. `ARGV`: the network, the earliest (ms).
static KNOWS: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
         if at and tonumber(at) >= tonumber(ARGV[2]) then return 1 end
         return 0",
    )
});

/// One network of one account.
#[derive(Debug, Clone)]
pub(super) struct Familiar {
    key: String,
    network: String,
}

impl Familiar {
    /// `network`: a keyed digest of account and network.
    pub(super) fn new(realm: &str, address_digest: &str, network: String) -> Self {
        Self { key: format!("nexus:throttle:familiar:{realm}:{address_digest}"), network }
    }

    /// Whether the account was lately logged in to from there; no, when Redis does not say.
    pub(super) async fn is_known(&self, redis: &Redis, now: DateTime<Utc>) -> bool {
        let earliest = (now - KEEP).timestamp_millis().to_string();
        let answer = redis.script::<u64>(&KNOWS, &[&self.key], &[self.network.as_bytes(), earliest.as_bytes()]).await;
        answer.unwrap_or_else(|error| {
            tracing::debug!(%error, "familiar networks can't be read; every network is a strange one");
            0
        }) == 1
    }

    /// Notes that the account was logged in to from there.
    pub(super) async fn remember(&self, redis: &Redis, now: DateTime<Utc>) {
        let (now, keep) = (now.timestamp_millis().to_string(), KEEP.num_milliseconds().to_string());
        let noted = redis.script::<u64>(&REMEMBER, &[&self.key], &[now.as_bytes(), self.network.as_bytes(), keep.as_bytes()]).await;
        if let Err(error) = noted {
            tracing::debug!(%error, "a familiar network could not be noted");
        }
    }
}
