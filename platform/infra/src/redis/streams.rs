//! Streams with consumer groups: what the outbox is carried by.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use super::redis::streams::{StreamAutoClaimReply, StreamId, StreamReadReply};
use super::wire::{Script, cmd, from_redis_value_ref};
use super::{Redis, RedisError};

/// Removes the consumer named, or every one when none is, that has been idle for so many milliseconds and has nothing pending. One script, so that
/// nobody is given an entry between the look and the removal.
static LEAVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local gone = 0
         for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
           local one = {}
           for i = 1, #fields, 2 do one[fields[i]] = fields[i + 1] end
           if (ARGV[2] == '' or one.name == ARGV[2]) and one.pending == 0 and one.idle >= tonumber(ARGV[3]) then
             redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], one.name)
             gone = gone + 1
           end
         end
         return gone",
    )
});

/// One entry of a stream, as a consumer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEntry {
    /// Redis' id, to acknowledge with.
    pub id: String,
    /// Its fields. A field that is not text is left out.
    pub fields: HashMap<String, String>,
}

impl From<StreamId> for StreamEntry {
    fn from(entry: StreamId) -> Self {
        let fields = entry.map.iter().filter_map(|(name, value)| Some((name.clone(), from_redis_value_ref(value).ok()?))).collect();
        Self { id: entry.id, fields }
    }
}

impl Redis {
    /// Appends entries to `stream`, which is kept at about `keep` entries, in one round trip.
    ///
    /// # Errors
    /// [`RedisError`]; some of the entries may have been appended.
    pub async fn stream_add_all(&self, stream: &str, keep: usize, entries: &[Vec<(&str, &str)>]) -> Result<Vec<String>, RedisError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let mut pipeline = super::redis::pipe();
        for fields in entries {
            pipeline.cmd("XADD").arg(stream).arg("MAXLEN").arg("~").arg(keep).arg("*").arg(fields.as_slice());
        }
        self.pipeline(&pipeline).await
    }

    /// Makes the consumer group, and the stream, unless they exist. The group begins with the oldest entry there is.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn stream_group(&self, stream: &str, group: &str) -> Result<(), RedisError> {
        match self.query::<String>(cmd("XGROUP").arg("CREATE").arg(stream).arg(group).arg("0").arg("MKSTREAM")).await {
            Ok(_) => Ok(()),
            Err(RedisError::Refused(reason)) if reason.contains("BUSYGROUP") => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Entries that no consumer of the group has had, at most `count`; waits up to `block` for one. Holds a connection of the pool meanwhile.
    ///
    /// # Errors
    /// [`RedisError`]; see [`is_missing_group`](RedisError::is_missing_group) after Redis was wiped.
    pub async fn stream_read(
        &self,
        stream: &str,
        group: &str,
        consumer: &str,
        count: usize,
        block: Duration,
    ) -> Result<Vec<StreamEntry>, RedisError> {
        // BLOCK 0 would wait for ever.
        let millis = u64::try_from(block.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut command = cmd("XREADGROUP");
        command.arg("GROUP").arg(group).arg(consumer).arg("COUNT").arg(count).arg("BLOCK").arg(millis).arg("STREAMS").arg(stream).arg(">");
        let reply: Option<StreamReadReply> = self.query_within(&command, block + self.timeout()).await?;
        Ok(reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids).map(StreamEntry::from).collect())
    }

    /// Entries that another consumer has had for longer than `idle` without acknowledging them, at most `count`: they are this consumer's now.
    ///
    /// # Errors
    /// [`RedisError`]; see [`is_missing_group`](RedisError::is_missing_group) after Redis was wiped.
    pub async fn stream_claim(
        &self,
        stream: &str,
        group: &str,
        consumer: &str,
        idle: Duration,
        count: usize,
    ) -> Result<Vec<StreamEntry>, RedisError> {
        let millis = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        let reply: StreamAutoClaimReply =
            self.query(cmd("XAUTOCLAIM").arg(stream).arg(group).arg(consumer).arg(millis).arg("0-0").arg("COUNT").arg(count)).await?;
        Ok(reply.claimed.into_iter().map(StreamEntry::from).collect())
    }

    /// Acknowledges entries: the group is done with them.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn stream_ack(&self, stream: &str, group: &str, ids: &[String]) -> Result<(), RedisError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.query::<i64>(cmd("XACK").arg(stream).arg(group).arg(ids)).await.map(|_| ())
    }
}

impl Redis {
    /// Takes a consumer out of the group, unless it has entries that it did not acknowledge: those would be forgotten with it. Whether it is gone.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn stream_leave(&self, stream: &str, group: &str, consumer: &str) -> Result<bool, RedisError> {
        Ok(self.script::<i64>(&LEAVE, &[stream], &[group.as_bytes(), consumer.as_bytes(), b"0"]).await? > 0)
    }

    /// Takes out every consumer that has not been heard of for `idle` and has nothing left to acknowledge: processes that ended. How many.
    ///
    /// # Errors
    /// [`RedisError`]; see [`is_missing_group`](RedisError::is_missing_group) after Redis was wiped.
    pub async fn stream_tidy(&self, stream: &str, group: &str, idle: Duration) -> Result<u64, RedisError> {
        let millis = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX).to_string();
        self.script(&LEAVE, &[stream], &[group.as_bytes(), b"", millis.as_bytes()]).await
    }
}

impl RedisError {
    /// Whether a stream or its group is gone, because Redis was wiped: make it again and go on.
    #[must_use]
    pub fn is_missing_group(&self) -> bool {
        matches!(self, Self::Refused(reason) if reason.contains("NOGROUP"))
    }
}
