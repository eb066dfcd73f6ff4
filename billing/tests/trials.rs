//! Trials by the clock, on a control database.
#![expect(clippy::unwrap_used, reason = "a test whose ground is missing has failed, with the place")]

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use nexus_billing::{BillingError, PlanChange};
use nexus_billing::{Subscription, SubscriptionState, Terms, active_plan, cancel, change_plan, end_trial, start, subscription_of, trials_over};
use nexus_core::{ManualClock, Origin, SharedClock, TenantId};
use nexus_infra::Db;
use nexus_infra::postgres::Tx;
use nexus_test_support::{ControlDb, TestStack};
use uuid::Uuid;

struct Ground {
    control: Arc<ControlDb>,
    manual: Arc<ManualClock>,
    clock: SharedClock,
}

impl Ground {
    async fn new() -> Self {
        let control = ControlDb::new(&TestStack::from_env()).await;
        let manual = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        Self { control, clock: manual.clone(), manual }
    }

    fn db(&self) -> &Db {
        self.control.db()
    }

    async fn write<T>(&self, f: impl AsyncFn(&Tx) -> Result<T, BillingError>) -> Result<T, BillingError> {
        self.db().write("test", &self.clock, &Origin::system("test"), f).await
    }

    /// An organization that has subscribed now.
    async fn subscribed(&self, plan: &str, terms: Terms) -> TenantId {
        let tenant = TenantId(Uuid::new_v4());
        self.write(async |tx| {
            let plan = active_plan(tx.conn(), plan).await?;
            let opaque = tenant.0.simple();
            sqlx::query(
                "INSERT INTO tenants (id, slug, name, database_name, role_name, bucket_name, entitlements) VALUES ($1, $2, 'x', $3, $3, $4, $5)",
            )
            .bind(tenant.0)
            .bind(format!("o{}", &opaque.to_string()[..14]))
            .bind(format!("nxt_{opaque}"))
            .bind(format!("nxt-{opaque}"))
            .bind(serde_json::to_value(plan.entitlements()).unwrap())
            .execute(self.db().pool())
            .await
            .unwrap();
            start(tx, tenant, &plan, terms).await
        })
        .await
        .unwrap();
        tenant
    }

    async fn subscription(&self, tenant: TenantId) -> Subscription {
        subscription_of(self.db().conn(), tenant).await.unwrap().0
    }

    async fn end(&self, tenant: TenantId) -> Option<PlanChange> {
        end_trial(self.db(), &self.clock, tenant).await.unwrap()
    }

