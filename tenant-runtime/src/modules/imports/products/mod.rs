//! The job `imports.products`: rows are gathered by SKU as they come, staged, and written through the catalogue in one transaction.
//!
//! Memory stays flat whatever the file repeats: within a piece of the file, `gather` makes one row of those of one article; the staged
//! rows then pass through `apply` in the order of their articles, which holds one article and one batch.
//!
//! A dry run writes too, and rolls back: what it reports is what would happen.

mod apply;
mod categories;
mod fields;
mod gather;
mod group;
mod naming;
mod row;
mod store;

use futures::future::LocalBoxFuture;
use nexus_infra::{Db, DbError, Tx};
use serde::Serialize;
use uuid::Uuid;

use super::error::ImportError;
use super::layout::{self, Layout};
use super::permission::ProductsImport;
use super::report::Report;
use super::run::{self, Found, Importer, Read};
use super::service::Kind;
use super::wire::SkuCase;
use super::work::{CellFaults, Reading, Work};
use crate::context::{Permission, TenantContext};
use crate::work::{JobResult, JobRun, TenantJob};
use apply::Apply;
use gather::gather;
use row::ProductRow;

/// Imports products.
#[derive(Debug)]
pub struct ImportProducts;

impl TenantJob for ImportProducts {
    fn kind(&self) -> &'static str {
        Kind::Products.job()
    }

    fn permission(&self) -> &'static str {
        ProductsImport::KEY
    }

    fn run<'a>(&'a self, ctx: TenantContext, job: JobRun<'a>) -> LocalBoxFuture<'a, JobResult> {
        Box::pin(async move { run::run::<Products>(&ctx, &job).await })
    }
}

/// One run.
struct Products {
    case: SkuCase,
    /// Rows that became part of an earlier one before they were staged.
    gathered: i64,
}

/// What an import of products counts.
#[derive(Debug, Default, Serialize)]
struct Figures {
    created: i64,
    updated: i64,
    unchanged: i64,
    categories_created: i64,
    merged_rows: i64,
    skus_in_several_spellings: i64,
    spelling_examples: Vec<Vec<String>>,
}

impl Importer for Products {
    const KIND: Kind = Kind::Products;
    const LAYOUT: Layout = layout::PRODUCTS;
    type Row = ProductRow;
    type Figures = Figures;

    async fn begin(work: &Work<'_>) -> Result<Self, ImportError> {
        Ok(Self { case: work.mapping.sku_case.unwrap_or(SkuCase::Report), gathered: 0 })
    }

    fn parse(reading: &Reading, line: i64, row: &[String]) -> Result<ProductRow, CellFaults> {
        row::parse(reading, line, row)
    }

    async fn stage(&mut self, work: &Work<'_>, rows: Vec<ProductRow>, report: &mut Report) -> Result<i64, ImportError> {
        let (rows, gathered) = gather(self.case, &work.mapping, rows, report);
        self.gathered += gathered;
        store::stage(&*work.ctx.read().await?, work.id(), &rows).await?;
        Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
    }

    async fn write(&self, tx: &Tx, work: &Work<'_>, read: &Read, found: &mut Found<Figures>) -> Result<(), ImportError> {
        found.figures.merged_rows = self.gathered;
        Apply::new(tx, work, self.case, found).all(read.staged).await?;
        match (work.import.dry_run, found.report.is_empty() || work.options.skip_invalid) {
            (true, _) => Err(ImportError::DryRun),
            (false, true) => Ok(()),
            (false, false) => Err(ImportError::HasErrors { rows: found.report.wrong_rows() }),
        }
    }

    fn undone(figures: &mut Figures) {
        (figures.created, figures.updated, figures.unchanged, figures.categories_created) = (0, 0, 0, 0);
    }

    async fn clear(db: &Db, import_id: Uuid) -> Result<(), DbError> {
        store::clear(db, import_id).await
    }
}
