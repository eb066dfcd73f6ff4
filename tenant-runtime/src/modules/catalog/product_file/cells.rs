//! Values as cells and cells as values.

use std::collections::BTreeMap;

use nexus_web::wire::{DecimalString, MoneyDto};
use rust_decimal::Decimal;
use serde_json::Value;

use super::COLUMNS;
use super::formula::inert;
use super::parts::{escaped, split, unescaped};
use crate::modules::catalog::products::wire::ProductOut;
use crate::modules::catalog::variants::barcode::{Barcode, BarcodeKind};
use crate::modules::catalog::variants::wire::VariantOut;

/// Between the names of a category's path.
const BELOW: char = '>';

/// The row of a variant, or of a product that has none, in the order of [`COLUMNS`].
pub fn row(product: &ProductOut, variant: Option<&VariantOut>, category: &str) -> [String; COLUMNS.len()] {
    let of = |cell: fn(&VariantOut) -> String| variant.map(cell).unwrap_or_default();
    [
        product.id.to_string(),
        of(|variant| variant.sku.clone()),
        product.name.clone(),
        product.description.clone(),
        product.status.as_str().to_owned(),
        product.kind.as_str().to_owned(),
        category.to_owned(),
        product.brand.clone().unwrap_or_default(),
        product.unit.clone(),
        tags_cell(&product.tags),
        of(|variant| variant.name.clone()),
        of(|variant| attributes_cell(&variant.attributes)),
        of(|variant| barcodes_cell(&variant.barcodes)),
        of(|variant| measure_cell(variant.weight_g)),
        of(|variant| measure_cell(variant.length_mm)),
        of(|variant| measure_cell(variant.width_mm)),
        of(|variant| measure_cell(variant.height_mm)),
        of(|variant| amount_cell(variant.price)),
        of(|variant| currency_cell(variant.price)),
        of(|variant| amount_cell(variant.cost)),
        of(|variant| currency_cell(variant.cost)),
        of(|variant| variant.status.as_str().to_owned()),
        metadata_cell(&product.metadata),
    ]
    .map(|cell| inert(&cell).into_owned())
}

/// The names of a category and those above it, from the top → its path. A category at the top begins with the sign, because a bare
/// name is looked for everywhere in the tree.
pub fn path_cell<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| escaped(name, &[BELOW])).collect();
    match names.as_slice() {
        [] => String::new(),
        [top] => format!("{BELOW} {top}"),
        several => several.join(" > "),
    }
}

/// The names of a path from the top, or the bare name of a category that may lie anywhere.
pub fn category_path(cell: &str) -> Result<Vec<String>, String> {
    let parts = split(cell, &[BELOW]);
    let is_path = parts.len() > 1;
    let names: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).map(unescaped).collect();
    if is_path { Ok(names) } else { Err(names.into_iter().next().unwrap_or_default()) }
}

/// Names of tags.
pub fn tags(cell: &str) -> Vec<String> {
    split(cell, &['|', ';']).into_iter().filter(|part| !part.is_empty()).map(unescaped).collect()
}

pub fn tags_cell(tags: &[String]) -> String {
    tags.iter().map(|tag| escaped(tag, &['|', ';'])).collect::<Vec<_>>().join("|")
}

/// Attributes as `name=value`; the part that is none, where there is one.
pub fn attributes(cell: &str) -> Result<BTreeMap<String, String>, String> {
    let parts = split(cell, &['|']).into_iter().filter(|part| !part.is_empty());
    parts
        .map(|part| match split(part, &['=']).as_slice() {
            [name, value] if !name.is_empty() => Ok((unescaped(name), unescaped(value))),
            _ => Err(part.to_owned()),
        })
        .collect()
}

pub fn attributes_cell(attributes: &BTreeMap<String, String>) -> String {
    let signs = ['|', '='];
    attributes.iter().map(|(name, value)| format!("{}={}", escaped(name, &signs), escaped(value, &signs))).collect::<Vec<_>>().join("|")
}

