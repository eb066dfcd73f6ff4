//! Cells → values, each with the reason when it is none.

use std::fmt::Display;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use nexus_core::money::{MoneyError, parse_amount};
use nexus_core::quantity::QuantityError;
use nexus_core::{Currency, Money, Quantity};

use super::wire::Sign;
use crate::modules::inventory::staged::OccurredAt;
use crate::modules::inventory::{AdjustReason, EARLIEST_YEAR, TOLERANCE, VirtualPlace};

/// What is wrong with a cell: stable reason and message.
pub type CellFault = (&'static str, String);

/// A quantity as people write it: a plain decimal, with a sign, a plus too.
pub fn quantity(cell: &str) -> Result<Quantity, CellFault> {
    let cell = cell.strip_prefix('+').unwrap_or(cell);
    let parsed =
        cell.parse::<Quantity>().map_err(|error| ("quantity", unread(cell, error, QuantityError::Malformed, "is no quantity such as 24 or 0.5")))?;
    if parsed.is_zero() { Err(("zero", "the quantity is zero".to_owned())) } else { Ok(parsed) }
}

/// Reason of a fault that lies in the currency, not in the amount.
pub const CURRENCY: &str = "currency";

/// An amount of money.
pub fn money(amount: &str, currency: Option<&str>, fallback: &str) -> Result<Money, CellFault> {
    let currency: Currency =
        currency.unwrap_or(fallback).parse().map_err(|error| (CURRENCY, format!("`{}`: {error}", shortened(currency.unwrap_or(fallback)))))?;
    let amount = parse_amount(amount).map_err(|error| ("amount", unread(amount, error, MoneyError::Malformed, "is no amount such as 12.50")))?;
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err(("negative", "must not be negative".to_owned()));
    }
    Money::new(amount, currency).map_err(|error| ("amount", error.to_string()))
}

/// Why a cell is no number. A cell is no JSON: that it must be a string is left out.
fn unread<E: PartialEq + Display>(cell: &str, error: E, malformed: E, said: &str) -> String {
    let cell = shortened(cell);
    if error == malformed { format!("`{cell}` {said}") } else { format!("`{cell}`: {error}") }
}

/// A time: ISO 8601 with or without offset, a date alone, or the form given.
pub fn occurred_at(cell: &str, format: Option<&str>, now: DateTime<Utc>) -> Result<OccurredAt, CellFault> {
    let read = instant(cell).or_else(|| format.and_then(|format| local(cell, format))).or_else(|| iso_local(cell));
    let Some(read) = read else {
        let expected =
            format.map_or_else(|| "an ISO 8601 time such as 2026-01-31T12:00:00Z".to_owned(), |format| format!("a time of the form {format}"));
        return Err(("time", format!("`{}` is not {expected}", shortened(cell))));
    };
    // A local time may be ahead of UTC by up to 14 hours.
    let (ahead, early) = match read {
        OccurredAt::Instant(at) => (at > now + TOLERANCE, at.year() < EARLIEST_YEAR),
        OccurredAt::Local(at) => (at > now.naive_utc() + Duration::hours(14), at.year() < EARLIEST_YEAR),
    };
    if ahead {
        return Err(("future", format!("`{}` lies in the future", shortened(cell))));
    }
    if early { Err(("time", format!("`{}` lies before 1900", shortened(cell)))) } else { Ok(read) }
}

fn instant(cell: &str) -> Option<OccurredAt> {
    DateTime::parse_from_rfc3339(cell).ok().map(|at| OccurredAt::Instant(at.with_timezone(&Utc)))
}

fn local(cell: &str, format: &str) -> Option<OccurredAt> {
    if let Ok(at) = DateTime::parse_from_str(cell, format) {
        return Some(OccurredAt::Instant(at.with_timezone(&Utc)));
    }
    let at = NaiveDateTime::parse_from_str(cell, format).ok();
    at.or_else(|| NaiveDate::parse_from_str(cell, format).ok().map(|day| day.and_time(NaiveTime::MIN))).map(OccurredAt::Local)
}

fn iso_local(cell: &str) -> Option<OccurredAt> {
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"].iter().find_map(|format| local(cell, format))
}

/// Whether chrono can read times with this format: an unknown letter makes every row fail.
pub fn is_format(format: &str) -> bool {
    !chrono::format::StrftimeItems::new(format).any(|item| item == chrono::format::Item::Error)
}

/// Why, from or to where, and which way a movement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Motive {
    /// The code in the ledger.
    pub reason: &'static str,
    /// The other side, unless the row names a place of its own.
    pub partner: VirtualPlace,
    /// What comes to the row's location (or, negative, leaves it).
    pub delta: Quantity,
}

