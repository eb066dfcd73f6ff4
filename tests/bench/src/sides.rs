//! Sides that take turns: A B A B …, so that a slow minute of the machine meets all of them.

/// Measures every side once a round, and answers the samples of each side in the order of the rounds.
pub async fn sides<S, T>(sides: &[S], runs: usize, mut measure: impl AsyncFnMut(&S) -> T) -> Vec<Vec<T>> {
    let mut samples: Vec<Vec<T>> = sides.iter().map(|_| Vec::with_capacity(runs)).collect();
    for _ in 0..runs {
        for (side, samples) in sides.iter().zip(&mut samples) {
            samples.push(measure(side).await);
        }
    }
    samples
}

/// One number of every sample.
pub fn column<T>(samples: &[T], number: impl Fn(&T) -> f64) -> Vec<f64> {
    samples.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sides_take_turns() {
        let mut order = String::new();
        let samples = sides(&['a', 'b'], 3, async |side| {
            order.push(*side);
            order.len()
        })
        .await;
        assert_eq!(order, "ababab");
        assert_eq!(samples, [vec![1, 3, 5], vec![2, 4, 6]]);
    }
}
