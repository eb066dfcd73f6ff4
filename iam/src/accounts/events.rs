//! What accounts tell the rest of the platform. Payloads carry ids, never addresses or names.

use nexus_core::{AccountId, Event};
use nexus_infra::postgres::Tx;
use serde_json::json;
use uuid::Uuid;

/// An account has an address to prove: `{verification_id}`. Written at registration and when another link is asked for.
pub const VERIFICATION_REQUESTED: &str = "iam.account.verification_requested.v1";
/// A person has registered.
pub const REGISTERED: &str = "iam.account.registered.v1";
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
