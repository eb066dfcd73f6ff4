//! The job that writes the CSV file.

use std::collections::HashMap;

use futures::future::LocalBoxFuture;
use serde_json::json;
use tempfile::NamedTempFile;
use uuid::Uuid;

use super::csv_cell::safe;
use super::service::KIND;
use super::store;
use super::wire::ProductExportIn;
use crate::context::TenantContext;
use crate::modules::catalog::products::wire::ProductOut;
use crate::modules::catalog::variants::wire::VariantOut;
use crate::work::{JobFailure, JobOutput, JobResult, JobRun, StoredFile, TenantJob};

/// Products per page.
const PAGE: u64 = 200;
const CONTENT_TYPE: &str = "text/csv; charset=utf-8";

const HEADER: [&str; 23] = [
    "product_id",
    "product_name",
    "description",
    "status",
    "kind",
    "category",
    "brand",
    "unit",
    "tags",
    "sku",
    "variant_name",
    "attributes",
    "barcodes",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "price_amount",
    "price_currency",
    "cost_amount",
    "cost_currency",
    "variant_status",
    "metadata",
];

/// Writes the catalogue into the tenant's bucket. A repeated run writes the same key again.
pub(in crate::modules::catalog) struct ExportProducts;

impl TenantJob for ExportProducts {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun<'a>) -> LocalBoxFuture<'a, JobResult> {
        Box::pin(async move { export(&ctx, &job).await })
    }
}

async fn export(ctx: &TenantContext, job: &JobRun<'_>) -> JobResult {
    let filter: ProductExportIn = job.payload()?;
    let file = NamedTempFile::new().map_err(JobFailure::retry)?;
    let mut csv = csv::Writer::from_writer(file.reopen().map_err(JobFailure::retry)?);
    csv.write_record(HEADER).map_err(JobFailure::retry)?;
    let categories = store::category_paths(&*ctx.read().await?).await?;
    let (mut after, mut products, mut rows) = (None, 0_u64, 0_u64);
    loop {
        let page = store::page(&*ctx.read().await?, &filter, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for product in &page {
            rows += write(&mut csv, product, &categories).map_err(JobFailure::retry)?;
        }
        products += page.len() as u64;
        job.progress(products, None).await?;
    }
    csv.flush().map_err(JobFailure::retry)?;
    drop(csv);
    let size_bytes = file.as_file().metadata().map_err(JobFailure::retry)?.len();
    let key = format!("exports/{}.csv", job.id());
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

/// One row per variant; a product without variants gets one row too. Answers the number of rows.
fn write<W: std::io::Write>(csv: &mut csv::Writer<W>, product: &ProductOut, categories: &HashMap<Uuid, String>) -> csv::Result<u64> {
    let category = product.category_id.and_then(|id| categories.get(&id)).map_or("", String::as_str);
    let metadata = if product.metadata.as_object().is_none_or(serde_json::Map::is_empty) { String::new() } else { product.metadata.to_string() };
    let mut rows = 0;
    let variants = product.variants.as_deref().unwrap_or_default();
    let lines: Vec<Option<&VariantOut>> = if variants.is_empty() { vec![None] } else { variants.iter().map(Some).collect() };
    for variant in lines {
        let mut cells = vec![
            product.id.to_string(),
            product.name.clone(),
            product.description.clone(),
            product.status.as_str().to_owned(),
            product.kind.as_str().to_owned(),
            category.to_owned(),
            product.brand.clone().unwrap_or_default(),
            product.unit.clone(),
            product.tags.join("|"),
        ];
        cells.extend(variant.map_or_else(|| vec![String::new(); 13], cells_of));
        cells.push(metadata.clone());
        csv.write_record(cells.iter().map(|cell| safe(cell).into_owned()))?;
        rows += 1;
    }
    Ok(rows)
}

fn cells_of(variant: &VariantOut) -> Vec<String> {
    let measure = |value: Option<nexus_web::wire::DecimalString>| value.map(|value| value.0.to_string()).unwrap_or_default();
    let attributes: Vec<String> = variant.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let barcodes: Vec<&str> = variant.barcodes.iter().map(|barcode| barcode.barcode.as_str()).collect();
    let money = |value: Option<nexus_web::wire::MoneyDto>| {
        value.map_or_else(|| [String::new(), String::new()], |value| [value.amount.to_string(), value.currency.to_string()])
    };
    let [price, price_currency] = money(variant.price);
    let [cost, cost_currency] = money(variant.cost);
    vec![
        variant.sku.clone(),
        variant.name.clone(),
        attributes.join("|"),
        barcodes.join("|"),
        measure(variant.weight_g),
        measure(variant.length_mm),
        measure(variant.width_mm),
        measure(variant.height_mm),
        price,
        price_currency,
        cost,
        cost_currency,
        variant.status.as_str().to_owned(),
    ]
}
