//! What holds of every file and every cell, whatever its bytes are.

use std::io::{Read, Write};

use chrono::{DateTime, Utc};
use nexus_core::Quantity;
use proptest::prelude::*;

use crate::modules::imports::csv_guard::CsvGuard;
use crate::modules::imports::csv_source::CsvSource;
use crate::modules::imports::values;
use crate::modules::imports::wire::{Encoding, Sign};

const WIDTH: usize = 3;

fn file(content: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}

fn rows(content: &[u8], delimiter: u8) -> Option<Vec<Result<Vec<String>, String>>> {
    let file = file(content);
    let mut source = CsvSource::open(file.path(), Encoding::Utf8, delimiter, 10).ok()?;
    std::iter::from_fn(|| source.next().transpose()).map(|row| row.ok().map(|row| row.cells)).collect()
}

/// Reads a few bytes at a time.
struct Drops<'a>(&'a [u8], usize);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn guarded(content: impl Read) -> (Option<String>, Vec<i64>) {
    let mut guard = CsvGuard::new(content, b',');
    let fault = guard.read_to_end(&mut Vec::new()).err().map(|error| error.to_string());
    (fault, std::iter::from_fn(|| guard.next_line()).collect())
}

fn now() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

proptest! {
    #[test]
    fn cells_that_were_written_are_read_back(
        table in prop::collection::vec(prop::collection::vec("[^\\x00\u{feff}]{0,12}", WIDTH), 1..6), delimiter in prop::sample::select(vec![b',', b';', b'\t']),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &table {
            writer.write_record(row).unwrap();
        }
        let read = rows(&writer.into_inner().unwrap(), delimiter).expect("a file");
        prop_assert_eq!(read, table.into_iter().map(Ok).collect::<Vec<_>>());
    }

    #[test]
    fn any_bytes_are_rows_of_the_headers_width_or_a_reason(content in prop::collection::vec(prop_oneof![4 => prop::sample::select(b",;\"\n\r=a1 \\".to_vec()), 1 => any::<u8>()], 0..200)) {
        let file = file(&content);
        if let Ok(mut source) = CsvSource::open(file.path(), Encoding::Utf8, b',', 10) {
            let width = source.header().len();
            let mut last = 0;
            prop_assert!(width <= 10);
            while let Ok(Some(row)) = source.next() {
                prop_assert!(row.line > last, "rows begin in rising lines");
                last = row.line;
                match row.cells {
                    // A last empty cell too many is how many programs end a row.
                    Ok(cells) => prop_assert!(cells.len() >= width && cells.iter().skip(width).all(String::is_empty) && cells.iter().all(|cell| !cell.contains('\0'))),
                    Err(reason) => prop_assert!(!reason.is_empty()),
                }
            }
        }
    }

    #[test]
    fn how_the_bytes_arrive_makes_no_difference(content in "[a,\"\r\n ]{0,80}", step in 1_usize..9) {
        prop_assert_eq!(guarded(content.as_bytes()), guarded(Drops(content.as_bytes(), step)));
    }

    #[test]
    fn an_even_number_of_quotes_ends_and_an_odd_one_does_not(cells in prop::collection::vec("[a-z ,\n]{0,8}", 1..6), open: bool) {
        let closed: String = cells.iter().map(|cell| format!("\"{cell}\",x\n")).collect();
        let content = if open { format!("{closed}\"{}", cells[0]) } else { closed };
        prop_assert_eq!(guarded(content.as_bytes()).0.is_some(), open);
    }

    #[test]
    fn a_quantity_in_a_file_is_one_of_the_api_and_not_zero(cell in "[+-]?[0-9]{1,15}(\\.[0-9]{1,7})?|\\PC{0,12}") {
        let plain = cell.strip_prefix('+').unwrap_or(&cell);
        let expected = plain.parse::<Quantity>().ok().filter(|quantity| !quantity.is_zero());
        prop_assert_eq!(values::quantity(&cell).ok(), expected);
    }

    #[test]
    fn money_in_a_file_is_never_negative(cell in "-?[0-9]{1,16}(\\.[0-9]{1,5})?|\\PC{0,12}", currency in prop::option::of("[A-Za-z]{0,4}")) {
        if let Ok(money) = values::money(&cell, currency.as_deref(), "EUR") {
            prop_assert!(!money.amount.is_sign_negative() || money.amount.is_zero());
            prop_assert_eq!(money.currency.as_str(), currency.as_deref().unwrap_or("EUR"));
        }
    }

    #[test]
    fn a_time_that_is_read_lies_neither_ahead_nor_before_1900(cell in "[0-9TZ:+ ./-]{0,30}|[+-]?[0-9]{1,7}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?|\\PC{0,12}", format in prop::option::of("(%[YymdHMSzjsGVuZbBp+-]|[ /:.-]){0,8}|\\PC{0,8}")) {
        let format = format.filter(|format| values::is_format(format));
        if let Ok(read) = values::occurred_at(&cell, format.as_deref(), now()) {
            use crate::modules::inventory::staged::OccurredAt;
            let at = match read {
                OccurredAt::Instant(at) => at.naive_utc(),
                OccurredAt::Local(at) => at - chrono::Duration::hours(14),
            };
            prop_assert!(at <= now().naive_utc() + chrono::Duration::minutes(5) && at.and_utc().timestamp() >= -2_208_988_800 - 86_400, "{cell:?}: {at}");
        }
    }

    #[test]
    fn a_movement_taken_back_moves_the_other_way(
        quantity in 1_i64..1_000_000, reason in prop::option::of("receive|issue|sale|return|supplier_return|production|consumption|scrap|count|loss|Found"),
        sign in prop::sample::select(vec![Sign::Delta, Sign::Sale, Sign::Receipt]),
    ) {
        let quantity: Quantity = quantity.to_string().parse().unwrap();
        let there = values::motive(reason.as_deref(), sign, quantity).unwrap();
        let back = values::motive(reason.as_deref(), sign, -quantity).unwrap();
        prop_assert_eq!(there.delta, -back.delta);
        prop_assert_eq!(there.delta.abs(), quantity);
        prop_assert_eq!(there.partner, back.partner, "from where it came");
    }
}
