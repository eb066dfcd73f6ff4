//! Keys that ended long ago are forgotten: the audit log knows of them.

use chrono::TimeDelta;
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use nexus_iam::api_keys;

use crate::context::TenantContext;
use crate::work::TenantUpkeep;

/// How long an ended key is shown.
const KEEP: TimeDelta = TimeDelta::days(90);

/// Deletes keys that were revoked or expired long ago.
#[derive(Debug)]
pub(in crate::modules::access) struct ForgetsOldKeys;

impl TenantUpkeep for ForgetsOldKeys {
    fn name(&self) -> &'static str {
        "access.forget_old_keys"
    }

    fn run(&self, ctx: TenantContext) -> LocalBoxFuture<'_, Result<(), Problem>> {
        Box::pin(async move {
            let before = ctx.now() - KEEP;
            api_keys::purge(ctx.read().await?.conn(), before).await?;
            Ok(())
        })
    }
}
