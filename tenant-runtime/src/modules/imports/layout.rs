//! What a file may contain: fields by kind of import, and which column of a file feeds which field.

use std::collections::BTreeMap;

use nexus_core::{Faults, FieldFault};

use super::error::ImportError;
use super::values::shortened;
use super::wire::Mapping;
use crate::modules::catalog::product_file;

/// Greatest number of columns that a message names.
const MOST_NAMED: usize = 10;

/// A kind of import: its fields, and which of them every row needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Every field.
    pub fields: &'static [&'static str],
    /// Fields that need a column or a constant.
    pub required: &'static [&'static str],
}

/// Movements.
pub const MOVEMENTS: Layout = Layout {
    fields: &["sku", "quantity", "location", "to_location", "reason", "occurred_at", "reference", "reference_type", "note", "unit"],
    required: &["sku", "quantity", "location"],
};

/// Products, one row per variant.
pub const PRODUCTS: Layout = Layout { fields: product_file::COLUMNS, required: &["sku"] };

impl Layout {
    /// Checks that a mapping speaks of this layout's fields only, and sets what it sets to something.
    pub fn check(&self, mapping: &Mapping, faults: &mut Faults) {
        for (kind, map) in [("columns", &mapping.columns), ("defaults", &mapping.defaults)] {
            for (field, value) in map {
                if !self.fields.contains(&field.as_str()) {
                    faults.push(
                        format!("mapping.{kind}.{field}"),
                        "unknown",
                        format!("is no field of this import; fields are {}", self.fields.join(", ")),
                    );
                } else if value.trim().is_empty() || value.chars().count() > 500 || value.contains('\0') {
                    faults.push(format!("mapping.{kind}.{field}"), "length", "must have 1 to 500 characters");
                }
            }
        }
    }

    /// Finds each field's column.
    ///
    /// # Errors
    /// [`ImportError::Header`] naming every column that is missing or there twice.
    pub fn plan(&self, mapping: &Mapping, header: &[String]) -> Result<Columns, ImportError> {
        let mut faults = Vec::new();
        let mut positions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (position, name) in header.iter().enumerate() {
            positions.entry(name.trim().to_lowercase()).or_default().push(position);
        }
        for (name, _) in positions.iter().filter(|(name, at)| !name.is_empty() && at.len() > 1) {
            let name = shortened(name);
            faults.push(FieldFault::new(&name, "duplicate", format!("the column `{name}` is there twice")));
        }
        let mut missing = Vec::new();
        let mut columns = Columns { sources: Vec::with_capacity(self.fields.len()), ignored: Vec::new() };
        for field in self.fields {
            let named = mapping.columns.get(*field);
            let wanted = named.map_or(*field, String::as_str);
            let position = positions.get(&wanted.trim().to_lowercase()).and_then(|at| at.first()).copied();
            let constant = mapping.defaults.get(*field).map(|constant| constant.trim().to_owned());
            if position.is_none() && (named.is_some() || (constant.is_none() && self.required.contains(field))) {
                missing.push(shortened(wanted));
            }
            columns.sources.push(Source { field, position, constant });
        }
        for (place, name) in missing.iter().enumerate() {
            // What there is instead is said once, at the end.
            let instead = if place + 1 == missing.len() { format!("; {}", found(header)) } else { String::new() };
            faults.push(FieldFault::new(name, "missing", format!("the column `{name}` is missing{instead}")));
        }
        let is_read = |place: usize| columns.sources.iter().any(|source| source.position == Some(place));
        let unread = header.iter().enumerate().filter(|(place, _)| !is_read(*place));
        columns.ignored = unread.map(|(place, name)| ignored_name(place, name)).collect();
        if faults.is_empty() { Ok(columns) } else { Err(ImportError::Header(faults)) }
    }
}

/// Where the fields of a row are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    sources: Vec<Source>,
    /// Columns of the file that feed no field.
    pub ignored: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    field: &'static str,
    position: Option<usize>,
    constant: Option<String>,
}

impl Columns {
    fn source(&self, field: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.field == field)
    }

    /// The field's cell in a row, without margins and the apostrophe that keeps spreadsheets from computing it; `None` when it is empty.
    pub fn cell<'r>(&self, row: &'r [String], field: &str) -> Option<&'r str> {
        let cell = self.source(field)?.position.and_then(|position| row.get(position)).map(|cell| product_file::bare(cell.trim()));
        cell.filter(|cell| !cell.is_empty())
    }

    /// The field's constant.
    pub fn constant(&self, field: &str) -> Option<&str> {
        self.source(field)?.constant.as_deref()
    }

    /// Whether any field has a constant.
    pub fn has_constants(&self) -> bool {
        self.sources.iter().any(|source| source.constant.is_some())
    }

    /// The field's text in a row: its cell, or the constant where the row has nothing.
    pub fn text<'r>(&'r self, row: &'r [String], field: &str) -> Option<&'r str> {
        self.cell(row, field).or_else(|| self.constant(field))
    }
}

