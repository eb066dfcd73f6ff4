//! What tenants' databases tell of invitations and of people who come and go.
//!
//! Each event comes at least once, and in order for one thing of one tenant, but for what had been given up and is taken up again by hand: that is let alone
//! where something later was heard of the same thing. Its tenant is the one whose database it was read in. Its payload is that tenant's
//! word: it can make up invitations of its own, that its people leave, and which of them own it, but it neither proves an address nor makes anybody its member
//! by it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::LocalBoxFuture;
use nexus_core::language::{self, Language};
use nexus_core::{AccountId, Email, EventEnvelope, Origin, TenantId};
use nexus_iam::accounts::memberships::{self, Told};
use nexus_iam::derived::Purpose;
use nexus_iam::heard::{self, InvitationRevoked, InvitationSent, UserChanged, UserRoles};
use nexus_iam::throttle::Attempt;
use nexus_infra::outbox::{Listener, Subscriber, SubscriberError};
use nexus_infra::{Db, DbError, Tx};
use serde::Deserialize;
use uuid::Uuid;

use super::store;
use crate::mails;
use crate::state::ControlPlane;
use crate::tenancy;

/// However long a tenant says that an invitation is good, its link is not good for longer.
const LONGEST: TimeDelta = TimeDelta::days(30);

/// Everybody who is declared to listen.
pub(crate) fn subscribers(state: &ControlPlane) -> Vec<Arc<dyn Subscriber>> {
    heard::BY_CONTROL.iter().map(|listener| Arc::new(Hears { listener, state: state.clone() }) as Arc<dyn Subscriber>).collect()
}

struct Hears {
    listener: &'static Listener,
    state: ControlPlane,
}

impl Subscriber for Hears {
    fn name(&self) -> &'static str {
        self.listener.name
    }

    fn kinds(&self) -> &'static [&'static str] {
        self.listener.kinds
    }

    /// The tenant's database is left alone: the event is all that is wanted of it.
    fn handle<'a>(&'a self, _: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        Box::pin(async move {
            let tenant = event.tenant_id.ok_or_else(|| SubscriberError::permanent("a tenant's event without a tenant"))?;
            let origin = Origin { request_id: event.request_id.clone(), ..Origin::system(self.listener.name) };
            match event.kind.as_str() {
                heard::INVITATION_SENT => sent(&self.state, tenant, event, &origin).await,
                heard::INVITATION_REVOKED => {
                    let InvitationRevoked { invitation_id } = read(event)?;
                    revoked(&self.state, tenant, of_its_aggregate(event, invitation_id)?, event.into(), &origin).await
                }
                _ => {
                    let UserChanged { user_id } = read(event)?;
                    changed(&self.state, tenant, AccountId(of_its_aggregate(event, user_id)?), event, &origin).await
                }
            }
        })
    }
}

/// A payload that does not read will not read later either.
fn read<'a, T: Deserialize<'a>>(event: &'a EventEnvelope) -> Result<T, SubscriberError> {
    T::deserialize(&event.payload).map_err(SubscriberError::permanent)
}

/// Events come in order for one aggregate: what is told of something else than the aggregate could come before what was told earlier.
fn of_its_aggregate(event: &EventEnvelope, named: Uuid) -> Result<Uuid, SubscriberError> {
    if named == event.aggregate_id { Ok(named) } else { Err(SubscriberError::permanent("the payload is about something else than the aggregate")) }
}

/// Takes the invitation into the index, whose earlier links are not good any more, and mails the link.
async fn sent(state: &ControlPlane, tenant: TenantId, event: &EventEnvelope, origin: &Origin) -> Result<(), SubscriberError> {
    let mut payload: InvitationSent = read(event)?;
    payload.locale = payload.locale.filter(|locale| language::is_tag(locale));
    of_its_aggregate(event, payload.invitation_id)?;
    let email = Email::parse(&payload.email).map_err(|_| SubscriberError::permanent("the address is none"))?;
    let expires_at = payload.expires_at.min(state.clock.now() + LONGEST);
    let Some(organization) = tenancy::get(state.db.conn(), tenant).await? else { return Ok(()) };
    // Another hour will do: the event is tried again. Until then nothing of it is kept.
    let attempt = state.throttle.reserve(Attempt::invitation(tenant, &state.derived.blind(email.normalised()))).await?;
    let mailed = index_and_mail(state, &organization, event, &payload, &email, expires_at, origin).await;
    if !matches!(mailed, Ok(true)) {
        attempt.withdrawn().await;
    }
    mailed.map(drop)
}

/// Whether the link was mailed: it is not where the invitation has ended meanwhile.
async fn index_and_mail(
    state: &ControlPlane,
    organization: &tenancy::TenantRow,
    event: &EventEnvelope,
    payload: &InvitationSent,
    email: &Email,
    expires_at: DateTime<Utc>,
    origin: &Origin,
) -> Result<bool, SubscriberError> {
    let link = state
        .db
        .write("invitations.index", &state.clock, origin, async |tx: &Tx| {
            store::sent(tx, TenantId(organization.id), payload, email, expires_at, event.into(), tx.new_id()).await
        })
        .await?;
    let Some(link) = link.filter(|link| !link.has_ended && expires_at > state.clock.now()) else { return Ok(false) };
    let token = state.derived.mint(Purpose::Invitation, link.id, payload.generation);
    let invitation = mails::Invitation {
        to: &link.email,
        language: Language::of_or_default(payload.locale.as_deref()),
        organization: &organization.name,
        token: &token,
        expires_at,
    };
    mails::invite(state, event.id, &invitation).await.map(|()| true)
}

async fn revoked(state: &ControlPlane, tenant: TenantId, invitation: Uuid, told: Told, origin: &Origin) -> Result<(), SubscriberError> {
    state.db.write("invitations.index", &state.clock, origin, async |tx: &Tx| store::revoked(tx, tenant, invitation, told).await).await?;
    Ok(())
}

/// Keeps the index of memberships as the tenant says.
async fn changed(state: &ControlPlane, tenant: TenantId, account: AccountId, event: &EventEnvelope, origin: &Origin) -> Result<(), SubscriberError> {
    let owns = match event.kind.as_str() {
        heard::USER_JOINED | heard::USER_ROLES_CHANGED => read::<UserRoles>(event)?.owns(),
        _ => None,
    };
    state
        .db
        .write("memberships.index", &state.clock, origin, async |tx: &Tx| -> Result<(), DbError> {
            if memberships::is_behind(tx, account, tenant, event.into()).await? {
                return Ok(());
            }
            match event.kind.as_str() {
                // Whoever founded the organization is in the index already, and so is who joined before.
                heard::USER_JOINED if store::joined(tx, tenant, account).await? => memberships::admit(tx, account, tenant).await?,
                heard::USER_REACTIVATED => memberships::set_active(tx, account, tenant, true).await?,
                heard::USER_DEACTIVATED => memberships::set_active(tx, account, tenant, false).await?,
                heard::USER_REMOVED => {
                    store::left(tx, tenant, account).await?;
                    memberships::remove(tx, account, tenant).await?;
                }
                _ => {}
            }
            if let Some(owns) = owns {
                memberships::set_owner(tx, account, tenant, owns).await?;
            }
            memberships::note(tx, account, tenant, event.into()).await
        })
        .await?;
    Ok(())
}
