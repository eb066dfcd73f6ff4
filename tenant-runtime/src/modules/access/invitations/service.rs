//! Rules of invitations and their transaction boundaries.
//!
//! Each begins with the lock of people and roles, then the invitation's row: of two who accept and revoke at the same time one is first, and the other hears
//! what became of it.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use nexus_core::{AuditEntry, Email, Faults, Idempotent, ListRequest, Listing};
use nexus_iam::policy::PolicyVersion;
use nexus_iam::tenant_users::{self, Invitation, InvitationState, NewInvitation, NewUser, TenantRole, UserState};
use nexus_iam::tokens::InvitationClaim;
use nexus_infra::{IdempotencyKey, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::wire::{AcceptInvitationIn, InvitationIn, InvitationOut};
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;
use crate::modules::access::users::quota;
use crate::modules::access::users::service::shown;
use crate::modules::access::users::wire::UserOut;
use crate::modules::access::{reach, settings};

/// How long a link is good.
const VALIDITY: TimeDelta = TimeDelta::days(7);
/// Mails to invited people a day, for each organization: it writes to strangers in the platform's name.
const MOST_MAILS: i64 = 200;

/// Somebody who joined, and the policy's version from which on they come in.
#[derive(Serialize, Deserialize)]
struct Joined {
    user: UserOut,
    policy: PolicyVersion,
}

/// One part of the list of invitations.
pub(super) async fn list(ctx: &TenantContext, request: &ListRequest) -> Result<Listing<InvitationOut>, AccessError> {
    let now = ctx.now();
    Ok(tenant_users::list_invitations(ctx.read().await?.conn(), request).await?.map(|invitation| InvitationOut::at(invitation, now)))
}

/// One invitation.
pub(super) async fn get(ctx: &TenantContext, id: Uuid) -> Result<InvitationOut, AccessError> {
    let invitation = tenant_users::find_invitation(ctx.read().await?.conn(), id).await?.ok_or(AccessError::NotFound("invitation"))?;
    Ok(InvitationOut::at(invitation, ctx.now()))
}

/// Invites a person.
pub(super) async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: InvitationIn) -> Result<Idempotent<InvitationOut>, AccessError> {
    const ACTION: &str = "invitations.create";
    let invited_by = ctx.require_verified_user().map_err(AccessError::NotAllowed)?;
    let email = Email::parse(&input.email).map_err(|fault| AccessError::Invalid(vec![fault]))?;
    let (id, user_id) = (ctx.new_id(), ctx.new_id());
    ctx.write_once(ACTION, key, async |tx| {
        tenant_users::lock(tx).await?;
        let offered = offered(ctx, tx, &input.roles).await?;
        if let Some(known) = tenant_users::find_user_by_email(tx, &email).await? {
            return Err(AccessError::UserExists { id: known.id, status: known.status });
        }
        quota::room(ctx, tx).await?;
        count_mail(tx).await?;
        let display_name = input.display_name.as_deref();
        let shown = display_name.map_or_else(|| email.as_str().chars().take(200).collect(), str::to_owned);
        tenant_users::insert_invited(tx, &NewUser { id: user_id, email: &email, display_name: &shown }).await?;
        tenant_users::give_roles(tx, user_id, &offered.iter().map(|role| role.id).collect::<Vec<_>>()).await?;
        let locale = match &input.locale {
            Some(locale) => locale.clone(),
            None => settings::locale(tx).await?,
        };
        let roles: Vec<String> = offered.into_iter().map(|role| role.key).collect();
        let expires_at = tx.now() + VALIDITY;
        let new = NewInvitation { id, user_id, email: email.as_str(), display_name, locale: &locale, roles: &roles, invited_by, expires_at };
        let invitation = tenant_users::insert_invitation(tx, &new).await?;
        tx.audit(entry(ACTION, &invitation).after(recorded(&invitation)));
        ask_for_mail(tx, &invitation, invited_by).await?;
        Ok(InvitationOut::at(invitation, tx.now()))
    })
    .await
}

/// Sends an invitation again.
pub(super) async fn resend(ctx: &TenantContext, key: Option<&IdempotencyKey>, id: Uuid) -> Result<Idempotent<InvitationOut>, AccessError> {
    const ACTION: &str = "invitations.resend";
    let sender = ctx.require_verified_user().map_err(AccessError::NotAllowed)?;
    ctx.write_once(ACTION, key, async |tx| {
        let before = held(ctx, tx, id).await?;
        if before.status != InvitationState::Pending {
            return Err(AccessError::InvitationEnded(before.status));
        }
        count_mail(tx).await?;
        let after = tenant_users::renew_invitation(tx, &before, tx.now() + VALIDITY).await?;
        tx.audit(entry(ACTION, &after).before(recorded(&before)).after(recorded(&after)));
        ask_for_mail(tx, &after, sender).await?;
        Ok(InvitationOut::at(after, tx.now()))
    })
    .await
}

/// Takes an invitation back, and forgets the invited person.
pub(super) async fn revoke(ctx: &TenantContext, id: Uuid) -> Result<(), AccessError> {
    const ACTION: &str = "invitations.revoke";
    ctx.write(ACTION, async |tx| {
        let before = held(ctx, tx, id).await?;
        match before.status {
            InvitationState::Revoked => return Ok(()),
            InvitationState::Accepted => return Err(AccessError::InvitationEnded(before.status)),
            InvitationState::Pending => {}
        }
        let after = tenant_users::end_invitation(tx, id, InvitationState::Revoked).await?;
        if let Some(user_id) = before.user_id {
            tenant_users::delete_invited(tx, user_id).await?;
        }
        tx.audit(entry(ACTION, &before).before(recorded(&before)).after(recorded(&after)));
        tell_revoked(tx, id);
        Ok(())
    })
    .await
}

