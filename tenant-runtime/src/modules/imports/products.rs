//! The job `imports.products`: rows are staged, brought together by SKU, and written through the catalogue in one transaction.
//!
//! A dry run writes too, and rolls back: what it reports is what would happen.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use futures::future::LocalBoxFuture;
use nexus_infra::Tx;
use serde_json::{Value, json};

use super::error::ImportError;
use super::layout;
use super::report::{Report, RowFault};
use super::service::Kind;
use super::store::{self, ProductRow};
use super::values;
use super::wire::SkuCase;
use super::work::{CellFaults, Outcome, Reading, Work, failure};
use crate::context::TenantContext;
use crate::modules::catalog::{
    self, Barcode, BarcodeKind, ProductKind, ProductStatus, ProductUpsert, UpsertOutcome, VariantUpsert, normalise_sku, parse_sku,
};
use crate::work::{JobResult, JobRun, TenantJob};

/// Products of one call of the catalogue.
const BATCH: usize = 500;
/// Spellings shown in the summary.
const EXAMPLES: usize = 20;

/// Imports products.
#[derive(Debug)]
pub struct ImportProducts;

impl TenantJob for ImportProducts {
    fn kind(&self) -> &'static str {
        Kind::Products.job()
    }

    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun<'a>) -> LocalBoxFuture<'a, JobResult> {
        Box::pin(async move {
            let done = run(&ctx, &job).await;
            if let Err(error) = store::clear_products(ctx.read()?, job.id()).await {
                tracing::warn!(%error, "staged rows stay behind until the next run");
            }
            done
        })
    }
}

async fn run(ctx: &TenantContext, job: &JobRun<'_>) -> JobResult {
    let work = match Work::begin(ctx, job).await {
        Ok(work) => work,
        Err(done) => return done,
    };
    let read = stage(&work).await.map_err(failure)?;
    let found = RefCell::new(None);
    let written = ctx
        .write("imports.products", async |tx| {
            let mut apply = Apply::new(&work, &read);
            let done = apply.all(tx).await;
            let outcome = Outcome { summary: apply.summary(), rows: read.rows, report: apply.report };
            if done.is_ok() {
                let summary = json!({ "output": { "summary": outcome.summary } });
                store::finish(tx.conn(), work.id(), outcome.rows, outcome.report.wrong_rows(), None, &summary).await?;
            }
            found.replace(Some(outcome));
            done
        })
        .await;
    match (written, found.into_inner()) {
        (Ok(()), Some(outcome)) => work.finish(&outcome, true).await,
        (Err(ImportError::HasErrors { .. } | ImportError::DryRun), Some(outcome)) => work.finish(&outcome, false).await,
        (Err(error), _) => Err(failure(error)),
        (Ok(()), None) => Err(failure(ImportError::Stopped)),
    }
}

/// What reading the file came to.
struct Read {
    rows: i64,
    staged: i64,
    report: Report,
}

async fn stage(work: &Work<'_>) -> Result<Read, ImportError> {
    let db = work.ctx.read()?;
    store::clear_products(db, work.id()).await?;
    let (mut source, reading) = work.open(layout::PRODUCTS).await?;
    let mut read = Read { rows: 0, staged: 0, report: work.report() };
    loop {
        let (back, piece) = work.piece(source, &reading, parse).await?;
        source = back;
        if piece.is_end() {
            break;
        }
        read.rows += piece.len();
        for (line, faults) in piece.wrong {
            read.report.row(line, faults);
        }
        if !work.options.skip_invalid && read.report.stop_when_full() {
            break;
        }
        read.staged += i64::try_from(piece.rows.len()).unwrap_or(0);
        store::stage_products(db, work.id(), &piece.rows).await?;
    }
    if read.rows == 0 {
        return Err(ImportError::Empty("The file has a header and no rows."));
    }
    work.checked().await?;
    Ok(read)
}

/// Fields of a row that are text as they are, by their greatest length.
const TEXTS: &[(&str, usize)] = &[("name", 300), ("description", 20_000), ("category", 200), ("brand", 120), ("unit", 32), ("variant_name", 300)];

