//! Following the link of an invitation.

use nexus_core::{AccountId, Actor, AuditEntry, Email, Faults, FieldFault, Origin, TenantId};
use nexus_iam::accounts::{Account, AccountError, Authentication, NewAccount, Proven};
use nexus_iam::derived::Purpose;
use nexus_iam::password;
use nexus_iam::sessions::{Client, Holder, Tokens};
use nexus_iam::throttle::Attempt;
use nexus_iam::tokens::InvitationClaim;
use nexus_infra::Tx;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::error::InvitationError;
use super::store::{self, Invitation};
use super::wire::FollowInvitationIn;
use crate::guard::AccountAuth;
use crate::state::ControlPlane;

/// An invitation that somebody looks at.
pub(super) struct Seen {
    pub invitation: Invitation,
    pub account_exists: bool,
}

/// Who accepts.
enum Guest {
    /// Whoever gave the account's password.
    Known(Box<Proven>),
    /// Whoever is logged in, in this session.
    LoggedIn { account: Account, session: Uuid },
    /// A person without an account.
    New { account: NewAccount, password_hash: String },
}

impl Guest {
    /// What the person is called in their account.
    fn name(&self) -> &str {
        match self {
            Self::Known(proven) => &proven.account.display_name,
            Self::LoggedIn { account, .. } => &account.display_name,
            Self::New { account, .. } => &account.display_name,
        }
    }
}

/// What the link is to.
///
/// # Errors
/// [`InvitationError::Invalid`], [`InvitationError::Throttled`].
pub(super) async fn look(state: &ControlPlane, token: &SecretString, client: &Client) -> Result<Seen, InvitationError> {
    let (invitation, email) = open(state, token, client).await?;
    let account_exists = state.accounts.find_by_email(&email).await?.is_some();
    Ok(Seen { invitation, account_exists })
}

/// Accepts for the account of the invited address, and opens a session in which it may join.
///
/// # Errors
/// [`InvitationError`].
pub(super) async fn accept(
    state: &ControlPlane,
    input: FollowInvitationIn,
    who: Option<AccountAuth>,
    client: &Client,
    origin: &Origin,
) -> Result<Tokens, InvitationError> {
    let (seen, email) = open(state, &input.token.0, client).await?;
    let guest = guest(state, &seen, &email, &input, who, client).await?;
    let generation = u32::try_from(seen.generation).map_err(|_| InvitationError::Invalid)?;
    let tenant = TenantId(seen.tenant_id);
    let actor = match &guest {
        Guest::Known(proven) => Actor::user(proven.account.id),
        Guest::LoggedIn { account, .. } => Actor::user(account.id),
        Guest::New { .. } => origin.actor,
    };
    let origin = Origin { actor, ..origin.clone() };
    let (family, account) = state
        .db
        .write("invitations.accept", &state.clock, &origin, async |tx: &Tx| {
            store::lock_good(tx, seen.id, generation).await?.ok_or(InvitationError::Invalid)?;
            let (account, family) = match &guest {
                Guest::New { account, password_hash } => {
                    let account = state.accounts.create_proved(tx, account, password_hash).await?;
                    (account, state.sessions.open(tx, &holder(account, tenant), client, None).await?)
                }
                Guest::Known(proven) => {
                    let account = proven.account.account_id();
                    (account, state.accounts.open_session(tx, proven, &holder(account, tenant), client).await?)
                }
                Guest::LoggedIn { account, session } => {
                    let account = account.account_id();
                    state.accounts.lock(tx, account).await?;
                    (account, state.sessions.open_from(tx, *session, &holder(account, tenant), client).await?)
                }
            };
            state.accounts.prove(tx, account).await?;
            store::accepted(tx, seen.id, account).await?;
            let after = json!({ "tenant_id": tenant, "session_id": family.id });
            tx.audit(AuditEntry::of("invitations.accept", "invitation", seen.invitation_id).subject(account.0).after(after));
            Ok::<_, InvitationError>((family, account))
        })
        .await?;
    let invitation = InvitationClaim { id: seen.invitation_id, generation, name: Some(guest.name().to_owned()) };
    Ok(state.sessions.tokens_to_join(&family, holder(account, tenant), invitation)?)
}

