//! Telling others at once what they would see a moment later anyway. Nothing here may fail an operation.

use nexus_core::TenantId;
use nexus_infra::redis::Redis;
use serde_json::json;
use uuid::Uuid;

/// Redis channel on which every change of one operation is announced; whoever watches reads the operation again.
#[must_use]
pub fn operation_channel(operation: Uuid) -> String {
    format!("nexus:operations:{operation}")
}

/// Channel on which changed directory records are announced.
const DIRECTORY_CHANNEL: &str = "nexus:directory";

/// The way to Redis, if there is one.
#[derive(Clone)]
pub(crate) struct Notices {
    redis: Option<Redis>,
}

impl Notices {
    pub(crate) fn new(redis: Option<Redis>) -> Self {
        Self { redis }
    }

    /// Goes out beside the saga, which does not wait for it.
    pub(crate) fn operation_changed(&self, operation: Uuid, step: &str, state: &str) {
        let payload = json!({ "operation_id": operation, "step": step, "state": state }).to_string();
        let notices = self.clone();
        tokio::spawn(async move { notices.publish(&operation_channel(operation), &payload).await });
    }

    pub(crate) async fn directory_changed(&self, tenant: TenantId, epoch: i64) {
        let payload = json!({ "tenant_id": tenant, "epoch": epoch }).to_string();
        self.publish(DIRECTORY_CHANNEL, &payload).await;
    }

    async fn publish(&self, channel: &str, payload: &str) {
        let Some(redis) = &self.redis else { return };
        if let Err(error) = redis.publish(channel, payload).await {
            tracing::debug!(channel, %error, "notice not sent; watchers poll");
        }
    }
}
