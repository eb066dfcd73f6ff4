//! What differs between a product as it is and as a file describes it, in the words of the file.

use std::collections::BTreeSet;

use super::FieldChange;
use crate::modules::catalog::product_file::{attributes_cell, barcodes_cell, measure_cell, metadata_cell, money_text, tags_cell};
use crate::modules::catalog::products::wire::{ProductOut, ProductPut};
use crate::modules::catalog::sku::fold;
use crate::modules::catalog::variants::wire::{VariantIn, VariantOut, VariantStatus};

/// Longest value of a change in characters; the rest is left out.
const MAX_VALUE: usize = 500;

impl FieldChange {
    fn new(sku: Option<&str>, field: &'static str, before: &str, after: &str) -> Self {
        Self { sku: sku.map(str::to_owned), field, before: shortened(before), after: shortened(after) }
    }

    /// Where it is in the product, such as `name` or `variants[BEAN-1].price`; `variants[BEAN-1]` is a variant that is added.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.sku {
            None => self.field.to_owned(),
            Some(sku) if self.field.is_empty() => format!("variants[{sku}]"),
            Some(sku) => format!("variants[{sku}].{}", self.field),
        }
    }
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// Changes of the product itself.
pub(super) fn of_product(before: &ProductOut, after: &ProductPut) -> Vec<FieldChange> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let fields = [
        ("name", before.name.clone(), after.name.clone()),
        ("description", before.description.clone(), after.description.clone()),
        ("status", before.status.as_str().to_owned(), after.status.as_str().to_owned()),
        ("kind", before.kind.as_str().to_owned(), after.kind.as_str().to_owned()),
        ("category_id", id(before.category_id), id(after.category_id)),
        ("brand", text(&before.brand), text(&after.brand)),
        ("unit", before.unit.clone(), after.unit.clone()),
        ("metadata", metadata_cell(&before.metadata), metadata_cell(&after.metadata)),
    ];
    let mut changes = differing(fields, None);
    if folded(&before.tags) != folded(&after.tags) {
        changes.push(FieldChange::new(None, "tags", &tags_cell(&before.tags), &tags_cell(&after.tags)));
    }
    changes
}

/// Changes of one of its variants.
pub(super) fn of_variant(before: &VariantOut, after: &VariantIn, status: VariantStatus) -> Vec<FieldChange> {
    let fields = [
        ("name", before.name.clone(), after.name.clone()),
        ("attributes", attributes_cell(&before.attributes), attributes_cell(&after.attributes)),
        ("barcodes", barcodes_cell(&before.barcodes), barcodes_cell(&after.barcodes)),
        ("weight_g", measure_cell(before.weight_g), measure_cell(after.weight_g)),
        ("length_mm", measure_cell(before.length_mm), measure_cell(after.length_mm)),
        ("width_mm", measure_cell(before.width_mm), measure_cell(after.width_mm)),
        ("height_mm", measure_cell(before.height_mm), measure_cell(after.height_mm)),
        ("price", money_text(before.price), money_text(after.price)),
        ("cost", money_text(before.cost), money_text(after.cost)),
        ("status", before.status.as_str().to_owned(), status.as_str().to_owned()),
    ];
    differing(fields, Some(&before.sku))
}

/// A variant that is added.
pub(super) fn of_addition(variant: &VariantIn) -> FieldChange {
    FieldChange::new(Some(&variant.sku), "", "", "added")
}

fn differing<const N: usize>(fields: [(&'static str, String, String); N], sku: Option<&str>) -> Vec<FieldChange> {
    let differing = fields.into_iter().filter(|(_, before, after)| before != after);
    differing.map(|(field, before, after)| FieldChange::new(sku, field, &before, &after)).collect()
}

/// Tags as they are compared: in any case and order, each once.
fn folded(tags: &[String]) -> BTreeSet<String> {
    tags.iter().map(|tag| fold(tag)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_off() {
        let change = FieldChange::new(None, "name", &"x".repeat(MAX_VALUE), &"é".repeat(MAX_VALUE + 1));
        assert_eq!((change.before.chars().count(), change.after.chars().count()), (MAX_VALUE, MAX_VALUE + 1));
        assert!(change.after.ends_with('…'));
    }
}
