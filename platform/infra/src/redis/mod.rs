//! Redis: transport and cache, never the only place of anything.
//!
//! Invariants:
//! - Nothing connects before the first call, and every call ends within its time-out, a connection included.
//! - After a failure Redis rests for a second: calls fail at once instead of queueing up, one call then tries again. A dead Redis costs a request at
//!   most one time-out, and most requests nothing.
//! - Every caller has an answer for [`RedisError`]: it reads the database, or does without.
//!
//! Deliberately not here: what the keys mean (their owners name them) and locks (they live in Postgres).

mod calls;
mod streams;
mod subscribe;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::{self, Cmd, FromRedisValue, Pipeline, Script};
use deadpool_redis::{Connection, Manager, Pool, PoolError, Runtime};
use futures::FutureExt;
use nexus_core::Problem;
use secrecy::ExposeSecret;
use thiserror::Error;
use tracing::Span;

use crate::circuit::Circuit;
use crate::telemetry::traces;

/// Redis' own types: commands, scripts and values.
pub use deadpool_redis::redis as wire;
pub use streams::StreamEntry;
pub use subscribe::{Incoming, Subscription};

/// How long Redis rests after a failure.
const REST: Duration = Duration::from_secs(1);

/// Why Redis gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RedisError {
    /// The URL of the settings can't be used. The URL is not repeated.
    #[error("the URL of Redis can't be used")]
    Url,
    /// No connection, or a broken one.
    #[error("Redis is unavailable: {0}")]
    Unavailable(String),
    /// No answer within the time-out.
    #[error("Redis did not answer in time")]
    Timeout,
    /// It failed less than a second ago and is not asked again yet.
    #[error("Redis failed a moment ago and rests")]
    Resting,
    /// Redis answered with an error, or with something of another type.
    #[error("Redis refused a command: {0}")]
    Refused(String),
}

impl RedisError {
    /// Whether Redis can't be reached, as opposed to refusing what it was told.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Timeout | Self::Resting)
    }
}

impl From<RedisError> for Problem {
    fn from(error: RedisError) -> Self {
        if error.is_unavailable() { Self::unavailable("A cache").with_source(error) } else { Self::internal(error) }
    }
}

impl From<redis::RedisError> for RedisError {
    fn from(error: redis::RedisError) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else if error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error() || is_starting(&error) {
            Self::Unavailable(error.to_string())
        } else {
            Self::Refused(error.to_string())
        }
    }
}

/// `LOADING` after a restart: a server that answers and can't serve.
fn is_starting(error: &redis::RedisError) -> bool {
    error.code().is_some_and(|code| matches!(code, "LOADING" | "MASTERDOWN" | "CLUSTERDOWN"))
}

impl From<PoolError> for RedisError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Timeout(_) => Self::Timeout,
            PoolError::Backend(error) => match error.into() {
                // A wrong password, for one: the pool has no connection to give.
                Self::Refused(reason) => Self::Unavailable(reason),
                other => other,
            },
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// The way to Redis. Cheap to clone.
#[derive(Clone)]
pub struct Redis(Arc<Inner>);

struct Inner {
    pool: Pool,
    client: redis::Client,
    timeout: Duration,
    circuit: Circuit,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("timeout", &self.0.timeout).finish_non_exhaustive()
    }
}

impl Redis {
    /// A pool that connects when it is first asked.
    ///
    /// # Errors
    /// [`RedisError::Url`].
    pub fn new(settings: &nexus_config::Redis) -> Result<Self, RedisError> {
        let url = settings.url.expose_secret();
        let client = redis::Client::open(url).map_err(|_| RedisError::Url)?;
        let timeout = Duration::from_millis(settings.timeout_ms);
        // The time-outs are ours, around each call: a blocking read needs a longer one than the rest.
        let connection = redis::AsyncConnectionConfig::new().set_connection_timeout(Some(timeout)).set_response_timeout(None);
        let manager = Manager::new_with_config(url, connection).map_err(|_| RedisError::Url)?;
        let pool = Pool::builder(manager)
            .max_size(settings.max_connections)
            .wait_timeout(Some(timeout))
            .create_timeout(Some(timeout))
            .recycle_timeout(Some(timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| RedisError::Url)?;
        Ok(Self(Arc::new(Inner { pool, client, timeout, circuit: Circuit::new(REST) })))
    }

    /// Longest wait of an ordinary call.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// Runs any command. Prefer a named method.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        self.query_within(command, self.0.timeout).await
    }

