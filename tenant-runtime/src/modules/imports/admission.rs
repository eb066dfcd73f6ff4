//! Who may send a file now: bounds on uploads at once, on imports that wait, and on the bytes kept of one organization.
//!
//! Uploads are counted in this process, where they cost connections and temporary files; imports and bytes in the tenant's database.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use nexus_config::Imports;
use nexus_core::TenantId;

use super::error::ImportError;
use super::store::{self, Kept};
use crate::context::TenantContext;

/// Uploads under way in this process, by tenant.
static UPLOADS: LazyLock<Mutex<HashMap<TenantId, usize>>> = LazyLock::new(Mutex::default);

/// A place among the uploads of this process; given back when it is dropped.
#[derive(Debug)]
pub struct UploadPlace(TenantId);

impl UploadPlace {
    fn take(tenant: TenantId, bounds: &Imports) -> Result<Self, ImportError> {
        let mut uploads = uploads();
        if uploads.get(&tenant).is_some_and(|count| *count >= bounds.max_uploads_per_tenant) {
            return Err(ImportError::TooManyUploads { most: bounds.max_uploads_per_tenant });
        }
        // Who holds places already must leave as many free: a few organizations together can't keep all others out.
        let (held, taken) = (uploads.get(&tenant).copied().unwrap_or_default(), uploads.values().sum::<usize>());
        if bounds.max_uploads.saturating_sub(taken) <= held {
            return Err(ImportError::Busy);
        }
        *uploads.entry(tenant).or_default() += 1;
        Ok(Self(tenant))
    }
}

impl Drop for UploadPlace {
    fn drop(&mut self) {
        let mut uploads = uploads();
        if let Some(count) = uploads.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                uploads.remove(&self.0);
            }
        }
    }
}

fn uploads() -> MutexGuard<'static, HashMap<TenantId, usize>> {
    UPLOADS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets an upload begin: before its body is read, so that what can't be kept is not sent.
///
/// # Errors
/// [`ImportError::TooManyUploads`], [`ImportError::Busy`], [`ImportError::TooManyWaiting`], [`ImportError::StorageFull`], the database.
pub async fn admit(ctx: &TenantContext) -> Result<UploadPlace, ImportError> {
    let bounds = &ctx.runtime().settings.imports;
    let place = UploadPlace::take(ctx.tenant_id(), bounds)?;
    check(bounds, store::kept(ctx.read().await?.conn()).await?, 1)?;
    Ok(place)
}

/// Whether `more` bytes and one more import fit beside what is there.
pub fn check(bounds: &Imports, there: Kept, more: u64) -> Result<(), ImportError> {
    if there.pending >= i64::from(bounds.max_pending) {
        return Err(ImportError::TooManyWaiting { most: bounds.max_pending });
    }
    let used = u64::try_from(there.bytes).unwrap_or_default();
    if used.saturating_add(more) > bounds.max_stored_bytes {
        return Err(ImportError::StorageFull { used, most: bounds.max_stored_bytes, days: bounds.keep_files_days });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn places_are_bounded_by_tenant_and_in_all_and_come_back() {
        let bounds = Imports { max_uploads: 3, max_uploads_per_tenant: 2, ..bounds() };
        let [one, other, newcomer] = [1, 2, 3].map(|number| TenantId(Uuid::from_u128(number)));
        let first = UploadPlace::take(one, &bounds).unwrap();
        let _second = UploadPlace::take(one, &bounds).unwrap();
        assert!(matches!(UploadPlace::take(one, &bounds), Err(ImportError::TooManyUploads { most: 2 })));
        let _third = UploadPlace::take(other, &bounds).unwrap();
        assert!(matches!(UploadPlace::take(other, &bounds), Err(ImportError::Busy)));
        drop(first);
        UploadPlace::take(newcomer, &bounds).unwrap();
    }

    #[test]
    fn organizations_that_take_all_they_get_leave_places_to_others() {
        let bounds = Imports { max_uploads: 32, max_uploads_per_tenant: 8, ..bounds() };
        let mut held = Vec::new();
        for greedy in 1..=4 {
            held.extend(std::iter::from_fn(|| UploadPlace::take(TenantId(Uuid::from_u128(100 + greedy)), &bounds).ok()));
        }
        held.push(UploadPlace::take(TenantId(Uuid::from_u128(200)), &bounds).unwrap());
        assert!(held.len() > 24, "{} of 32", held.len());
    }

    #[test]
    fn what_waits_and_what_is_kept_are_bounded() {
        let bounds = Imports { max_pending: 2, max_stored_bytes: 100, ..bounds() };
        assert!(check(&bounds, Kept { pending: 1, bytes: 60 }, 40).is_ok());
        assert!(matches!(check(&bounds, Kept { pending: 2, bytes: 0 }, 1), Err(ImportError::TooManyWaiting { most: 2 })));
        assert!(matches!(check(&bounds, Kept { pending: 0, bytes: 60 }, 41), Err(ImportError::StorageFull { used: 60, most: 100, .. })));
    }

    fn bounds() -> Imports {
        Imports {
            max_bytes: 1,
            max_columns: 1,
            max_errors: 1,
            max_uploads: 1,
            max_uploads_per_tenant: 1,
            max_pending: 1,
            max_stored_bytes: 1,
            keep_files_days: 1,
        }
    }
}
