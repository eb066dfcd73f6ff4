//! The generic cell rate algorithm, once in Lua for Redis and once in Rust, on whole microseconds.
//!
//! Kept per caller: the theoretical arrival time (TAT) of the next request at an even rate. A request is refused when
//! it would move the TAT further than one window into the future.

use std::time::Duration;

use super::{Decision, Policy};

/// `KEYS[1]` bucket; `ARGV` interval (µs), burst, cost → `{allowed, remaining, retry_after µs, reset_after µs}`.
/// The clock is Redis's own, so that processes with different clocks count alike. µs since 1970 fit a double exactly.
pub(super) const CHARGE: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local interval, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tat = tonumber(redis.call('GET', KEYS[1]) or now)
if tat < now then tat = now end
local new_tat = tat + interval * cost
local allow_at = new_tat - interval * burst
if allow_at > now then
  return {0, math.max(0, math.floor((now + interval * burst - tat) / interval)), allow_at - now, tat - now}
end
if cost > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', new_tat), 'PX', math.ceil((new_tat - now) / 1000) + 1)
end
return {1, math.max(0, math.floor((now - allow_at) / interval)), 0, new_tat - now}
";

/// `KEYS` buckets; `ARGV` interval (µs) and cost of each → reset_after µs of each. What was let through already is counted, whether or not there is room for it.
pub(super) const SETTLE: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local resets = {}
for place, key in ipairs(KEYS) do
  local tat = tonumber(redis.call('GET', key) or now)
  if tat < now then tat = now end
  local reset = tat + tonumber(ARGV[2 * place - 1]) * tonumber(ARGV[2 * place]) - now
  redis.call('SET', key, string.format('%.0f', now + reset), 'PX', math.ceil(reset / 1000) + 1)
  resets[place] = reset
end
return resets
";

/// Time between two requests at an even rate, in µs.
pub(super) fn interval(policy: Policy) -> i64 {
    let window = i64::try_from(policy.window.as_micros()).unwrap_or(i64::MAX);
    (window / i64::from(policy.limit.max(1))).max(1)
}

/// The same as [`CHARGE`], on a TAT held by the caller; the new TAT comes back when it is to be kept.
pub(super) fn charge(policy: Policy, tat: Option<i64>, cost: i64, now: i64) -> (Decision, Option<i64>) {
    let interval = interval(policy);
    let burst = interval.saturating_mul(i64::from(policy.limit));
    let tat = tat.unwrap_or(now).max(now);
    let new_tat = tat.saturating_add(interval.saturating_mul(cost));
    let allow_at = new_tat.saturating_sub(burst);
    // A look (cost 0) at an empty bucket is refused, as the next request would be.
    if allow_at > now || (cost == 0 && allow_at.saturating_add(interval) > now) {
        let retry = (allow_at.saturating_sub(now)).max(interval.saturating_mul(i64::from(cost == 0)));
        return (decide(policy, false, (now.saturating_add(burst).saturating_sub(tat)) / interval, retry, tat.saturating_sub(now)), None);
    }
    let decision = decide(policy, true, (now.saturating_sub(allow_at)) / interval, 0, new_tat.saturating_sub(now));
    (decision, (cost > 0).then_some(new_tat))
}

/// A script's answer.
pub(super) fn decision(policy: Policy, answer: &[i64]) -> Option<Decision> {
    match *answer {
        [allowed, remaining, retry, reset] => Some(decide(policy, allowed == 1, remaining, retry, reset)),
        _ => None,
    }
}

fn decide(policy: Policy, allowed: bool, remaining: i64, retry: i64, reset: i64) -> Decision {
    let micros = |value: i64| Duration::from_micros(u64::try_from(value).unwrap_or(0));
    let remaining = u32::try_from(remaining.max(0)).unwrap_or(u32::MAX).min(policy.limit);
    Decision { policy, allowed, remaining, retry_after: micros(retry), reset_after: micros(reset) }
}
