//! The transaction boundaries of sample data.

use nexus_core::Idempotent;
use nexus_infra::IdempotencyKey;

use super::wire::{SampleCounts, SampleDataOut, SampleRemovalOut};
use super::{load, remove, store};
use crate::context::TenantContext;
use crate::modules::access;
use crate::modules::onboarding::error::OnboardingError;

/// Whether sample data are there.
pub(super) async fn get(ctx: &TenantContext) -> Result<SampleDataOut, OnboardingError> {
    let loaded = store::loaded(ctx.read().await?.conn()).await?;
    Ok(loaded.map_or_else(SampleDataOut::default, |set| SampleDataOut {
        loaded: true,
        id: Some(set.id),
        loaded_at: Some(set.loaded_at),
        counts: SampleCounts { products: set.products, categories: set.categories, locations: set.locations },
        movements: set.movements,
    }))
}

/// Loads them.
///
/// # Errors
/// [`OnboardingError::Loaded`], and the plan's limits.
pub(super) async fn load(ctx: &TenantContext, key: Option<&IdempotencyKey>) -> Result<Idempotent<SampleDataOut>, OnboardingError> {
    let currency = access::currency(&*ctx.read().await?).await?;
    ctx.write_once(load::ACTION, key, async |tx| load::load(tx, ctx.entitlements(), &currency).await).await
}

/// Removes them, or says what would become of them: then everything is done and rolled back.
///
/// # Errors
/// [`OnboardingError::NotLoaded`].
pub(super) async fn remove(ctx: &TenantContext, dry_run: bool) -> Result<SampleRemovalOut, OnboardingError> {
    let done = ctx.write(remove::ACTION, async |tx| {
        let removal = remove::remove(tx).await?;
        if dry_run { Err(OnboardingError::DryRun(Box::new(SampleRemovalOut { dry_run, ..removal }))) } else { Ok(removal) }
    });
    match done.await {
        Err(OnboardingError::DryRun(removal)) => Ok(*removal),
        done => done,
    }
}
