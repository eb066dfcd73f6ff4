//! Staged rows, in the order of their articles, into the catalogue. One article and one batch of them are in memory.

use std::collections::{HashMap, HashSet};

use nexus_infra::{DbError, Tx};
use uuid::Uuid;

use super::Figures;
use super::categories::Categories;
use super::fields::Fields;
use super::gather::repetition;
use super::group::{self, Contradiction, Draft};
use super::naming::{Row, column_of_product, column_of_variant, row_fault};
use super::row::ProductRow;
use super::store::{self, Placed};
use crate::modules::catalog::{self, FieldChange, ProductKind, ProductUpsert, UpsertOutcome, normalise_sku};
use crate::modules::imports::error::ImportError;
use crate::modules::imports::preview::Entry;
use crate::modules::imports::report::RowFault;
use crate::modules::imports::run::Found;
use crate::modules::imports::wire::SkuCase;
use crate::modules::imports::work::Work;

/// Bounds of one call of the catalogue: whichever is reached first.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// SKUs whose spellings are shown in the summary, and how many of each.
const EXAMPLES: usize = 20;
const SPELLINGS: usize = 10;

/// Paths of categories by their ids.
type Paths = HashMap<Uuid, String>;

/// What is known of an article so far.
#[derive(Debug)]
pub struct Article {
    /// Line of its first row.
    pub line: i64,
    /// Its SKU; empty for a product without variants.
    pub sku: String,
    /// The product that its SKU is known to be of: what keeps the articles of one product in one batch.
    pub product: Option<Uuid>,
    /// The rest.
    pub fields: Fields,
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
    fn of(placed: Placed) -> Self {
        let Placed { row: ProductRow { line, sku, sku_key, fields }, product } = placed;
        let article = Article { line, sku: sku.clone(), product, fields };
        Self { key: sku_key, first: sku.clone(), others: Vec::new(), articles: 1, spelling: sku, article }
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
    found: &'a mut Found<Figures>,
    categories: Categories,
    non_stocked: HashSet<String>,
    batch: Vec<Article>,
    batch_bytes: usize,
}

impl<'a> Apply<'a> {
    pub fn new(tx: &'a Tx, work: &'a Work<'a>, case: SkuCase, found: &'a mut Found<Figures>) -> Self {
        let non_stocked = work.mapping.non_stocked_skus.iter().map(|sku| normalise_sku(sku)).collect();
        let categories = Categories::new(work.mapping.create_categories.unwrap_or(true), work.options.may_create_categories);
        Self { tx, work, case, found, categories, non_stocked, batch: Vec::with_capacity(BATCH), batch_bytes: 0 }
    }

