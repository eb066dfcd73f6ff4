//! Opening, refreshing and ending sessions.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use nexus_core::{AuditEntry, Origin, SharedClock};
use nexus_infra::postgres::{Db, DbError, Tx};
use nexus_infra::redis::Redis;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::store::{self, Held};
use super::{ABSOLUTE_LIFETIME, Client, EndReason, Family, Holder, RETRY_WINDOW, Realm, SessionError};
use crate::derived::{DerivedTokens, Purpose};
use crate::tokens::{Audience, NewToken, REVOCATION_CHANNEL, Revocation, Revocations, TokenError, TokenSigner};

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
    db: Db,
    redis: Redis,
    signer: Arc<TokenSigner>,
    derived: DerivedTokens,
    revocations: Arc<Revocations>,
    clock: SharedClock,
}

enum Turn {
    Rotated(Family, Holder),
    Ended(DateTime<Utc>, &'static str),
    Refused(&'static str),
}

impl Sessions {
    /// The service over the control database. `revocations` is the set this process's own verifier looks into.
    pub fn new(db: Db, redis: Redis, signer: Arc<TokenSigner>, derived: DerivedTokens, revocations: Arc<Revocations>, clock: SharedClock) -> Self {
        Self { db, redis, signer, derived, revocations, clock }
    }

    /// Writes a new family inside the log-in's transaction. The tokens come from [`Self::tokens`] after the commit.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn open(&self, tx: &Tx, holder: &Holder, client: &Client) -> Result<Family, DbError> {
        let family = Family {
            id: tx.new_id(),
            generation: 0,
            client_fingerprint: client.fingerprint().to_owned(),
            created_at: tx.now(),
            rotated_at: None,
            expires_at: tx.now() + self.signer.policy().refresh_ttl,
            revoked_at: None,
        };
        store::insert(tx, &family, holder).await?;
        Ok(family)
    }

    /// The tokens of a family in its present generation.
    ///
    /// # Errors
    /// [`TokenError::Signing`].
    pub fn tokens(&self, family: &Family, holder: Holder) -> Result<Tokens, TokenError> {
        let (new, purpose) = match &holder {
            Holder::Account { id, email_verified, tenant } => (
                NewToken {
                    audience: if tenant.is_some() { Audience::Tenant } else { Audience::Account },
                    subject: id.0,
                    tenant: *tenant,
                    session: family.id,
                    email_verified: *email_verified,
                    role: None,
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

    /// Trades a refresh token for new tokens.
    ///
    /// # Errors
    /// [`SessionError::Refused`] for every token that is not good; reuse of a spent one ends the session before it answers.
    pub async fn refresh(&self, realm: Realm, token: &SecretString, client: &Client, origin: &Origin) -> Result<Tokens, SessionError> {
        let purpose = match realm {
            Realm::People => Purpose::Refresh,
            Realm::Operators => Purpose::OperatorRefresh,
        };
        let (id, generation) = self.derived.open(purpose, token.expose_secret()).ok_or(SessionError::Refused("not a token of ours"))?;
        let turn = self
            .db
            .write("iam.refresh", &self.clock, origin, async |tx: &Tx| {
                let Some(held) = store::lock(tx, realm, id).await? else { return Ok(Turn::Refused("unknown")) };
                self.turn(tx, realm, held, generation, client).await
            })
            .await?;
        match turn {
            Turn::Rotated(family, holder) => Ok(self.tokens(&family, holder)?),
            Turn::Refused(reason) => Err(SessionError::Refused(reason)),
            Turn::Ended(revoked_at, reason) => {
                self.tell(Revocation { family_id: id, revoked_at }).await;
                metrics::counter!("nexus_sessions_ended_total", "reason" => reason).increment(1);
                Err(SessionError::Refused(reason))
            }
        }
    }

    /// Ends a session. Ending one that has ended, or never was, is no fault.
    ///
    /// # Errors
    /// [`SessionError::Db`].
    pub async fn end(&self, realm: Realm, session: Uuid, reason: EndReason, origin: &Origin) -> Result<(), SessionError> {
        let revoked_at = self
            .db
            .write("iam.logout", &self.clock, origin, async |tx: &Tx| {
                if store::revoke(tx, realm, session, reason.as_str()).await? {
                    tx.audit(AuditEntry::of("sessions.end", "session", session).after(serde_json::json!({ "reason": reason.as_str() })));
                }
                Ok::<_, SessionError>(tx.now())
            })
            .await?;
        self.tell(Revocation { family_id: session, revoked_at }).await;
        Ok(())
    }

    /// Ends the session a refresh token belongs to, spent or not. A token that is none of ours ends nothing.
    ///
    /// # Errors
    /// [`SessionError::Db`].
    pub async fn end_by_token(&self, realm: Realm, token: &SecretString, origin: &Origin) -> Result<(), SessionError> {
        let purpose = match realm {
            Realm::People => Purpose::Refresh,
            Realm::Operators => Purpose::OperatorRefresh,
        };
        match self.derived.open(purpose, token.expose_secret()) {
            Some((session, _)) => self.end(realm, session, EndReason::LoggedOut, origin).await,
            None => Ok(()),
        }
    }

    async fn turn(&self, tx: &Tx, realm: Realm, held: Held, generation: u32, client: &Client) -> Result<Turn, SessionError> {
        let Held { mut family, holder, subject } = held;
        let now = tx.now();
        if family.revoked_at.is_some() {
            return Ok(Turn::Refused("the session has ended"));
        }
        if family.expires_at <= now || family.created_at + ABSOLUTE_LIFETIME <= now {
            return Ok(Turn::Refused("expired"));
        }
        let Some(holder) = holder else {
            return self.end_in(tx, realm, &family, subject, EndReason::Disabled).await;
        };
        let current = i64::from(family.generation);
        let same_client = family.client_fingerprint == client.fingerprint();
        match i64::from(generation) {
            presented if presented == current => {
                family.generation = family.generation.checked_add(1).ok_or(SessionError::Refused("worn out"))?;
                family.client_fingerprint = client.fingerprint().to_owned();
                family.rotated_at = Some(now);
                family.expires_at = (now + self.signer.policy().refresh_ttl).min(family.created_at + ABSOLUTE_LIFETIME);
                store::rotate(tx, &family).await?;
                Ok(Turn::Rotated(family, holder))
            }
            presented if presented + 1 == current && same_client && family.rotated_at.is_some_and(|at| now - at <= RETRY_WINDOW) => {
                Ok(Turn::Rotated(family, holder))
            }
            presented if presented < current => self.end_in(tx, realm, &family, subject, EndReason::Reused).await,
            _ => Ok(Turn::Refused("from the future")),
        }
    }

    async fn end_in(&self, tx: &Tx, realm: Realm, family: &Family, subject: Uuid, reason: EndReason) -> Result<Turn, SessionError> {
        store::revoke(tx, realm, family.id, reason.as_str()).await?;
        let after = serde_json::json!({ "reason": reason.as_str() });
        tx.audit(AuditEntry::of("sessions.end", "session", family.id).subject(subject).after(after));
        Ok(Turn::Ended(tx.now(), reason.as_str()))
    }

    /// Tells this process at once and the others through Redis; without Redis they learn it from the view.
    async fn tell(&self, revocation: Revocation) {
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
