//! What an edit of a tenant plans to change, without a database.

use chrono::DateTime;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::tenants::wire::PlanEdit;

fn row(state: &str, reason: Option<&str>) -> TenantRow {
    let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    TenantRow {
        id: Uuid::from_u128(1),
        slug: "acme".into(),
        name: "Acme".into(),
        state: state.into(),
        state_reason: reason.map(str::to_owned),
        entitlements: json!({ "plan": "free" }),
        schema_version: 1,
        epoch: 1,
        created_by: None,
        version: 1,
        created_at: at,
        updated_at: at,
        activated_at: Some(at),
        deleted_at: None,
        erase_after: None,
    }
}

/// An edit of the state alone, or of its reason alone.
fn patch(state: Option<TenantState>, reason: Option<Option<String>>) -> TenantEdit {
    TenantEdit { name: None, plan: PlanEdit::Keep, state, reason }
}

fn planned(row: &TenantRow, edit: &TenantEdit) -> Result<Next, TenantError> {
    Next::of(row, edit.state, edit)
}

#[test]
fn a_suspension_wants_a_reason_and_a_revival_clears_it() {
    let silent = planned(&row("active", None), &patch(Some(TenantState::Suspended), None));
    assert!(matches!(silent, Err(TenantError::Invalid(_))));
    let said = planned(&row("active", None), &patch(Some(TenantState::Suspended), Some(Some("unpaid".into())))).ok().unwrap();
    assert_eq!((said.state, said.reason.as_deref()), (TenantState::Suspended, Some("unpaid")));
    let revived = planned(&row("suspended", Some("unpaid")), &patch(Some(TenantState::Active), None)).ok().unwrap();
    assert_eq!((revived.state, revived.reason), (TenantState::Active, None));
}

#[test]
fn a_tenant_that_a_saga_holds_is_not_an_operators_to_move() {
    for held in ["pending", "provisioning", "migrating", "restoring", "broken", "deleting", "deleted"] {
        let moved = planned(&row(held, None), &patch(Some(TenantState::Active), None));
        assert!(matches!(moved, Err(TenantError::State { .. })), "{held}");
    }
}

#[test]
fn an_empty_patch_changes_nothing() {
    let before = row("suspended", Some("unpaid"));
    assert!(!planned(&before, &patch(None, None)).ok().unwrap().differs(&before));
}
