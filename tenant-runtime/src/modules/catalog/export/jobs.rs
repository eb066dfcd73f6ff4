//! The job that writes the CSV file.

use std::collections::HashMap;

use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use serde_json::json;
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::service::{self, KIND};
use super::store;
use super::wire::ProductExportIn;
use crate::context::{Permission, TenantContext};
use crate::modules::catalog::permission::ProductsRead;
use crate::modules::catalog::product_file::{COLUMNS, row};
use crate::modules::catalog::products::wire::ProductOut;
use crate::modules::jobs::kept_bytes;
use crate::scratch;
use crate::work::{JobFailure, JobOutput, JobResult, JobRun, RESULTS, StoredFile, TenantJob};

/// Products per page.
const PAGE: u64 = 200;
const CONTENT_TYPE: &str = "text/csv; charset=utf-8";

/// Writes the catalogue into the tenant's bucket. A repeated run writes the same key again.
pub(in crate::modules::catalog) struct ExportProducts;

impl TenantJob for ExportProducts {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn permission(&self) -> &'static str {
        ProductsRead::KEY
    }

    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun<'a>) -> LocalBoxFuture<'a, JobResult> {
        Box::pin(async move { export(&ctx, &job).await })
    }
}

async fn export(ctx: &TenantContext, job: &JobRun<'_>) -> JobResult {
    let filter: ProductExportIn = job.payload()?;
    let file = scratch::file().map_err(JobFailure::retry)?;
    let mut csv = csv::Writer::from_writer(file.reopen().map_err(JobFailure::retry)?);
    csv.write_record(COLUMNS).map_err(JobFailure::retry)?;
    let kept = kept_bytes(ctx.read().await?.conn(), KIND).await?;
    let categories = store::category_paths(ctx.read().await?.conn()).await?;
    let (mut after, mut products, mut rows) = (None, 0_u64, 0_u64);
    loop {
        let page = store::page(&*ctx.read().await?, &filter, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for product in &page {
            rows += write(&mut csv, product, &categories).map_err(JobFailure::retry)?;
        }
        products += page.len() as u64;
        service::room(ctx, kept, size(&file)?).map_err(Problem::from)?;
        job.progress(products, None).await?;
    }
    csv.flush().map_err(JobFailure::retry)?;
    drop(csv);
    let size_bytes = size(&file)?;
    service::room(ctx, kept, size_bytes).map_err(Problem::from)?;
    let key = format!("{RESULTS}{}.csv", job.id());
    let bucket = ctx.bucket().map_err(JobFailure::retry)?;
    bucket.put_file(&key, file.path(), CONTENT_TYPE).await.map_err(JobFailure::retry)?;
    let name = format!("products-{}.csv", ctx.now().format("%Y-%m-%d"));
    Ok(JobOutput::of(json!({ "products": products, "rows": rows })).with_file(StoredFile {
        key,
        name,
        content_type: CONTENT_TYPE.to_owned(),
        size_bytes,
    }))
}

fn size(file: &NamedTempFile) -> Result<u64, JobFailure> {
    Ok(file.as_file().metadata().map_err(JobFailure::retry)?.len())
}

/// One row per variant; a product without variants gets one row too. Answers the number of rows.
fn write<W: std::io::Write>(csv: &mut csv::Writer<W>, product: &ProductOut, categories: &HashMap<Uuid, String>) -> csv::Result<u64> {
    let category = product.category_id.and_then(|id| categories.get(&id)).map_or("", String::as_str);
    let variants = product.variants.as_deref().unwrap_or_default();
    for variant in variants {
        csv.write_record(row(product, Some(variant), category))?;
    }
    if variants.is_empty() {
        csv.write_record(row(product, None, category))?;
    }
    Ok(variants.len().max(1) as u64)
}
