//! A store that has fallen silent: a request that waits for it is refused soon, as with a silent database.
//!
//! The time-outs of a call are for a store that is slow, and its retries for one that stumbles; together they last longer than a person waits. So whoever is
//! in a hurry ([`TenantBucket::in_a_hurry`]) and has waited for a while knocks ([`silence`](crate::silence)), by a call of its own that is not repeated: any
//! answer will do. Jobs are in no hurry: a try that they give up is one of few.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::SdkError;

use super::ObjectStoreError;
use super::tenant::TenantBucket;
use crate::silence::{GivenUp, KNOCKS_FOR_LONG_WORK, Patience, STALLED, attend};
use crate::telemetry::traces;

/// How long the store may take to answer a knock.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);
/// A transfer of more than this many bytes may take long.
const LONG_WORK: u64 = 8 * 1_024 * 1_024;

impl TenantBucket {
    /// The outcome of a call that moves `bytes`, unless somebody in a hurry finds that the store has fallen silent. The call has time-outs of its own.
    pub(super) fn call<T, E>(
        &self,
        operation: &'static str,
        bytes: u64,
        call: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, ObjectStoreError>>
    where
        ObjectStoreError: From<E>,
    {
        traces::within(traces::object_store(operation), self.attended(bytes, call))
    }

    async fn attended<T, E>(&self, bytes: u64, call: impl Future<Output = Result<T, E>>) -> Result<T, ObjectStoreError>
    where
        ObjectStoreError: From<E>,
    {
        if !self.is_in_a_hurry() {
            return Ok(call.await?);
        }
        let unheard = if bytes > LONG_WORK { KNOCKS_FOR_LONG_WORK } else { 1 };
        let patience = Patience { first: STALLED, unheard, limit: Duration::MAX };
        match attend(pin!(call), patience, || self.opens()).await {
            Ok(outcome) => Ok(outcome?),
            Err(GivenUp) => {
                metrics::counter!("nexus_object_store_silent_calls_total").increment(1);
                Err(ObjectStoreError::Unavailable("the store does not answer".to_owned()))
            }
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

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
