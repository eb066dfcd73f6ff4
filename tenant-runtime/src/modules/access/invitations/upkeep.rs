//! Invitations that ended long ago are forgotten: the audit log knows of them.

use chrono::TimeDelta;
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use nexus_iam::tenant_users::{self, PEOPLE_SINCE_SCHEMA};

use crate::context::TenantContext;
use crate::work::TenantUpkeep;

/// How long an ended invitation is shown.
const KEEP: TimeDelta = TimeDelta::days(90);

/// Deletes invitations that were accepted or revoked long ago, and counts of mails from days before.
#[derive(Debug)]
pub(in crate::modules::access) struct ForgetsOldInvitations;

impl TenantUpkeep for ForgetsOldInvitations {
    fn name(&self) -> &'static str {
        "access.forget_old_invitations"
    }

    fn run(&self, ctx: TenantContext) -> LocalBoxFuture<'_, Result<(), Problem>> {
        Box::pin(async move {
            if ctx.tenant().schema_version >= PEOPLE_SINCE_SCHEMA {
                let before = ctx.now() - KEEP;
                tenant_users::purge_invitations(ctx.read().await?.conn(), before).await?;
            }
            Ok(())
        })
    }
}
