//! A time without a server: what breaks it, who may notice, and for how long.

use std::time::{Duration, Instant};

use nexus_test_support::eventually;

use crate::load::{Kind, Load, Outcome, Sample};
use crate::report::{Line, is_long};

/// How long whoever needs a server that is away waits for the refusal.
const REFUSED_WITHIN: Duration = Duration::from_secs(2);
/// After the server takes connections again, nobody is refused later than this.
const BACK_WITHIN: Duration = Duration::from_secs(5);

/// What is demanded of every outage.
pub const DEMANDED: &str =
    "503 within 2 s where it is needed (late: within the time-outs), others as ever, back within 5 s, nothing lost, leaked or stuck";

/// One kind of outage.
pub struct Outage {
    /// Who needs what is away. Everybody else must not notice.
    pub needy: &'static [Kind],
    /// How long it lasts at least.
    pub lasts: Duration,
    /// Whether some may be served all the same, such as on a slow line.
    pub lets_through: bool,
    /// How long a refusal may take where it is not [`REFUSED_WITHIN`].
    pub refused_within: Duration,
    /// By when it must have bitten.
    pub bites_within: Duration,
}

impl Outage {
    /// Of a server that is away for two seconds and more.
    pub fn of(needy: &'static [Kind]) -> Self {
        Self { needy, lasts: Duration::from_secs(2), lets_through: false, refused_within: REFUSED_WITHIN, bites_within: Duration::from_secs(30) }
    }
}

/// The worst that was seen.
#[derive(Debug, Default)]
pub struct Worst {
    refused_after: Duration,
    others: Duration,
    machine: Duration,
    back_after: Duration,
    refusals: usize,
}

impl Worst {
    pub fn tell(&self, line: &mut Line) {
        line.took("slowest refusal", self.refused_after);
        line.took("slowest of the others", self.others);
        line.took("slowest that needs nothing", self.machine);
        line.took("back after", self.back_after);
        line.saw("refused", self.refusals);
    }
}

impl Outage {
    /// Breaks something, sees to it that it bit, mends it, and judges what everybody saw. `met` tells whether what was broken met anything.
    pub async fn happens(&self, load: &Load, worst: &mut Worst, begin: impl AsyncFnOnce(), met: impl Fn() -> bool, end: impl AsyncFnOnce()) {
        let begun = Instant::now();
        begin().await;
        let seen = |kind: Kind| load.samples().iter().any(|one| one.begun + one.took >= begun && one.kind == kind && one.failed());
        eventually(self.bites_within, async || {
            let refused = self.lets_through || self.needy.iter().all(|kind| seen(*kind));
            (met() && refused).then_some(())
        })
        .await;
        tokio::time::sleep(self.lasts.saturating_sub(begun.elapsed())).await;
        end().await;
        let mended = Instant::now();
        load.goes_on(mended, 2, Duration::from_secs(60)).await;
        // Somebody could be refused again.
        let calm = if is_long() { Duration::from_secs(4) } else { Duration::from_secs(1) };
        tokio::time::sleep(calm.saturating_sub(mended.elapsed())).await;
        self.judge(&load.samples(), begun, mended, worst);
    }

    fn judge(&self, samples: &[Sample], begun: Instant, mended: Instant, worst: &mut Worst) {
        let seen = || samples.iter().filter(|one| one.begun + one.took >= begun);
        let machine = seen().filter(|one| one.kind == Kind::Stranger).map(|one| one.took).max().unwrap_or_default();
        // What this machine may take for what waits for nobody.
        let allowance = Duration::from_secs(1) + machine * 4;
        worst.machine = worst.machine.max(machine);
        for one in seen() {
            assert!(!matches!(one.outcome, Outcome::Cut(_)), "a connection was cut instead of answered: {one:?}");
            if self.needy.contains(&one.kind) {
                if one.failed() {
                    worst.refusals += 1;
                    worst.refused_after = worst.refused_after.max(one.took);
                    worst.back_after = worst.back_after.max(one.begun.saturating_duration_since(mended));
                    let bound = self.refused_within + allowance;
                    assert!(one.took <= bound, "refused too late, with {allowance:?} for the machine: {one:?}");
                }
            } else {
                worst.others = worst.others.max(one.took);
                assert!(!one.failed(), "needs nothing that is away, and was refused: {one:?}");
                assert!(one.took <= allowance, "needs nothing that is away, and waited, with {allowance:?} for the machine: {one:?}");
            }
        }
        let late = seen().find(|one| one.failed() && one.begun > mended + BACK_WITHIN);
        assert!(late.is_none(), "refused although the server is back since {BACK_WITHIN:?}: {late:?}");
    }
}
