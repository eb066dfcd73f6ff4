//! The table `subscriptions`: one row per organization.

use std::str::FromStr;

use chrono::{DateTime, Months, TimeDelta, Utc};
use nexus_core::{AuditEntry, Entitlements, Event, TenantId};
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use crate::plans::{active_plan, plan_version};
use crate::{BillingError, Plan};

/// Told after an organization's plan has changed: `{plan, plan_version, previous_plan}`.
const PLAN_CHANGED: &str = "billing.subscription.plan_changed.v1";

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// The stored value, also the one on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl FromStr for $name {
            type Err = BillingError;

            fn from_str(text: &str) -> Result<Self, BillingError> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(BillingError::Malformed(format!(concat!(stringify!($name), " `{}`"), other))),
                }
            }
        }
    };
}

text_enum! {
    /// How a subscription stands.
    SubscriptionState {
        /// Nothing is owed before `trial_ends_at`.
        Trialing = "trialing",
        /// Paid, or free.
        Active = "active",
        /// A payment is overdue.
        PastDue = "past_due",
        /// Ended.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// How often it is paid.
    Interval {
        /// Every month.
        Month = "month",
        /// Every year.
        Year = "year",
    }
}

/// An organization's subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Whose.
    pub organization_id: Uuid,
    /// Which plan.
    pub plan_key: String,
    /// Which version of it.
    pub plan_version: i32,
    /// How it stands.
    pub state: SubscriptionState,
    /// How often it is paid.
    pub interval: Interval,
    /// End of the trial.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// Begin of the period paid for.
    pub current_period_start: DateTime<Utc>,
    /// End of the period paid for; none for a free plan.
    pub current_period_end: Option<DateTime<Utc>>,
    /// Row version.
    pub version: i64,
    /// When the organization subscribed.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a change of plan did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChange {
    /// The subscription now.
    pub subscription: Subscription,
    /// The plan now.
    pub plan: Plan,
    /// The tenant's directory epoch now; announce it after the commit. `None` when nothing changed.
    pub epoch: Option<i64>,
}

