//! What the catalogue calls by its own names, in the words of the file: lines and columns.

use nexus_core::FieldFault;

use crate::modules::imports::report::RowFault;
use crate::modules::imports::wire::Mapping;

/// A row of the file that describes an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: i64,
    /// Empty for a product without variants.
    pub sku: String,
}

/// A fault of a product, by the rows of its variants.
pub fn row_fault(mapping: &Mapping, rows: &[Row], fault: FieldFault) -> RowFault {
    let line = |place: usize| rows.get(place).map(|row| row.line);
    let of_variant = fault.field.strip_prefix("variants[").and_then(|rest| rest.split_once("]."));
    let (line, field) = match of_variant.and_then(|(place, field)| Some((line(place.parse().ok()?)?, field))) {
        Some((line, field)) => (line, column_of_variant(field)),
        None => (line(0).unwrap_or_default(), column_of_product(&fault.field)),
    };
    RowFault { line, column: mapping.column(field), code: fault.code, message: fault.message }
}

/// The column of a field of a product.
pub fn column_of_product(field: &str) -> &str {
    match field {
        "id" => "product_id",
        "category_id" => "category",
        other => other,
    }
}

/// The column of a field of a variant.
pub fn column_of_variant(field: &str) -> &str {
    match field.split(['[', '.']).next().unwrap_or(field) {
        "name" => "variant_name",
        "status" => "variant_status",
        "barcodes" => "barcode",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_variant_is_one_of_its_row() {
        let rows = [2, 5].map(|line| Row { line, sku: line.to_string() });
        let named = |field: &str| {
            let fault = row_fault(&Mapping::default(), &rows, FieldFault::new(field, "code", "message"));
            (fault.line, fault.column)
        };
        assert_eq!(named("variants[1].barcodes[0].barcode"), (5, "barcode".to_owned()));
        assert_eq!(named("variants[1].name"), (5, "variant_name".to_owned()));
        assert_eq!(named("name"), (2, "name".to_owned()));
        assert_eq!(named("variants[9].price"), (2, "variants[9].price".to_owned()));
    }
}
