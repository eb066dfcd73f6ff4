//! Making sample data.

use std::collections::HashMap;

use nexus_core::{AuditEntry, Currency, Entitlements, Money, Quantity};
use nexus_infra::Tx;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use super::goods::{CATEGORIES, GOODS, Good, Kind as Variant, PREFIX, Part, ROOT, SHOP, WAREHOUSE};
use super::month::{At, Move, movements};
use super::store::{self, Kind, Record};
use super::wire::{SampleCounts, SampleDataOut};
use crate::modules::catalog::{self, ProductKind, ProductStatus, ProductUpsert, UpsertOutcome, VariantUpsert};
use crate::modules::inventory::{self, Item, NewSite, Place, PlaceRef, Posting, PostingLine, SiteKind, VirtualPlace};
use crate::modules::onboarding::error::OnboardingError;

/// Action of the audit entry.
pub const ACTION: &str = "sample_data.load";
/// Emitted when they are there.
const EVENT: &str = "onboarding.sample_data.loaded.v1";
/// Why their movements are recorded late.
const BACKDATING_REASON: &str = "Sample data";

/// How many numbers are tried behind codes that somebody has.
const TRIES: i64 = 100;

/// Makes a set of sample data in the caller's transaction.
pub async fn load(tx: &Tx, entitlements: &Entitlements, currency: &str) -> Result<SampleDataOut, OnboardingError> {
    let moves = movements();
    let set = tx.new_id();
    // First of all: a second one waits here for the first, and hears that there is one.
    store::begin(tx, set, i64::try_from(moves.len()).unwrap_or(i64::MAX)).await?;
    let codes = free_codes(tx).await?;
    let categories = make_categories(tx).await?;
    let products = make_products(tx, entitlements, &categories, &codes, currency).await?;
    let (warehouse, shop) = (codes.of(WAREHOUSE.0), codes.of(SHOP.0));
    let mut sites = Vec::new();
    for (code, (_, name), kind) in [(&warehouse, WAREHOUSE, SiteKind::Warehouse), (&shop, SHOP, SiteKind::Store)] {
        sites.push(inventory::add_site(tx, entitlements, NewSite { code, name, kind }).await?);
    }
    let lines = moves.iter().map(|one| line(tx, one, &codes)).collect();
    let posting = Posting { action: ACTION, lines, reference: None, occurred_at: None, backdating_reason: Some(BACKDATING_REASON.to_owned()) };
    let posted = inventory::post(tx, posting).await?;

    let versions = catalog::hold_products(tx, &products).await?;
    let mut records: Vec<Record> = products.iter().map(|id| Record { kind: Kind::Product, id: *id, version: versions.get(id).copied() }).collect();
    records.extend(categories.values().filter(|category| category.made).map(|category| Record {
        kind: Kind::Category,
        id: category.id,
        version: Some(1),
    }));
    records.extend(sites.iter().map(|(id, version)| Record { kind: Kind::Location, id: *id, version: Some(*version) }));
    records.push(Record { kind: Kind::Posting, id: posted.id, version: None });
    store::note(tx, set, &records).await?;

    let count = |kind: Kind| i64::try_from(records.iter().filter(|record| record.kind == kind).count()).unwrap_or(i64::MAX);
    let counts = SampleCounts { products: count(Kind::Product), categories: count(Kind::Category), locations: count(Kind::Location) };
    let movements = i64::try_from(posted.movements.len()).unwrap_or(i64::MAX);
    let figures = json!({ "counts": counts, "movements": movements, "posting_id": posted.id });
    tx.audit(AuditEntry::of(ACTION, "sample_data", set).after(figures.clone()));
    tx.emit_new(EVENT, "sample_data", set, figures);
    Ok(SampleDataOut { loaded: true, id: Some(set), loaded_at: Some(tx.now()), counts, movements })
}

/// How the codes of a set are written.
struct Codes {
    behind: String,
}

impl Codes {
    fn of(&self, code: &str) -> String {
        format!("{PREFIX}-{code}{}", self.behind)
    }
}