    /// Runs a command that may block on the server for longer than an ordinary call.
    async fn query_within<T: FromRedisValue>(&self, command: &Cmd, limit: Duration) -> Result<T, RedisError> {
        let span = traces::redis(&name(command));
        self.guarded(span, limit, async {
            let mut held = self.checkout().await?;
            let outcome = command.query_async(held.connection()?).await;
            held.settle(outcome)
        })
        .await
    }

    /// Runs several commands in one round trip.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn pipeline<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, RedisError> {
        self.guarded(traces::redis("PIPELINE"), self.0.timeout, async {
            let mut held = self.checkout().await?;
            let outcome = pipeline.query_async(held.connection()?).await;
            held.settle(outcome)
        })
        .await
    }

    /// Runs a Lua script, by its digest where Redis knows it already. Keep the [`Script`] in a `LazyLock`.
    ///
    /// # Errors
    /// [`RedisError`].
    pub async fn script<T: FromRedisValue>(&self, script: &Script, keys: &[&str], arguments: &[&[u8]]) -> Result<T, RedisError> {
        let mut invocation = script.prepare_invoke();
        for key in keys {
            invocation.key(*key);
        }
        for argument in arguments {
            invocation.arg(*argument);
        }
        self.guarded(traces::redis("EVALSHA"), self.0.timeout, async {
            let mut held = self.checkout().await?;
            let outcome = invocation.invoke_async(held.connection()?).await;
            held.settle(outcome)
        })
        .await
    }

    async fn guarded<T>(&self, span: Span, limit: Duration, work: impl Future<Output = Result<T, RedisError>>) -> Result<T, RedisError> {
        if !self.0.circuit.admits() {
            return Err(RedisError::Resting);
        }
        let outcome = traces::within(span, tokio::time::timeout(limit, work).map(|done| done.unwrap_or(Err(RedisError::Timeout)))).await;
        match &outcome {
            Err(error) if error.is_unavailable() => {
                metrics::counter!("nexus_redis_failures_total").increment(1);
                if self.0.circuit.failed() {
                    tracing::warn!(%error, "Redis failed; it rests for a second");
                }
            }
            _ => {
                if self.0.circuit.succeeded() {
                    tracing::info!("Redis answers again");
                }
            }
        }
        outcome
    }

    async fn checkout(&self) -> Result<Held, RedisError> {
        Ok(Held { connection: Some(self.0.pool.get().await?), clean: false })
    }
}

/// What a command is called; what it is about stays out of traces.
fn name(command: &Cmd) -> String {
    if !traces::enabled() {
        return String::new();
    }
    let word = command.args_iter().find_map(|part| match part {
        redis::Arg::Simple(word) => Some(String::from_utf8_lossy(word).into_owned()),
        _ => None,
    });
    word.unwrap_or_default()
}

/// A pooled connection. Unless its call came to an end, it is dropped instead of going back: a late answer must not meet the next caller.
struct Held {
    connection: Option<Connection>,
    clean: bool,
}

impl Held {
    fn connection(&mut self) -> Result<&mut Connection, RedisError> {
        self.connection.as_mut().ok_or_else(|| RedisError::Unavailable("no connection".to_owned()))
    }

    fn settle<T>(&mut self, outcome: redis::RedisResult<T>) -> Result<T, RedisError> {
        let outcome = outcome.map_err(RedisError::from);
        self.clean = !matches!(&outcome, Err(error) if error.is_unavailable());
        outcome
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !self.clean
        {
            drop(Connection::take(connection));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nowhere() -> Redis {
        let mut settings = nexus_config::Settings::development().redis;
        // Port 9 (discard) on loopback: refused at once.
        settings.url = "redis://127.0.0.1:9".into();
        settings.timeout_ms = 300;
        Redis::new(&settings).unwrap()
    }

    #[tokio::test]
    async fn a_dead_redis_fails_once_and_then_rests() {
        let redis = nowhere();
        assert!(redis.get("a").await.unwrap_err().is_unavailable());
        assert_eq!(redis.get("a").await.unwrap_err(), RedisError::Resting);
        assert_eq!(redis.publish("c", "m").await.unwrap_err(), RedisError::Resting);
    }

    #[test]
    fn a_malformed_url_is_not_repeated() {
        let mut settings = nexus_config::Settings::development().redis;
        settings.url = "http://:hunter2@x".into();
        let error = Redis::new(&settings).unwrap_err();
        assert_eq!(error, RedisError::Url);
        assert!(!error.to_string().contains("hunter2"));
    }
}
