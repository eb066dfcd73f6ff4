//! Buckets in Redis. Its time-out and its rest after a failure are infra's; here a dead Redis is simply no answer.

use std::sync::LazyLock;

use futures::FutureExt;
use futures::future::BoxFuture;
use nexus_infra::redis::Redis;
use nexus_infra::redis::wire::Script;

use super::{SCRIPT, SharedCounter};

static CHARGE: LazyLock<Script> = LazyLock::new(|| Script::new(SCRIPT));

impl SharedCounter for Redis {
    fn run<'a>(&'a self, key: &'a str, args: &'a [i64]) -> BoxFuture<'a, Option<Vec<i64>>> {
        async move {
            let texts: Vec<String> = args.iter().map(i64::to_string).collect();
            let arguments: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
            match self.script::<Vec<i64>>(&CHARGE, &[key], &arguments).await {
                Ok(answer) => Some(answer),
                Err(error) => {
                    tracing::debug!(%error, "rate limits are counted in this process alone");
                    None
                }
            }
        }
        .boxed()
    }
}
