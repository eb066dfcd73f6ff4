//! What goes wrong with the console's sessions beside what goes wrong with sessions.

use nexus_core::{ErrorCode, Problem};
use serde_json::json;

pub(super) const WRONG_HOST: ErrorCode = ErrorCode {
    code: "WRONG_HOST",
    status: 403,
    summary: "People log in and operators work at the apex host, and an organization's session is entered at that organization's host; details.url says where.",
};

/// What is done at the apex host alone was asked for elsewhere.
pub(super) fn not_at_apex(apex_url: &str) -> Problem {
    Problem::new(WRONG_HOST, format!("This is done at {apex_url}, and not at another host.")).with_details(json!({ "url": apex_url }))
}

/// A session was to be entered where no organization is.
pub(super) fn not_at_an_organization() -> Problem {
    Problem::new(WRONG_HOST, "A session is entered at the organization's own host: the answer of the hand-over names it.")
}