/// The motive of a row. A reason with a direction decides it (`issue` of 5 takes 5 away, of -5 brings them back); otherwise the
/// sign's meaning does.
pub fn motive(reason: Option<&str>, sign: Sign, quantity: Quantity) -> Result<Motive, CellFault> {
    let inwards = |reason, back, partner| {
        let reason = if quantity.is_positive() { reason } else { back };
        Ok(Motive { reason, partner, delta: quantity })
    };
    let outwards = |reason, back, partner| {
        let reason = if quantity.is_positive() { reason } else { back };
        Ok(Motive { reason, partner, delta: -quantity })
    };
    let signed = |reason| Ok(Motive { reason, partner: VirtualPlace::Count, delta: if sign == Sign::Sale { -quantity } else { quantity } });
    let Some(reason) = reason else {
        return match sign {
            Sign::Delta => signed("correction"),
            Sign::Sale => outwards("sale", "customer_return", VirtualPlace::Customer),
            Sign::Receipt => inwards("receipt", "supplier_return", VirtualPlace::Supplier),
        };
    };
    match reason.to_lowercase().as_str() {
        "receipt" | "receive" | "purchase" => inwards("receipt", "supplier_return", VirtualPlace::Supplier),
        "return" | "customer_return" => inwards("customer_return", "issue", VirtualPlace::Customer),
        "production" => inwards("production", "consumption", VirtualPlace::Production),
        "issue" => outwards("issue", "customer_return", VirtualPlace::Customer),
        "sale" => outwards("sale", "customer_return", VirtualPlace::Customer),
        "supplier_return" => outwards("supplier_return", "receipt", VirtualPlace::Supplier),
        "consumption" => outwards("consumption", "production", VirtualPlace::Production),
        "scrap" => outwards("scrap", "correction", VirtualPlace::Scrap),
        "adjust" | "adjustment" => signed("correction"),
        other => match AdjustReason::ALL.iter().find(|known| known.as_str() == other) {
            Some(known) => signed(known.as_str()),
            None => Err(("reason", format!("`{}` is no reason; known are {REASONS}", shortened(other)))),
        },
    }
}

const REASONS: &str = "receive, issue, sale, return, supplier_return, production, consumption, scrap, correction, count, damage, expiry, loss, theft, found, \
    opening_stock, other";

/// A caller's text, cut to a length that is safe to repeat in a message.
pub fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn quantities_are_plain_decimals_and_never_zero() {
        assert_eq!(quantity("+6").unwrap(), "6".parse().unwrap());
        assert_eq!(quantity("-1.50").unwrap(), "-1.5".parse().unwrap());
        for (bad, code) in [("0", "zero"), ("1,000", "quantity"), ("=1+1", "quantity"), ("1e3", "quantity"), ("1.0000001", "quantity")] {
            assert_eq!(quantity(bad).unwrap_err().0, code, "{bad}");
        }
    }

    #[test]
    fn what_is_no_number_is_told_in_words_for_a_cell() {
        assert_eq!(quantity("1,000").unwrap_err().1, "`1,000` is no quantity such as 24 or 0.5");
        assert_eq!(money("12,50", None, "EUR").unwrap_err(), ("amount", "`12,50` is no amount such as 12.50".to_owned()));
        assert_eq!(money("1.00001", None, "EUR").unwrap_err().1, "`1.00001`: amount may have at most 4 decimals");
        assert_eq!(money("1", Some("EURO"), "EUR").unwrap_err().0, CURRENCY);
    }

    #[test]
    fn times_are_read_in_the_given_form_and_always_in_iso() {
        let eight = "2010-12-01T08:26:00".parse::<NaiveDateTime>().unwrap();
        for (cell, format) in
            [("12/1/2010 8:26", Some("%m/%d/%Y %H:%M")), ("2010-12-01 08:26:00", Some("%m/%d/%Y %H:%M")), ("2010-12-01T08:26", None)]
        {
            assert_eq!(occurred_at(cell, format, now()), Ok(OccurredAt::Local(eight)), "{cell}");
        }
        assert_eq!(occurred_at("2010-12-01T08:26:00Z", None, now()), Ok(OccurredAt::Instant(eight.and_utc())));
        assert_eq!(occurred_at("yesterday", None, now()).unwrap_err().0, "time");
        assert_eq!(occurred_at("2027-01-01", None, now()).unwrap_err().0, "future");
        assert!(is_format("%d.%m.%Y") && !is_format("%Q"));
    }

    #[test]
    fn a_sale_takes_away_and_a_return_brings_back() {
        let six: Quantity = "6".parse().unwrap();
        let sale = motive(None, Sign::Sale, six).unwrap();
        assert_eq!((sale.reason, sale.partner, sale.delta), ("sale", VirtualPlace::Customer, -six));
        let back = motive(None, Sign::Sale, -six).unwrap();
        assert_eq!((back.reason, back.delta), ("customer_return", six));
        assert_eq!(motive(Some("receive"), Sign::Delta, six).unwrap().partner, VirtualPlace::Supplier);
        assert_eq!(motive(Some("Issue"), Sign::Delta, six).unwrap().delta, -six);
        assert_eq!(motive(Some("loss"), Sign::Delta, -six).unwrap().delta, -six);
        assert!(motive(Some("magic"), Sign::Delta, six).is_err());
    }
}