/// A row → its fields, or everything that is wrong with it. Prices are `{amount, currency}`; empty cells are left out.
fn parse(reading: &Reading, line: i64, row: &[String]) -> Result<ProductRow, CellFaults> {
    let mut faults = CellFaults::new();
    let mut fields = serde_json::Map::new();
    let text = |field: &str| reading.text(row, field);
    let mut fault = |field: &str, code: &str, message: String| faults.push((reading.column(field), code.to_owned(), message));

    let sku = parse_sku("sku", text("sku").unwrap_or_default()).unwrap_or_else(|bad| {
        fault("sku", &bad.code, bad.message);
        String::new()
    });
    for (field, most) in TEXTS {
        let Some(cell) = text(field) else { continue };
        if cell.chars().count() > *most {
            fault(field, "too_long", format!("has more than {most} characters"));
        }
        fields.insert((*field).to_owned(), json!(cell));
    }
    if let Some(tags) = text("tags") {
        let tags: Vec<&str> = tags.split(['|', ';']).map(str::trim).filter(|tag| !tag.is_empty()).collect();
        if tags.len() > 50 || tags.iter().any(|tag| tag.chars().count() > 60) {
            fault("tags", "too_long", "at most 50 tags of at most 60 characters".to_owned());
        }
        fields.insert("tags".to_owned(), json!(tags));
    }
    if let Some(codes) = text("barcode") {
        let codes: Vec<&str> = codes.split('|').map(str::trim).filter(|code| !code.is_empty()).collect();
        if codes.len() > 20 || codes.iter().any(|code| code.chars().count() > 80) {
            fault("barcode", "too_long", "at most 20 barcodes of at most 80 characters".to_owned());
        }
        fields.insert("barcode".to_owned(), json!(codes));
    }
    for (field, currency) in [("price", "currency"), ("cost", "cost_currency")] {
        let Some(amount) = text(field) else { continue };
        let currency = text(currency).or_else(|| text("currency")).map(str::to_uppercase);
        match values::money(amount, currency.as_deref(), &reading.currency) {
            Ok(money) => {
                fields.insert(field.to_owned(), json!(money));
            }
            Err((code, message)) => fault(field, code, message),
        }
    }
    if let Some(kind) = text("kind").map(str::to_lowercase) {
        match ProductKind::parse(&kind) {
            Some(kind) => drop(fields.insert("kind".to_owned(), json!(kind))),
            None => fault("kind", "value", format!("`{}` is none of stocked, non_stocked, service", values::shortened(&kind))),
        }
    }
    if let Some(status) = text("status").map(str::to_lowercase) {
        match ProductStatus::parse(&status) {
            Some(status) => drop(fields.insert("status".to_owned(), json!(status))),
            None => fault("status", "value", format!("`{}` is none of draft, active, archived", values::shortened(&status))),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(ProductRow { line, sku_key: normalise_sku(&sku), sku, fields: Value::Object(fields) })
}

/// Rows of one article, brought together.
#[derive(Debug, Clone, PartialEq)]
struct Article {
    line: i64,
    sku: String,
    fields: Value,
}

/// The writing of a file into the catalogue.
struct Apply<'a> {
    work: &'a Work<'a>,
    read: &'a Read,
    case: SkuCase,
    non_stocked: HashSet<String>,
    report: Report,
    created: i64,
    updated: i64,
    unchanged: i64,
    merged_rows: i64,
    spellings: i64,
    spelling_examples: Vec<Vec<String>>,
}

impl<'a> Apply<'a> {
    fn new(work: &'a Work<'a>, read: &'a Read) -> Self {
        Self {
            work,
            read,
            case: work.mapping.sku_case.unwrap_or(SkuCase::Report),
            non_stocked: work.mapping.non_stocked_skus.iter().map(|sku| normalise_sku(sku)).collect(),
            report: read.report.clone(),
            created: 0,
            updated: 0,
            unchanged: 0,
            merged_rows: 0,
            spellings: 0,
            spelling_examples: Vec::new(),
        }
    }

    fn summary(&self) -> Value {
        json!({
            "dry_run": self.work.import.dry_run,
            "rows": self.read.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "merged_rows": self.merged_rows,
            "skus_in_several_spellings": self.spellings,
            "spelling_examples": self.spelling_examples,
            "skipped": if self.work.options.skip_invalid { self.report.wrong_rows() } else { 0 },
            "errors": self.report.wrong_rows(),
            "errors_capped": self.report.is_capped(),
        })
    }

    /// Writes every staged row, those of one SKU together.
    async fn all(&mut self, tx: &Tx) -> Result<(), ImportError> {
        store::open_products(tx, self.work.id()).await?;
        let mut group: Vec<ProductRow> = Vec::new();
        let mut batch: Vec<Article> = Vec::with_capacity(BATCH);
        let mut seen = 0_i64;
        loop {
            let rows = store::fetch_products(tx).await?;
            let at_end = rows.is_empty();
            seen += i64::try_from(rows.len()).unwrap_or(0);
            self.work.written(seen, self.read.staged).await?;
            for row in rows {
                if group.first().is_some_and(|first| first.sku_key != row.sku_key) {
                    let whole = std::mem::take(&mut group);
                    batch.extend(self.bring_together(whole));
                }
                group.push(row);
                if batch.len() >= BATCH {
                    self.write(tx, std::mem::take(&mut batch)).await?;
                }
            }
            if at_end {
                break;
            }
        }
        if !group.is_empty() {
            batch.extend(self.bring_together(group));
        }
        while !batch.is_empty() {
            let rest = batch.split_off(batch.len().min(BATCH));
            self.write(tx, batch).await?;
            batch = rest;
        }
        if seen != self.read.staged {
            return Err(ImportError::Db(nexus_infra::DbError::other(format!("{seen} rows are staged, {} were expected", self.read.staged))));
        }
        match (self.work.import.dry_run, self.report.is_empty() || self.work.options.skip_invalid) {
            (true, _) => Err(ImportError::DryRun),
            (false, true) => Ok(()),
            (false, false) => Err(ImportError::HasErrors { rows: self.report.wrong_rows() }),
        }
    }

    /// The articles that rows of one SKU (in any case) describe.
    fn bring_together(&mut self, rows: Vec<ProductRow>) -> Vec<Article> {
        let mut by_spelling: BTreeMap<String, Vec<ProductRow>> = BTreeMap::new();
        let first = rows.first().map(|row| row.sku.clone()).unwrap_or_default();
        for row in &rows {
            by_spelling.entry(row.sku.clone()).or_default().push(row.clone());
        }
        if by_spelling.len() > 1 {
            self.spellings += 1;
            if self.spelling_examples.len() < EXAMPLES {
                self.spelling_examples.push(by_spelling.keys().cloned().collect());
            }
        }
        match self.case {
            SkuCase::Merge => vec![self.merge(first, rows)],
            // The spelling that sorts first (capitals do) keeps its SKU; the order of rows must not matter to later files.
            SkuCase::Split => by_spelling
                .into_iter()
                .enumerate()
                .map(|(index, (spelling, rows))| {
                    let sku = if index == 0 { spelling } else { format!("{spelling}~{}", index + 1) };
                    self.merge(sku, rows)
                })
                .collect(),
            SkuCase::Report => {
                for row in rows.iter().skip(1) {
                    let (code, message) = if row.sku == first {
                        ("duplicate", format!("{} is in the file more than once", row.sku))
                    } else {
                        ("other_case", format!("{} differs from {first} only by case", row.sku))
                    };
                    self.report.row(row.line, [(self.work_column("sku"), code.to_owned(), message)]);
                }
                rows.into_iter().take(1).map(|row| Article { line: row.line, sku: row.sku, fields: row.fields }).collect()
            }
        }
    }

    /// One article from several rows: of each field, what the first row that fills it says.
    fn merge(&mut self, sku: String, rows: Vec<ProductRow>) -> Article {
        self.merged_rows += i64::try_from(rows.len()).unwrap_or(1) - 1;
        let line = rows.first().map_or(0, |row| row.line);
        let mut fields = serde_json::Map::new();
        for row in rows {
            let Value::Object(more) = row.fields else { continue };
            for (field, value) in more {
                fields.entry(field).or_insert(value);
            }
        }
        Article { line, sku, fields: Value::Object(fields) }
    }

    fn work_column(&self, field: &str) -> String {
        self.work.mapping.columns.get(field).cloned().unwrap_or_else(|| field.to_owned())
    }

    async fn write(&mut self, tx: &Tx, articles: Vec<Article>) -> Result<(), ImportError> {
        let mut names: Vec<String> = articles.iter().filter_map(|article| text(&article.fields, "category")).collect();
        names.sort_unstable();
        names.dedup();
        let categories = if names.is_empty() { Default::default() } else { catalog::find_categories(tx, &names).await? };
        let unnamed: Vec<String> = articles.iter().filter(|article| text(&article.fields, "name").is_none()).map(|article| article.sku.clone()).collect();
        let known = if unnamed.is_empty() { Default::default() } else { catalog::find_variants_by_sku(tx, &unnamed).await? };
        let mut lines = Vec::with_capacity(articles.len());
        let mut upserts = Vec::with_capacity(articles.len());
        for article in articles {
            let category = text(&article.fields, "category");
            let category_id = category.as_ref().and_then(|name| categories.get(name)).copied();
            if let Some(name) = category.filter(|_| category_id.is_none()) {
                let message = format!("no category, or several, is called {}", values::shortened(&name));
                self.report.row(article.line, [(self.work_column("category"), "unknown".to_owned(), message)]);
                continue;
            }
            let mut upsert = upsert(&article, self.non_stocked.contains(&normalise_sku(&article.sku)));
            upsert.category_id = category_id;
            // A new product without name is called by its SKU; a known one keeps its name.
            if upsert.name.is_empty() && !known.contains_key(&article.sku) {
                upsert.name.clone_from(&article.sku);
            }
            lines.push(article.line);
            upserts.push(upsert);
        }
        let outcomes = catalog::upsert_products(tx, self.work.ctx.entitlements(), &upserts).await?;
        for (line, outcome) in lines.iter().zip(outcomes) {
            match outcome {
                UpsertOutcome::Created { .. } => self.created += 1,
                UpsertOutcome::Updated { .. } => self.updated += 1,
                UpsertOutcome::Unchanged { .. } => self.unchanged += 1,
                UpsertOutcome::Refused(faults) => {
                    self.report.rows(1, faults.into_iter().map(|fault| RowFault { line: *line, column: fault.field, code: fault.code, message: fault.message }));
                }
            }
        }
        Ok(())
    }
}

fn text(fields: &Value, field: &str) -> Option<String> {
    fields.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn read<T: serde::de::DeserializeOwned>(fields: &Value, field: &str) -> Option<T> {
    fields.get(field).cloned().and_then(|value| serde_json::from_value(value).ok())
}

fn upsert(article: &Article, non_stocked: bool) -> ProductUpsert {
    let fields = &article.fields;
    let barcodes: Option<Vec<String>> = read(fields, "barcode");
    let barcodes = barcodes.map(|codes| codes.into_iter().map(|barcode| Barcode { kind: BarcodeKind::guess(&barcode), barcode }).collect());
    ProductUpsert {
        name: text(fields, "name").unwrap_or_default(),
        description: text(fields, "description"),
        status: read(fields, "status"),
        kind: if non_stocked { Some(ProductKind::NonStocked) } else { read(fields, "kind") },
        brand: text(fields, "brand"),
        unit: text(fields, "unit"),
        tags: read(fields, "tags"),
        variants: vec![VariantUpsert {
            sku: article.sku.clone(),
            name: text(fields, "variant_name"),
            barcodes,
            price: read(fields, "price"),
            cost: read(fields, "cost"),
            ..Default::default()
        }],
        ..Default::default()
    }
}
