//! Order between the extractors of one handler: who the caller is comes before what they sent.
//!
//! Actix calls `from_request` of every argument first and then polls all their futures. A guard registers a gate in
//! that first round ([`hold`]); the extractors of this crate look for gates when they are first polled
//! ([`opened`]), that is after every argument had its chance to register.
//!
//! Invariant: work inside [`hold`] never awaits an extractor of this crate: that would wait for itself.

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::watch;

#[derive(Default)]
struct Gates(Vec<watch::Receiver<bool>>);

/// Runs the work of a guard. Until it has succeeded, the other extractors of this request wait.
///
/// Call it inside `from_request` itself, not inside the future it returns:
/// `Box::pin(gate::hold(req, async move { … }))`.
pub fn hold<T, E, F: Future<Output = Result<T, E>>>(req: &HttpRequest, work: F) -> impl Future<Output = Result<T, E>> + use<T, E, F> {
    let (open, gate) = watch::channel(false);
    let mut extensions = req.extensions_mut();
    if let Some(gates) = extensions.get_mut::<Gates>() {
        gates.0.push(gate);
    } else {
        extensions.insert(Gates(vec![gate]));
    }
    drop(extensions);
    async move {
        let result = work.await;
        if result.is_ok() {
            open.send_replace(true);
        }
        result
    }
}

/// Waits until every guard of the request has let it pass. Returns at once where there is none.
pub async fn opened(req: &HttpRequest) {
    let gates = req.extensions().get::<Gates>().map(|gates| gates.0.clone()).unwrap_or_default();
    for mut gate in gates {
        // An error means that the guard refused and was dropped: the handler will not run, so there is nothing to wait for.
        let _ = gate.wait_for(|open| *open).await;
    }
}