/// Makes the bearer of the invitation's token a user.
pub(super) async fn accept(
    ctx: &TenantContext,
    claim: &InvitationClaim,
    key: Option<&IdempotencyKey>,
    input: AcceptInvitationIn,
) -> Result<Idempotent<UserOut>, AccessError> {
    const ACTION: &str = "invitations.accept";
    let account = ctx.require_verified_user().map_err(AccessError::NotAllowed)?;
    let done = ctx
        .write_once(ACTION, key, async |tx| {
            tenant_users::lock(tx).await?;
            let before = tenant_users::find_invitation_locked(tx, claim.id).await?.ok_or(AccessError::NotFound("invitation"))?;
            let provisional = still_good(&before, claim, tx.now())?;
            let display_name = input.display_name.as_deref().or(claim.name.as_deref());
            match tenant_users::find_user_locked(tx, account).await? {
                None => tenant_users::join(tx, provisional, account, display_name).await?,
                Some(former) if former.status == UserState::Removed => tenant_users::rejoin(tx, provisional, account, display_name).await?,
                Some(known) => return Err(AccessError::UserExists { id: known.id, status: known.status }),
            }
            let after = tenant_users::end_invitation(tx, claim.id, InvitationState::Accepted).await?;
            let user = shown(tx, account).await?;
            tx.audit(entry(ACTION, &after).before(recorded(&before)).after(recorded(&after)));
            let payload = json!({ "user_id": account, "invitation_id": claim.id, "roles": user.roles });
            tx.emit_new("access.user.joined.v1", "user", account, payload);
            Ok::<_, AccessError>(Joined { user, policy: PolicyVersion::in_transaction(tx.conn()).await? })
        })
        .await?;
    if !done.replayed {
        ctx.policy_changed(done.value.policy).await;
    }
    Ok(done.map(|joined| joined.user))
}

/// Tells that an invitation's links open nothing any more.
pub(in crate::modules::access) fn tell_revoked(tx: &Tx, id: Uuid) {
    tx.emit_new("access.invitation.revoked.v1", "invitation", id, json!({ "invitation_id": id }));
}

/// The invited person, if the invitation can be accepted by this claim.
fn still_good(invitation: &Invitation, claim: &InvitationClaim, now: DateTime<Utc>) -> Result<Uuid, AccessError> {
    match (invitation.status, invitation.user_id) {
        (InvitationState::Pending, Some(_)) if invitation.generation != claim.generation => Err(AccessError::InvitationSuperseded),
        (InvitationState::Pending, Some(_)) if invitation.expires_at <= now => Err(AccessError::InvitationExpired),
        (InvitationState::Pending, Some(user_id)) => Ok(user_id),
        (InvitationState::Pending, None) => Err(AccessError::InvitationEnded(InvitationState::Revoked)),
        (ended, _) => Err(AccessError::InvitationEnded(ended)),
    }
}

/// The invitation, if the caller may touch the invited person; nothing else of people and roles changes until the transaction ends.
async fn held(ctx: &TenantContext, tx: &Tx, id: Uuid) -> Result<Invitation, AccessError> {
    tenant_users::lock(tx).await?;
    let invitation = tenant_users::find_invitation_locked(tx, id).await?.ok_or(AccessError::NotFound("invitation"))?;
    if let (InvitationState::Pending, Some(user_id)) = (invitation.status, invitation.user_id) {
        reach::require_person(ctx, tx, user_id).await?;
    }
    Ok(invitation)
}

/// The roles that the body offers.
async fn offered(ctx: &TenantContext, tx: &Tx, keys: &[String]) -> Result<Vec<TenantRole>, AccessError> {
    let mut faults = Faults::new();
    let roles = reach::named(ctx, tx, "roles", keys, &mut faults).await?;
    if faults.is_empty() { Ok(roles) } else { Err(faults.into()) }
}

/// Counts one more mail of today.
async fn count_mail(tx: &Tx) -> Result<(), AccessError> {
    let today = tx.now().date_naive();
    if tenant_users::count_mail(tx, today).await? <= MOST_MAILS {
        return Ok(());
    }
    let tomorrow = today.checked_add_days(Days::new(1)).map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let wait = tomorrow.and_then(|tomorrow| (tomorrow - tx.now()).to_std().ok()).unwrap_or_default();
    Err(AccessError::MailLimit { most: MOST_MAILS, wait })
}

/// Asks the control plane for the mail: what the link is made of, and what the mail says.
async fn ask_for_mail(tx: &Tx, invitation: &Invitation, sender: Uuid) -> Result<(), AccessError> {
    let sender = tenant_users::get_user(tx.conn(), sender).await?.ok_or(AccessError::NotFound("user"))?;
    let payload = json!({
        "invitation_id": invitation.id,
        "email": invitation.email,
        "display_name": invitation.display_name,
        "invited_by_name": sender.display_name,
        "locale": invitation.locale,
        "expires_at": invitation.expires_at,
        "generation": invitation.generation,
    });
    tx.emit_new("access.invitation.sent.v1", "invitation", invitation.id, payload);
    Ok(())
}

fn entry(action: &'static str, invitation: &Invitation) -> AuditEntry {
    let entry = AuditEntry::of(action, "invitation", invitation.id);
    match invitation.user_id {
        Some(user_id) => entry.subject(user_id),
        None => entry,
    }
}

/// What the audit log keeps of an invitation: nothing that names the person.
fn recorded(invitation: &Invitation) -> serde_json::Value {
    json!({
        "user_id": invitation.user_id,
        "roles": invitation.roles,
        "status": invitation.status,
        "generation": invitation.generation,
        "expires_at": invitation.expires_at,
    })
}