/// The columns of a file, for a message: the first few by name. A single one with another separator in it is several in truth.
fn found(header: &[String]) -> String {
    let names: Vec<String> = header.iter().take(MOST_NAMED).map(|name| format!("`{}`", shortened(name.trim()))).collect();
    let names = names.join(", ");
    match header {
        [only] if only.contains([',', ';', '|', '\t']) => {
            format!("the file has one column, {names}: name the sign between its columns as mapping.delimiter")
        }
        [_] => format!("the file has one column, {names}"),
        _ if header.len() > MOST_NAMED => format!("the file has {names} and {} more", header.len() - MOST_NAMED),
        _ => format!("the file has {names}"),
    }
}

/// How a column that feeds no field is called in the job's summary.
fn ignored_name(place: usize, name: &str) -> String {
    let name = name.trim();
    if name.is_empty() { format!("(column {}, without a name)", place + 1) } else { name.chars().take(100).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_are_found_by_mapping_by_name_and_by_constant() {
        let mapping: Mapping =
            serde_json::from_str(r#"{"columns":{"sku":"StockCode","quantity":"Quantity"},"defaults":{"location":"MAIN","note":"x"}}"#).unwrap();
        let columns = MOVEMENTS.plan(&mapping, &header(&["InvoiceNo", "stockcode", "Quantity", "Note"])).unwrap();
        let row = header(&["536365", " 85123A ", "6", ""]);
        assert_eq!(columns.text(&row, "sku"), Some("85123A"));
        assert_eq!(columns.text(&row, "location"), Some("MAIN"));
        assert_eq!(columns.text(&row, "note"), Some("x"));
        assert_eq!(columns.text(&row, "unit"), None);
        assert_eq!(columns.text(&header(&["", "A", "'-5", ""]), "quantity"), Some("-5"), "as a guarded file has it");
        assert_eq!(columns.ignored, ["InvoiceNo"]);
    }

    #[test]
    fn every_missing_or_double_column_is_named() {
        let Err(ImportError::Header(faults)) = MOVEMENTS.plan(&Mapping::default(), &header(&["sku", "SKU", "note"])) else { panic!("refused") };
        let named: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code.as_str())).collect();
        assert_eq!(named, [("sku", "duplicate"), ("quantity", "missing"), ("location", "missing")]);
    }

    #[test]
    fn a_missing_column_is_told_with_those_there_are() {
        let told = |mapping: &str, names: &[&str]| {
            let mapping: Mapping = serde_json::from_str(mapping).unwrap();
            let Err(ImportError::Header(faults)) = PRODUCTS.plan(&mapping, &header(names)) else { panic!("refused") };
            faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>()
        };
        assert_eq!(told("{}", &[" code", "ti\ntle"]), ["the column `sku` is missing; the file has `code`, `title`"]);
        let delimiter = "the column `sku` is missing; the file has one column, `code;title`: name the sign between its columns as mapping.delimiter";
        assert_eq!(told("{}", &["code;title"]), [delimiter]);
        let mapped = told(r#"{"columns":{"sku":"Art","name":"Na\u0007me"}}"#, &["Code"]);
        assert_eq!(mapped, ["the column `Art` is missing", "the column `Name` is missing; the file has one column, `Code`"]);
        let long = told("{}", &[&"x".repeat(5_000)]).remove(0);
        assert!(long.len() < 150, "{long}");
        let names: Vec<String> = (0..30).map(|number| format!("c{number}")).collect();
        let many = told("{}", &names.iter().map(String::as_str).collect::<Vec<_>>()).remove(0);
        assert!(many.ends_with("`c8`, `c9` and 20 more"), "{many}");
    }

    #[test]
    fn a_mapping_of_unknown_fields_is_refused() {
        let mapping: Mapping = serde_json::from_str(r#"{"columns":{"colour":"Colour"},"defaults":{"sku":" "}}"#).unwrap();
        let mut faults = Faults::new();
        PRODUCTS.check(&mapping, &mut faults);
        let named: Vec<_> = faults.into_vec().into_iter().map(|fault| fault.field).collect();
        assert_eq!(named, ["mapping.columns.colour", "mapping.defaults.sku"]);
    }
}
