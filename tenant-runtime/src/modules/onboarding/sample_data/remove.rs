//! Taking sample data back.

use std::collections::HashSet;

use nexus_core::AuditEntry;
use nexus_infra::Tx;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, Kind, Record};
use super::wire::{SampleCounts, SampleRemovalOut};
use crate::modules::catalog::{self, Retired};
use crate::modules::inventory::{self, SiteEnd};
use crate::modules::onboarding::error::OnboardingError;

/// Action of the audit entry.
pub const ACTION: &str = "sample_data.remove";
/// Emitted when they are gone.
const EVENT: &str = "onboarding.sample_data.removed.v1";

/// Removes the set that is there, in the caller's transaction.
pub async fn remove(tx: &Tx) -> Result<SampleRemovalOut, OnboardingError> {
    let set = store::loaded_locked(tx).await?.ok_or(OnboardingError::NotLoaded)?;
    let mut out = SampleRemovalOut {
        id: set,
        dry_run: false,
        deleted: SampleCounts::default(),
        archived: SampleCounts::default(),
        kept: SampleCounts::default(),
        reversed_movements: 0,
    };
    let kept =
        [take_back_products(tx, set, &mut out).await?, take_back_sites(tx, set, &mut out).await?, take_back_categories(tx, set, &mut out).await?];
    store::forget(tx, kept.concat()).await?;
    store::end(tx, set).await?;
    let figures = json!({ "deleted": out.deleted, "archived": out.archived, "kept": out.kept, "reversed_movements": out.reversed_movements });
    tx.audit(AuditEntry::of(ACTION, "sample_data", set).after(figures.clone()));
    tx.emit_new(EVENT, "sample_data", set, figures);
    Ok(out)
}

/// Each answers what is no sample any more: what was kept, and what is gone.
async fn take_back_products(tx: &Tx, set: Uuid, out: &mut SampleRemovalOut) -> Result<Vec<Uuid>, OnboardingError> {
    let made = store::things(tx, set, Kind::Product).await?;
    let ids: Vec<Uuid> = made.iter().map(|(id, _)| *id).collect();
    // From here on nobody edits or moves them until the transaction ends.
    let versions = catalog::hold_products(tx, &ids).await?;
    let mut moved: HashSet<Uuid> = inventory::moved_otherwise(tx, &ids, &store::postings(tx).await?).await?;
    // What came from a place that is no place for stock any more can't go back there.
    moved.extend(inventory::moved_where_no_stock_is(tx, &ids).await?);
    let is_untouched = |(id, version): &&(Uuid, i64)| versions.get(id) == Some(version) && !moved.contains(id);
    let untouched: Vec<Uuid> = made.iter().filter(is_untouched).map(|(id, _)| *id).collect();
    for (posting, _) in store::things(tx, set, Kind::Posting).await? {
        if let Some(reversed) = inventory::reverse_products(tx, posting, &untouched, ACTION).await? {
            store::note(tx, set, &[Record { kind: Kind::Posting, id: reversed.id, version: None }]).await?;
            out.reversed_movements += count(reversed.movements.len());
        }
    }
    let Retired { deleted, archived } = catalog::retire_products(tx, &untouched).await?;
    let kept: Vec<Uuid> = ids.iter().filter(|id| versions.contains_key(id) && !untouched.contains(id)).copied().collect();
    catalog::touch_products(tx, &kept).await?;
    (out.deleted.products, out.archived.products, out.kept.products) = (count(deleted.len()), count(archived.len()), count(kept.len()));
    Ok(ids.into_iter().filter(|id| !archived.contains(id)).collect())
}

async fn take_back_sites(tx: &Tx, set: Uuid, out: &mut SampleRemovalOut) -> Result<Vec<Uuid>, OnboardingError> {
    let own = store::postings(tx).await?;
    let mut forgotten = Vec::new();
    for (id, version) in store::things(tx, set, Kind::Location).await? {
        let end = inventory::end_site(tx, id, version, &own).await?;
        match end {
            Some(SiteEnd::Archived) => out.archived.locations += 1,
            Some(SiteEnd::Deleted) => out.deleted.locations += 1,
            Some(SiteEnd::Kept) => out.kept.locations += 1,
            None => {}
        }
        if end != Some(SiteEnd::Archived) {
            forgotten.push(id);
        }
    }
    Ok(forgotten)
}

async fn take_back_categories(tx: &Tx, set: Uuid, out: &mut SampleRemovalOut) -> Result<Vec<Uuid>, OnboardingError> {
    let made = store::things(tx, set, Kind::Category).await?;
    let gone = catalog::delete_empty_categories(tx, &made).await?;
    out.deleted.categories = count(gone.len());
    out.kept.categories = count(made.len() - gone.len());
    Ok(made.into_iter().map(|(id, _)| id).collect())
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
