//! Which lines must be left out so that no level becomes negative: a fold over the lines in their order. What one line takes away
//! depends on which lines before it were left out, so this is no window function.

use std::collections::HashMap;

use nexus_infra::{DbError, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Batch, CHUNK, LineFault, store};

/// Leaves out every line that would make a level negative; answers how many, and the first `most` of them.
pub(super) async fn drop_short(tx: &Tx, batch: Batch, most: usize) -> Result<(i64, Vec<LineFault>), DbError> {
    let mut running = Running(store::available(tx, batch).await?.into_iter().collect());
    let (_, last) = store::extent(tx, batch).await?;
    let mut dropped = 0_i64;
    let mut faults = Vec::new();
    let mut after = 0;
    while after < last {
        let until = store::chunk_end(tx, batch, after, CHUNK).await?;
        let lines = store::columns(tx, batch, (after, until)).await?;
        let mut short = Vec::new();
        for (index, line) in lines.line.iter().enumerate() {
            let (variant, delta) = (lines.variant_id[index], lines.delta[index]);
            let counter = lines.counter_stock[index].then(|| lines.counter_id[index]);
            if let Err(available) = running.take(variant, lines.location_id[index], counter, delta) {
                short.push(*line);
                if faults.len() < most {
                    faults.push(store::shortage(*line, &lines.sku[index], delta.abs(), available, false));
                }
            }
        }
        dropped += i64::try_from(short.len()).unwrap_or(i64::MAX);
        if !short.is_empty() {
            store::drop_lines(tx, batch, short).await?;
        }
        after = until;
    }
    Ok((dropped, faults))
}

/// What is available where, line by line.
struct Running(HashMap<(Uuid, Uuid), Decimal>);

impl Running {
    /// Applies a line, or answers what is available where it takes too much.
    fn take(&mut self, variant: Uuid, location: Uuid, counter: Option<Uuid>, delta: Decimal) -> Result<(), Decimal> {
        let sides = [Some((location, delta)), counter.map(|counter| (counter, -delta))];
        for (place, change) in sides.iter().flatten() {
            let available = self.0.get(&(variant, *place)).copied().unwrap_or_default();
            if *change < Decimal::ZERO && available + change < Decimal::ZERO {
                return Err(available);
            }
        }
        for (place, change) in sides.into_iter().flatten() {
            *self.0.entry((variant, place)).or_default() += change;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_left_out_takes_nothing_from_those_after_it() {
        let [variant, shop, store] = [1, 2, 3].map(Uuid::from_u128);
        let mut running = Running(HashMap::from([((variant, shop), Decimal::from(5))]));
        assert_eq!(running.take(variant, shop, None, Decimal::from(-8)), Err(Decimal::from(5)));
        assert_eq!(running.take(variant, shop, None, Decimal::from(-3)), Ok(()));
        assert_eq!(running.take(variant, store, Some(shop), Decimal::from(3)), Err(Decimal::from(2)), "a transfer is short at its other side");
        assert_eq!(running.take(variant, store, Some(shop), Decimal::from(2)), Ok(()));
        assert_eq!(running.take(variant, store, None, Decimal::from(-2)), Ok(()));
    }
}
