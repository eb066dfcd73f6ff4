//! Deciding what an upsert does with each product, without writing anything.

use std::collections::{HashMap, HashSet};

use nexus_core::{Faults, FieldFault};
use nexus_infra::Tx;
use nexus_web::wire::{DecimalString, MoneyDto};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;
use validator::Validate;

use super::{FieldChange, MAX_UPSERT, ProductUpsert, UpsertOutcome, VariantUpsert, changes};
use crate::modules::catalog::error::CatalogError;
use crate::modules::catalog::products::status::{ProductKind, ProductStatus};
use crate::modules::catalog::products::store as products;
use crate::modules::catalog::products::wire::{MAX_VARIANTS, ProductIn, ProductOut, ProductPut};
use crate::modules::catalog::variants::store::{self as variants, KnownSku};
use crate::modules::catalog::variants::wire::{VariantIn, VariantOut, VariantStatus};

/// What is to be done with one product.
pub(super) enum Plan {
    Create {
        id: Uuid,
        product: Box<ProductIn>,
        /// Places of the variants that are put away.
        archived: Vec<usize>,
    },
    Update(Box<Update>),
    Unchanged(Uuid),
    Refused(Vec<FieldFault>),
}

/// A change of one product and its variants.
pub(super) struct Update {
    pub(super) before: ProductOut,
    pub(super) after: ProductPut,
    pub(super) product_changed: bool,
    pub(super) added: Vec<(VariantIn, VariantStatus)>,
    pub(super) edited: Vec<(VariantOut, VariantIn, VariantStatus)>,
    pub(super) changed: Vec<FieldChange>,
}

impl Plan {
    pub(super) fn into_outcome(self) -> UpsertOutcome {
        match self {
            Self::Create { id, .. } => UpsertOutcome::Created { product_id: id },
            Self::Update(update) => UpsertOutcome::Updated { product_id: update.before.id, changed: update.changed },
            Self::Unchanged(id) => UpsertOutcome::Unchanged { product_id: id },
            Self::Refused(faults) => UpsertOutcome::Refused(faults),
        }
    }
}

/// How many more products would count towards the plan's limit; archived ones don't.
pub(super) fn counted(plans: &[Plan]) -> i64 {
    let counts = |status: ProductStatus| i64::from(status != ProductStatus::Archived);
    plans
        .iter()
        .map(|plan| match plan {
            Plan::Create { product, .. } => counts(product.status),
            Plan::Update(update) => counts(update.after.status) - counts(update.before.status),
            Plan::Unchanged(_) | Plan::Refused(_) => 0,
        })
        .sum()
}

/// What is known about the products of one call. SKUs are compared by the database alone.
struct Known {
    /// By SKU as a row has it.
    skus: HashMap<String, KnownSku>,
    /// Products that there are, or that an earlier row makes.
    all: HashSet<Uuid>,
    /// Products that no row has taken yet.
    products: HashMap<Uuid, ProductOut>,
    /// Compared form of the SKU that has a barcode, by barcode.
    barcodes: HashMap<String, String>,
    /// Compared forms of the SKUs of earlier rows.
    seen: HashSet<String>,
}

