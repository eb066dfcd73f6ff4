//! Opening, refreshing and ending sessions.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use nexus_core::{AccountId, AuditEntry, Origin, SharedClock, TenantId};
use nexus_infra::postgres::{Db, DbError, Tx};
use nexus_infra::redis::Redis;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::rotation::{Use, alive, use_of};
use super::store::{self, Held};
use super::{ABSOLUTE_LIFETIME, Client, EndReason, Family, Holder, Realm, SessionError};
use crate::derived::{DerivedTokens, Purpose};
use crate::tokens::{Audience, InvitationClaim, NewToken, REVOCATION_CHANNEL, Revocation, Revocations, TokenError, TokenSigner};

/// Ended sessions that one audit entry names.
const AUDITED_TOGETHER: usize = 1_000;

/// What a log-in or refresh hands out.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The session.
    pub session_id: Uuid,
    /// Signed, short-lived.
    pub access_token: SecretString,
    /// When the access token ends.
    pub access_expires_at: DateTime<Utc>,
    /// Good for one refresh.
    pub refresh_token: SecretString,
    /// When the refresh token ends.
    pub refresh_expires_at: DateTime<Utc>,
    /// Who holds the session.
    pub holder: Holder,
}

/// The sessions of the control database.
#[derive(Debug)]
pub struct Sessions {
    pub(super) db: Db,
    redis: Redis,
    signer: Arc<TokenSigner>,
    derived: DerivedTokens,
    revocations: Arc<Revocations>,
    pub(super) clock: SharedClock,
}

/// What a new family goes back to.
struct Root {
    parent_id: Option<Uuid>,
    authenticated_at: DateTime<Utc>,
    last_log_in_at: Option<DateTime<Utc>>,
}

enum Turn<T> {
    Taken(T),
    Ended(Vec<Uuid>, DateTime<Utc>, &'static str),
    Refused(&'static str),
}

/// What a refresh token proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The session it belongs to.
    pub session: Uuid,
    /// Who holds the session now.
    pub holder: Holder,
}

impl Sessions {
    /// The service over the control database. `revocations` is the set this process's own verifier looks into.
    pub fn new(db: Db, redis: Redis, signer: Arc<TokenSigner>, derived: DerivedTokens, revocations: Arc<Revocations>, clock: SharedClock) -> Self {
        Self { db, redis, signer, derived, revocations, clock }
    }

    /// Writes a new family inside the log-in's transaction. The tokens come from [`Self::tokens`] after the commit. `last_log_in_at` is when the holder logged in
    /// before.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn open(&self, tx: &Tx, holder: &Holder, client: &Client, last_log_in_at: Option<DateTime<Utc>>) -> Result<Family, DbError> {
        self.insert(tx, holder, client, Root { parent_id: None, authenticated_at: tx.now(), last_log_in_at }).await
    }

    /// Writes a family that is switched to from the session `parent`, which goes on. It ends with it, and no later than the log-in at the root allows.
    ///
    /// # Errors
    /// [`SessionError::Refused`] when the parent has ended.
    pub async fn open_from(&self, tx: &Tx, parent: Uuid, holder: &Holder, client: &Client) -> Result<Family, SessionError> {
        let held = store::lock(tx, Realm::People, parent).await?.ok_or(SessionError::Refused("unknown"))?;
        alive(&held.family, tx.now()).map_err(SessionError::Refused)?;
        let Family { authenticated_at, last_log_in_at, .. } = held.family;
        Ok(self.insert(tx, holder, client, Root { parent_id: Some(parent), authenticated_at, last_log_in_at }).await?)
    }

    /// Refuses a session that has ended, and keeps it from ending for the rest of the transaction.
    ///
    /// # Errors
    /// [`SessionError::Refused`].
    pub async fn require_alive(&self, tx: &Tx, session: Uuid) -> Result<(), SessionError> {
        let held = store::lock(tx, Realm::People, session).await?.ok_or(SessionError::Refused("unknown"))?;
        alive(&held.family, tx.now()).map_err(SessionError::Refused)
    }

