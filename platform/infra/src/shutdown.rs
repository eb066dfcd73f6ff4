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

/// Comes back when the process is told to end (SIGTERM or SIGINT). Call it inside a Tokio runtime.
pub async fn signal() {
    match (on(SignalKind::terminate()), on(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => either(&mut terminate, &mut interrupt).await,
        (Err(error), _) | (_, Err(error)) => {
            // Then the default action of the signals stays, which ends the process.
            tracing::error!(%error, "can't listen for signals; the process will end abruptly");
            std::future::pending().await
        }
    }
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// A token that the first signal cancels; the second signal ends the process. Call it once, inside a Tokio runtime.
#[must_use]
pub fn token() -> CancellationToken {
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        signal().await;
        tracing::info!("told to end; finishing what is under way");
        cancelled.cancel();
        signal().await;
        tracing::warn!("told to end again; ending now");
        std::process::exit(IMPATIENT);
    });
    token
}
