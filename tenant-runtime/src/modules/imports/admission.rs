//! Who may send a file now: bounds on uploads at once, on imports that wait, and on the bytes kept of one organization.
//!
//! Uploads are counted in this process, where they cost connections and temporary files; imports and bytes in the tenant's database.

use nexus_config::Settings;

use super::error::ImportError;
use super::store::{self, Kept};
use crate::context::TenantContext;
use crate::places::{NoPlace, TenantPlace, TenantPlaces};

/// Uploads under way in this process.
static UPLOADS: TenantPlaces = TenantPlaces::new();

/// Lets an upload begin: before its body is read, so that what can't be kept is not sent.
///
/// # Errors
/// [`ImportError::TooManyUploads`], [`ImportError::Busy`], [`ImportError::TooManyWaiting`], [`ImportError::StorageFull`], the database.
pub async fn admit(ctx: &TenantContext) -> Result<TenantPlace, ImportError> {
    let bounds = &ctx.runtime().settings.imports;
    let place = UPLOADS.take(ctx.tenant_id(), bounds.max_uploads_per_tenant, bounds.max_uploads).map_err(|none| match none {
        NoPlace::OfTenant => ImportError::TooManyUploads { most: bounds.max_uploads_per_tenant },
        NoPlace::InProcess => ImportError::Busy,
    })?;
    check(&ctx.runtime().settings, store::kept(ctx.read().await?.conn()).await?, 1)?;
    Ok(place)
}

/// Whether `more` bytes and one more import fit beside what is there.
pub fn check(settings: &Settings, there: Kept, more: u64) -> Result<(), ImportError> {
    let bounds = &settings.imports;
    if there.pending >= i64::from(bounds.max_pending) {
        return Err(ImportError::TooManyWaiting { most: bounds.max_pending });
    }
    let used = u64::try_from(there.bytes).unwrap_or_default();
    if used.saturating_add(more) > bounds.max_stored_bytes {
        return Err(ImportError::StorageFull { used, most: bounds.max_stored_bytes, days: settings.jobs.keep_files_days });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_and_what_is_kept_are_bounded() {
        let mut bounds = Settings::development();
        (bounds.imports.max_pending, bounds.imports.max_stored_bytes) = (2, 100);
        assert!(check(&bounds, Kept { pending: 1, bytes: 60 }, 40).is_ok());
        assert!(matches!(check(&bounds, Kept { pending: 2, bytes: 0 }, 1), Err(ImportError::TooManyWaiting { most: 2 })));
        assert!(matches!(check(&bounds, Kept { pending: 0, bytes: 60 }, 41), Err(ImportError::StorageFull { used: 60, most: 100, .. })));
    }
}
