//! Rules about subscriptions: how they start, what a change of plan means, how they end.

use chrono::{DateTime, Months, TimeDelta, Utc};
use nexus_core::{AuditEntry, Event, TenantId};
use nexus_infra::postgres::Tx;
use serde_json::{Value, json};

use super::store::{self, Start};
use super::{PlanChange, Subscription, SubscriptionState, Terms};
use crate::plans::active_plan;
use crate::{BillingError, Plan};

/// Told after an organization's plan has changed: `{plan, plan_version, previous_plan}`.
const PLAN_CHANGED: &str = "billing.subscription.plan_changed.v1";
/// Told after a subscription has ended for good: `{plan, plan_version}`.
const CANCELLED: &str = "billing.subscription.cancelled.v1";

fn first_period(plan: &Plan, terms: Terms, now: DateTime<Utc>) -> Result<Start, BillingError> {
    let start = |state, trial_ends_at, period_end| Start { state, trial_ends_at, period_end };
    match terms {
        _ if plan.is_free() => Ok(start(SubscriptionState::Active, None, None)),
        Terms::Granted => Ok(start(SubscriptionState::Active, None, now.checked_add_months(Months::new(1)))),
        Terms::SelfService if plan.trial_days > 0 => {
            let end = now + TimeDelta::days(i64::from(plan.trial_days));
            Ok(start(SubscriptionState::Trialing, Some(end), Some(end)))
        }
        Terms::SelfService => Err(BillingError::NotSelfService(plan.key.clone())),
    }
}

/// Whether the plan is had on these terms.
#[must_use]
pub fn is_had(plan: &Plan, terms: Terms) -> bool {
    first_period(plan, terms, DateTime::UNIX_EPOCH).is_ok()
}

/// Subscribes a new organization to a plan, monthly. The tenant's row exists already and carries the plan's entitlements.
///
/// # Errors
/// [`BillingError::NotSelfService`], [`BillingError::Db`].
pub async fn start(tx: &Tx, organization: TenantId, plan: &Plan, terms: Terms) -> Result<(), BillingError> {
    let start = first_period(plan, terms, tx.now())?;
    store::insert(tx, organization, plan, &start).await?;
    tx.audit(AuditEntry::of("subscriptions.start", "subscription", organization.0).after(shown(&plan.key, plan.version, start.state)));
    Ok(())
}

/// Puts an organization on the version on sale of a plan, at once, by an operator's decision ([`Terms::Granted`]), and writes what it is entitled to into its
/// directory record. A running trial ends with that: the plan stays.
///
/// # Errors
/// [`BillingError::UnknownPlan`], [`BillingError::NoSubscription`], [`BillingError::Ended`].
pub async fn change_plan(tx: &Tx, organization: TenantId, key: &str) -> Result<PlanChange, BillingError> {
    let current = lock(tx, organization).await?;
    if current.state == SubscriptionState::Cancelled {
        return Err(BillingError::Ended);
    }
    let plan = active_plan(tx.conn(), key).await?;
    let same = current.plan_key == plan.key && current.plan_version == plan.version;
    if same && current.state == SubscriptionState::Active {
        return Ok(PlanChange { subscription: current, plan, epoch: None });
    }
    move_to(tx, &current, plan, "subscriptions.change_plan").await
}

/// Ends the subscription of an organization that is no more. Nothing happens where none is left to end. The tenant's directory record is the caller's to close.
///
/// # Errors
/// [`BillingError::Db`].
pub async fn cancel(tx: &Tx, organization: TenantId) -> Result<(), BillingError> {
    let current = match lock(tx, organization).await {
        Ok(current) if current.state != SubscriptionState::Cancelled => current,
        Ok(_) | Err(BillingError::NoSubscription) => return Ok(()),
        Err(error) => return Err(error),
    };
    store::end(tx, organization).await?;
    let (key, version) = (current.plan_key.as_str(), current.plan_version);
    let entry = AuditEntry::of("subscriptions.cancel", "subscription", organization.0);
    tx.audit(entry.before(shown(key, version, current.state)).after(shown(key, version, SubscriptionState::Cancelled)));
    tx.emit_new(CANCELLED, "subscription", organization.0, json!({ "plan": key, "plan_version": version }));
    Ok(())
}

/// The subscription, locked together with its tenant's row: always in this order.
pub(crate) async fn lock(tx: &Tx, organization: TenantId) -> Result<Subscription, BillingError> {
    store::lock(tx, organization).await
}

/// Makes a locked subscription one to `plan`, active from now on; with its entitlements, the audit entry `action` and the event.
pub(crate) async fn move_to(tx: &Tx, current: &Subscription, plan: Plan, action: &'static str) -> Result<PlanChange, BillingError> {
    let organization = TenantId(current.organization_id);
    let start = first_period(&plan, Terms::Granted, tx.now())?;
    store::restart(tx, organization, &plan, &start).await?;
    let epoch = store::grant(tx, organization, &plan.entitlements()).await?;
    let before = shown(&current.plan_key, current.plan_version, current.state);
    tx.audit(AuditEntry::of(action, "subscription", organization.0).before(before).after(shown(&plan.key, plan.version, start.state)));
    let payload = json!({ "plan": plan.key, "plan_version": plan.version, "previous_plan": current.plan_key });
    tx.emit(Event { id: tx.new_id(), kind: PLAN_CHANGED, aggregate_type: "subscription", aggregate_id: organization.0, payload });
    let subscription = store::find(tx.conn(), organization).await?;
    Ok(PlanChange { subscription, plan, epoch: Some(epoch) })
}

/// A subscription as the audit log shows it.
fn shown(plan: &str, version: i32, state: SubscriptionState) -> Value {
    json!({ "plan": plan, "plan_version": version, "state": state.as_str() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use nexus_core::{Currency, Money};
    use rust_decimal::Decimal;

    use super::*;

    fn plan(price: i64, trial_days: i32) -> Plan {
        let currency: Currency = "EUR".parse().unwrap();
        let money = Money::new(Decimal::new(price, 0), currency).unwrap();
        Plan {
            key: "team".into(),
            version: 1,
            name: "Team".into(),
            description: String::new(),
            price_monthly: money,
            price_yearly: money,
            trial_days,
            limits: BTreeMap::new(),
            features: vec![],
        }
    }

    #[test]
    fn a_paid_plan_is_tried_first_unless_the_platform_gives_it_and_a_free_one_never_ends() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let start = |price, trial_days, terms| {
            let start = first_period(&plan(price, trial_days), terms, now)?;
            Ok::<_, BillingError>((start.state, start.trial_ends_at, start.period_end))
        };
        assert_eq!(start(0, 14, Terms::SelfService).unwrap(), (SubscriptionState::Active, None, None));
        let end = Some(now + TimeDelta::days(14));
        assert_eq!(start(49, 14, Terms::SelfService).unwrap(), (SubscriptionState::Trialing, end, end));
        assert_eq!(start(49, 14, Terms::Granted).unwrap(), (SubscriptionState::Active, None, now.checked_add_months(Months::new(1))));
        assert!(matches!(start(49, 0, Terms::SelfService), Err(BillingError::NotSelfService(_))));
    }
}
