//! Imports on the wire: query, form and mapping.

use std::collections::BTreeMap;

use nexus_core::Faults;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

/// How an import is run.
#[derive(Debug, Clone, Copy, Default, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// Reads and checks everything and writes nothing. What would become of each row, field by field with what was before, is a file at
    /// `/jobs/{id}/result`; how many changes it leaves out is in the summary. Consumes nothing: the file can be imported after.
    #[serde(default)]
    pub dry_run: Option<bool>,
    /// Imports a file once more that was imported before.
    #[serde(default)]
    pub again: Option<bool>,
}

/// The form of an import.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it documents the form, which is read field by field")]
#[schema(as = ImportForm)]
pub struct ImportForm {
    /// The CSV file: UTF-8 (a byte order mark is welcome), a header in its first row.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// How columns are read, as JSON; without it the file is in the product's own layout.
    #[schema(nullable = false)]
    pub mapping: Option<Mapping>,
    /// Encoding of the file when it is not UTF-8.
    #[schema(nullable = false, example = "windows-1252")]
    pub encoding: Option<Encoding>,
    /// Imports the good rows and lists the others; without it one wrong row keeps everything out.
    #[schema(nullable = false, example = false)]
    pub skip_invalid: Option<bool>,
}

/// Encoding of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1252, of which Latin-1 is a part.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// Which way a quantity goes. A reason that has a direction of its own (receive, issue, sale, return, supplier_return, production,
/// consumption, scrap) goes before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Positive comes in, negative goes out; the reason names the other side.
    #[default]
    Delta,
    /// Positive is sold to a customer, negative comes back from one.
    Sale,
    /// Positive comes from a supplier, negative goes back to one.
    Receipt,
}

/// What becomes of SKUs that differ only by case, and of products that occur twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkuCase {
    /// They are one article; of a product's rows, the first that fills a field counts.
    Merge,
    /// Each spelling is an article of its own: the others get a number (`abc~2`).
    Split,
    /// Every row but those of the first spelling is an error; of a product's rows, every one but the first.
    Report,
}

/// How a file is read. Without `columns`, a column is found by its own name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Field → column of the file. Movements: sku, quantity, location, to_location, reason, occurred_at, reference, reference_type,
    /// note, unit. Products, as in an exported file: product_id, sku, name, description, status, kind, category, brand, unit, tags,
    /// variant_name, attributes, barcode, weight_g, length_mm, width_mm, height_mm, price, currency, cost, cost_currency,
    /// variant_status, metadata. Columns that feed no field are named in the job's summary.
    #[schema(example = json!({ "sku": "StockCode", "quantity": "Quantity", "occurred_at": "InvoiceDate", "reference": "InvoiceNo" }))]
    pub columns: BTreeMap<String, String>,
    /// Field → constant, for what the file has no column of, or leaves empty in every row of an article. All constants together have
    /// at most 2,048 bytes.
    #[schema(example = json!({ "location": "MAIN" }))]
    pub defaults: BTreeMap<String, String>,
    /// Which way a movement's quantity goes.
    pub sign: Sign,
    /// What becomes of SKUs that differ only by case: movements `merge` when left out, products `report`.
    #[schema(nullable = false)]
    pub sku_case: Option<SkuCase>,
    /// Whether categories that a products file names and that there are not yet are made; when left out they are, if you may change
    /// categories. A path such as `Drinks > Coffee` counts from the top (`> Coffee` is at the top itself), a bare name is looked for
    /// everywhere.
    #[schema(nullable = false)]
    pub create_categories: Option<bool>,
    /// Form of dates, as in strftime. ISO 8601 is always understood.
    #[schema(nullable = false, example = "%m/%d/%Y %H:%M")]
    pub date_format: Option<String>,
    /// Time zone of dates without one; the organization's when left out.
    #[schema(nullable = false, example = "Europe/London")]
    pub time_zone: Option<String>,
    /// SKUs of products that are not kept in stock, such as postage: products get kind `non_stocked`, movements of them are skipped.
    #[schema(example = json!(["POST", "M"]))]
    pub non_stocked_skus: Vec<String>,
    /// What separates columns: `,` (default), `;`, `|` or a tab.
    #[schema(nullable = false, example = ",", max_length = 1)]
    pub delimiter: Option<String>,
    /// Why movements are recorded late; the file's name when left out.
    #[schema(nullable = false, example = "Stock count of 30 September", max_length = 400)]
    pub backdating_reason: Option<String>,
}

/// Most bytes of all constants together: each row of the file is kept with them until it is imported.
const MAX_CONSTANTS: usize = 2 * 1024;

impl Mapping {
    /// Checks that its constants are short.
    pub fn check_constants(&self, faults: &mut Faults) {
        let bytes: usize = self.defaults.values().map(String::len).sum();
        faults.check(bytes <= MAX_CONSTANTS, "mapping.defaults", "length", "all constants together must have at most 2,048 bytes");
    }

    /// Name of the field's column in the file, for messages.
    pub fn column(&self, field: &str) -> String {
        self.columns.get(field).cloned().unwrap_or_else(|| field.to_owned())
    }
}
