//! Buckets in Redis. Its time-out and its rest after a failure are infra's; here a dead Redis is simply no answer.

use std::sync::LazyLock;

use futures::FutureExt;
use futures::future::BoxFuture;
use nexus_infra::redis::Redis;
use nexus_infra::redis::wire::Script;

use super::{LetThrough, SharedCounter, gcra};

static CHARGE: LazyLock<Script> = LazyLock::new(|| Script::new(gcra::CHARGE));
static SETTLE: LazyLock<Script> = LazyLock::new(|| Script::new(gcra::SETTLE));

impl SharedCounter for Redis {
    fn charge<'a>(&'a self, key: &'a str, args: [i64; 3]) -> BoxFuture<'a, Option<Vec<i64>>> {
        async move { run(self, &CHARGE, &[key], &args).await }.boxed()
    }

    fn settle<'a>(&'a self, callers: &'a [LetThrough]) -> BoxFuture<'a, Option<Vec<i64>>> {
        let keys: Vec<&str> = callers.iter().map(|caller| caller.key.as_str()).collect();
        let args: Vec<i64> = callers.iter().flat_map(|caller| [caller.interval, caller.cost]).collect();
        async move { run(self, &SETTLE, &keys, &args).await }.boxed()
    }
}

async fn run(redis: &Redis, script: &Script, keys: &[&str], args: &[i64]) -> Option<Vec<i64>> {
    let texts: Vec<String> = args.iter().map(i64::to_string).collect();
    let arguments: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    match redis.script::<Vec<i64>>(script, keys, &arguments).await {
        Ok(answer) => Some(answer),
        Err(error) => {
            tracing::debug!(%error, "rate limits are counted in this process alone");
            None
        }
    }
}
