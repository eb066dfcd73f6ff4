//! Counters in Redis, for all processes together. Each step is one script, so that tries at once can't pass between a look and a count.

use std::sync::LazyLock;
use std::time::Duration;

use nexus_infra::redis::Redis;
use nexus_infra::redis::wire::Script;

use super::attempt::Rule;

/// Counts one try on every key, unless one of them is used up. `ARGV`: limit and window (ms) of each key. Answers 0, or the milliseconds to wait.
static RESERVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "for i, key in ipairs(KEYS) do
           if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
             return math.max(redis.call('PTTL', key), 1)
           end
         end
         for i, key in ipairs(KEYS) do
           if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
         end
         return 0",
    )
});

/// Takes one try off every key. Never below nothing, and a window that is over is not begun again.
static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "for _, key in ipairs(KEYS) do
           if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
         end
         return 0",
    )
});

fn names(rules: &[Rule]) -> Vec<String> {
    rules.iter().map(|rule| name(&rule.key)).collect()
}

fn name(key: &str) -> String {
    format!("nexus:throttle:{key}")
}

/// Counts a try on every rule, or on none. A Redis that does not answer refuses nobody: the counters of the process still do.
///
/// # Errors
/// How long to wait.
pub(super) async fn reserve(redis: &Redis, rules: &[Rule]) -> Result<(), Duration> {
    let names = names(rules);
    let keys: Vec<&str> = names.iter().map(String::as_str).collect();
    let numbers: Vec<String> = rules.iter().flat_map(|rule| [rule.limit.to_string(), rule.window.as_millis().to_string()]).collect();
    let arguments: Vec<&[u8]> = numbers.iter().map(String::as_bytes).collect();
    match redis.script::<u64>(&RESERVE, &keys, &arguments).await {
        Ok(0) => Ok(()),
        Ok(wait) => Err(Duration::from_millis(wait)),
        Err(error) => {
            tracing::debug!(%error, "tries are counted in this process alone");
            Ok(())
        }
    }
}

/// Takes a try back.
pub(super) async fn give_back(redis: &Redis, rules: &[Rule]) {
    let names = names(rules);
    let keys: Vec<&str> = names.iter().map(String::as_str).collect();
    if let Err(error) = redis.script::<u64>(&GIVE_BACK, &keys, &[]).await {
        tracing::debug!(%error, "a try could not be given back; its window ends by itself");
    }
}

/// Forgets a key.
pub(super) async fn forget(redis: &Redis, key: &str) {
    if let Err(error) = redis.delete(&name(key)).await {
        tracing::debug!(%error, "a counter could not be reset; its window ends by itself");
    }
}
