//! Staged rows, in the order of their articles, into the catalogue. One article and one batch of them are in memory.

use std::collections::HashSet;

use nexus_infra::{DbError, Tx};

use super::Figures;
use super::gather::repetition;
use super::row::{Fields, ProductRow};
use super::store;
use crate::modules::catalog::{self, ProductUpsert, UpsertOutcome, normalise_sku};
use crate::modules::imports::error::ImportError;
use crate::modules::imports::report::{Report, RowFault};
use crate::modules::imports::values;
use crate::modules::imports::wire::SkuCase;
use crate::modules::imports::work::Work;

/// Bounds of one call of the catalogue: whichever is reached first.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// SKUs whose spellings are shown in the summary, and how many of each.
const EXAMPLES: usize = 20;
const SPELLINGS: usize = 10;

/// What is known of an article so far.
struct Article {
    line: i64,
    sku: String,
    fields: Fields,
}

/// The rows of one SKU, in any case.
struct Group {
    key: String,
    /// The spelling of its first row.
    first: String,
    /// Further spellings, as far as they are shown.
    others: Vec<String>,
    /// Articles of it, where each spelling is one.
    articles: usize,
    spelling: String,
    article: Article,
}

impl Group {
    fn of(row: ProductRow) -> Self {
        let ProductRow { line, sku, sku_key, fields } = row;
        Self { key: sku_key, first: sku.clone(), others: Vec::new(), articles: 1, spelling: sku.clone(), article: Article { line, sku, fields } }
    }

    fn note_spelling(&mut self, sku: &str) {
        if sku != self.first && self.others.len() < SPELLINGS && !self.others.iter().any(|other| other == sku) {
            self.others.push(sku.to_owned());
        }
    }
}

/// The writing of a file into the catalogue.
pub struct Apply<'a> {
    tx: &'a Tx,
    work: &'a Work<'a>,
    case: SkuCase,
    report: &'a mut Report,
    figures: &'a mut Figures,
    non_stocked: HashSet<String>,
    batch: Vec<Article>,
    batch_bytes: usize,
}

impl<'a> Apply<'a> {
    pub fn new(tx: &'a Tx, work: &'a Work<'a>, case: SkuCase, report: &'a mut Report, figures: &'a mut Figures) -> Self {
        let non_stocked = work.mapping.non_stocked_skus.iter().map(|sku| normalise_sku(sku)).collect();
        Self { tx, work, case, report, figures, non_stocked, batch: Vec::with_capacity(BATCH), batch_bytes: 0 }
    }

    /// Writes every staged row, of which there must be `staged`.
    pub async fn all(mut self, staged: i64) -> Result<(), ImportError> {
        store::open(self.tx, self.work.id(), self.case).await?;
        let mut group: Option<Group> = None;
        let mut seen = 0_i64;
        loop {
            let rows = store::fetch(self.tx).await?;
            if rows.is_empty() {
                break;
            }
            seen += i64::try_from(rows.len()).unwrap_or(0);
            self.work.written(seen, staged).await?;
            for row in rows {
                match group.as_mut().filter(|group| group.key == row.sku_key) {
                    Some(group) => self.add(group, row).await?,
                    None => {
                        if let Some(whole) = group.replace(Group::of(row)) {
                            self.close(whole).await?;
                        }
                    }
                }
            }
        }
        if let Some(whole) = group {
            self.close(whole).await?;
        }
        self.write().await?;
        if seen != staged {
            return Err(ImportError::Db(DbError::other(format!("{seen} rows are staged, {staged} were expected"))));
        }
        Ok(())
    }

    /// A further row of a SKU.
    async fn add(&mut self, group: &mut Group, row: ProductRow) -> Result<(), ImportError> {
        group.note_spelling(&row.sku);
        if self.case == SkuCase::Report {
            self.report.row(row.line, [repetition(&self.work.mapping.column("sku"), &row.sku, &group.first)]);
        } else if self.case == SkuCase::Split && row.sku != group.spelling {
            // The spelling that sorts first (capitals do) keeps its SKU; the order of rows must not matter to later files.
            group.articles += 1;
            let sku = format!("{}~{}", row.sku, group.articles);
            group.spelling = row.sku;
            let whole = std::mem::replace(&mut group.article, Article { line: row.line, sku, fields: row.fields });
            self.push(whole).await?;
        } else {
            group.article.fields.fill_from(row.fields);
            self.figures.merged_rows += 1;
        }
        Ok(())
    }

    /// The last row of a SKU was there.
    async fn close(&mut self, group: Group) -> Result<(), ImportError> {
        let Group { first, others: mut spellings, article, .. } = group;
        if !spellings.is_empty() {
            self.figures.skus_in_several_spellings += 1;
            if self.figures.spelling_examples.len() < EXAMPLES {
                spellings.push(first);
                spellings.sort_unstable();
                self.figures.spelling_examples.push(spellings);
            }
        }
        self.push(article).await
    }

    async fn push(&mut self, article: Article) -> Result<(), ImportError> {
        self.batch_bytes += article.fields.weight();
        self.batch.push(article);
        if self.batch.len() < BATCH && self.batch_bytes < BATCH_BYTES {
            return Ok(());
        }
        self.write().await
    }

    /// Hands the batch to the catalogue.
    async fn write(&mut self) -> Result<(), ImportError> {
        let articles = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.batch_bytes = 0;
        if articles.is_empty() {
            return Ok(());
        }
        let mut names: Vec<String> = articles.iter().filter_map(|article| article.fields.category.clone()).collect();
        names.sort_unstable();
        names.dedup();
        let categories = if names.is_empty() { Default::default() } else { catalog::find_categories(self.tx, &names).await? };
        let unnamed: Vec<String> = articles.iter().filter(|article| article.fields.name.is_none()).map(|article| article.sku.clone()).collect();
        let known = if unnamed.is_empty() { Default::default() } else { catalog::known_skus(self.tx, &unnamed).await? };
        let mut lines = Vec::with_capacity(articles.len());
        let mut upserts = Vec::with_capacity(articles.len());
        for Article { line, sku, mut fields } in articles {
            let category = fields.category.take();
            let category_id = category.as_ref().and_then(|name| categories.get(name)).copied();
            if let Some(name) = category.filter(|_| category_id.is_none()) {
                let message = format!("no category, or several, is called {}", values::shortened(&name));
                self.report.row(line, [(self.work.mapping.column("category"), "unknown".to_owned(), message)]);
                continue;
            }
            // A new product without name is called by its SKU; a known one keeps its name.
            let called = if known.contains(&sku) { None } else { Some(sku.clone()) };
            let non_stocked = self.non_stocked.contains(&normalise_sku(&sku));
            fields.name = fields.name.or(called);
            lines.push(line);
            upserts.push(ProductUpsert { category_id, ..fields.into_upsert(sku, non_stocked) });
        }
        let outcomes = catalog::upsert_products(self.tx, self.work.ctx.entitlements(), &upserts).await?;
        for (line, outcome) in lines.into_iter().zip(outcomes) {
            match outcome {
                UpsertOutcome::Created { .. } => self.figures.created += 1,
                UpsertOutcome::Updated { .. } => self.figures.updated += 1,
                UpsertOutcome::Unchanged { .. } => self.figures.unchanged += 1,
                UpsertOutcome::Refused(faults) => {
                    self.report
                        .rows(1, faults.into_iter().map(|fault| RowFault { line, column: fault.field, code: fault.code, message: fault.message }));
                }
            }
        }
        Ok(())
    }
}