    async fn entitled_to(&self, tenant: TenantId) -> serde_json::Value {
        sqlx::query_scalar("SELECT entitlements FROM tenants WHERE id = $1").bind(tenant.0).fetch_one(self.db().pool()).await.unwrap()
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

#[tokio::test]
async fn a_trial_ends_with_its_last_day_and_only_once() {
    let ground = Ground::new().await;
    let began = ground.now();
    let tried = ground.subscribed("team", Terms::SelfService).await;
    let begun = ground.subscription(tried).await;
    assert_eq!((begun.state, begun.trial_ends_at), (SubscriptionState::Trialing, Some(began + TimeDelta::days(14))));

    ground.manual.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    assert_eq!(trials_over(ground.db(), &ground.clock).await.unwrap(), []);
    assert_eq!(ground.end(tried).await, None, "a second too early");

    ground.manual.advance(TimeDelta::seconds(1));
    assert_eq!(trials_over(ground.db(), &ground.clock).await.unwrap(), [tried]);
    // Two processes at once: one ends it.
    let (one, other) = tokio::join!(ground.end(tried), ground.end(tried));
    assert!(one.is_some() != other.is_some());
    let change = one.or(other).unwrap();
    assert!(change.epoch.is_some(), "the directory's record has changed");
    let ended = ground.subscription(tried).await;
    assert_eq!((ended.plan_key.as_str(), ended.state, ended.current_period_end), ("free", SubscriptionState::Active, None));
    assert_eq!(ended.trial_ends_at, begun.trial_ends_at, "what was granted is remembered");
    assert_eq!(ground.entitled_to(tried).await, serde_json::to_value(change.plan.entitlements()).unwrap());
    assert_eq!(trials_over(ground.db(), &ground.clock).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_given_or_paid_stays() {
    let ground = Ground::new().await;
    let given = ground.subscribed("business", Terms::Granted).await;
    let (same, other) = (ground.subscribed("team", Terms::SelfService).await, ground.subscribed("team", Terms::SelfService).await);
    let free = ground.subscribed("free", Terms::SelfService).await;
    ground.manual.advance(TimeDelta::days(3));
    for (tenant, plan) in [(same, "team"), (other, "business")] {
        let change = ground.write(async |tx| change_plan(tx, tenant, plan).await).await.unwrap();
        assert_eq!((change.subscription.state, change.subscription.trial_ends_at), (SubscriptionState::Active, Some(ground.now())));
        let again = ground.write(async |tx| change_plan(tx, tenant, plan).await).await.unwrap();
        assert_eq!(again.epoch, None, "nothing is left to change");
    }
    ground.manual.advance(TimeDelta::days(400));
    assert_eq!(trials_over(ground.db(), &ground.clock).await.unwrap(), []);
    for (tenant, plan) in [(given, "business"), (same, "team"), (other, "business"), (free, "free")] {
        assert_eq!(ground.end(tenant).await, None);
        let kept = ground.subscription(tenant).await;
        assert_eq!((kept.plan_key.as_str(), kept.state), (plan, SubscriptionState::Active));
    }
    assert_eq!(ground.subscription(given).await.trial_ends_at, None);
}

#[tokio::test]
async fn without_a_free_plan_an_organization_keeps_what_it_has_until_there_is_one() {
    let ground = Ground::new().await;
    let tried = ground.subscribed("team", Terms::SelfService).await;
    ground.manual.advance(TimeDelta::days(15));
    let on_sale = async |status: &str| {
        sqlx::query("UPDATE plans SET status = $1 WHERE key = 'free'").bind(status).execute(ground.db().pool()).await.unwrap();
    };
    on_sale("retired").await;
    assert!(matches!(end_trial(ground.db(), &ground.clock, tried).await, Err(BillingError::NoFreePlan)));
    assert_eq!(ground.subscription(tried).await.plan_key, "team");
    on_sale("active").await;
    assert!(ground.end(tried).await.is_some());
}

#[tokio::test]
async fn a_cancelled_subscription_is_over_for_good_and_told_of_once() {
    let ground = Ground::new().await;
    let tenant = ground.subscribed("team", Terms::SelfService).await;
    ground.manual.advance(TimeDelta::days(1));
    // A step of a saga may be repeated.
    for _ in 0..2 {
        ground.write(async |tx| cancel(tx, tenant).await).await.unwrap();
    }
    let ended = ground.subscription(tenant).await;
    assert_eq!((ended.state, ended.plan_key.as_str()), (SubscriptionState::Cancelled, "team"));
    assert_eq!((ended.trial_ends_at, ended.current_period_end), (Some(ground.now()), Some(ground.now())));
    ground.manual.advance(TimeDelta::days(30));
    assert_eq!(trials_over(ground.db(), &ground.clock).await.unwrap(), [], "there is no trial to end any more");
    assert_eq!(ground.end(tenant).await, None);
    let revived = ground.write(async |tx| change_plan(tx, tenant, "business").await).await;
    assert!(matches!(revived, Err(BillingError::Ended)), "{revived:?}");
    let told: Vec<(String,)> =
        sqlx::query_as("SELECT kind FROM outbox WHERE aggregate_id = $1").bind(tenant.0).fetch_all(ground.db().pool()).await.unwrap();
    assert_eq!(told, [("billing.subscription.cancelled.v1".to_owned(),)]);
    let stranger = TenantId(Uuid::new_v4());
    ground.write(async |tx| cancel(tx, stranger).await).await.unwrap();
}
