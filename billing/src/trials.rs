//! The end of trials: an organization that tried a plan and did not pay has the free plan from then on.
//!
//! What it holds beyond the free plan's limits stays; nothing more can be added. Every process may look: a trial ends under the lock of its subscription, once.

use nexus_core::{Event, Origin, SharedClock, TenantId};
use nexus_infra::postgres::{Db, Tx};
use serde_json::json;

use crate::plans::free_plan;
use crate::subscriptions::{self, SubscriptionState, lock, move_to};
use crate::{BillingError, PlanChange};

/// Told after a trial has ended without a payment: `{plan, previous_plan, trial_ended_at}`.
const TRIAL_ENDED: &str = "billing.subscription.trial_ended.v1";
/// Trials looked at in one go.
const BATCH: i64 = 200;

/// Organizations whose trial is over, the longest over first.
///
/// # Errors
/// [`BillingError::Db`].
pub async fn trials_over(db: &Db, clock: &SharedClock) -> Result<Vec<TenantId>, BillingError> {
    Ok(subscriptions::trials_over(db.conn(), clock.now(), BATCH).await?)
}

/// Ends an organization's trial. `None` when it is not over, or was ended or paid meanwhile. The caller announces the new epoch after the commit.
///
/// # Errors
/// [`BillingError::NoFreePlan`]; the organization keeps what it has until there is one.
pub async fn end_trial(db: &Db, clock: &SharedClock, organization: TenantId) -> Result<Option<PlanChange>, BillingError> {
    db.write("subscriptions.end_trial", clock, &Origin::system("trials"), async |tx: &Tx| {
        let current = lock(tx, organization).await?;
        let Some(ended_at) = current.trial_ends_at.filter(|end| current.state == SubscriptionState::Trialing && *end <= tx.now()) else {
            return Ok(None);
        };
        let plan = free_plan(tx.conn()).await?;
        let payload = json!({ "plan": plan.key, "previous_plan": current.plan_key, "trial_ended_at": ended_at });
        let change = move_to(tx, &current, plan, "subscriptions.end_trial").await?;
        tx.emit(Event { id: tx.new_id(), kind: TRIAL_ENDED, aggregate_type: "subscription", aggregate_id: organization.0, payload });
        Ok(Some(change))
    })
    .await
}
