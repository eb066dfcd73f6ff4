//! The console's sessions: `/auth/session` and `/admin/auth/session`. A browser logs in and holds its tokens in cookies that no script reads
//! (`nexus_web::console`); the rules about sessions are `nexus_iam`'s.
//!
//! Invariants: no answer here carries a token; what sets or removes cookies takes requests of this host's own pages alone; people log in and operators work at the apex
//! host, and an organization's host has a session of its own, entered by a code; logging out of any of them ends all that came of one log-in.

mod error;
mod routes;
mod wire;

use nexus_core::ErrorCode;

pub(crate) use routes::{operators, people};

/// The codes of this area.
pub(crate) const CODES: &[ErrorCode] = &[error::WRONG_HOST];
