//! Ending a process in order.
//!
//! The first SIGTERM or SIGINT cancels the token that everything runs under: listeners stop accepting, requests under way end, workers finish their
//! piece of work. The second one ends the process at once.
//!
//! Deliberately not here: what each part does when the token is cancelled; its owner says so.

use tokio::signal::unix::{Signal, SignalKind, signal as on};
use tokio_util::sync::CancellationToken;

/// Exit code after the second signal: killed by the user (128 + SIGINT).
const IMPATIENT: i32 = 130;

/// The two steps in which what runs beside the server ends.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// The process was told to end: no further work is taken up, and what is under way is finished or given back.
    pub work: CancellationToken,
    /// The last request has its answer: what requests rely on (news of ended sessions and changed policies) may end, too.
    pub served: CancellationToken,
}

impl Ending {
    /// Work ends with `told`, and what requests rely on when [`Self::served`] is cancelled.
    #[must_use]
    pub fn of(told: CancellationToken) -> Self {
        Self { work: told, served: CancellationToken::new() }
    }

    /// Everything may end.
    pub fn all(&self) {
        self.work.cancel();
        self.served.cancel();
    }
}

/// Comes back when the process is told to end (SIGTERM or SIGINT). Call it inside a Tokio runtime.
pub async fn signal() {
    Signals::new().next().await;
}

/// What tells a process to end. It hears from when it is made: of two signals in a row it loses none.
struct Signals(Option<(Signal, Signal)>);

impl Signals {
    fn new() -> Self {
        match (on(SignalKind::terminate()), on(SignalKind::interrupt())) {
            (Ok(terminate), Ok(interrupt)) => Self(Some((terminate, interrupt))),
            (Err(error), _) | (_, Err(error)) => {
                // Then the default action of the signals stays, which ends the process.
                tracing::error!(%error, "can't listen for signals; the process will end abruptly");
                Self(None)
            }
        }
    }

    async fn next(&mut self) {
        let Some((terminate, interrupt)) = &mut self.0 else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// A token that the first signal cancels; the second signal ends the process. Call it once, inside a Tokio runtime.
#[must_use]
pub fn token() -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    let mut signals = Signals::new();
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("told to end; finishing what is under way");
        cancelled.cancel();
        signals.next().await;
        tracing::warn!("told to end again; ending now");
        std::process::exit(IMPATIENT);
    });
    token
}
