//! A row of a products file → what it says of an article.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use nexus_core::Money;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::fields::{Fields, ProductFields, VariantFields};
use crate::modules::catalog::product_file;
use crate::modules::catalog::{Barcode, ProductKind, ProductStatus, VariantStatus, normalise_sku, parse_sku};
use crate::modules::imports::values;
use crate::modules::imports::work::{CellFaults, Reading};

/// What a row says of an article.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductRow {
    /// Line in the file.
    pub line: i64,
    /// SKU as written; empty for a product without variants.
    pub sku: String,
    /// SKU in its comparison form. A product without variants goes by its id, after a sign that no SKU has.
    pub sku_key: String,
    /// The rest.
    pub fields: Fields,
}

/// A row → what it says, or everything that is wrong with it.
pub fn parse(reading: &Reading, line: i64, row: &[String]) -> Result<ProductRow, CellFaults> {
    let mut cells = Cells { reading, row, constant: false, faults: CellFaults::new() };
    let mut fields = cells.fields();
    if reading.columns.has_constants() {
        cells.constant = true;
        fields.constants = Some(Box::new(cells.fields()));
    }
    let sku = match (reading.text(row, "sku"), fields.product.id) {
        (None, Some(_)) => String::new(),
        (sku, _) => parse_sku("sku", sku.unwrap_or_default()).unwrap_or_else(|bad| {
            cells.fault("sku", &bad.code, bad.message);
            String::new()
        }),
    };
    if !cells.faults.is_empty() {
        return Err(cells.faults);
    }
    let sku_key = match fields.product.id {
        Some(id) if sku.is_empty() => format!("\u{1}{id}"),
        _ => normalise_sku(&sku),
    };
    Ok(ProductRow { line, sku, sku_key, fields })
}

/// The cells of a row, or the constants in their place, and what was found wrong with them.
struct Cells<'r> {
    reading: &'r Reading,
    row: &'r [String],
    constant: bool,
    faults: CellFaults,
}

impl<'r> Cells<'r> {
    fn fields(&mut self) -> Fields {
        let product = ProductFields {
            id: self.id("product_id"),
            name: self.bounded("name", 300),
            description: self.bounded("description", 20_000),
            category: self.bounded("category", 4_000),
            brand: self.bounded("brand", 120),
            unit: self.bounded("unit", 32),
            tags: self.tags("tags"),
            kind: self.word("kind", ProductKind::parse, "stocked, non_stocked, service"),
            status: self.word("status", ProductStatus::parse, "draft, active, archived"),
            metadata: self.object("metadata"),
        };
        let variant = VariantFields {
            name: self.bounded("variant_name", 300),
            attributes: self.attributes("attributes"),
            barcodes: self.barcodes("barcode"),
            weight_g: self.measure("weight_g"),
            length_mm: self.measure("length_mm"),
            width_mm: self.measure("width_mm"),
            height_mm: self.measure("height_mm"),
            price: self.money("price", "currency"),
            cost: self.money("cost", "cost_currency"),
            status: self.word("variant_status", variant_status, "active, archived"),
        };
        Fields { product, variant, constants: None }
    }

    fn text(&self, field: &str) -> Option<&'r str> {
        if self.constant { self.reading.columns.constant(field) } else { self.reading.columns.cell(self.row, field) }
    }

    fn fault(&mut self, field: &str, code: &str, message: impl Into<String>) {
        let fault = (self.reading.column(field), code.to_owned(), message.into());
        // Price and cost may stand in one currency, and a constant beside a cell: what is wrong with it is said once.
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn bounded(&mut self, field: &str, most: usize) -> Option<String> {
        let cell = self.text(field)?;
        if cell.len() > most && cell.chars().count() > most {
            self.fault(field, "too_long", format!("has more than {most} characters"));
        }
        Some(cell.to_owned())
    }

    fn id(&mut self, field: &str) -> Option<Uuid> {
        let cell = self.text(field)?;
        let id = Uuid::parse_str(cell).ok().filter(|id| id.get_version_num() == 7);
        if id.is_none() {
            self.fault(field, "value", format!("`{}` is no id of a product", values::shortened(cell)));
        }
        id
    }

    fn tags(&mut self, field: &str) -> Option<Vec<String>> {
        let tags = product_file::tags(self.text(field)?);
        if tags.len() > 50 || tags.iter().any(|tag| tag.chars().count() > 60) {
            self.fault(field, "too_long", "at most 50 tags of at most 60 characters");
        }
        Some(tags)
    }

    fn barcodes(&mut self, field: &str) -> Option<Vec<Barcode>> {
        let barcodes = product_file::barcodes(self.text(field)?);
        if barcodes.len() > 20 || barcodes.iter().any(|barcode| barcode.barcode.chars().count() > 80) {
            self.fault(field, "too_long", "at most 20 barcodes of at most 80 characters");
        }
        Some(barcodes)
    }

    fn attributes(&mut self, field: &str) -> Option<BTreeMap<String, String>> {
        match product_file::attributes(self.text(field)?) {
            Ok(attributes) => Some(attributes),
            Err(part) => {
                self.fault(field, "value", format!("`{}` is not of the form name=value", values::shortened(&part)));
                None
            }
        }
    }

    fn object(&mut self, field: &str) -> Option<BTreeMap<String, Value>> {
        let cell = self.text(field)?;
        let object = serde_json::from_str(cell).ok().filter(|_| !cell.contains("\\u0000"));
        if object.is_none() {
            self.fault(field, "value", format!("`{}` is no JSON object", values::shortened(cell)));
        }
        object
    }

    fn measure(&mut self, field: &str) -> Option<Decimal> {
        let cell = self.text(field)?;
        let number = Decimal::from_str(cell).ok();
        if number.is_none() {
            self.fault(field, "value", format!("`{}` is no number such as 250 or 0.5", values::shortened(cell)));
        }
        number
    }

    fn money(&mut self, field: &str, currency: &str) -> Option<Money> {
        let amount = self.text(field)?;
        let named = [currency, "currency"].into_iter().find_map(|field| Some((field, self.reading.text(self.row, field)?)));
        let code = named.map(|(_, code)| code.to_uppercase());
        match values::money(amount, code.as_deref(), &self.reading.currency) {
            Ok(money) => Some(money),
            Err((code, message)) => {
                // The fault is of the cell that has it.
                let at = if code == values::CURRENCY { named.map_or(field, |(field, _)| field) } else { field };
                self.fault(at, code, message);
                None
            }
        }
    }

    fn word<T>(&mut self, field: &str, parse: fn(&str) -> Option<T>, words: &str) -> Option<T> {
        let cell = self.text(field)?.to_lowercase();
        let word = parse(&cell);
        if word.is_none() {
            self.fault(field, "value", format!("`{}` is none of {words}", values::shortened(&cell)));
        }
        word
    }
}

fn variant_status(word: &str) -> Option<VariantStatus> {
    [VariantStatus::Active, VariantStatus::Archived].into_iter().find(|status| status.as_str() == word)
}