/// Decides about every product: five statements, however many there are.
pub(super) async fn plan(tx: &Tx, rows: &[ProductUpsert]) -> Result<Vec<Plan>, CatalogError> {
    if rows.len() > MAX_UPSERT {
        return Err(CatalogError::invalid("", "too_many", "at most 1,000 products at once"));
    }
    let skus: Vec<String> = rows.iter().flat_map(|row| row.variants.iter().map(|variant| variant.sku.clone())).collect();
    let skus: HashMap<String, KnownSku> = variants::look_up_skus(tx, &skus).await?.into_iter().map(|known| (known.wanted.clone(), known)).collect();
    let ids: HashSet<Uuid> = skus.values().filter_map(|known| known.product_id).chain(rows.iter().filter_map(|row| row.id)).collect();
    let codes: Vec<String> = rows
        .iter()
        .flat_map(|row| row.variants.iter().flat_map(|variant| variant.barcodes.iter().flatten().map(|barcode| barcode.barcode.clone())))
        .collect();
    let products = products::find_many_locked(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    let mut known = Known {
        skus,
        all: products.keys().copied().collect(),
        products,
        barcodes: variants::barcode_owners(tx, &codes).await?.into_iter().collect(),
        seen: HashSet::new(),
    };
    Ok(rows.iter().map(|row| decide(tx, row, &mut known)).collect())
}

fn decide(tx: &Tx, row: &ProductUpsert, known: &mut Known) -> Plan {
    let mut faults = Vec::new();
    let mut product = row.id.filter(|id| known.all.contains(id));
    if row.variants.is_empty() && row.id.is_none() {
        faults.push(FieldFault::new("sku", "required", "a product needs at least one SKU"));
    }
    for variant in &row.variants {
        let Some(KnownSku { key, product_id: owner, .. }) = known.skus.get(&variant.sku) else { continue };
        match (owner, product) {
            (Some(owner), Some(other)) if *owner != other => {
                faults.push(FieldFault::new("sku", "other_product", format!("{} belongs to another product", variant.sku)));
            }
            (Some(owner), _) => product = Some(*owner),
            _ => {}
        }
        for barcode in variant.barcodes.iter().flatten() {
            match known.barcodes.get(&barcode.barcode) {
                Some(owner) if owner != key => {
                    faults.push(FieldFault::new("barcode", "taken", format!("the barcode {} belongs to another variant", barcode.barcode)));
                }
                _ => {
                    known.barcodes.insert(barcode.barcode.clone(), key.clone());
                }
            }
        }
        if !known.seen.insert(key.clone()) {
            faults.push(FieldFault::new("sku", "duplicate", format!("{} occurs twice", variant.sku)));
        }
    }
    // A product that an earlier row of this call took is gone from `known`: two rows must not edit one product.
    match (product, product.and_then(|id| known.products.remove(&id))) {
        (Some(_), None) => {
            faults.push(FieldFault::new("sku", "duplicate", "an earlier row describes the same product"));
            Plan::Refused(faults)
        }
        (_, Some(before)) => update(row, before, &known.skus, faults),
        (None, None) => {
            let mut product = fresh(row);
            if let Err(invalid) = product.validate() {
                faults.extend(Faults::from(invalid).into_vec());
            }
            // A product made by hand begins as a draft or active; a file may bring one that is put away already.
            product.status = row.status.unwrap_or(ProductStatus::Active);
            if !faults.is_empty() {
                return Plan::Refused(faults);
            }
            let id = row.id.unwrap_or_else(|| tx.new_id());
            known.all.insert(id);
            let is_archived = |variant: &VariantUpsert| variant.status == Some(VariantStatus::Archived);
            let archived = row.variants.iter().enumerate().filter(|(_, variant)| is_archived(variant)).map(|(place, _)| place).collect();
            Plan::Create { id, product: Box::new(product), archived }
        }
    }
}

fn fresh(row: &ProductUpsert) -> ProductIn {
    ProductIn {
        name: if row.name.is_empty() {
            row.variants.first().map(|variant| variant.sku.trim().to_owned()).unwrap_or_default()
        } else {
            row.name.clone()
        },
        description: row.description.clone().unwrap_or_default(),
        status: ProductStatus::Active,
        kind: row.kind.unwrap_or(ProductKind::Stocked),
        category_id: row.category_id,
        brand: row.brand.clone(),
        unit: row.unit.clone().unwrap_or_else(|| "each".to_owned()),
        metadata: row.metadata.clone().map_or_else(|| json!({}), |metadata| Value::Object(metadata.into_iter().collect())),
        tags: row.tags.clone().unwrap_or_default(),
        variants: row.variants.iter().zip(0_i32..).map(|(variant, position)| described(variant, None, position)).collect(),
    }
}

/// The variant as the row describes it, on top of what it is.
fn described(row: &VariantUpsert, before: Option<&VariantOut>, position: i32) -> VariantIn {
    let measure = |given: Option<Decimal>, kept: Option<DecimalString>| given.map(|value| DecimalString(value.normalize())).or(kept);
    VariantIn {
        sku: before.map_or_else(|| row.sku.trim().to_owned(), |before| before.sku.clone()),
        name: row.name.clone().or_else(|| before.map(|before| before.name.clone())).unwrap_or_default(),
        attributes: row.attributes.clone().or_else(|| before.map(|before| before.attributes.clone())).unwrap_or_default(),
        barcodes: row.barcodes.clone().or_else(|| before.map(|before| before.barcodes.clone())).unwrap_or_default(),
        weight_g: measure(row.weight_g, before.and_then(|before| before.weight_g)),
        length_mm: measure(row.length_mm, before.and_then(|before| before.length_mm)),
        width_mm: measure(row.width_mm, before.and_then(|before| before.width_mm)),
        height_mm: measure(row.height_mm, before.and_then(|before| before.height_mm)),
        price: row.price.map(MoneyDto).or_else(|| before.and_then(|before| before.price)),
        cost: row.cost.map(MoneyDto).or_else(|| before.and_then(|before| before.cost)),
        position: Some(before.map_or(position, |before| before.position)),
    }
}

fn update(row: &ProductUpsert, before: ProductOut, skus: &HashMap<String, KnownSku>, mut faults: Vec<FieldFault>) -> Plan {
    let mut after = ProductPut {
        name: if row.name.is_empty() { before.name.clone() } else { row.name.clone() },
        description: row.description.clone().unwrap_or_else(|| before.description.clone()),
        status: row.status.unwrap_or(before.status),
        kind: row.kind.unwrap_or(before.kind),
        category_id: row.category_id.or(before.category_id),
        brand: row.brand.clone().or_else(|| before.brand.clone()),
        unit: row.unit.clone().unwrap_or_else(|| before.unit.clone()),
        metadata: before.metadata.clone(),
        tags: row.tags.clone().unwrap_or_else(|| before.tags.clone()),
    };
    if let (Some(given), Value::Object(kept)) = (&row.metadata, &mut after.metadata) {
        kept.extend(given.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    let mut changed = changes::of_product(&before, &after);
    let product_changed = !changed.is_empty();
    if after.kind != before.kind && before.status != ProductStatus::Draft {
        faults.push(FieldFault::new("kind", "fixed", "the kind of a product is fixed once it has left draft"));
    }
    if !before.status.can_become(after.status) {
        faults.push(FieldFault::new("status", "transition", format!("{} can't become {}", before.status.as_str(), after.status.as_str())));
    }
    if let Err(invalid) = after.validate() {
        faults.extend(Faults::from(invalid).into_vec());
    }
    let known: HashMap<Uuid, &VariantOut> = before.variants.iter().flatten().map(|variant| (variant.id, variant)).collect();
    let mut position = i32::try_from(known.len()).unwrap_or(i32::MAX);
    let (mut added, mut edited) = (Vec::new(), Vec::new());
    for (place, variant) in row.variants.iter().enumerate() {
        let found = skus.get(&variant.sku).and_then(|sku| sku.variant_id).and_then(|id| known.get(&id)).copied();
        let described = described(variant, found, position);
        if let Err(invalid) = described.validate() {
            let of_variant = |fault: FieldFault| FieldFault { field: format!("variants[{place}].{}", fault.field), ..fault };
            faults.extend(Faults::from(invalid).into_vec().into_iter().map(of_variant));
        }
        if let Some(found) = found {
            let status = variant.status.unwrap_or(found.status);
            let fields = changes::of_variant(found, &described, status);
            if !fields.is_empty() {
                changed.extend(fields);
                edited.push((found.clone(), described, status));
            }
        } else {
            position = position.saturating_add(1);
            changed.push(changes::of_addition(&described));
            added.push((described, variant.status.unwrap_or(VariantStatus::Active)));
        }
    }
    if known.len() + added.len() > MAX_VARIANTS {
        faults.push(FieldFault::new("sku", "too_many", format!("a product has at most {MAX_VARIANTS} variants, archived ones included")));
    }
    if !faults.is_empty() {
        return Plan::Refused(faults);
    }
    if changed.is_empty() {
        return Plan::Unchanged(before.id);
    }
    Plan::Update(Box::new(Update { before, after, product_changed, added, edited, changed }))
}
