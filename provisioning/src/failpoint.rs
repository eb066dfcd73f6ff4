//! Points at which tests let a saga fail or the process die. Compiled in only with the feature `failpoints`.
//!
//! `NEXUS_FAILPOINT=<step>.before:<action>` or `<step>.after:<action>`, several by comma; `undo_<step>` for undos.
//! Actions: `kill` (SIGKILL's effect: the process is gone, nothing is cleaned up), `error` (fails once), `fail` (fails
//! every time), `refuse` (fails once, as permanent).

use crate::error::StepError;

/// Where in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Begun in the log, nothing done.
    Before,
    /// Done outside, not yet in the log.
    After,
}

#[cfg(not(feature = "failpoints"))]
pub(crate) fn hit(_: &str, _: Moment) -> Result<(), StepError> {
    Ok(())
}

#[cfg(feature = "failpoints")]
pub(crate) use armed::hit;
#[cfg(feature = "failpoints")]
pub use armed::{arm, disarm_all};

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::{LazyLock, Mutex, PoisonError};

    use super::{Moment, StepError};

    #[derive(Debug, Clone)]
    struct Point {
        at: String,
        action: String,
    }

    static POINTS: LazyLock<Mutex<Vec<Point>>> = LazyLock::new(|| {
        #[expect(clippy::disallowed_methods, reason = "a switch of test builds, set per process by the test; no setting of the product")]
        let text = std::env::var("NEXUS_FAILPOINT").unwrap_or_default();
        Mutex::new(parse(&text))
    });

    fn parse(text: &str) -> Vec<Point> {
        text.split(',')
            .filter_map(|item| item.trim().split_once(':'))
            .map(|(at, action)| Point { at: at.to_owned(), action: action.to_owned() })
            .collect()
    }

    /// Arms points from inside a test process, in the form of the variable.
    pub fn arm(points: &str) {
        POINTS.lock().unwrap_or_else(PoisonError::into_inner).extend(parse(points));
    }

    /// Forgets all points.
    pub fn disarm_all() {
        POINTS.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn hit(step: &str, moment: Moment) -> Result<(), StepError> {
        let at = format!("{step}.{}", if moment == Moment::Before { "before" } else { "after" });
        let action = {
            let mut points = POINTS.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(index) = points.iter().position(|point| point.at == at) else { return Ok(()) };
            if points[index].action == "fail" { points[index].action.clone() } else { points.remove(index).action }
        };
        tracing::warn!(at, action, "failpoint");
        match action.as_str() {
            "kill" => std::process::abort(),
            "refuse" => Err(StepError::permanent("FAILPOINT", "A failpoint refused this step.")),
            _ => Err(StepError::told("FAILPOINT", "A failpoint failed this step.", format!("failpoint {at}"))),
        }
    }
}