fn holder(account: AccountId, tenant: TenantId) -> Holder {
    Holder::Account { id: account, email_verified: true, tenant: Some(tenant) }
}

/// The invitation of a good link. Tries at links that are none of ours count against the network.
async fn open(state: &ControlPlane, token: &SecretString, client: &Client) -> Result<(Invitation, Email), InvitationError> {
    let attempt = state.throttle.reserve(Attempt::link(client)).await?;
    let (id, generation) = state.derived.open(Purpose::Invitation, token.expose_secret()).ok_or(InvitationError::Invalid)?;
    attempt.withdrawn().await;
    let invitation = store::good(state.db.conn(), id, generation, state.clock.now()).await?.ok_or(InvitationError::Invalid)?;
    let email = Email::parse(&invitation.email).map_err(|_| InvitationError::Invalid)?;
    Ok((invitation, email))
}

async fn guest(
    state: &ControlPlane,
    seen: &Invitation,
    email: &Email,
    input: &FollowInvitationIn,
    who: Option<AccountAuth>,
    client: &Client,
) -> Result<Guest, InvitationError> {
    if let Some(who) = who {
        let account = state.accounts.get(who.account).await?;
        let own = Email::parse(&account.email).is_ok_and(|own| own.normalised() == email.normalised());
        return if own { Ok(Guest::LoggedIn { account, session: who.session }) } else { Err(InvitationError::AnotherAddress) };
    }
    let given = input.password.as_ref().map(|password| &password.0);
    if state.accounts.find_by_email(email).await?.is_some() {
        let password = given.ok_or_else(|| InvitationError::Refused(vec![password_is_missing()]))?;
        return match state.accounts.authenticate(email, password, client, true).await? {
            Authentication::Known(proven) => Ok(Guest::Known(proven)),
            Authentication::Wrong | Authentication::Nobody => Err(AccountError::InvalidCredentials.into()),
        };
    }
    let (password, display_name) = newcomer(email, given, input.display_name.as_deref())?;
    let password_hash = state.accounts.hash_new(password, email).await?;
    Ok(Guest::New { account: NewAccount { email: email.clone(), display_name, locale: seen.locale.clone() }, password_hash })
}

/// What a new account needs, all faults together.
fn newcomer<'a>(email: &Email, password: Option<&'a SecretString>, name: Option<&str>) -> Result<(&'a SecretString, String), InvitationError> {
    let mut faults = Faults::new();
    match password {
        Some(password) => faults.extend(password::check_new(password, email.as_str()).err()),
        None => faults.extend([password_is_missing()]),
    }
    faults.check(name.is_some(), "display_name", "missing", "is needed for a new account");
    match (password, name) {
        (Some(password), Some(name)) if faults.is_empty() => Ok((password, name.to_owned())),
        _ => Err(InvitationError::Refused(faults.into_vec())),
    }
}

fn password_is_missing() -> FieldFault {
    FieldFault::new("password", "missing", "is needed without an account token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_new_account_lacks_is_said_all_at_once() {
        let email = Email::parse("ada@example.com").unwrap();
        let faults = |password: Option<&str>, name| match newcomer(&email, password.map(|text| text.to_owned().into()).as_ref(), name) {
            Err(InvitationError::Refused(faults)) => faults.into_iter().map(|fault| format!("{}:{}", fault.field, fault.code)).collect(),
            _ => Vec::new(),
        };
        assert_eq!(faults(None, None), ["password:missing", "display_name:missing"]);
        assert_eq!(faults(Some("short"), None), ["password:length", "display_name:missing"]);
        assert_eq!(faults(Some("ada@example.com"), Some("Ada")), ["password:too_easy"]);
        assert!(newcomer(&email, Some(&"correct horse battery".to_owned().into()), Some("Ada")).is_ok());
    }
}
