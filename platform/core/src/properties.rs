//! What holds of every text that is read: compared with arithmetic on integers and with rules written down a second time.

use std::cmp::Ordering;

use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::list::{FieldKind, ListField, Modes, Scalar};
use crate::money::{MoneyError, parse_amount};
use crate::quantity::QuantityError;
use crate::{Currency, Email, ListSpec, Money, Quantity, Slug};

static SPEC: ListSpec = ListSpec {
    fields: &[
        ListField::new("status", "status", FieldKind::Enum(&["active", "archived"])),
        ListField::new("price", "price_amount", FieldKind::Decimal).nullable(),
        ListField::new("stock", "stock", FieldKind::Integer),
        ListField::new("name", "name", FieldKind::Text),
        ListField::new("created_at", "created_at", FieldKind::Timestamp),
    ],
    default_sort: "-created_at",
    key: ListSpec::ID,
    search: true,
    include: &["variants"],
    extra: &[],
    modes: Modes::Both,
};

/// A decimal number as text, and what it is: whole millionths, when it has no more than six decimals.
fn written() -> impl Strategy<Value = (String, Option<i128>)> {
    (any::<bool>(), "[0-9]{1,17}", prop::option::of("[0-9]{1,8}")).prop_map(|(negative, integer, fraction)| {
        let text = format!("{}{integer}{}", if negative { "-" } else { "" }, fraction.as_ref().map_or(String::new(), |digits| format!(".{digits}")));
        let digits = fraction.unwrap_or_default();
        let kept = digits.trim_end_matches('0');
        let millionths = (kept.len() <= 6).then(|| {
            let whole: i128 = integer.parse().unwrap();
            let part: i128 = format!("{kept:0<6}").parse().unwrap();
            (whole * 1_000_000 + part) * if negative { -1 } else { 1 }
        });
        (text, millionths)
    })
}

fn millionths(value: Decimal) -> i128 {
    value.mantissa() * 10_i128.pow(6 - value.scale())
}

/// `value` ten-thousandths of a unit, rounded half to even to `digits` decimals, in units of that last digit.
fn half_even(value: i128, digits: u32) -> i128 {
    let unit = 10_i128.pow(4 - digits);
    let (quotient, rest) = (value.div_euclid(unit), value.rem_euclid(unit));
    match (rest * 2).cmp(&unit) {
        Ordering::Less => quotient,
        Ordering::Greater => quotient + 1,
        Ordering::Equal => quotient + quotient.rem_euclid(2),
    }
}

