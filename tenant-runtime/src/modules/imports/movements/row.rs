//! A row of a movements file → a line to be posted.

use nexus_core::Quantity;

use crate::modules::catalog::{normalise_sku, parse_sku};
use crate::modules::imports::values;
use crate::modules::imports::wire::Sign;
use crate::modules::imports::work::{CellFaults, Reading};
use crate::modules::inventory::is_reference_type;
use crate::modules::inventory::staged::{OccurredAt, StagedLine};

/// A row → a line to be posted, or everything that is wrong with it.
pub fn parse(reading: &Reading, line: i64, row: &[String]) -> Result<StagedLine, CellFaults> {
    let mut faults = CellFaults::new();
    let mut fault = |field: &str, code: &str, message: String| faults.push((reading.column(field), code.to_owned(), message));
    let text = |field: &str| reading.text(row, field);

    let sku = match parse_sku("sku", text("sku").unwrap_or_default()) {
        Ok(sku) => sku,
        Err(bad) => {
            fault("sku", &bad.code, bad.message);
            String::new()
        }
    };
    let transfer = text("to_location");
    let quantity = match text("quantity").map(values::quantity) {
        Some(Ok(quantity)) => quantity,
        Some(Err((code, message))) => {
            fault("quantity", code, message);
            Quantity::ZERO
        }
        None => {
            fault("quantity", "required", "is missing".to_owned());
            Quantity::ZERO
        }
    };
    let (reason, counter_location, delta) = match transfer {
        Some(to) if quantity.is_positive() || quantity.is_zero() => ("transfer", to.to_owned(), -quantity),
        Some(_) => {
            fault("quantity", "negative", "a transfer has a positive quantity".to_owned());
            ("transfer", String::new(), quantity)
        }
        None => match values::motive(text("reason"), reading.mapping.sign, quantity) {
            Ok(motive) => (motive.reason, motive.partner.code().to_owned(), motive.delta),
            Err((code, message)) => {
                fault("reason", code, message);
                ("correction", String::new(), quantity)
            }
        },
    };
    let occurred_at = match text("occurred_at").map(|cell| values::occurred_at(cell, reading.mapping.date_format.as_deref(), reading.now)) {
        None => OccurredAt::Instant(reading.now),
        Some(Ok(at)) => at,
        Some(Err((code, message))) => {
            fault("occurred_at", code, message);
            OccurredAt::Instant(reading.now)
        }
    };
    let mut bounded = |field: &str, most: usize| {
        let cell = text(field);
        if cell.is_some_and(|cell| cell.chars().count() > most) {
            fault(field, "too_long", format!("has more than {most} characters"));
        }
        cell.map(str::to_owned)
    };
    let location = bounded("location", 64).unwrap_or_default();
    bounded("to_location", 64);
    let unit = bounded("unit", 32);
    let note = bounded("note", 1_000);
    let number = bounded("reference", 100);
    if location.is_empty() {
        fault("location", "required", "is missing".to_owned());
    }
    let default_type = if reading.mapping.sign == Sign::Sale { "invoice" } else { "document" };
    let reference_type = text("reference_type").unwrap_or(default_type);
    if !is_reference_type(reference_type) {
        fault("reference_type", "pattern", "must be 1 to 63 of a–z, 0–9 and _, beginning with a letter".to_owned());
    }
    let reference = number.map(|number| (reference_type.to_owned(), number));
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(StagedLine { line, sku_key: normalise_sku(&sku), sku, location, counter_location, delta, reason, unit, occurred_at, reference, note })
}
