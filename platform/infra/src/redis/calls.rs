//! The plain calls: values, counters, sets, notices.

use std::sync::LazyLock;
use std::time::Duration;

use super::redis::{Script, cmd};
use super::{Redis, RedisError};

/// Counts one up; the window begins with the first. Answers the count and the milliseconds left.
static COUNT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local count = redis.call('INCR', KEYS[1])
         local left = redis.call('PTTL', KEYS[1])
         if left < 0 then
           redis.call('PEXPIRE', KEYS[1], ARGV[1])
           left = tonumber(ARGV[1])
         end
         return {count, left}",
    )
});

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl Redis {
    /// The value of `key`.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, RedisError> {
        self.query(cmd("GET").arg(key)).await
    }

    /// Sets `key` for `ttl` (at least a millisecond).
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn set(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), RedisError> {
        self.query(cmd("SET").arg(key).arg(value).arg("PX").arg(millis(ttl))).await
    }

    /// Sets `key` for `ttl` unless it exists. Whether it was set.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn set_if_absent(&self, key: &str, value: &[u8], ttl: Duration) -> Result<bool, RedisError> {
        let set: Option<String> = self.query(cmd("SET").arg(key).arg(value).arg("NX").arg("PX").arg(millis(ttl))).await?;
        Ok(set.is_some())
    }

    /// Removes `key`. Whether it existed.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn delete(&self, key: &str) -> Result<bool, RedisError> {
        self.query(cmd("DEL").arg(key)).await
    }

    /// Counts one up on `key`, whose window begins with the first count. The count, and the time until it starts over.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn count(&self, key: &str, window: Duration) -> Result<(u64, Duration), RedisError> {
        let (count, left): (u64, u64) = self.script(&COUNT, &[key], &[millis(window).to_string().as_bytes()]).await?;
        Ok((count, Duration::from_millis(left)))
    }

    /// What [`Redis::count`] has counted on `key`, and the time until it starts over; zeros when nothing.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn counter(&self, key: &str) -> Result<(u64, Duration), RedisError> {
        let mut pipeline = super::redis::pipe();
        pipeline.cmd("GET").arg(key).cmd("PTTL").arg(key);
        let (count, left): (Option<u64>, i64) = self.pipeline(&pipeline).await?;
        Ok((count.unwrap_or_default(), Duration::from_millis(u64::try_from(left).unwrap_or_default())))
    }

    /// Adds `members` to the set `key`. How many were new.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn set_add(&self, key: &str, members: &[String]) -> Result<usize, RedisError> {
        if members.is_empty() {
            return Ok(0);
        }
        self.query(cmd("SADD").arg(key).arg(members)).await
    }

    /// Takes up to `count` members out of the set `key`.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn set_take(&self, key: &str, count: usize) -> Result<Vec<String>, RedisError> {
        self.query(cmd("SPOP").arg(key).arg(count)).await
    }

    /// Tells `message` to whoever listens on `channel` at this moment.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn publish(&self, channel: &str, message: &str) -> Result<(), RedisError> {
        self.query::<i64>(cmd("PUBLISH").arg(channel).arg(message)).await.map(|_| ())
    }

    /// Whether Redis answers.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn ping(&self) -> Result<(), RedisError> {
        self.query::<String>(&cmd("PING")).await.map(|_| ())
    }
}
