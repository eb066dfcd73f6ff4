//! What accounts tell the rest of the platform. Payloads carry ids, never addresses or names.

use nexus_core::{AccountId, Event};
use nexus_infra::postgres::Tx;
use serde_json::json;
use uuid::Uuid;

/// An account has an address to prove: `{verification_id}`. Written at registration and when another link is asked for.
pub const VERIFICATION_REQUESTED: &str = "iam.account.verification_requested.v1";
/// A person has registered.
pub const REGISTERED: &str = "iam.account.registered.v1";
/// A person asked for a link to set a new password: `{reset_id}`.
pub const PASSWORD_RESET_REQUESTED: &str = "iam.account.password_reset_requested.v1";
/// The account has another password: `{cause}`, `reset` (by a link) or `change` (by the password before).
pub const PASSWORD_CHANGED: &str = "iam.account.password_changed.v1";
/// The address was proved.
pub const VERIFIED: &str = "iam.account.verified.v1";

pub(super) fn registered(tx: &Tx, account: AccountId) -> Event {
    Event { id: tx.new_id(), kind: REGISTERED, aggregate_type: "account", aggregate_id: account.0, payload: json!({}) }
}

pub(super) fn verification_requested(tx: &Tx, account: AccountId, verification: Uuid) -> Event {
    Event {
        id: tx.new_id(),
        kind: VERIFICATION_REQUESTED,
        aggregate_type: "account",
        aggregate_id: account.0,
        payload: json!({ "verification_id": verification }),
    }
}

pub(super) fn verified(tx: &Tx, account: AccountId) -> Event {
    Event { id: tx.new_id(), kind: VERIFIED, aggregate_type: "account", aggregate_id: account.0, payload: json!({}) }
}

/// By what right a password was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// By a link in a mail.
    Reset,
    /// By the password before.
    Change,
}

impl Cause {
    fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Change => "change",
        }
    }
}

pub(super) fn password_reset_requested(tx: &Tx, account: AccountId, reset: Uuid) -> Event {
    Event {
        id: tx.new_id(),
        kind: PASSWORD_RESET_REQUESTED,
        aggregate_type: "account",
        aggregate_id: account.0,
        payload: json!({ "reset_id": reset }),
    }
}

pub(super) fn password_changed(tx: &Tx, account: AccountId, cause: Cause) -> Event {
    Event { id: tx.new_id(), kind: PASSWORD_CHANGED, aggregate_type: "account", aggregate_id: account.0, payload: json!({ "cause": cause.as_str() }) }
}
