//! Starting an import: is the form sound, was this file imported before, and if not: bucket, job.

use nexus_core::{AuditEntry, Faults, Idempotent};
use nexus_infra::jobs::{self, NewJob};
use nexus_infra::{DbError, IdempotencyKey, WriteError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::admission;
use super::error::ImportError;
use super::layout::{self, Layout};
use super::receive::Received;
use super::store::{self, NewImport};
use super::values::is_format;
use super::wire::{Encoding, ImportParams, Mapping};
use crate::context::{Permission, TenantContext};
use crate::modules::access::knows_time_zone;
use crate::modules::catalog::{CategoriesWrite, MAX_SKU_LENGTH};
use crate::modules::inventory::InventoryBackdate;
use crate::work::JobTicket;

/// Where uploaded files are in the tenant's bucket.
pub const SOURCES: &str = "imports/";

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Products.
    Products,
    /// Stock movements.
    Movements,
}

impl Kind {
    /// The value in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Movements => "movements",
        }
    }

    /// Kind of its job.
    pub fn job(self) -> &'static str {
        match self {
            Self::Products => "imports.products",
            Self::Movements => "imports.movements",
        }
    }

    fn layout(self) -> Layout {
        match self {
            Self::Products => layout::PRODUCTS,
            Self::Movements => layout::MOVEMENTS,
        }
    }
}

/// How the file is read, beside its mapping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Its encoding.
    pub encoding: Encoding,
    /// Whether good rows are imported beside bad ones.
    pub skip_invalid: bool,
    /// Whether who sent the file may make the categories that it names.
    #[serde(default)]
    pub may_create_categories: bool,
    /// Whether who sent the file may post movements with an earlier business time.
    #[serde(default)]
    pub may_backdate: bool,
}

/// An upload: the file and how it is to be read.
#[derive(Debug)]
pub struct Upload {
    /// The file.
    pub received: Received,
    /// Its mapping.
    pub mapping: Mapping,
    /// Its options.
    pub options: Options,
}

/// What was started, or had been started before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The job.
    pub ticket: JobTicket,
    /// Whether the file was imported before: nothing new was started.
    pub known: bool,
}

/// Starts an import of the file, or answers the job of the first one.
///
/// # Errors
/// [`ImportError`]: the form by field, the encoding, the bucket, the database.
pub async fn start(
    ctx: &TenantContext,
    kind: Kind,
    key: Option<&IdempotencyKey>,
    params: ImportParams,
    upload: Upload,
) -> Result<Idempotent<Started>, ImportError> {
    check(ctx, kind, &upload).await?;
    let Upload { received, mapping, options } = upload;
    let options = Options { may_create_categories: ctx.allows(CategoriesWrite::KEY), may_backdate: ctx.allows(InventoryBackdate::KEY), ..options };
    let dry_run = params.dry_run.unwrap_or(false);
    let repeatable = dry_run || params.again.unwrap_or(false);
    if !repeatable && key.is_none() {
        let earlier = store::earlier(ctx.read().await?.conn(), kind.as_str(), &received.digest).await?;
        if let Some(first) = earlier.iter().find(|earlier| earlier.counts()) {
            return Ok(Idempotent::fresh(known(first, kind)));
        }
    }
    let id = ctx.new_id();
    let file_key = format!("{SOURCES}{id}.csv");
    let bucket = ctx.bucket()?.in_a_hurry();
    bucket.put_file(&file_key, received.file.path(), "text/csv").await?;
    let started = ctx
        .write_once("imports.start", key, async |tx| {
            store::lock_starts(tx).await?;
            let earlier = store::earlier(tx.conn(), kind.as_str(), &received.digest).await?;
            if let Some(first) = earlier.iter().find(|earlier| !repeatable && earlier.counts()) {
                return Ok(known(first, kind));
            }
            admission::check(&ctx.runtime().settings, store::kept(tx.conn()).await?, received.size)?;
            let job = jobs::enqueue(tx, NewJob::new(kind.job(), json!({ "import_id": id })).with_id(id)).await?;
            let import = NewImport {
                id: job.id,
                kind: kind.as_str(),
                digest: &received.digest,
                file_key: &file_key,
                file_name: &received.name,
                size: received.size,
                mapping: json!(mapping),
                options: json!(options),
                dry_run,
                generation: earlier.iter().map(|earlier| earlier.generation).max().unwrap_or(0) + 1,
            };
            store::insert(tx, &import).await?;
            let what = json!({ "kind": kind.as_str(), "digest": received.digest, "file_name": received.name, "size_bytes": received.size, "dry_run": dry_run });
            tx.audit(AuditEntry::of("imports.start", "import", id).after(what));
            Ok::<_, ImportError>(Started { ticket: JobTicket::queued(job.id, kind.job()), known: false })
        })
        .await;
    // Nobody will read the object that was put there for nothing. Where it is unknown whether the import was committed it stays: what no
    // import knows is removed later.
    let is_needed = match &started {
        Ok(started) => started.value.ticket.id == id,
        Err(error) => error.db_error().is_some_and(DbError::leaves_outcome_open),
    };
    if !is_needed && let Err(error) = bucket.delete(&file_key).await {
        tracing::warn!(%error, "an upload that was not needed stays in the bucket");
    }
    started
}

fn known(first: &store::Earlier, kind: Kind) -> Started {
    Started { ticket: JobTicket { id: first.id, kind: kind.job().to_owned(), state: first.state.clone() }, known: true }
}

async fn check(ctx: &TenantContext, kind: Kind, upload: &Upload) -> Result<(), ImportError> {
    let mapping = &upload.mapping;
    let mut faults = Faults::new();
    kind.layout().check(mapping, &mut faults);
    mapping.check_constants(&mut faults);
    if let Some(format) = &mapping.date_format {
        faults.check(!format.is_empty() && format.len() <= 100 && is_format(format), "mapping.date_format", "format", "is no strftime format");
    }
    if let Some(zone) = &mapping.time_zone {
        let known = knows_time_zone(&*ctx.read().await?, zone).await?;
        faults.check(known, "mapping.time_zone", "unknown", "is no time zone; name one such as Europe/London");
    }
    if let Some(delimiter) = &mapping.delimiter {
        faults.check(delimiter_of(mapping).is_some(), "mapping.delimiter", "value", "must be a comma, a semicolon, a bar or a tab");
        faults.check(delimiter.len() <= 4, "mapping.delimiter", "length", "must be one character");
    }
    let skus_fit = mapping.non_stocked_skus.len() <= 10_000 && mapping.non_stocked_skus.iter().all(|sku| sku.chars().count() <= MAX_SKU_LENGTH);
    faults.check(skus_fit, "mapping.non_stocked_skus", "length", "at most 10,000 SKUs of at most 100 characters");
    if let Some(reason) = &mapping.backdating_reason {
        let fits = !reason.trim().is_empty() && reason.chars().count() <= 400 && !reason.contains('\0');
        faults.check(fits, "mapping.backdating_reason", "length", "must have 1 to 400 characters");
    }
    if !faults.is_empty() {
        return Err(ImportError::Invalid(faults.into_vec()));
    }
    upload.received.check(upload.options.encoding)
}

/// The byte that separates cells; `None` when the mapping names something else than is possible.
pub fn delimiter_of(mapping: &Mapping) -> Option<u8> {
    match mapping.delimiter.as_deref() {
        None | Some(",") => Some(b','),
        Some(";") => Some(b';'),
        Some("|") => Some(b'|'),
        Some("\t" | "\\t") => Some(b'\t'),
        Some(_) => None,
    }
}
