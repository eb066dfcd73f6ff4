//! Files that nobody will read again: those of imports that ended long ago, and those that an upload left behind when its process died
//! before the import was written down.

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use nexus_infra::postgres::turns;
use uuid::Uuid;

use super::error::ImportError;
use super::service::SOURCES;
use super::store;
use crate::context::TenantContext;
use crate::work::TenantUpkeep;

/// A file is in the bucket before its import is in the database, but not for long.
const UNKNOWN_FOR: TimeDelta = TimeDelta::hours(24);

/// Removes them.
#[derive(Debug)]
pub struct Retention;

impl TenantUpkeep for Retention {
    fn name(&self) -> &'static str {
        "imports.retention"
    }

    fn run(&self, ctx: TenantContext) -> LocalBoxFuture<'_, Result<(), Problem>> {
        Box::pin(async move {
            let keep = TimeDelta::days(ctx.runtime().settings.imports.keep_files_days.into());
            remove_expired(&ctx, ctx.now() - keep).await?;
            let day = ctx.now().date_naive().to_string();
            // Listing a bucket is dear: once a day, and not where nothing was ever imported.
            let db = ctx.read().await?;
            if store::any(db.conn()).await? && turns::take(&db, self.name(), &day).await? {
                drop(db);
                remove_unknown(&ctx, ctx.now() - UNKNOWN_FOR).await?;
            }
            Ok(())
        })
    }
}

/// Files of imports that ended before `before`. The object goes first: what is noted as removed is removed.
async fn remove_expired(ctx: &TenantContext, before: DateTime<Utc>) -> Result<(), ImportError> {
    loop {
        let expired = store::expired(ctx.read().await?.conn(), before).await?;
        if expired.is_empty() {
            return Ok(());
        }
        let bucket = ctx.bucket()?;
        for key in expired.iter().filter_map(|import| import.file_key.as_deref()) {
            bucket.delete(key).await?;
        }
        store::forget_files(ctx.read().await?.conn(), expired.iter().map(|import| import.id)).await?;
        tracing::info!(files = expired.len(), "files of old imports were removed");
    }
}

/// Files stored before `before` of which no import knows, and what imports told about their files, as long after it as that is kept, unless
/// the job still speaks of it: that an import was given up after it had stored it is no reason to keep it.
pub(super) async fn remove_unknown(ctx: &TenantContext, before: DateTime<Utc>) -> Result<(), ImportError> {
    let bucket = ctx.bucket()?;
    let mut after: Option<String> = None;
    loop {
        let page = bucket.list(SOURCES, after.as_deref()).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        let keep = TimeDelta::days(ctx.runtime().settings.imports.keep_files_days.into());
        let told = page.iter().filter(|object| object.modified < before - keep).filter_map(|object| Some((teller(&object.key)?, &object.key)));
        let told: Vec<(Uuid, &String)> = told.collect();
        let telling = store::telling(ctx.read().await?.conn(), told.iter().map(|(id, _)| *id)).await?;
        for (_, key) in told.iter().filter(|(id, _)| !telling.contains(id)) {
            bucket.delete(key).await?;
        }
        let old: Vec<(Uuid, String)> = page.into_iter().filter(|object| object.modified < before).filter_map(|object| source(object.key)).collect();
        let known = store::known(ctx.read().await?.conn(), old.iter().map(|(id, _)| *id)).await?;
        for (_, key) in old.iter().filter(|(id, _)| !known.contains(id)) {
            bucket.delete(key).await?;
            tracing::info!(key, "a file of which no import knows was removed");
        }
    }
}

/// The import whose uploaded file has this key.
fn source(key: String) -> Option<(Uuid, String)> {
    let id = key.strip_prefix(SOURCES)?.strip_suffix(".csv")?.parse().ok()?;
    Some((id, key))
}

/// The import that made the file with this key: of errors, of changes.
fn teller(key: &str) -> Option<Uuid> {
    let name = key.strip_prefix(SOURCES)?;
    name.strip_suffix("-errors.csv").or_else(|| name.strip_suffix("-changes.csv"))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uploaded_files_are_looked_at() {
        let id = Uuid::from_u128(7);
        assert_eq!(source(format!("imports/{id}.csv")).map(|(found, _)| found), Some(id));
        for other in [format!("imports/{id}-errors.csv"), "imports/notes.csv".to_owned(), format!("exports/{id}.csv")] {
            assert_eq!(source(other), None);
        }
    }
}
