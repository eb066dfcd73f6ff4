//! What a row says of an article, and how rows of one article, and articles of one product, are brought together.

use std::collections::BTreeMap;

use nexus_core::Money;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::modules::catalog::{Barcode, ProductKind, ProductStatus, ProductUpsert, VariantStatus, VariantUpsert};

/// What is known of an article; nothing where the rows have nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// Of its product.
    pub product: ProductFields,
    /// Of the article itself.
    pub variant: VariantFields,
    /// What the mapping's constants say where no row has anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constants: Option<Box<Fields>>,
}

/// Fields of a product, the same for all of its variants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProductKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ProductStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, Value>>,
}

/// Fields of a variant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VariantFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcodes: Option<Vec<Barcode>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_mm: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_mm: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height_mm: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<VariantStatus>,
}

/// Takes each named field from `later` where `own` has nothing.
macro_rules! fill {
    ($own:expr, $later:expr; $($field:ident),+ $(,)?) => {
        $(if $own.$field.is_none() { $own.$field = $later.$field; })+
    };
}

/// Names of the fields that both have and that differ.
macro_rules! conflicts {
    ($own:expr, $later:expr; $($field:ident),+ $(,)?) => {{
        let mut names = Vec::new();
        $(if $own.$field.is_some() && $later.$field.is_some() && $own.$field != $later.$field { names.push(stringify!($field)); })+
        names
    }};
}

impl Fields {
    /// Takes from a later row what is not known yet: of each field, the first row that fills it counts, and constants come after all rows.
    pub fn fill_from(&mut self, later: Self) {
        self.product.fill_from(later.product);
        self.variant.fill_from(later.variant);
        match (&mut self.constants, later.constants) {
            (Some(own), Some(later)) => own.fill_from(*later),
            (own, later) => *own = own.take().or(later),
        }
    }

    /// Takes the constants where no row had anything.
    pub fn settle(&mut self) {
        if let Some(constants) = self.constants.take() {
            self.fill_from(*constants);
        }
    }

    /// About how much memory they take.
    pub fn weight(&self) -> usize {
        self.product.weight() + self.variant.weight() + self.constants.as_ref().map_or(0, |constants| constants.weight())
    }
}

impl ProductFields {
    /// Takes what is not known yet from a later row.
    pub fn fill_from(&mut self, later: Self) {
        fill!(self, later; id, name, description, category, brand, unit, tags, kind, status, metadata);
    }

    /// Names of the fields of which a later row says something else.
    pub fn conflicts(&self, later: &Self) -> Vec<&'static str> {
        conflicts!(self, later; id, name, description, category, brand, unit, tags, kind, status, metadata)
    }

    fn weight(&self) -> usize {
        let text = |field: &Option<String>| field.as_ref().map_or(0, String::len);
        let metadata: usize = self.metadata.iter().flatten().map(|(key, value)| key.len() + value.to_string().len()).sum();
        let tags: usize = self.tags.iter().flatten().map(String::len).sum();
        text(&self.name) + text(&self.description) + text(&self.category) + text(&self.brand) + tags + metadata
    }

    /// What the catalogue is asked to do.
    pub fn into_upsert(self, category_id: Option<Uuid>, variants: Vec<VariantUpsert>) -> ProductUpsert {
        ProductUpsert {
            id: self.id,
            name: self.name.unwrap_or_default(),
            description: self.description,
            status: self.status,
            kind: self.kind,
            category_id,
            brand: self.brand,
            unit: self.unit,
            tags: self.tags,
            metadata: self.metadata,
            variants,
        }
    }
}

impl VariantFields {
    fn fill_from(&mut self, later: Self) {
        fill!(self, later; name, attributes, barcodes, weight_g, length_mm, width_mm, height_mm, price, cost, status);
    }

    fn weight(&self) -> usize {
        let attributes: usize = self.attributes.iter().flatten().map(|(name, value)| name.len() + value.len()).sum();
        let barcodes: usize = self.barcodes.iter().flatten().map(|barcode| barcode.barcode.len()).sum();
        self.name.as_ref().map_or(0, String::len) + attributes + barcodes
    }

    /// What the catalogue is asked to do with the variant of this SKU.
    pub fn into_upsert(self, sku: String) -> VariantUpsert {
        let Self { name, attributes, barcodes, weight_g, length_mm, width_mm, height_mm, price, cost, status } = self;
        VariantUpsert { sku, name, attributes, barcodes, weight_g, length_mm, width_mm, height_mm, price, cost, status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: Option<&str>, constant: Option<&str>) -> Fields {
        let product = |name: Option<&str>| ProductFields { name: name.map(str::to_owned), ..ProductFields::default() };
        let constants = constant.map(|constant| Box::new(Fields { product: product(Some(constant)), ..Fields::default() }));
        Fields { product: product(name), constants, ..Fields::default() }
    }

    #[test]
    fn a_cell_of_a_later_row_goes_before_a_constant_of_an_earlier_one() {
        let mut fields = named(None, Some("constant"));
        fields.fill_from(named(Some("cell"), Some("constant")));
        fields.settle();
        assert_eq!(fields, named(Some("cell"), None));
        let mut fields = named(None, Some("constant"));
        fields.fill_from(named(None, None));
        fields.settle();
        assert_eq!(fields, named(Some("constant"), None));
    }
}