    async fn insert(&self, tx: &Tx, holder: &Holder, client: &Client, root: Root) -> Result<Family, DbError> {
        let Root { parent_id, authenticated_at, last_log_in_at } = root;
        let family = Family {
            id: tx.new_id(),
            parent_id,
            generation: 0,
            client_fingerprint: client.fingerprint().to_owned(),
            created_at: tx.now(),
            authenticated_at,
            last_log_in_at,
            rotated_at: None,
            expires_at: (tx.now() + self.signer.policy().refresh_ttl).min(authenticated_at + ABSOLUTE_LIFETIME),
            revoked_at: None,
        };
        store::insert(tx, &family, holder, client.shown()).await?;
        Ok(family)
    }

    /// The tokens of a family in its present generation.
    ///
    /// # Errors
    /// [`TokenError::Signing`].
    pub fn tokens(&self, family: &Family, holder: Holder) -> Result<Tokens, TokenError> {
        self.tokens_with(family, holder, None)
    }

    /// The first tokens of a session of somebody who has yet to join the organization: the access token carries the invitation and is good for accepting it.
    /// Refreshed tokens carry none: whoever has joined by then is a user like all others, and who has not follows the link again.
    ///
    /// # Errors
    /// [`TokenError::Signing`].
    pub fn tokens_to_join(&self, family: &Family, holder: Holder, invitation: InvitationClaim) -> Result<Tokens, TokenError> {
        self.tokens_with(family, holder, Some(invitation))
    }

    fn tokens_with(&self, family: &Family, holder: Holder, invitation: Option<InvitationClaim>) -> Result<Tokens, TokenError> {
        let (new, purpose) = match &holder {
            Holder::Account { id, email_verified, tenant } => (
                NewToken {
                    audience: if tenant.is_some() { Audience::Tenant } else { Audience::Account },
                    subject: id.0,
                    tenant: *tenant,
                    session: family.id,
                    email_verified: *email_verified,
                    role: None,
                    invitation,
                },
                Purpose::Refresh,
            ),
            Holder::Operator { id, role } => (
                NewToken {
                    audience: Audience::Operator,
                    subject: *id,
                    tenant: None,
                    session: family.id,
                    email_verified: false,
                    role: Some(role.clone()),
                    invitation: None,
                },
                Purpose::OperatorRefresh,
            ),
        };
        let access = self.signer.issue(new)?;
        let generation = u32::try_from(family.generation).map_err(|_| TokenError::Signing("a negative generation".into()))?;
        Ok(Tokens {
            session_id: family.id,
            access_token: access.token.into(),
            access_expires_at: access.expires_at,
            refresh_token: self.derived.mint(purpose, family.id, generation).into(),
            refresh_expires_at: family.expires_at,
            holder,
        })
    }

    /// The session that a refresh token of ours names, whether or not the token is still good. Looks nothing up.
    #[must_use]
    pub fn named_by(&self, realm: Realm, token: &SecretString) -> Option<Uuid> {
        self.derived.open(purpose(realm), token.expose_secret()).map(|(session, _)| session)
    }

    /// Trades a refresh token for new tokens.
    ///
    /// # Errors
    /// [`SessionError::Refused`] for every token that is not good; reuse of a spent one ends the session before it answers.
    pub async fn refresh(&self, realm: Realm, token: &SecretString, client: &Client, origin: &Origin) -> Result<Tokens, SessionError> {
        let take = async |tx: &Tx, held: Held, holder: Holder, use_of: Use| {
            let mut family = held.family;
            if use_of == Use::First {
                family.generation = family.generation.checked_add(1).ok_or(SessionError::Refused("worn out"))?;
                family.client_fingerprint = client.fingerprint().to_owned();
                family.rotated_at = Some(tx.now());
                family.expires_at = (tx.now() + self.signer.policy().refresh_ttl).min(family.authenticated_at + ABSOLUTE_LIFETIME);
                store::rotate(tx, &family, client.shown()).await?;
            }
            Ok((family, holder))
        };
        let (family, holder) = self.present("sessions.refresh", realm, token, client, origin, take).await?;
        Ok(self.tokens(&family, holder)?)
    }