proptest! {
    #[test]
    fn a_quantity_is_exactly_the_number_that_was_written((text, exact) in written()) {
        let fits = exact.is_none_or(|exact| exact.abs() / 1_000_000 < 10_i128.pow(14));
        match (text.parse::<Quantity>(), exact) {
            (Ok(quantity), Some(exact)) => {
                prop_assert!(fits);
                prop_assert_eq!(millionths(quantity.value()), exact);
                prop_assert_eq!(quantity.to_string().parse::<Quantity>().unwrap(), quantity);
                prop_assert_eq!(serde_json::from_str::<Quantity>(&serde_json::to_string(&quantity).unwrap()).unwrap(), quantity);
                prop_assert_eq!((quantity.is_zero(), quantity.is_positive()), (exact == 0, exact > 0));
                prop_assert_eq!(millionths((-quantity).value()), -exact);
            }
            (Err(error), exact) => prop_assert!(exact.is_none() && error == QuantityError::Scale || !fits && error == QuantityError::Magnitude, "{text}: {error}"),
            (Ok(_), None) => prop_assert!(false, "{text} has more than six decimals"),
        }
    }

    #[test]
    fn nothing_but_a_plain_decimal_is_a_number(text in "[-+.,0-9eE_ xX٣]{0,12}|\\PC{0,12}") {
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let parts: Vec<&str> = digits.split('.').collect();
        let plain = parts.len() <= 2 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        prop_assert_eq!(text.parse::<Quantity>() == Err(QuantityError::Malformed), !plain);
        prop_assert_eq!(parse_amount(&text) == Err(MoneyError::Malformed), !plain);
    }

    #[test]
    fn money_is_rounded_half_to_even_and_travels_unchanged(ten_thousandths in -10_i128.pow(18)..10_i128.pow(18), currency in "EUR|JPY|KWD|CLF|USD") {
        let currency: Currency = currency.parse().unwrap();
        let amount = Decimal::from_i128_with_scale(ten_thousandths, 4);
        let money = Money::new(amount, currency).unwrap();
        let rounded = money.round();
        let digits = currency.minor_digits();
        prop_assert_eq!(rounded.amount, Decimal::from_i128_with_scale(half_even(ten_thousandths, digits), digits));
        prop_assert_eq!(rounded.round(), rounded);
        let wire = serde_json::to_string(&money).unwrap();
        prop_assert_eq!(serde_json::from_str::<Money>(&wire).unwrap(), money);
        let digits = wire.trim_start_matches("{\"amount\":\"").split('"').next().unwrap().trim_start_matches('-');
        let (whole, decimals) = digits.split_once('.').unwrap();
        prop_assert!(whole.parse::<u64>().is_ok() && (2..=4).contains(&decimals.len()) && decimals.parse::<u32>().is_ok(), "{wire}: written plainly");
    }

    #[test]
    fn a_slug_is_one_label_of_a_host_name(text in "[a-z0-9-]{0,44}|[A-Za-z0-9.аеоé-]{1,12}") {
        if let Ok(slug) = Slug::parse(&text) {
            prop_assert_eq!(slug.as_str(), &text);
            let label = text.as_bytes();
            prop_assert!((3..=40).contains(&label.len()) && label[0].is_ascii_lowercase());
            prop_assert!(label.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-'));
            prop_assert!(!text.ends_with('-') && !text.contains("--"));
        }
    }

    #[test]
    fn no_digit_and_no_hyphen_makes_a_reserved_name_free(name in prop::sample::select(vec!["admin", "support", "billing", "status", "webmaster"]), masks: u8, hyphen in 1_usize..5) {
        let masked: String = name.chars().enumerate().map(|(place, letter)| match letter {
            'a' if masks & (1 << (place % 8)) != 0 => '4',
            'i' if masks & (1 << (place % 8)) != 0 => '1',
            's' if place > 0 && masks & (1 << (place % 8)) != 0 => '5',
            't' if masks & (1 << (place % 8)) != 0 => '7',
            'e' if masks & (1 << (place % 8)) != 0 => '3',
            'o' if masks & (1 << (place % 8)) != 0 => '0',
            other => other,
        }).collect();
        let (left, right) = masked.split_at(hyphen.min(masked.len() - 1));
        for text in [masked.clone(), format!("{left}-{right}")] {
            prop_assert!(Slug::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_compares_the_same_however_often_it_is_normalised(text in "\\PC{1,12}@[a-z]{1,8}\\.[a-z]{2,4}|\\PC{0,20}") {
        if let Ok(email) = Email::parse(&text) {
            let again = Email::parse(email.normalised());
            prop_assert_eq!(again.map(|again| again.normalised().to_owned()), Ok(email.normalised().to_owned()));
        }
    }

    #[test]
    fn a_filter_holds_just_the_values_that_were_asked_for(prices in prop::collection::vec(written(), 1..9), stocks in prop::collection::vec(any::<i64>(), 1..9)) {
        let prices: Vec<_> = prices.into_iter().map(|(text, _)| text).collect();
        let stock = stocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let query = [("price".to_owned(), prices.join(",")), ("stock[ne]".to_owned(), stock), ("name".to_owned(), "a b,c".to_owned())];
        let request = SPEC.parse(&query, |_, _| unreachable!("no cursor")).unwrap();
        let expected: Vec<_> = prices.iter().map(|text| Scalar::Decimal(Decimal::from_str_exact(text).unwrap())).collect();
        prop_assert_eq!(&request.filters[0].values, &expected);
        prop_assert_eq!(&request.filters[1].values, &stocks.into_iter().map(Scalar::Integer).collect::<Vec<_>>());
        prop_assert_eq!(&request.filters[2].values, &[Scalar::Text("a b".to_owned()), Scalar::Text("c".to_owned())]);
        prop_assert_eq!(request.sort.last().map(|key| key.name), Some("id"), "every order is total");
    }

    #[test]
    fn a_list_names_every_parameter_that_it_refuses(query in prop::collection::vec(("(page|limit|cursor|sort|q|include|status|price|stock|name|created_at)(\\[(lt|gte|ne|x)?\\]?)?|\\PC{0,6}", "-?[0-9a-z,._:TZ+-]{0,12}|\\PC{0,8}"), 0..6)) {
        let names: Vec<String> = query.iter().map(|(name, _)| name.clone()).collect();
        match SPEC.parse(&query, |_, _| Ok(crate::list::CursorPosition::Start)) {
            Ok(request) => {
                let mut unique = names.clone();
                unique.sort();
                unique.dedup();
                prop_assert_eq!(unique.len(), names.len(), "nothing is given twice");
                let read = request.filters.len() + names.iter().filter(|name| ["page", "limit", "cursor", "sort", "q", "include"].contains(&name.as_str())).count();
                prop_assert_eq!(read, names.len(), "nothing is passed over");
            }
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    let of_caller = names.iter().any(|name| name.starts_with(&fault.field) || name.chars().filter(|letter| !letter.is_control()).take(60).eq(fault.field.chars()));
                    prop_assert!(of_caller || fault.field == "page", "{:?} is none of {:?}", fault, names);
                }
            }
        }
    }
}
