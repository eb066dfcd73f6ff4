//! What the sample shop did within the last thirty days: goods came in, went to the shop and were sold; a cup broke, a count was off by one.
//! The same every time, but for the present instant.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::goods::{Kind, stocked};

/// A place of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    Supplier,
    Warehouse,
    Shop,
    Customer,
    Scrap,
    Count,
}

impl At {
    fn is_ours(self) -> bool {
        matches!(self, Self::Warehouse | Self::Shop)
    }
}

/// A movement, so long ago.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    pub ago: TimeDelta,
    pub sku: &'static str,
    pub from: At,
    pub to: At,
    pub quantity: i64,
    pub reason: &'static str,
    pub note: Option<&'static str>,
}

/// Days of the sample, today included.
const DAYS: i64 = 30;
/// How many variants the shop sells.
const ON_SHELVES: usize = 16;

/// The movements, the oldest first. No place is ever short of anything.
pub fn movements() -> Vec<Move> {
    let kinds: Vec<&Kind> = stocked().collect();
    let shelves: Vec<&Kind> = kinds.iter().copied().take(ON_SHELVES).collect();
    let mut month = Month::default();
    for (place, kind) in (0..).zip(&kinds) {
        month.add(DAYS - 1, place, (kind, 20 + place * 7 % 30), (At::Supplier, At::Warehouse), "receipt");
    }
    for (place, kind) in (0..).zip(&shelves) {
        month.add(DAYS - 3, place, (kind, 6 + place * 5 % 8), (At::Warehouse, At::Shop), "transfer");
    }
    for day in (0..DAYS - 3).rev() {
        let pick = |step: i64| usize::try_from(day * 5 + step * 7).ok().and_then(|place| shelves.get(place % shelves.len()));
        for (step, kind) in (0..2).filter_map(|step| Some((step, pick(step)?))) {
            month.add(day, 40 + step, (kind, 1 + (day + step) % 4), (At::Shop, At::Customer), "issue");
        }
        match day {
            19 | 12 | 5 => kinds.iter().skip(usize::try_from(day).unwrap_or_default()).take(4).for_each(|kind| {
                month.add(day, 60, (kind, 24), (At::Supplier, At::Warehouse), "receipt");
            }),
            17 | 10 | 3 => shelves.iter().skip(usize::try_from(day % 10).unwrap_or_default()).take(3).for_each(|kind| {
                month.add(day, 62, (kind, 6), (At::Warehouse, At::Shop), "transfer");
            }),
            15 => month.note(day, "MUG-SEA", (At::Warehouse, At::Scrap), "scrap", "Fell from the shelf"),
            9 => month.note(day, "FIL-100", (At::Warehouse, At::Count), "count", "One pack less than in the books"),
            7 => month.note(day, "FRP-350", (At::Customer, At::Warehouse), "customer_return", "Unopened"),
            2 => month.note(day, "DRP-WHI", (At::Warehouse, At::Supplier), "supplier_return", "Cracked glaze"),
            _ => {}
        }
    }
    // The last grinder is sold: something to order again.
    let left = month.held.get(&("GRD-HND", At::Warehouse)).copied().unwrap_or_default();
    month.push(Move { ago: TimeDelta::hours(5), sku: "GRD-HND", from: At::Warehouse, to: At::Customer, quantity: left, reason: "issue", note: None });
    month.moves
}

/// The month so far, and what lies where.
#[derive(Default)]
struct Month {
    moves: Vec<Move>,
    held: HashMap<(&'static str, At), i64>,
}

impl Month {
    fn add(&mut self, day: i64, minute: i64, (kind, quantity): (&Kind, i64), (from, to): (At, At), reason: &'static str) {
        // Later the same day: the more minutes, the shorter ago; never in the future.
        let ago = TimeDelta::days(day) + TimeDelta::hours(6) - TimeDelta::minutes(minute);
        self.push(Move { ago, sku: kind.sku, from, to, quantity, reason, note: None });
    }

    fn note(&mut self, day: i64, sku: &'static str, (from, to): (At, At), reason: &'static str, note: &'static str) {
        self.push(Move { ago: TimeDelta::days(day) + TimeDelta::hours(4), sku, from, to, quantity: 1, reason, note: Some(note) });
    }

    /// Moves as much as there is.
    fn push(&mut self, wanted: Move) {
        let held = self.held.get(&(wanted.sku, wanted.from)).copied().unwrap_or_default();
        let quantity = if wanted.from.is_ours() { wanted.quantity.min(held) } else { wanted.quantity };
        if quantity < 1 {
            return;
        }
        for (at, delta) in [(wanted.from, -quantity), (wanted.to, quantity)] {
            if at.is_ours() {
                *self.held.entry((wanted.sku, at)).or_default() += delta;
            }
        }
        self.moves.push(Move { quantity, ..wanted });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_is_full_and_in_order_and_leaves_something_to_do() {
        let moves = movements();
        assert!((100..=140).contains(&moves.len()), "{} movements", moves.len());
        assert!(moves.is_sorted_by_key(|one| -one.ago), "the oldest first");
        assert!(moves.iter().all(|one| one.ago > TimeDelta::minutes(5) && one.ago < TimeDelta::days(30) && one.quantity > 0));
        let mut held: HashMap<(&str, At), i64> = HashMap::new();
        for one in &moves {
            *held.entry((one.sku, one.from)).or_default() -= one.quantity;
            *held.entry((one.sku, one.to)).or_default() += one.quantity;
            assert!(!one.from.is_ours() || held[&(one.sku, one.from)] >= 0, "{} is short of {}", one.sku, one.quantity);
        }
        let sold_out = held.iter().filter(|((_, at), left)| at.is_ours() && **left == 0).count();
        assert!(sold_out > 0, "nothing is sold out");
        let reasons: std::collections::HashSet<_> = moves.iter().map(|one| one.reason).collect();
        assert_eq!(reasons.len(), 7, "{reasons:?}");
        assert!(stocked().all(|kind| moves.iter().any(|one| one.sku == kind.sku)), "every stocked variant has moved");
    }
}
