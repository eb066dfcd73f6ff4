//! A store that has fallen silent: a request that waits for it is refused soon, as with a silent database.
//!
//! The time-outs of a call are for a store that is slow, and its retries for one that stumbles; together they last longer than a person waits. So whoever is
//! in a hurry ([`TenantBucket::in_a_hurry`]) and has waited for a while knocks, by a call of its own that is not repeated: any answer will do. If none comes,
//! the call is given up; if one does, the store is merely slow and is waited for. Jobs are in no hurry: a try that they give up is one of few.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::SdkError;

use super::ObjectStoreError;
use super::tenant::TenantBucket;

/// A wait this long is looked into; longer ones again and again, each time after twice the wait.
const STALLED: Duration = Duration::from_millis(750);
/// The longest time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long the store may take to answer a knock.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);
/// A transfer of more than this many bytes is given up only after so many knocks in a row that nobody heard: one lost packet must not end minutes of work.
const LONG_WORK: (u64, u32) = (8 * 1_024 * 1_024, 3);

impl TenantBucket {
    /// The outcome of a call that moves `bytes`, unless somebody in a hurry finds that the store has fallen silent.
    pub(super) async fn call<T, E>(&self, bytes: u64, call: impl Future<Output = Result<T, E>>) -> Result<T, ObjectStoreError>
    where
        ObjectStoreError: From<E>,
    {
        if !self.is_in_a_hurry() {
            return Ok(call.await?);
        }
        let mut call = pin!(call);
        let knocks = if bytes > LONG_WORK.0 { LONG_WORK.1 } else { 1 };
        let (mut patience, mut unheard) = (STALLED, 0);
        loop {
            tokio::select! {
                biased;
                outcome = &mut call => return Ok(outcome?),
                () = tokio::time::sleep(patience) => {}
            }
            let opens = tokio::select! {
                biased;
                outcome = &mut call => return Ok(outcome?),
                opens = self.opens() => opens,
            };
            unheard = if opens { 0 } else { unheard + 1 };
            if unheard == knocks {
                return Err(ObjectStoreError::Unavailable("the store does not answer".to_owned()));
            }
            patience = (patience * 2).min(LOOK_EVERY);
        }
    }

    /// Whether the store answers at all, be it with a refusal.
    async fn opens(&self) -> bool {
        let once = aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled());
        let knock = self.client().head_bucket().bucket(self.name()).customize().config_override(once).send();
        match tokio::time::timeout(ANSWERS_WITHIN, knock).await {
            Ok(Ok(_) | Err(SdkError::ServiceError(_))) => true,
            Ok(Err(_)) | Err(_) => false,
        }
    }
}
