//! How long files of imports are kept. What their jobs tell about them goes with the jobs.

use chrono::{DateTime, Utc};
use nexus_core::Problem;
use nexus_infra::object_store::StoredObject;
use uuid::Uuid;

use super::service::SOURCES;
use super::store;
use crate::context::TenantContext;
use crate::modules::jobs;
use crate::retention::{Expired, Retained, UNSPOKEN_FOR};

/// Uploaded files, and what their imports told about them.
#[derive(Debug)]
pub(super) struct ImportFiles;

impl Retained for ImportFiles {
    const NAME: &'static str = "imports.retention";
    const PREFIX: &'static str = SOURCES;

    async fn expired(ctx: &TenantContext) -> Result<Vec<Expired>, Problem> {
        let imports = store::expired(ctx.read().await?.conn(), ctx.now() - jobs::keep(ctx)).await?;
        Ok(imports.into_iter().map(|import| Expired { id: import.id, keys: import.file_key.into_iter().collect() }).collect())
    }

    async fn forget(ctx: &TenantContext, ids: Vec<Uuid>) -> Result<(), Problem> {
        Ok(store::forget_files(ctx.read().await?.conn(), ids).await?)
    }

    async fn any(ctx: &TenantContext) -> Result<bool, Problem> {
        Ok(store::any(ctx.read().await?.conn()).await?)
    }

    /// Uploads of which no import knows, and what imports told of which no job speaks: that an import was given up after it had stored that is
    /// no reason to keep it.
    async fn unspoken(ctx: &TenantContext, now: DateTime<Utc>, objects: Vec<StoredObject>) -> Result<Vec<String>, Problem> {
        let (told, others): (Vec<_>, Vec<_>) = objects.into_iter().partition(|object| teller(&object.key).is_some());
        let mut unspoken = jobs::unspoken(ctx, now, told.into_iter().map(|object| (teller(&object.key), object))).await?;
        let old = others.into_iter().filter(|object| object.modified < now - UNSPOKEN_FOR);
        let uploads: Vec<(Uuid, String)> = old.filter_map(|object| Some((source(&object.key)?, object.key))).collect();
        let known = store::known(ctx.read().await?.conn(), uploads.iter().map(|(id, _)| *id)).await?;
        unspoken.extend(uploads.into_iter().filter(|(id, _)| !known.contains(id)).map(|(_, key)| key));
        Ok(unspoken)
    }
}

/// The import whose uploaded file has this key.
fn source(key: &str) -> Option<Uuid> {
    key.strip_prefix(SOURCES)?.strip_suffix(".csv")?.parse().ok()
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
        assert_eq!(source(&format!("imports/{id}.csv")), Some(id));
        for other in [format!("imports/{id}-errors.csv"), "imports/notes.csv".to_owned(), format!("exports/{id}.csv")] {
            assert_eq!(source(&other), None);
        }
    }
}