    /// What a person's refresh token proves, without spending it. Reuse of a spent one ends the session here too.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    pub async fn prove(&self, token: &SecretString, client: &Client, origin: &Origin) -> Result<Presented, SessionError> {
        let take = async |_: &Tx, held: Held, holder: Holder, _: Use| Ok(Presented { session: held.family.id, holder });
        self.present("sessions.prove", Realm::People, token, client, origin, take).await
    }

    async fn present<T>(
        &self,
        name: &'static str,
        realm: Realm,
        token: &SecretString,
        client: &Client,
        origin: &Origin,
        take: impl AsyncFn(&Tx, Held, Holder, Use) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        let (id, generation) = self.derived.open(purpose(realm), token.expose_secret()).ok_or(SessionError::Refused("not a token of ours"))?;
        let turn = self
            .db
            .write(name, &self.clock, origin, async |tx: &Tx| {
                let Some(held) = store::lock(tx, realm, id).await? else { return Ok(Turn::Refused("unknown")) };
                if let Err(reason) = alive(&held.family, tx.now()) {
                    return Ok(Turn::Refused(reason));
                }
                let Some(holder) = held.holder.clone() else {
                    return self.end_in(tx, realm, &held, EndReason::Disabled).await;
                };
                match use_of(&held.family, generation, client, tx.now()) {
                    Some(Use::Reuse) => self.end_in(tx, realm, &held, EndReason::Reused).await,
                    Some(use_of) => Ok::<_, SessionError>(Turn::Taken(take(tx, held, holder, use_of).await?)),
                    None => Ok(Turn::Refused("from the future")),
                }
            })
            .await?;
        match turn {
            Turn::Taken(taken) => Ok(taken),
            Turn::Refused(reason) => Err(SessionError::Refused(reason)),
            Turn::Ended(families, revoked_at, reason) => {
                self.tell(&families, revoked_at).await;
                metrics::counter!("nexus_sessions_ended_total", "reason" => reason).increment(1);
                Err(SessionError::Refused(reason))
            }
        }
    }

    /// Ends a session and those switched from it. Ending one that has ended, or never was, is no fault.
    ///
    /// # Errors
    /// [`SessionError::Db`].
    pub async fn end(&self, realm: Realm, session: Uuid, reason: EndReason, origin: &Origin) -> Result<(), SessionError> {
        let (mut ended, revoked_at) = self
            .db
            .write("sessions.end", &self.clock, origin, async |tx: &Tx| {
                let ended = store::revoke(tx, realm, session, reason.as_str()).await?;
                audit_end(tx, &ended, reason, None);
                Ok::<_, SessionError>((ended, tx.now()))
            })
            .await?;
        // Told again even if it had ended: another process may have missed it.
        if !ended.contains(&session) {
            ended.push(session);
        }
        self.tell(&ended, revoked_at).await;
        Ok(())
    }

    /// Ends a session and all that came of the same log-in: the one that it was switched from, to the root, and everything switched from that.
    ///
    /// # Errors
    /// [`SessionError::Db`].
    pub async fn end_log_in(&self, realm: Realm, session: Uuid, reason: EndReason, origin: &Origin) -> Result<(), SessionError> {
        let root = store::root_of(self.db.conn(), realm, session).await?.unwrap_or(session);
        self.end(realm, root, reason, origin).await
    }

    /// Ends the session a refresh token belongs to, spent or not. A token that is none of ours ends nothing.
    ///
    /// # Errors
    /// [`SessionError::Db`].
    pub async fn end_by_token(&self, realm: Realm, token: &SecretString, origin: &Origin) -> Result<(), SessionError> {
        match self.derived.open(purpose(realm), token.expose_secret()) {
            Some((session, _)) => self.end(realm, session, EndReason::LoggedOut, origin).await,
            None => Ok(()),
        }
    }

    /// Ends every session of an operator, in the transaction that disables the operator. [`Self::tell`] the processes once that is committed.
    pub(crate) async fn end_all_of_operator(&self, tx: &Tx, operator: Uuid) -> Result<Vec<Uuid>, DbError> {
        let ended = store::revoke_operator(tx, operator, EndReason::Disabled.as_str()).await?;
        audit_end(tx, &ended, EndReason::Disabled, Some(operator));
        Ok(ended)
    }

    /// Ends every session of an account but those of one log-in with the session `kept`, in the transaction that gives the reason. [`Self::tell`] the processes once
    /// that is committed.
    pub(crate) async fn end_all_of_account(&self, tx: &Tx, account: AccountId, kept: Option<Uuid>, reason: EndReason) -> Result<Vec<Uuid>, DbError> {
        let ended = store::revoke_account(tx, account, kept, reason.as_str()).await?;
        // Batches of ids: nobody knows how often a program has logged in.
        for batch in ended.chunks(AUDITED_TOGETHER) {
            let after = serde_json::json!({ "reason": reason.as_str(), "sessions": batch });
            tx.audit(AuditEntry::of("sessions.end", "account", account.0).subject(account.0).after(after));
        }
        metrics::counter!("nexus_sessions_ended_total", "reason" => reason.as_str()).increment(ended.len() as u64);
        Ok(ended)
    }

    async fn end_in<T>(&self, tx: &Tx, realm: Realm, held: &Held, reason: EndReason) -> Result<Turn<T>, SessionError> {
        let ended = store::revoke(tx, realm, held.family.id, reason.as_str()).await?;
        audit_end(tx, &ended, reason, Some(held.subject));
        Ok(Turn::Ended(ended, tx.now(), reason.as_str()))
    }

    /// Tells this process at once and the others through Redis; without Redis they learn it from the view.
    pub(crate) async fn tell(&self, families: &[Uuid], revoked_at: DateTime<Utc>) {
        for family_id in families {
            let revocation = Revocation { family_id: *family_id, revoked_at };
            self.revocations.add([revocation]);
            let told = match serde_json::to_string(&revocation) {
                Ok(message) => self.redis.publish(REVOCATION_CHANNEL, &message).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = told {
                tracing::warn!(%error, "an ended session could not be announced; others learn it within 15 s");
            }
        }
    }
}

/// Ends every session for an organization that is erased, in the transaction that erases it. No process is told: they learn it from the view.
///
/// # Errors
/// [`DbError`].
pub async fn end_all_of(tx: &Tx, organization: TenantId) -> Result<(), DbError> {
    let reason = EndReason::OrganizationErased;
    let ended = store::revoke_tenant(tx, organization, reason.as_str()).await?;
    if !ended.is_empty() {
        // One entry for all: an organization may have thousands.
        let after = serde_json::json!({ "reason": reason.as_str(), "sessions": ended.len() });
        tx.audit(AuditEntry::of("sessions.end", "tenant", organization.0).after(after));
    }
    Ok(())
}

fn purpose(realm: Realm) -> Purpose {
    match realm {
        Realm::People => Purpose::Refresh,
        Realm::Operators => Purpose::OperatorRefresh,
    }
}

pub(super) fn audit_end(tx: &Tx, ended: &[Uuid], reason: EndReason, subject: Option<Uuid>) {
    for session in ended {
        let entry = AuditEntry::of("sessions.end", "session", *session).after(serde_json::json!({ "reason": reason.as_str() }));
        tx.audit(match subject {
            Some(subject) => entry.subject(subject),
            None => entry,
        });
    }
}