    /// Writes every staged row, of which there must be `staged`. When wrong rows keep the file out, that ends where no further fault can
    /// be listed.
    pub async fn all(mut self, staged: i64) -> Result<(), ImportError> {
        store::open(self.tx, self.work.id(), self.case).await?;
        let mut group: Option<Group> = None;
        let mut seen = 0_i64;
        loop {
            let rows = store::fetch(self.tx, self.work.id()).await?;
            if rows.is_empty() {
                break;
            }
            if !self.work.options.skip_invalid && self.found.report.stop_when_full() {
                self.found.figures.categories_created = self.categories.created();
                return Ok(());
            }
            seen += i64::try_from(rows.len()).unwrap_or(0);
            self.work.written(seen, staged).await?;
            for row in rows {
                match group.as_mut().filter(|group| group.key == row.row.sku_key) {
                    Some(group) => self.add(group, row.row).await?,
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
        self.found.figures.categories_created = self.categories.created();
        if seen != staged {
            return Err(ImportError::Db(DbError::other(format!("{seen} rows are staged, {staged} were expected"))));
        }
        Ok(())
    }

    /// A further row of a SKU.
    async fn add(&mut self, group: &mut Group, row: ProductRow) -> Result<(), ImportError> {
        group.note_spelling(&row.sku);
        if self.case == SkuCase::Report {
            self.found.report.row(row.line, [repetition(&self.work.mapping, &row, &group.first)]);
        } else if self.case == SkuCase::Split && row.sku != group.spelling {
            // The spelling that sorts first (capitals do) keeps its SKU; the order of rows must not matter to later files.
            group.articles += 1;
            let sku = format!("{}~{}", row.sku, group.articles);
            group.spelling = row.sku;
            let next = Article { line: row.line, sku, product: group.article.product, fields: row.fields };
            let whole = std::mem::replace(&mut group.article, next);
            self.push(whole).await?;
        } else {
            group.article.fields.fill_from(row.fields);
            self.found.figures.merged_rows += 1;
        }
        Ok(())
    }

    /// The last row of a SKU was there.
    async fn close(&mut self, group: Group) -> Result<(), ImportError> {
        let Group { first, others: mut spellings, article, .. } = group;
        if !spellings.is_empty() {
            self.found.figures.skus_in_several_spellings += 1;
            if self.found.figures.spelling_examples.len() < EXAMPLES {
                spellings.push(first);
                spellings.sort_unstable();
                self.found.figures.spelling_examples.push(spellings);
            }
        }
        self.push(article).await
    }

    async fn push(&mut self, mut article: Article) -> Result<(), ImportError> {
        article.fields.settle();
        let is_full = self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES;
        // The variants of a product are written in one call, as far as a product may have that many.
        let goes_on = article.product.is_some() && self.batch.last().is_some_and(|last| last.product == article.product);
        if is_full && (!goes_on || self.batch.len() >= 2 * BATCH || self.batch_bytes >= 2 * BATCH_BYTES) {
            self.write().await?;
        }
        self.batch_bytes += article.fields.weight();
        self.batch.push(article);
        Ok(())
    }

    /// Hands the batch to the catalogue.
    async fn write(&mut self) -> Result<(), ImportError> {
        let articles = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.batch_bytes = 0;
        if articles.is_empty() {
            return Ok(());
        }
        let skus: Vec<String> = articles.iter().map(|article| article.sku.clone()).filter(|sku| !sku.is_empty()).collect();
        let owners = catalog::owners_of_skus(self.tx, &skus).await?;
        let (drafts, contradictions) = group::by_product(articles, &owners, self.case == SkuCase::Merge);
        for Contradiction { line, fields, first, .. } in contradictions {
            let message = || format!("line {first} says something else of the same product");
            self.found.report.row(
                line,
                fields.into_iter().map(|field| (self.work.mapping.column(column_of_product(field)), "contradiction".to_owned(), message())),
            );
        }
        let mut rows = Vec::with_capacity(drafts.len());
        let mut upserts = Vec::with_capacity(drafts.len());
        for draft in drafts {
            if let Some((of_product, upsert)) = self.upsert(draft).await? {
                rows.push(of_product);
                upserts.push(upsert);
            }
        }
        let outcomes = catalog::upsert_products(self.tx, self.work.ctx.entitlements(), &upserts).await?;
        let mut paths = None;
        for (rows, outcome) in rows.into_iter().zip(outcomes) {
            match outcome {
                UpsertOutcome::Created { .. } => {
                    self.found.figures.created += 1;
                    self.note_whole(&rows, "created");
                }
                UpsertOutcome::Updated { changed, .. } => {
                    self.found.figures.updated += 1;
                    self.note_changes(&rows, changed, &mut paths).await?;
                }
                UpsertOutcome::Unchanged { .. } => {
                    self.found.figures.unchanged += 1;
                    self.note_whole(&rows, "unchanged");
                }
                UpsertOutcome::Refused(faults) => {
                    let refused = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                    self.found.report.rows(refused, faults.into_iter().map(|fault| row_fault(&self.work.mapping, &rows, fault)));
                }
            }
        }
        Ok(())
    }

    fn note_whole(&mut self, rows: &[Row], outcome: &'static str) {
        for row in rows {
            self.found.note(|| Entry::whole(row.line, outcome, &row.sku));
        }
    }

    /// Notes each change with the row that makes it: of a product, the first one that speaks of it. `paths` of categories are read where
    /// the first change of one is listed.
    async fn note_changes(&mut self, rows: &[Row], mut changed: Vec<FieldChange>, paths: &mut Option<Paths>) -> Result<(), ImportError> {
        let Some((first, preview)) = rows.first().zip(self.found.preview.as_ref()) else { return Ok(()) };
        let of_category = changed.iter_mut().find(|change| change.sku.is_none() && change.field == "category_id");
        if let Some(category) = of_category.filter(|_| preview.lists(first.line)) {
            let paths = match paths {
                Some(paths) => paths,
                None => paths.insert(catalog::category_paths(self.tx).await?),
            };
            let path = |id: &str| id.parse().ok().and_then(|id| paths.get(&id).cloned()).unwrap_or_default();
            (category.before, category.after) = (path(&category.before), path(&category.after));
        }
        let mut untouched: Vec<&Row> = rows.iter().collect();
        for FieldChange { sku, field, before, after } in changed {
            let of_variant = sku.as_ref().map(|sku| normalise_sku(sku));
            let row = of_variant.as_ref().and_then(|key| rows.iter().find(|row| normalise_sku(&row.sku) == *key)).unwrap_or(first);
            untouched.retain(|other| other.line != row.line);
            let field = if of_variant.is_some() { column_of_variant(field) } else { column_of_product(field) };
            self.found.note(|| match field {
                "" => Entry::whole(row.line, "created", &row.sku),
                field => Entry { field: field.to_owned(), before, after, ..Entry::whole(row.line, "updated", &row.sku) },
            });
        }
        for row in untouched {
            self.found.note(|| Entry::whole(row.line, "unchanged", &row.sku));
        }
        Ok(())
    }

    /// What the catalogue is asked to do with a product, and the rows of its variants; nothing when its category is a fault.
    async fn upsert(&mut self, draft: Draft) -> Result<Option<(Vec<Row>, ProductUpsert)>, ImportError> {
        let Draft { mut product, articles, line } = draft;
        let mut rows: Vec<Row> = articles.iter().map(|article| Row { line: article.line, sku: article.sku.clone() }).collect();
        if rows.is_empty() {
            rows.push(Row { line, sku: String::new() });
        }
        let category_id = match product.category.take() {
            None => None,
            Some(cell) => match self.categories.find(self.tx, &cell).await? {
                Ok(id) => Some(id),
                Err((code, message)) => {
                    let column = self.work.mapping.column("category");
                    let refused = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                    self.found.report.rows(refused, [RowFault { line, column, code: code.to_owned(), message }]);
                    return Ok(None);
                }
            },
        };
        if articles.iter().any(|article| self.non_stocked.contains(&normalise_sku(&article.sku))) {
            product.kind = Some(ProductKind::NonStocked);
        }
        let variants = articles.into_iter().map(|article| article.fields.into_upsert(article.sku)).collect();
        Ok(Some((rows, product.into_upsert(category_id, variants))))
    }
}
