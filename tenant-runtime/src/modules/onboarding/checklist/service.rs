//! What is done, as the data say.

use nexus_core::{AuditEntry, Event};
use nexus_infra::Tx;
use serde_json::json;

use super::store;
use super::wire::{OnboardingKey, OnboardingOut, OnboardingPatch, OnboardingStep};
use crate::context::TenantContext;
use crate::modules::onboarding::error::OnboardingError;
use crate::modules::onboarding::sample_data;
use crate::modules::{access, catalog, inventory};

/// Action of the audit entry.
const UPDATE: &str = "onboarding.update";
/// Emitted when the list was put away or taken out.
const EVENT: &str = "onboarding.checklist.updated.v1";

/// The steps, of one moment.
pub(super) async fn get(ctx: &TenantContext) -> Result<OnboardingOut, OnboardingError> {
    ctx.read_snapshot("onboarding.read", async |tx| shown(tx).await).await
}

/// Puts the list away, or takes it out again.
pub(super) async fn edit(ctx: &TenantContext, patch: OnboardingPatch) -> Result<OnboardingOut, OnboardingError> {
    ctx.write(UPDATE, async |tx| {
        let dismissed = patch.dismissed.value().copied();
        let before = store::dismissed_locked(tx).await?;
        if let Some(dismissed) = dismissed.filter(|wanted| *wanted != before.is_some()) {
            store::dismiss(tx, dismissed.then(|| tx.now())).await?;
            let after = json!({ "dismissed": dismissed });
            tx.audit(AuditEntry::batch(UPDATE, "onboarding").before(json!({ "dismissed": !dismissed })).after(after.clone()));
            tx.emit(Event { id: tx.new_id(), kind: EVENT, aggregate_type: "onboarding", aggregate_id: ctx.tenant_id().0, payload: after });
        }
        shown(tx).await
    })
    .await
}

async fn shown(tx: &Tx) -> Result<OnboardingOut, OnboardingError> {
    let dismissed_at = store::dismissed(tx).await?;
    let samples = sample_data::postings(tx).await?;
    let steps = vec![
        OnboardingStep::new(OnboardingKey::OrganizationSetUp, access::settings_chosen_at(tx).await?),
        OnboardingStep::new(OnboardingKey::ProductsAdded, catalog::first_product_at(tx).await?),
        OnboardingStep::new(OnboardingKey::TeamInvited, access::second_user_at(tx).await?),
        OnboardingStep::new(OnboardingKey::StockMoved, inventory::first_movement_at(tx, &samples).await?),
    ];
    Ok(OnboardingOut { steps, dismissed: dismissed_at.is_some(), dismissed_at })
}