/// Codes that nothing has: neither what the organization made itself, nor what is left of an earlier set.
async fn free_codes(tx: &Tx) -> Result<Codes, OnboardingError> {
    // This one is counted: the first has no number, and those of earlier sets are not asked for one by one.
    let first = store::sets(tx).await?;
    for number in first..first + TRIES {
        let codes = Codes { behind: if number == 1 { String::new() } else { format!("-{number}") } };
        let skus: Vec<String> = GOODS.iter().flat_map(|good| good.variants).map(|variant| codes.of(variant.sku)).collect();
        let sites = [WAREHOUSE, SHOP].map(|(code, _)| codes.of(code));
        if catalog::owners_of_skus(tx, &skus).await?.is_empty() && !inventory::any_location_coded(tx, &sites).await? {
            return Ok(codes);
        }
    }
    Err(OnboardingError::CodesTaken)
}

/// A category of the sample.
struct Category {
    id: Uuid,
    /// Whether it was made for it: one of that name that was there stays what it is.
    made: bool,
}

async fn make_categories(tx: &Tx) -> Result<HashMap<&'static str, Category>, OnboardingError> {
    let mut made = HashMap::new();
    let below = CATEGORIES.iter().map(|name| (*name, vec![ROOT.to_owned(), (*name).to_owned()]));
    for (name, path) in std::iter::once((ROOT, vec![ROOT.to_owned()])).chain(below) {
        if let Some(category) = catalog::category_at(tx, &path, true).await? {
            made.insert(name, Category { id: category.id, made: category.created > 0 });
        }
    }
    Ok(made)
}

async fn make_products(
    tx: &Tx,
    entitlements: &Entitlements,
    categories: &HashMap<&'static str, Category>,
    codes: &Codes,
    currency: &str,
) -> Result<Vec<Uuid>, OnboardingError> {
    let currency = currency.parse::<Currency>().ok();
    let rows: Vec<ProductUpsert> = GOODS
        .iter()
        .map(|good| {
            let variants = good.variants.iter().map(|kind| variant(kind, codes, currency)).collect();
            ProductUpsert { category_id: categories.get(good.category).map(|category| category.id), ..product(good, variants) }
        })
        .collect();
    let outcomes = catalog::upsert_products(tx, entitlements, &rows).await?;
    Ok(outcomes.into_iter().filter_map(|outcome| if let UpsertOutcome::Created { product_id } = outcome { Some(product_id) } else { None }).collect())
}

fn product(good: &Good, variants: Vec<VariantUpsert>) -> ProductUpsert {
    ProductUpsert {
        name: good.name.to_owned(),
        description: Some(good.description.to_owned()),
        status: Some(if good.part == Part::Draft { ProductStatus::Draft } else { ProductStatus::Active }),
        kind: Some(if good.part == Part::Service { ProductKind::Service } else { ProductKind::Stocked }),
        brand: Some(good.brand.to_owned()),
        variants,
        ..ProductUpsert::default()
    }
}

fn variant(kind: &Variant, codes: &Codes, currency: Option<Currency>) -> VariantUpsert {
    // A price that looks like one, whatever the currency's minor unit is.
    let money = |hundredths: i64| currency.and_then(|currency| Money::new(Decimal::new(hundredths, currency.minor_digits().min(2)), currency).ok());
    VariantUpsert {
        sku: codes.of(kind.sku),
        name: Some(kind.name.to_owned()),
        price: money(kind.price),
        cost: money(kind.cost),
        ..VariantUpsert::default()
    }
}

fn line(tx: &Tx, one: &Move, codes: &Codes) -> PostingLine {
    let place = |at: At| -> Place {
        let code = |end: &str| Place { field: "location", at: PlaceRef::Code(codes.of(end)) };
        match at {
            At::Warehouse => code(WAREHOUSE.0),
            At::Shop => code(SHOP.0),
            At::Supplier => VirtualPlace::Supplier.into(),
            At::Customer => VirtualPlace::Customer.into(),
            At::Scrap => VirtualPlace::Scrap.into(),
            At::Count => VirtualPlace::Count.into(),
        }
    };
    PostingLine {
        item: Item::Sku(codes.of(one.sku)),
        from: place(one.from),
        to: place(one.to),
        quantity: Quantity::new(Decimal::from(one.quantity)).unwrap_or_default(),
        unit: None,
        reason: one.reason,
        note: one.note.map(str::to_owned),
        occurred_at: Some(tx.now() - one.ago),
        reference_line: None,
        expected_quantity: None,
        expected_version: None,
        reverses: None,
    }
}
