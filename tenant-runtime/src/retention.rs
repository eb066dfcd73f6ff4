//! Files in tenants' buckets that nobody will read again: those whose time is up, and those of which nobody speaks, because a process died
//! before it had written down what it stored.

use std::fmt::Debug;
use std::marker::PhantomData;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use nexus_infra::object_store::StoredObject;
use nexus_infra::postgres::turns;
use uuid::Uuid;

use crate::context::TenantContext;
use crate::work::TenantUpkeep;

/// How long a file is left alone although nobody speaks of it: it is in the bucket before it is in the database, but not for long.
pub(crate) const UNSPOKEN_FOR: TimeDelta = TimeDelta::days(1);

/// Files that a slice keeps for a while.
pub(crate) trait Retained: Debug + Send + Sync + 'static {
    /// Name of the upkeep that removes them.
    const NAME: &'static str;
    /// Where in the bucket they lie.
    const PREFIX: &'static str;

    /// Some of those whose time is up; none when all are removed.
    async fn expired(ctx: &TenantContext) -> Result<Vec<Expired>, Problem>;

    /// Notes that the files of these are removed.
    async fn forget(ctx: &TenantContext, ids: Vec<Uuid>) -> Result<(), Problem>;

    /// Whether there may be any file at all.
    async fn any(ctx: &TenantContext) -> Result<bool, Problem>;

    /// The keys of those among these objects of which nobody speaks, and has not for [`UNSPOKEN_FOR`].
    async fn unspoken(ctx: &TenantContext, now: DateTime<Utc>, objects: Vec<StoredObject>) -> Result<Vec<String>, Problem>;
}

/// What has files whose time is up.
#[derive(Debug)]
pub(crate) struct Expired {
    /// Its id.
    pub(crate) id: Uuid,
    /// The files' keys in the bucket.
    pub(crate) keys: Vec<String>,
}

/// Removes the files of one kind.
#[derive(Debug)]
pub(crate) struct Retention<R>(PhantomData<R>);

impl<R: Retained> Retention<R> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R: Retained> TenantUpkeep for Retention<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn run(&self, ctx: TenantContext) -> LocalBoxFuture<'_, Result<(), Problem>> {
        Box::pin(async move {
            remove_expired::<R>(&ctx).await?;
            let day = ctx.now().date_naive().to_string();
            // Listing a bucket is dear: once a day, and not where there is nothing.
            if R::any(&ctx).await? && turns::take(&*ctx.read().await?, R::NAME, &day).await? {
                remove_unspoken::<R>(&ctx, ctx.now()).await?;
            }
            Ok(())
        })
    }
}

/// The objects go first: what is noted as removed is removed.
async fn remove_expired<R: Retained>(ctx: &TenantContext) -> Result<(), Problem> {
    loop {
        let expired = R::expired(ctx).await?;
        if expired.is_empty() {
            return Ok(());
        }
        let bucket = ctx.bucket()?;
        for key in expired.iter().flat_map(|expired| &expired.keys) {
            bucket.delete(key).await?;
        }
        tracing::info!(upkeep = R::NAME, number = expired.len(), "files whose time was up were removed");
        R::forget(ctx, expired.into_iter().map(|expired| expired.id).collect()).await?;
    }
}

/// Removes what nobody speaks of at `now`.
pub(crate) async fn remove_unspoken<R: Retained>(ctx: &TenantContext, now: DateTime<Utc>) -> Result<(), Problem> {
    let bucket = ctx.bucket()?;
    let mut after: Option<String> = None;
    loop {
        let page = bucket.list(R::PREFIX, after.as_deref()).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        for key in R::unspoken(ctx, now, page).await? {
            bucket.delete(&key).await?;
            tracing::info!(upkeep = R::NAME, key, "a file of which nobody speaks was removed");
        }
    }
}
