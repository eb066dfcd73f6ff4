//! A row of a products file → what it says of an article.

use nexus_core::Money;
use serde::{Deserialize, Serialize};

use crate::modules::catalog::{Barcode, BarcodeKind, ProductKind, ProductStatus, ProductUpsert, VariantUpsert, normalise_sku, parse_sku};
use crate::modules::imports::values;
use crate::modules::imports::work::{CellFaults, Reading};

/// What a row says of an article.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductRow {
    /// Line in the file.
    pub line: i64,
    /// SKU as written.
    pub sku: String,
    /// SKU in its comparison form.
    pub sku_key: String,
    /// The rest.
    pub fields: Fields,
}

/// Fields of an article; `None` where the row has nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
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
    pub variant_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barcodes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProductKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ProductStatus>,
}

impl Fields {
    /// Takes from a later row what is not known yet: of each field, the first row that fills it counts.
    pub fn fill_from(&mut self, later: Self) {
        let Self { name, description, category, brand, unit, variant_name, tags, barcodes, price, cost, kind, status } = later;
        fill(&mut self.name, name);
        fill(&mut self.description, description);
        fill(&mut self.category, category);
        fill(&mut self.brand, brand);
        fill(&mut self.unit, unit);
        fill(&mut self.variant_name, variant_name);
        fill(&mut self.tags, tags);
        fill(&mut self.barcodes, barcodes);
        fill(&mut self.price, price);
        fill(&mut self.cost, cost);
        fill(&mut self.kind, kind);
        fill(&mut self.status, status);
    }

    /// About how much memory they take.
    pub fn weight(&self) -> usize {
        let text = |field: &Option<String>| field.as_ref().map_or(0, String::len);
        let list = |field: &Option<Vec<String>>| field.iter().flatten().map(String::len).sum::<usize>();
        text(&self.name) + text(&self.description) + text(&self.category) + text(&self.brand) + list(&self.tags) + list(&self.barcodes)
    }

    /// What the catalogue is asked to do. The name is left to the caller: a new product must have one.
    pub fn into_upsert(self, sku: String, non_stocked: bool) -> ProductUpsert {
        let barcode = |barcode: String| Barcode { kind: BarcodeKind::guess(&barcode), barcode };
        let variant = VariantUpsert {
            sku,
            name: self.variant_name,
            barcodes: self.barcodes.map(|codes| codes.into_iter().map(barcode).collect()),
            price: self.price,
            cost: self.cost,
            ..Default::default()
        };
        ProductUpsert {
            name: self.name.unwrap_or_default(),
            description: self.description,
            status: self.status,
            kind: if non_stocked { Some(ProductKind::NonStocked) } else { self.kind },
            brand: self.brand,
            unit: self.unit,
            tags: self.tags,
            variants: vec![variant],
            ..Default::default()
        }
    }
}

fn fill<T>(own: &mut Option<T>, later: Option<T>) {
    if own.is_none() {
        *own = later;
    }
}

/// A row → what it says, or everything that is wrong with it.
pub fn parse(reading: &Reading, line: i64, row: &[String]) -> Result<ProductRow, CellFaults> {
    let mut cells = Cells { reading, row, faults: CellFaults::new() };
    let sku = parse_sku("sku", cells.text("sku").unwrap_or_default()).unwrap_or_else(|bad| {
        cells.fault("sku", &bad.code, bad.message);
        String::new()
    });
    let fields = Fields {
        name: cells.bounded("name", 300),
        description: cells.bounded("description", 20_000),
        category: cells.bounded("category", 200),
        brand: cells.bounded("brand", 120),
        unit: cells.bounded("unit", 32),
        variant_name: cells.bounded("variant_name", 300),
        tags: cells.list("tags", &['|', ';'], 50, 60, "at most 50 tags of at most 60 characters"),
        barcodes: cells.list("barcode", &['|'], 20, 80, "at most 20 barcodes of at most 80 characters"),
        price: cells.money("price", "currency"),
        cost: cells.money("cost", "cost_currency"),
        kind: cells.word("kind", ProductKind::parse, "stocked, non_stocked, service"),
        status: cells.word("status", ProductStatus::parse, "draft, active, archived"),
    };
    if !cells.faults.is_empty() {
        return Err(cells.faults);
    }
    Ok(ProductRow { line, sku_key: normalise_sku(&sku), sku, fields })
}

/// The cells of a row, and what was found wrong with them.
struct Cells<'r> {
    reading: &'r Reading,
    row: &'r [String],
    faults: CellFaults,
}

impl<'r> Cells<'r> {
    fn text(&self, field: &str) -> Option<&'r str> {
        self.reading.text(self.row, field)
    }

    fn fault(&mut self, field: &str, code: &str, message: String) {
        self.faults.push((self.reading.column(field), code.to_owned(), message));
    }

    fn bounded(&mut self, field: &str, most: usize) -> Option<String> {
        let cell = self.text(field)?;
        if cell.len() > most && cell.chars().count() > most {
            self.fault(field, "too_long", format!("has more than {most} characters"));
        }
        Some(cell.to_owned())
    }

    fn list(&mut self, field: &str, between: &[char], most: usize, longest: usize, message: &str) -> Option<Vec<String>> {
        let parts: Vec<String> = self.text(field)?.split(between).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect();
        if parts.len() > most || parts.iter().any(|part| part.chars().count() > longest) {
            self.fault(field, "too_long", message.to_owned());
        }
        Some(parts)
    }

    fn money(&mut self, field: &str, currency: &str) -> Option<Money> {
        let amount = self.text(field)?;
        let currency = self.text(currency).or_else(|| self.text("currency")).map(str::to_uppercase);
        match values::money(amount, currency.as_deref(), &self.reading.currency) {
            Ok(money) => Some(money),
            Err((code, message)) => {
                self.fault(field, code, message);
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