#[derive(FromQueryResult)]
struct Row {
    organization_id: Uuid,
    plan_key: String,
    plan_version: i32,
    state: String,
    interval: String,
    trial_ends_at: Option<DateTime<Utc>>,
    current_period_start: DateTime<Utc>,
    current_period_end: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Subscription {
    type Error = BillingError;

    fn try_from(row: Row) -> Result<Self, BillingError> {
        Ok(Self {
            state: row.state.parse()?,
            interval: row.interval.parse()?,
            organization_id: row.organization_id,
            plan_key: row.plan_key,
            plan_version: row.plan_version,
            trial_ends_at: row.trial_ends_at,
            current_period_start: row.current_period_start,
            current_period_end: row.current_period_end,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const SELECT: &str =
    "SELECT organization_id, plan_key, plan_version, state, interval, trial_ends_at, current_period_start, current_period_end, version,
                             created_at, updated_at FROM subscriptions WHERE organization_id = $1";

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

async fn find<C: ConnectionTrait>(conn: &C, organization: TenantId, lock: &str) -> Result<Subscription, BillingError> {
    let statement = sql(&format!("{SELECT}{lock}"), [organization.0.into()]);
    Row::find_by_statement(statement).one(conn).await.map_err(DbError::from)?.ok_or(BillingError::NoSubscription)?.try_into()
}

/// The organization's subscription and the version of the plan it has.
///
/// # Errors
/// [`BillingError::NoSubscription`].
pub async fn subscription_of<C: ConnectionTrait>(conn: &C, organization: TenantId) -> Result<(Subscription, Plan), BillingError> {
    let subscription = find(conn, organization, "").await?;
    let plan = plan_version(conn, &subscription.plan_key, subscription.plan_version).await?;
    Ok((subscription, plan))
}

/// On what terms an organization gets a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// The person chose it: a plan with a price begins with its trial.
    SelfService,
    /// The platform gives it: an operator's decision, or the plan of whoever chooses none. It stands for a payment until payment providers arrive.
    Granted,
}

/// State, end of the trial and end of the period of a subscription that starts now. A free plan has no end.
struct Start(SubscriptionState, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

fn first_period(plan: &Plan, terms: Terms, now: DateTime<Utc>) -> Result<Start, BillingError> {
    match terms {
        _ if plan.is_free() => Ok(Start(SubscriptionState::Active, None, None)),
        Terms::Granted => Ok(Start(SubscriptionState::Active, None, now.checked_add_months(Months::new(1)))),
        Terms::SelfService if plan.trial_days > 0 => {
            let end = now + TimeDelta::days(i64::from(plan.trial_days));
            Ok(Start(SubscriptionState::Trialing, Some(end), Some(end)))
        }
        Terms::SelfService => Err(BillingError::NotSelfService(plan.key.clone())),
    }
}

/// Subscribes a new organization to a plan, monthly. The tenant's row exists already and carries the plan's entitlements.
///
/// # Errors
/// [`BillingError::NotSelfService`], [`BillingError::Db`].
pub async fn start(tx: &Tx, organization: TenantId, plan: &Plan, terms: Terms) -> Result<(), BillingError> {
    let Start(state, trial_ends_at, period_end) = first_period(plan, terms, tx.now())?;
    tx.conn()
        .execute_raw(sql(
            "INSERT INTO subscriptions (organization_id, plan_key, plan_version, state, interval, trial_ends_at, current_period_start, current_period_end,
                                        created_at, updated_at)
             VALUES ($1, $2, $3, $4, 'month', $5, $6, $7, $6, $6)",
            [
                organization.0.into(),
                plan.key.as_str().into(),
                plan.version.into(),
                state.as_str().into(),
                trial_ends_at.into(),
                tx.now().into(),
                period_end.into(),
            ],
        ))
        .await
        .map_err(DbError::from)?;
    let after = json!({ "plan": plan.key, "plan_version": plan.version, "state": state.as_str() });
    tx.audit(AuditEntry::of("subscriptions.start", "subscription", organization.0).after(after));
    Ok(())
}

/// Puts an organization on the version on sale of a plan, at once, by an operator's decision ([`Terms::Granted`]), and writes what it is entitled to into its
/// directory record. A running trial ends with that: the plan stays.
///
/// # Errors
/// [`BillingError::UnknownPlan`], [`BillingError::NoSubscription`].
pub async fn change_plan(tx: &Tx, organization: TenantId, key: &str) -> Result<PlanChange, BillingError> {
    let current = lock(tx, organization).await?;
    let plan = active_plan(tx.conn(), key).await?;
    let same = current.plan_key == plan.key && current.plan_version == plan.version;
    if same && current.state == SubscriptionState::Active {
        return Ok(PlanChange { subscription: current, plan, epoch: None });
    }
    move_to(tx, &current, plan, "subscriptions.change_plan").await
}

/// The subscription, locked together with its tenant's row: always in this order.
pub(crate) async fn lock(tx: &Tx, organization: TenantId) -> Result<Subscription, BillingError> {
    tx.conn().execute_raw(sql("SELECT 1 FROM tenants WHERE id = $1 FOR UPDATE", [organization.0.into()])).await.map_err(DbError::from)?;
    find(tx.conn(), organization, " FOR UPDATE").await
}

/// Makes a locked subscription one to `plan`, active from now on; with its entitlements, the audit entry `action` and the event.
pub(crate) async fn move_to(tx: &Tx, current: &Subscription, plan: Plan, action: &'static str) -> Result<PlanChange, BillingError> {
    let organization = TenantId(current.organization_id);
    let Start(state, _, period_end) = first_period(&plan, Terms::Granted, tx.now())?;
    tx.conn()
        .execute_raw(sql(
            "UPDATE subscriptions SET plan_key = $2, plan_version = $3, state = $4, current_period_start = $5, current_period_end = $6,
                    trial_ends_at = CASE WHEN trial_ends_at > $5 THEN $5 ELSE trial_ends_at END
              WHERE organization_id = $1",
            [organization.0.into(), plan.key.as_str().into(), plan.version.into(), state.as_str().into(), tx.now().into(), period_end.into()],
        ))
        .await
        .map_err(DbError::from)?;
    let epoch = grant(tx, organization, &plan.entitlements()).await?;
    let shown = |key: &str, version: i32, state: SubscriptionState| json!({ "plan": key, "plan_version": version, "state": state.as_str() });
    tx.audit(
        AuditEntry::of(action, "subscription", organization.0).before(shown(&current.plan_key, current.plan_version, current.state)).after(shown(
            &plan.key,
            plan.version,
            state,
        )),
    );
    let payload = json!({ "plan": plan.key, "plan_version": plan.version, "previous_plan": current.plan_key });
    tx.emit(Event { id: tx.new_id(), kind: PLAN_CHANGED, aggregate_type: "subscription", aggregate_id: organization.0, payload });
    let subscription = find(tx.conn(), organization, "").await?;
    Ok(PlanChange { subscription, plan, epoch: Some(epoch) })
}

/// Writes entitlements into the tenant's directory record; answers its new epoch, which the database raises.
async fn grant(tx: &Tx, organization: TenantId, entitlements: &Entitlements) -> Result<i64, BillingError> {
    let value = serde_json::to_value(entitlements).map_err(|error| BillingError::Malformed(error.to_string()))?;
    let row = tx
        .conn()
        .query_one_raw(sql("UPDATE tenants SET entitlements = $2 WHERE id = $1 RETURNING epoch", [organization.0.into(), value.into()]))
        .await
        .map_err(DbError::from)?
        .ok_or(BillingError::NoSubscription)?;
    Ok(row.try_get("", "epoch").map_err(DbError::from)?)
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
            let Start(state, trial, period) = first_period(&plan(price, trial_days), terms, now)?;
            Ok::<_, BillingError>((state, trial, period))
        };
        assert_eq!(start(0, 14, Terms::SelfService).unwrap(), (SubscriptionState::Active, None, None));
        let end = Some(now + TimeDelta::days(14));
        assert_eq!(start(49, 14, Terms::SelfService).unwrap(), (SubscriptionState::Trialing, end, end));
        assert_eq!(start(49, 14, Terms::Granted).unwrap(), (SubscriptionState::Active, None, now.checked_add_months(Months::new(1))));
        assert!(matches!(start(49, 0, Terms::SelfService), Err(BillingError::NotSelfService(_))));
    }
}
