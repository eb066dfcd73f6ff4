//! The plain calls: values, sets, notices.

use std::time::Duration;

use super::redis::cmd;
use super::{Redis, RedisError};

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

    /// Removes `key`. Whether it existed.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn delete(&self, key: &str) -> Result<bool, RedisError> {
        self.query(cmd("DEL").arg(key)).await
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
