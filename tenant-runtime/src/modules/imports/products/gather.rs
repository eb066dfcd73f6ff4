//! Within a piece of a file: one row of those that speak of one article. A file that repeats an article a million times is staged as
//! a few hundred rows.

use std::collections::{HashMap, HashSet};

use super::row::ProductRow;
use crate::modules::imports::report::Report;
use crate::modules::imports::wire::{Mapping, SkuCase};

/// Makes one row of those of one article, in the order of the file; answers the rest and how many became part of an earlier one.
///
/// Where rows are merged over the case of their SKUs, each further spelling stays as a row of its own without fields, to be counted.
/// Where repetitions are faults, they are reported and gone.
pub fn gather(case: SkuCase, mapping: &Mapping, rows: Vec<ProductRow>, report: &mut Report) -> (Vec<ProductRow>, i64) {
    let mut kept: Vec<ProductRow> = Vec::with_capacity(rows.len());
    let mut firsts: HashMap<String, usize> = HashMap::new();
    let mut spellings: HashSet<String> = HashSet::new();
    let mut gathered = 0;
    for mut row in rows {
        let article = if case == SkuCase::Split { &row.sku } else { &row.sku_key };
        let Some(first) = firsts.get(article).and_then(|index| kept.get_mut(*index)) else {
            firsts.insert(article.clone(), kept.len());
            kept.push(row);
            continue;
        };
        if case == SkuCase::Report {
            report.row(row.line, [repetition(mapping, &row, &first.sku)]);
            continue;
        }
        first.fields.fill_from(std::mem::take(&mut row.fields));
        if row.sku != first.sku && spellings.insert(row.sku.clone()) {
            kept.push(row);
        } else {
            gathered += 1;
        }
    }
    (kept, gathered)
}

/// The fault of a row whose SKU an earlier row has, or, without one, whose product.
pub fn repetition(mapping: &Mapping, row: &ProductRow, first: &str) -> (String, String, String) {
    let sku = &row.sku;
    let (field, code, message) = match row.fields.product.id {
        Some(id) if sku.is_empty() => ("product_id", "duplicate", format!("the product {id} is in the file more than once")),
        _ if sku == first => ("sku", "duplicate", format!("{sku} is in the file more than once")),
        _ => ("sku", "other_case", format!("{sku} differs from {first} only by case")),
    };
    (mapping.column(field), code.to_owned(), message)
}

#[cfg(test)]
mod tests {
    use super::super::fields::{Fields, ProductFields};
    use super::*;

    fn row(line: i64, sku: &str, name: Option<&str>, brand: Option<&str>) -> ProductRow {
        let own = |text: Option<&str>| text.map(str::to_owned);
        ProductRow {
            line,
            sku: sku.to_owned(),
            sku_key: sku.to_lowercase(),
            fields: Fields { product: ProductFields { name: own(name), brand: own(brand), ..ProductFields::default() }, ..Fields::default() },
        }
    }

    fn rows() -> Vec<ProductRow> {
        vec![
            row(2, "A", None, None),
            row(3, "a", Some("three"), None),
            row(4, "A", Some("four"), Some("four")),
            row(5, "a", None, None),
            row(6, "B", None, None),
        ]
    }

    fn gathered(case: SkuCase) -> (Vec<ProductRow>, i64, Report) {
        let mut report = Report::new(10);
        let (kept, gathered) = gather(case, &Mapping::default(), rows(), &mut report);
        (kept, gathered, report)
    }

    #[test]
    fn merged_rows_fill_each_field_from_the_first_that_has_it() {
        let (kept, count, report) = gathered(SkuCase::Merge);
        assert_eq!(kept, [row(2, "A", Some("three"), Some("four")), row(3, "a", None, None), row(6, "B", None, None)]);
        assert_eq!((count, report.is_empty()), (2, true));
    }

    #[test]
    fn split_spellings_stay_apart() {
        let (kept, count, _) = gathered(SkuCase::Split);
        assert_eq!(kept, [row(2, "A", Some("four"), Some("four")), row(3, "a", Some("three"), None), row(6, "B", None, None)]);
        assert_eq!(count, 2);
    }

    #[test]
    fn a_repeated_product_without_sku_is_named_by_its_id() {
        let mut one = row(2, "", None, None);
        let id = uuid::Uuid::from_u128(7);
        one.fields.product.id = Some(id);
        let (column, code, message) = repetition(&Mapping::default(), &one, "");
        assert_eq!((column.as_str(), code.as_str()), ("product_id", "duplicate"));
        assert!(message.contains(&id.to_string()), "{message}");
    }

    #[test]
    fn reported_repetitions_are_gone() {
        let (kept, count, report) = gathered(SkuCase::Report);
        assert_eq!((kept, count, report.wrong_rows()), (vec![row(2, "A", None, None), row(6, "B", None, None)], 0, 3));
    }
}