/// Barcodes, the first one being printed. The kind of a bare code is guessed; `code128:ABC` says it.
pub fn barcodes(cell: &str) -> Vec<Barcode> {
    split(cell, &['|']).into_iter().filter(|part| !part.is_empty()).map(|part| barcode(unescaped(part))).collect()
}

fn barcode(code: String) -> Barcode {
    match said_kind(&code) {
        Some((kind, code)) => Barcode { barcode: code.to_owned(), kind },
        None => Barcode { kind: BarcodeKind::guess(&code), barcode: code },
    }
}

fn said_kind(code: &str) -> Option<(BarcodeKind, &str)> {
    let (kind, code) = code.split_once(':')?;
    Some((BarcodeKind::parse(kind)?, code))
}

pub fn barcodes_cell(barcodes: &[Barcode]) -> String {
    let cell = |Barcode { barcode, kind }: &Barcode| {
        let is_plain = BarcodeKind::guess(barcode) == *kind && said_kind(barcode).is_none();
        let code = escaped(barcode, &['|']);
        if is_plain { code } else { format!("{}:{code}", kind.as_str()) }
    };
    barcodes.iter().map(cell).collect::<Vec<_>>().join("|")
}

pub fn measure_cell(value: Option<DecimalString>) -> String {
    value.map(|value| value.0.normalize().to_string()).unwrap_or_default()
}

/// Free-form data as JSON; nothing where there is none.
pub fn metadata_cell(metadata: &Value) -> String {
    if metadata.as_object().is_none_or(serde_json::Map::is_empty) { String::new() } else { metadata.to_string() }
}

/// Amount and currency, for people.
pub fn money_text(money: Option<MoneyDto>) -> String {
    money.map(|money| format!("{} {}", amount(money.amount), money.currency)).unwrap_or_default()
}

fn amount_cell(money: Option<MoneyDto>) -> String {
    money.map(|money| amount(money.amount)).unwrap_or_default()
}

/// With two decimals or more, as everywhere else.
fn amount(amount: Decimal) -> String {
    let mut shown = amount.normalize();
    shown.rescale(shown.scale().max(2));
    shown.to_string()
}

fn currency_cell(money: Option<MoneyDto>) -> String {
    money.map(|money| money.currency.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_from_the_top_and_a_bare_name_is_not() {
        for names in [vec!["Coffee"], vec!["Drinks", "5 > 3", "back\\slash"]] {
            assert_eq!(category_path(&path_cell(names.clone())), Ok(names.into_iter().map(str::to_owned).collect()));
        }
        assert_eq!(path_cell(["Coffee"]), "> Coffee");
        assert_eq!(category_path("Coffee"), Err("Coffee".to_owned()));
    }

    #[test]
    fn lists_come_back_whatever_they_hold() {
        let given = vec!["a|b".to_owned(), "c;d".to_owned(), "e\\".to_owned()];
        assert_eq!(tags(&tags_cell(&given)), given);
        let given: BTreeMap<_, _> = [("size=|", "1|2"), ("note", "")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(attributes(&attributes_cell(&given)), Ok(given));
        assert_eq!(attributes("size"), Err("size".to_owned()));
        let code = |kind, barcode: &str| Barcode { barcode: barcode.to_owned(), kind };
        let given = vec![
            code(BarcodeKind::Ean13, "4006381333931"),
            code(BarcodeKind::Other, "4006381333931"),
            code(BarcodeKind::Code128, "A|B"),
            code(BarcodeKind::Other, "ean13:x"),
            code(BarcodeKind::Other, "plain:x"),
        ];
        assert_eq!(barcodes_cell(&given), "4006381333931|other:4006381333931|code128:A\\|B|other:ean13:x|plain:x");
        assert_eq!(barcodes(&barcodes_cell(&given)), given);
    }
}
